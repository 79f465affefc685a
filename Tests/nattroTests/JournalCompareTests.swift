// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation
import Journal
import Nights
import TestSupport
import Testing

@testable import nattro

@Suite struct JournalCompareTests {
    /// The names of the sentences, notes or remarks under a member.
    private func ids(_ list: JSONValue?) -> [String] {
        (list?.elements ?? []).compactMap { item in
            guard case .string(let id) = item["id"] else { return nil }
            return id
        }
    }

    @Test func allNightsAreComparedByThePhasesOfTheDoseLog() throws {
        try MadeJournal.with { journal in
            let run = try journal.compare()
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.contains("During the magnesium nights your movement rate was"))
            #expect(run.output.contains("without 2026-01-01 to 2026-01-20, with magnesium 2026-01-21 to 2026-02-23"))
            #expect(run.output.contains("transition 14 nights"))
            let answer = try journal.answer()
            #expect(answer["nA"] == .integer(20) && answer["nB"] == .integer(20))
            #expect(answer["journal"]?["source"] == .string("dose_log"))
            #expect(answer["phases"]?["A"]?["threshold_mg"]?.double == 6)
            #expect(answer["phases"]?["B"]?["noise_mg"]?.double == 0.9)
            #expect(answer["secondary"]?.elements.count == 5)
        }
    }

    @Test func theJournalsNightsAsFilesGiveTheSameNumbers() throws {
        try MadeJournal.with { journal in
            var diary = DiaryNight(night: MadeJournal.day(3))
            diary.urgeEvening = 6
            diary.caffeineMg = 0.1
            diary.firstSymptom = .at(try #require(DayTime("21:10:30")))
            var other = DiaryNight(night: MadeJournal.day(50))
            other.urgeEvening = 7
            try journal.store.keep([diary, other], "diary", at: 1)
            try journal.store.exclude(MadeJournal.day(5), reason: "a cold, and \"flu\"", at: 1)
            let folder = journal.home.path("files")
            let own = try journal.answer("--write", folder)
            let run = try ProgramRun(
                "nattro",
                [
                    "compare", "--json", "--nights", folder + "/nights.csv", "--doses", folder + "/doses.csv",
                    "--design", folder + "/design.json",
                ])
            #expect(run.status == 0 && run.errors == "")
            let files = try JSONValue(parsing: run.output)
            #expect(own.names.subtracting(files.names) == ["journal"])
            for name in files.names { #expect(own[name] == files[name], "\(name)") }
            // Nothing is written over, and the folder is one of a group.
            #expect(try journal.compare("--write", folder).status == 2)
            let group = try ProgramRun("nattro", ["compare", "--group", folder])
            #expect(group.status == 0, "\(group.errors)")
        }
    }

    @Test func nightsOfWhichNothingIsDeclaredAreNeverTakenForZero() throws {
        try MadeJournal.with(isDeclared: false) { journal in
            let run = try journal.compare()
            #expect(run.status == 2 && run.output.isEmpty)
            #expect(run.errors.contains("nattro dose none --from 2026-01-01 --to 2026-01-20"))
            try journal.home.run("dose", "none", "--from", "2026-01-04", "--to", "2026-01-20")
            let answer = try journal.answer()
            #expect(answer["nA"] == .integer(17))
            let remarks = ids(answer["journal"]?["remarks"])
            #expect(remarks.contains("doses.undeclared"))
            let text = try journal.compare().output
            #expect(text.contains("nattro dose none --from 2026-01-01 --to 2026-01-03"))
            #expect(text.contains("2026-01-02: under neither phase"))
        }
    }

    @Test(arguments: [
        ("leg", "L, R", "nattro nights set 2026-01-31 --leg FILE=right"), ("scoring", "0, 1", "nattro score --all"),
        ("parameters", "", "nattro score --all"),
    ])
    func nightsThatDifferAreRefusedByTheirDatesWithTheCommandThatMendsIt(
        setting: String, values: String, remedy: String
    ) throws {
        try MadeJournal.with(change: { night, result in
            guard night == 30 || night == 33 else { return true }
            switch setting {
            case "leg": result.legs = "R"
            case "scoring": result.provenance.scoringVersion = 0
            default: result.provenance.parameters = "{\"envelopeOn\":8}"
            }
            return true
        }) { journal in
            let run = try journal.compare()
            #expect(run.status == 2 && run.output.isEmpty)
            #expect(run.errors.contains("the nights differ in \(setting) (\(values)"), "\(run.errors)")
            #expect(run.errors.contains("on 2026-01-31, 2026-02-03;") && run.errors.contains(remedy), "\(run.errors)")
            for night in [30, 33] { try journal.store.exclude(MadeJournal.day(night), reason: "other", at: 1) }
            #expect(try journal.compare().status == 0)
        }
    }

    @Test func aNightOfAnotherPlaceNamesTheCommandThatTellsThePlace() throws {
        try MadeJournal.with { journal in
            let facts = JournalStore.NightFacts(site: "left thigh")
            try journal.store.set(MadeJournal.day(40), facts, reason: "", at: 1)
            let run = try journal.compare()
            #expect(run.status == 2 && run.errors.contains("left thigh on 2026-02-10"))
            #expect(run.errors.contains("nattro nights set 2026-02-10 --site"))
        }
    }

    @Test func aNightOfAnotherSensorIsRefused() throws {
        try MadeJournal.with { journal in
            let file = try journal.home.simulate("other", date: "2026-02-08")
            try journal.home.run("import", file, "--no-score")
            let run = try journal.compare()
            #expect(run.status == 2 && run.errors.contains("2026-02-08"), "\(run.errors)")
            #expect(run.errors.contains("nattro nights exclude 2026-02-08 --reason"))
        }
    }

    @Test func everyNightThatTakesNoPartIsListedWithItsReason() throws {
        try MadeJournal.with(change: { night, result in
            if night == 4 { result.analysed = 7200 }
            return night != 7
        }) { journal in
            try journal.store.exclude(MadeJournal.day(5), reason: "a cold", at: 1)
            let span = Double(MadeJournal.day(6).daysSince1970) * 86_400 + 86_400
            try journal.store.mask(MadeJournal.day(6), span..<span + 600, leg: nil, reason: "cable", at: 1)
            let run = try journal.compare()
            #expect(run.output.contains("2026-01-05: 2.0 hours analysed, fewer than 4"), "\(run.output)")
            #expect(run.output.contains("2026-01-06: left out: a cold\n"))
            #expect(run.output.contains("2026-01-07, 00:00:00 to 00:10:00: cable"))
            // Only now has anybody seen a comparison.
            try journal.home.run("nights", "exclude", "2026-01-09", "--reason", "late")
            let after = try journal.compare()
            #expect(after.output.contains("2026-01-09: left out: late (after a comparison was seen)"))
            #expect(after.output.contains("1 night left out after a comparison had been seen"))
        }
    }

    // MARK: Notices

    @Test func aMedicineStartedInsideTheNightsConfoundsTheComparison() throws {
        try MadeJournal.with { journal in
            let pramipexole = Medicine(
                name: "pramipexole", action: .started, time: DoseTime(onDay: MadeJournal.day(30), zone: nil))
            try journal.store.add([pramipexole], "medicine", at: 1)
            let run = try journal.compare()
            #expect(run.status == 0 && run.output.contains("Confounded by medicine change on 31 January 2026"))
            #expect(!run.output.contains("your movement rate was"))
            let answer = try journal.answer()
            #expect(answer["journal"]?["confounded"] == .bool(true))
            let verdict = ids(answer["verdict"])
            #expect(verdict == ["not_randomised", "limits", "not_a_diagnosis"])
        }
        // Before the compared nights it changes nothing.
        try MadeJournal.with { journal in
            let pramipexole = Medicine(
                name: "pramipexole", action: .started, time: DoseTime(onDay: MadeJournal.day(-9), zone: nil))
            try journal.store.add([pramipexole], "medicine", at: 1)
            #expect(try journal.compare().output.contains("your movement rate was"))
        }
    }

    @Test func whatIsUrgentIsPrintedAloneOnTopAndTakesTheHeadline() throws {
        try MadeJournal.with { journal in
            var profile = Profile(zone: "Europe/Berlin")
            profile.kidney.egfr = 28
            profile.kidney.egfrDate = CivilDay("2026-01-02")
            try journal.store.keep(profile, "profile", at: 1)
            let furosemide = Medicine(
                name: "furosemide", action: .started, time: DoseTime(onDay: MadeJournal.day(30), zone: nil))
            let amlodipine = Medicine(
                name: "amlodipine", action: .taken, time: DoseTime(onDay: MadeJournal.day(31), zone: nil))
            try journal.store.add([furosemide, amlodipine], "medicine", at: 1)
            var diary = DiaryNight(night: MadeJournal.day(40))
            diary.redFlags = ["slow heartbeat"]
            try journal.store.keep([diary], "diary", at: 1)
            let run = try journal.compare()
            #expect(run.output.hasPrefix("[urgent] 2026-02-10: You logged a slow heartbeat"), "\(run.output)")
            let parts = run.output.components(separatedBy: "\n\n")
            #expect(!parts[0].contains("\n") && parts[1].hasPrefix("[important]"))
            let severities = parts[1].split(separator: "\n").map { $0.prefix { $0 != " " } }
            #expect(severities == severities.sorted { $0 == "[important]" && $1 != "[important]" })
            #expect(severities.contains("[notice]"))
            #expect(!run.output.contains("your movement rate was"))
            let remarks = ids(try journal.answer()["journal"]?["remarks"])
            #expect(remarks.contains("medicine.phase_break"))
        }
        // Where nights cannot be compared, it is said all the same.
        try MadeJournal.with(isDeclared: false) { journal in
            var diary = DiaryNight(night: MadeJournal.day(40))
            diary.redFlags = ["slow heartbeat"]
            try journal.store.keep([diary], "diary", at: 1)
            let run = try journal.compare()
            #expect(run.status == 2 && run.output.hasPrefix("[urgent]"))
        }
    }

    @Test func everyDifferenceComesWithTheDisclaimerTheEvidenceAndTheDataVersion() throws {
        let words = try Self.banned()
        try MadeJournal.with { journal in
            for more in [[], ["--before", "2026-01-01..2026-01-20", "--with", "2026-01-21..2026-02-23"]] {
                let run = try ProgramRun(
                    "nattro", ["compare"] + MadeJournal.now + more, environment: journal.home.environment)
                #expect(run.output.contains(ReferenceData.current.causalDisclaimer))
                for line in ReferenceData.current.evidenceBlock { #expect(run.output.contains(line)) }
                #expect(run.output.contains("Reference data \(ReferenceData.current.version)."))
                // What studies are cited with is their own.
                let own = run.output.components(separatedBy: "What is known:")[0]
                #expect(own.firstMatch(of: words) == nil, "\(own)")
            }
        }
    }

    private static func banned() throws -> Regex<AnyRegexOutput> {
        try Regex(
            #"you should (take|stop|increase|reduce)|recommended dose|\bsafe\b|\bcures?\b|\btreats?\b|\bheals?\b|\beffective\b|\bworks\b|\bproves?\b|caused? by|due to magnesium|thanks to"#
        ).ignoresCase()
    }

    // MARK: Urge

    @Test func urgesThatDisagreeWithTheCountsAreSaidSo() throws {
        try MadeJournal.with { journal in
            let diary = (0..<journal.count).map { night in
                var entry = DiaryNight(night: MadeJournal.day(night))
                entry.urgeEvening = night < journal.before ? 4 : 6
                entry.firstSymptom = .at(DayTime(hour: night < journal.before ? 21 : 20, minute: 30) ?? .noon)
                return entry
            }
            try journal.store.keep(diary, "diary", at: 1)
            let run = try journal.compare()
            #expect(run.output.contains("The rated urge and the counted movements did not go the same way"))
            #expect(run.output.contains("urge in the evening (unblinded)  4.0 (20 nights)"))
            #expect(run.output.contains("21:30 (20 nights)"))
        }
    }

    // MARK: Designs

    @Test func phasesMayBeNamed() throws {
        try MadeJournal.with { journal in
            let answer = try journal.answer("--before", "2026-01-03..2026-01-18", "--with", "2026-01-31..2026-02-20")
            // The first dose was ten nights before: four of the fourteen transition nights are left.
            #expect(answer["nA"] == .integer(16) && answer["nB"] == .integer(17))
            #expect(try journal.compare("--before", "2026-01-03..2026-01-18").status == 64)
            #expect(try journal.compare("--before", "2026-01-18..2026-01-03", "--with", "x").status == 64)
            let reversed = try journal.compare(
                "--before", "2026-01-31..2026-02-20", "--with", "2026-01-03..2026-01-18")
            #expect(reversed.status == 2 && reversed.errors.contains("do not come after"))
        }
    }

    @Test func aFrozenPlanGoesBeforeTheDoseLogAndCountsTheNights() throws {
        try MadeJournal.with { journal in
            let plan = try journal.home.run(
                "plan", "--draw", "before-after", "--before", "20", "--with", "40", "--first", "2026-01-01", "--out",
                journal.home.path("design.json"))
            #expect(plan.output.contains("Kept in the journal as plan 1"))
            let answer = try journal.answer()
            #expect(answer["journal"]?["source"] == .string("plan:1"))
            let file = try DesignFile(path: journal.home.path("design.json"))
            #expect(answer["design_sha256"] == .string(file.digest))
            // Six of the planned nights are still to come.
            #expect(answer["interim"]?["passed"] == .integer(54))
            #expect(try journal.compare().output.contains("Interim, 54 of 60 planned nights"))
            // No result was shown, so nobody has seen one.
            try journal.home.run("nights", "exclude", "2026-01-09", "--reason", "late")
            #expect(try journal.store.night(MadeJournal.day(8))?.isExcludedAfterComparison == false)
            #expect(try journal.answer("--by-doses")["interim"] == nil)
            let night = try #require(try journal.store.night(MadeJournal.day(53)))
            let result = try #require(try journal.store.results(of: night.date).last)
            let lines = try NightSummary(store: journal.store, night: night, result: result).lines()
            #expect(lines.last == "night 34 of 40 planned with magnesium")
        }
    }

    @Test func theForecastTakesTheJournalsOwnNights() throws {
        try MadeJournal.with { journal in
            let run = try journal.home.run("plan", "--replicates", "100", "--json")
            let answer = try JSONValue(parsing: run.output)
            #expect(answer["baseline_nights"] == .integer(20) && answer["baseline_source"] == .string("journal"))
            let text = try journal.home.run("plan", "--replicates", "100").output
            #expect(text.contains("your own 20 nights without magnesium in the journal"))
        }
        try MadeJournal.with(isDeclared: false) { journal in
            let run = try journal.home.run("plan", "--replicates", "100", "--json")
            #expect(try JSONValue(parsing: run.output)["baseline_source"] == .string("assumed"))
            #expect(run.errors.contains("nattro dose none --from 2026-01-01 --to 2026-01-20"))
        }
    }

    @Test func aDoseInANightThatWasPlannedWithoutIsSaid() throws {
        try MadeJournal.with { journal in
            let run = try journal.compare("--before", "2026-01-03..2026-01-23", "--with", "2026-01-24..2026-02-20")
            #expect(run.output.contains("0 of the nights with magnesium have no dose, 3 of those without have one"))
        }
        // What the log leaves open is no dose, and no night without one.
        try MadeJournal.with(isDeclared: false) { journal in
            let run = try journal.compare("--before", "2026-01-03..2026-01-18", "--with", "2026-01-24..2026-02-20")
            #expect(!run.output.contains("differs from the plan"))
            #expect(run.output.contains("say so with nattro dose none --from 2026-01-03 --to 2026-01-18"))
        }
    }

    @Test func aDeclaredCovariateIsReadFromTheDiary() throws {
        try MadeJournal.with { journal in
            let design = """
                {"type":"AB_fixed","first":"2026-01-01","nights":54,"transition":14,"covariates":["caffeine_mg"],
                "condition":[\((0..<54).map { $0 < 20 ? "0" : "1" }.joined(separator: ","))]}
                """
            try Data(design.utf8).write(to: URL(filePath: journal.home.path("design.json")))
            let missing = try journal.compare("--design", journal.home.path("design.json"))
            #expect(missing.status == 2 && missing.errors.contains("nattro diary 2026-01-01 caffeine_mg=VALUE"))
            let diary = (0..<journal.count).map { night in
                var entry = DiaryNight(night: MadeJournal.day(night))
                entry.caffeineMg = Double(night * 29 % 5) * 50
                return entry
            }
            try journal.store.keep(diary, "diary", at: 1)
            let answer = try journal.answer("--design", journal.home.path("design.json"))
            #expect(answer["primary"]?["df"] == .integer(37) && answer["mar1_unadjusted"]?["df"] == .integer(38))
        }
    }

    // MARK: Thresholds

    @Test func olderResultsOfUnknownSensitivityAreSaidSo() throws {
        try MadeJournal.with(change: { night, result in
            if night < 3 { result.sensitivity = [:] }
            return true
        }) { journal in
            let run = try journal.compare()
            #expect(run.output.contains("Of 3 nights the threshold in effect and the noise floor are not known"))
            #expect(run.output.contains("nattro score --all"))
        }
    }

    @Test func phasesOfUnlikeSensitivityAreScoredAgainAtTheHigherThreshold() throws {
        try JournalHome.with { home in
            let evening = try #require(CivilDay("2025-12-01"))
            let recording = try home.simulate("night", date: "2025-12-01")
            try home.run("import", recording)
            let scored = try #require(try home.store().results(of: evening).last)
            #expect(Set(scored.sensitivity.keys) == ["L", "R"])
            let floor = try #require(scored.noiseFloor)
            #expect((0.1...5).contains(floor) && scored.effectiveThreshold == max(6, 5 * floor))
            try home.store().exclude(evening, reason: "short", at: 1)
            // Every night is this recording: what differs is what is said of its sensitivity.
            let journal = try MadeJournal(home, before: 8, with: 22) { night, result in
                result.provenance.parameters = scored.provenance.parameters
                result.provenance.inputs = scored.provenance.inputs
                result.legs = scored.legs
                result.rest = scored.rest
                result.sensitivity = ["L": .init(floor: 1, threshold: night < 8 ? 6 : 9)]
                return true
            }
            let answer = try journal.answer()
            let notes = ids(answer["notes"])
            #expect(notes.contains("threshold.rescored"))
            #expect(answer["primary"]?["rr"]?.double != answer["at_fixed_threshold"]?["rr"]?.double)
            // One recording has one count, so that over unequal hours nothing but the hours is left.
            let first = try #require(try journal.store.results(of: MadeJournal.day(0)).last)
            let count = try #require(try journal.store.countAtFixedThreshold(9, of: first))
            #expect(count > 0 && count <= scored.periodicCount)
            #expect(try journal.compare().output.contains("at one higher threshold"))
            // Without the recordings it cannot be, which is said.
            let other = try MadeJournal(JournalHome(folder: home.folder.appending(path: "b")), before: 8, with: 22) {
                night, result in
                result.sensitivity = ["L": .init(floor: 1, threshold: night < 8 ? 6 : 9)]
                return true
            }
            let run = try other.compare()
            #expect(run.status == 0 && run.output.contains("could not be scored again at one threshold"))
        }
    }

    // MARK: Nothing there

    @Test func withoutAJournalOrNightsOneLineSaysWhatToDo() throws {
        try JournalHome.with { home in
            let none = try home.run("compare", expecting: 2)
            #expect(none.errors.contains("there is no journal yet"))
            try home.run("dose", "add", "200mg", "citrate", "21:10")
            let empty = try home.run("compare", expecting: 2)
            #expect(empty.errors.contains("has no scored night") && empty.errors.contains("nattro record"))
        }
    }
}
