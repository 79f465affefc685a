// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import Nights
import Recordings
import TestSupport
import Testing

@Suite struct JournalStoreTests {
    @Test func onlyItsOwnerMayReadTheFileAndItsCompanions() throws {
        try Some.withStore { store, folder in
            try store.add([Some.dose()], "dose add", at: 2)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(Set(names) == ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"])
            for name in names {
                let attributes = try FileManager.default.attributesOfItem(
                    atPath: folder.appending(path: name).path)
                #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
            }
        }
    }

    @Test func participantsNeverSeeEachOther() throws {
        try Some.withStore { mine, _ in
            let theirs = try JournalStore(path: mine.path, participant: "P-2", now: 2)
            let id = try mine.add([Some.dose(note: "mine")], "dose add", at: 3)[0].id
            try mine.keep(Some.result(), of: Some.day("2026-03-04"))
            try mine.keep(
                Product(name: "A", form: "oxide", labelMg: 1, basis: .elemental, elementalMgPerUnit: 1), at: 3)
            #expect(try theirs.doses().isEmpty && theirs.nights().isEmpty && theirs.products().isEmpty)
            #expect(try theirs.latestResults(rules: "wasm2016").isEmpty)
            #expect(throws: JournalError.self) { try theirs.dose(id) }
            #expect(throws: JournalError.self) { try theirs.remove([id], from: .doses, "dose remove", at: 4) }
            #expect(try theirs.undo(.doses, at: 4) == nil)
            #expect(try mine.doses().map(\.value.note) == ["mine"])
            #expect(try mine.participantNames() == ["P-2", "me"])
        }
    }

    @Test(arguments: ["", "a b", "../x", ".hidden", "-x", "ä", "a/b", String(repeating: "x", count: 65)])
    func aNameThatCouldNameAnotherFolderIsRefused(name: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appending(path: "j.sqlite").path
            #expect(throws: JournalError.self) { try JournalStore(path: path, participant: name, now: 1) }
        }
    }

    @Test func whatIsNoJournalIsRefusedAndLeftAlone() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appending(path: "journal.sqlite").path
            let text = Data(String(repeating: "this is a diary\n", count: 500).utf8)
            try text.write(to: URL(filePath: path))
            let error = #expect(throws: JournalError.self) { try JournalStore(path: path, now: 1) }
            #expect(error?.reason == .damaged)
            #expect(try Data(contentsOf: URL(filePath: path)) == text)
            let missing = folder.appending(path: "no/such/folder.sqlite").path
            #expect(throws: JournalError.self) { try JournalStore(path: missing, now: 1) }
        }
    }

    @Test func everythingComesBackAsItWasPutIn() throws {
        try Some.withStore { store, _ in
            let doses = [Some.dose(), Some.dose("2026-03-05", hour: 1, mg: 0.1)]
            try store.add(doses, "dose add", at: 2)
            #expect(try store.doses().map(\.value) == doses)
            #expect(try store.doses(from: Some.day("2026-03-05")).isEmpty, "one in the morning is of the night before")
            var diary = DiaryNight(night: Some.day("2026-03-04"))
            diary.urge = 7
            diary.firstSymptom = .some(.none)
            diary.redFlags = ["slow heartbeat"]
            try store.keep([diary], "diary", at: 3)
            #expect(try store.diaryNight(diary.night)?.value == diary)
            let medicine = Medicine(
                name: "gabapentin", action: .taken,
                time: DoseTime(UTCInstant(secondsSince1970: 1000), utcOffset: -3600, zone: nil))
            try store.add([medicine], "medicine add", at: 4)
            #expect(try store.medicines().map(\.value) == [medicine])
            var profile = Profile(zone: "Europe/Berlin", birthYear: 1971, sex: .female)
            profile.labs = [LabResult(date: diary.night, test: .ferritin, value: 48, unit: "ng/mL")]
            try store.keep(profile, "profile", at: 5)
            try store.keep(profile, "profile", at: 6)
            #expect(try store.profile() == profile)
            let step = PlanStep(from: diary.night, targetMg: 200, setWith: .provider)
            try store.keep(step, at: 7)
            #expect(try store.planSteps().map(\.value) == [step])
            try store.add(design: "{\"type\":\"AB_fixed\"}", at: 8)
            #expect(try store.designs().map(\.value) == ["{\"type\":\"AB_fixed\"}"])
            let kept = try store.keep(Some.result(), of: diary.night)
            let read = try store.results(of: diary.night, withMovements: true)
            var expected = Some.result()
            expected = read.first.map { _ in kept } ?? expected
            #expect(read == [expected])
        }
    }

    @Test func oldResultsStayAndEqualOnesAreKeptOnce() throws {
        try Some.withStore { store, _ in
            let day = Some.day("2026-03-04")
            for result in [Some.result(count: 12), Some.result(count: 12), Some.result(count: 13, version: 2)] {
                try store.keep(result, of: day)
            }
            try store.keep(Some.result(count: 5, rules: "aasm"), of: day)
            #expect(try store.results(of: day, rules: "wasm2016").map(\.periodicCount) == [12, 13])
            #expect(try store.latestResults(rules: "wasm2016")[day]?.periodicCount == 13)
        }
    }

    @Test func anExclusionAfterAComparisonWasSeenIsMarked() throws {
        try Some.withStore { store, _ in
            let (first, second) = (Some.day("2026-03-04"), Some.day("2026-03-05"))
            for day in [first, second] { try store.keep(Some.result(), of: day) }
            #expect(try store.exclude(first, reason: "ill", at: 2) == false)
            try store.noteComparison("before and after", shownAt: 3)
            #expect(try store.exclude(second, reason: "does not fit", at: 4))
            let nights = try store.nights()
            #expect(nights.map(\.exclusion) == ["ill", "does not fit"])
            #expect(nights.map(\.isExcludedAfterComparison) == [false, true])
            #expect(throws: JournalError.self) { try store.exclude(Some.day("2026-03-06"), reason: "x", at: 5) }
        }
    }

    @Test func whatWasDecidedCanBeTakenBackStepByStepAndTheLogKeepsIt() throws {
        try Some.withStore { store, _ in
            let day = Some.day("2026-03-04")
            try store.keep(Some.result(), of: day)
            try store.exclude(day, reason: "ill", at: 2)
            try store.mask(day, 100..<200, leg: .left, reason: "cable", at: 3)
            try store.set(day, .init(lightsOut: "22:50"), reason: "", at: 4)
            try store.include(day, reason: "was well", at: 5)
            #expect(try store.undo(.nights, at: 6)?.deed == "nights include 2026-03-04")
            #expect(try store.night(day)?.exclusion == "ill")
            try store.undo(.nights, at: 7)
            #expect(try store.night(day)?.lightsOut == nil)
            try store.undo(.nights, at: 8)
            #expect(try store.night(day)?.masks.isEmpty == true)
            try store.undo(.nights, at: 9)
            #expect(try store.night(day)?.exclusion == nil)
            #expect(try store.undo(.nights, at: 10) == nil)
            let changes = try store.changes(of: .nights)
            #expect(changes.map(\.reason) == ["was well", "", "cable", "ill"])
            #expect(changes.allSatisfy { $0.isUndone })
        }
    }

    @Test func aRemovedDoseComesBackUnderItsNumberAndAnImportGoesAsOne() throws {
        try Some.withStore { store, _ in
            let kept = try store.add([Some.dose(mg: 1), Some.dose(mg: 2), Some.dose(mg: 3)], "dose import", at: 2)
            try store.remove([kept[1].id], from: .doses, "dose remove", at: 3)
            var changed = kept[0].value
            changed.elementalMg = 9
            try store.replace(kept[0].id, with: changed, "dose edit", at: 4)
            #expect(try store.doses().compactMap(\.value.elementalMg) == [9, 3])
            try store.undo(.doses, at: 5)
            try store.undo(.doses, at: 6)
            #expect(try store.doses() == kept)
            try store.undo(.doses, at: 7)
            #expect(try store.doses().isEmpty)
        }
    }

    @Test func aCopyMadeWhileInUseIsWhole() throws {
        try Some.withStore { store, folder in
            try store.add((1...50).map { Some.dose(mg: Double($0)) }, "dose import", at: 2)
            let copy = folder.appending(path: "copy.sqlite").path
            try store.backUp(to: copy)
            let read = try JournalStore(path: copy, now: 3)
            #expect(try read.doses() == store.doses() && read.integrityProblems().isEmpty)
            #expect(throws: JournalError.self) { try store.backUp(to: copy) }
        }
    }
}

@Suite struct SensitivityStoreTests {
    @Test func aResultOfBeforeLearnsItsSensitivityAndStaysTheSame() throws {
        try Some.withStore { store, _ in
            let night = Some.day("2026-03-04")
            let old = try store.keep(Some.result(), of: night)
            #expect(old.effectiveThreshold == nil && old.noiseFloor == nil)
            var new = Some.result()
            new.sensitivity = ["L": .init(floor: 0.75, threshold: 6), "R": .init(floor: 1.5, threshold: 7.5)]
            #expect(try store.keep(new, of: night).id == old.id)
            let kept = try #require(try store.latestResults(rules: "wasm2016")[night])
            #expect(kept.sensitivity == new.sensitivity)
            #expect(kept.effectiveThreshold == 7.5 && kept.noiseFloor == 1.5)
            // What is known stays known, and the movements are those of the result.
            let again = try store.keep(Some.result(), of: night)
            #expect(again.id == old.id && again.sensitivity == new.sensitivity)
            #expect(try store.movements(of: kept) == Some.result().movements)
        }
    }

    @Test func aCountAtAThresholdIsKeptWithItsResult() throws {
        try Some.withStore { store, folder in
            let night = Some.day("2026-03-04")
            let result = try store.keep(Some.result(), of: night)
            #expect(try store.countAtFixedThreshold(9, of: result) == nil)
            try store.keep(countAtFixedThreshold: 7, 9, of: result)
            try store.keep(countAtFixedThreshold: 8, 9, of: result)
            #expect(try store.countAtFixedThreshold(9, of: result) == 8)
            #expect(try store.countAtFixedThreshold(9.5, of: result) == nil)
            let other = try store.keep(Some.result(count: 13), of: night)
            #expect(try store.countAtFixedThreshold(9, of: other) == nil)
            // It goes with an export.
            let out = folder.appending(path: "export").path
            _ = try JournalArchive.write(store, to: out, programVersion: "0")
            let copy = try JournalStore(path: folder.appending(path: "copy.sqlite").path, now: 2)
            _ = try JournalArchive.read(out, into: copy, recordingsFolder: folder.appending(path: "nights").path)
            let read = try JournalStore(path: folder.appending(path: "copy.sqlite").path, now: 2)
            let first = try #require(try read.results(of: night).first)
            #expect(try read.countAtFixedThreshold(9, of: first) == 8)
        }
    }
}
