// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import Nights
import Recordings
import TestSupport
import Testing

@Suite struct ArchiveTests {
    /// A journal with something in every table, two participants, a removed dose, and a recording.
    private func fill(_ store: JournalStore, _ folder: URL) throws {
        let recordings = RecordingFolder(folder.appending(path: "nights").path)
        let source = Fixtures.path("nightlog/small.nightlog")
        let survey = try RecordingSurvey(path: source)
        let path = try recordings.take(
            source, named: "small.nightlog", relativeTo: folder.path)
        #expect(path == "nights/small.nightlog")
        try store.register(survey, at: path, now: 2)
        let day = survey.nights[0]
        try store.keep(Some.result(), of: day)
        try store.mask(day, 0.1..<0.30000000000000004, leg: nil, reason: "ä \"quoted\"\nline", at: 3)
        let kept = try store.add([Some.dose(), Some.dose(mg: 0.1)], "dose add", at: 4)
        try store.remove([kept[0].id], from: .doses, "dose remove", at: 5)
        try store.declareComplete(day...day + 3, "dose none", at: 6)
        try store.keep(Product(name: "A", form: "oxide", labelMg: 1, basis: .compound, elementalMgPerUnit: 0.6), at: 6)
        try store.keep([DiaryNight(night: day)], "diary", at: 7)
        try store.keep(Profile(birthYear: 1960), "profile", at: 8)
        try store.add(design: "{}", at: 9)
        try store.noteComparison("before and after", shownAt: 10)
        try store.notePending("/x/y.nightlog", now: 11)
        let other = try JournalStore(path: store.path, participant: "P-2", now: 12)
        try other.add([Some.dose(mg: 7)], "dose add", at: 13)
    }

    @Test func anExportReadBackAndExportedAgainIsTheSameByteForByte() throws {
        try Some.withStore { store, folder in
            try fill(store, folder)
            let first = folder.appending(path: "export").path
            let outcome = try JournalArchive.write(store, to: first, programVersion: "0")
            #expect(outcome.missing.isEmpty && outcome.recordings == 1)
            let home = folder.appending(path: "other")
            try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
            let copy = try JournalStore(path: home.appending(path: "journal.sqlite").path, now: 99)
            let read = try JournalArchive.read(first, into: copy, recordingsFolder: home.appending(path: "nights").path)
            #expect(read == outcome)
            let reopened = try JournalStore(path: copy.path, now: 100)
            #expect(try reopened.doses() == store.doses())
            #expect(try reopened.integrityProblems().isEmpty)
            // What was removed before the export can still be brought back after it.
            try reopened.undo(.diary, at: 101)
            try store.undo(.diary, at: 101)
            let (one, two) = (folder.appending(path: "e1").path, folder.appending(path: "e2").path)
            _ = try JournalArchive.write(store, to: one, programVersion: "0")
            _ = try JournalArchive.write(reopened, to: two, programVersion: "0")
            let run = try ProgramRun("diff", ["-r", one, two])
            #expect(run.status == 0, "\(run.output.prefix(500))")
        }
    }

    @Test func whatIsThereIsNeverOverwritten() throws {
        try Some.withStore { store, folder in
            try fill(store, folder)
            let target = folder.appending(path: "export").path
            _ = try JournalArchive.write(store, to: target, programVersion: "0")
            #expect(throws: JournalError.self) { try JournalArchive.write(store, to: target, programVersion: "0") }
            let error = #expect(throws: JournalError.self) {
                try JournalArchive.read(target, into: store, recordingsFolder: folder.path)
            }
            #expect(error?.reason == .conflict)
        }
    }

    @Test(arguments: ["doses.jsonl", "changes.jsonl", "nattro-journal.json", "recordings"])
    func aChangedOrMissingFileIsNamedAndNothingIsRead(name: String) throws {
        try Some.withStore { store, folder in
            try fill(store, folder)
            let export = folder.appending(path: "export")
            _ = try JournalArchive.write(store, to: export.path, programVersion: "0")
            var file = export.appending(path: name)
            if name == "recordings" {
                let names = try FileManager.default.contentsOfDirectory(atPath: file.path)
                file.append(path: try #require(names.first))
            }
            var data = try Data(contentsOf: file)
            data.replaceSubrange(10..<12, with: [0x20, 0x20])
            try data.write(to: file)
            let home = folder.appending(path: "other")
            try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
            let copy = try JournalStore(path: home.appending(path: "journal.sqlite").path, now: 99)
            #expect(throws: JournalError.self) {
                try JournalArchive.read(export.path, into: copy, recordingsFolder: home.appending(path: "n").path)
            }
            #expect(try copy.doses().isEmpty && copy.nights().isEmpty)
            try FileManager.default.removeItem(at: export.appending(path: "nattro-journal.json"))
            #expect(!JournalArchive.isArchive(export.path))
        }
    }

    @Test func aRecordingThatIsGoneOrAnotherIsNamed() throws {
        try Some.withStore { store, folder in
            try fill(store, folder)
            try Data("x".utf8).write(to: folder.appending(path: "nights/small.nightlog"))
            let outcome = try JournalArchive.write(store, to: folder.appending(path: "e").path, programVersion: "0")
            #expect(outcome.recordings == 0 && outcome.missing.count == 1)
        }
    }

    @Test func aHostileColumnNameIsNoSQL() throws {
        try Some.withStore { store, folder in
            let export = folder.appending(path: "export")
            _ = try JournalArchive.write(store, to: export.path, programVersion: "0")
            let line = "{\"id\":9,\"name) VALUES (1); DROP TABLE doses; --\":\"x\"}\n"
            try Data(line.utf8).write(to: export.appending(path: "participants.jsonl"))
            let list = export.appending(path: "nattro-journal.json")
            let text = try String(contentsOf: list, encoding: .utf8)
            let old = SHA256.digest(of: "{\"created\":1,\"id\":1,\"name\":\"me\"}\n")
            #expect(text.contains(old))
            try text.replacing(old, with: SHA256.digest(of: line)).write(to: list, atomically: true, encoding: .utf8)
            let home = folder.appending(path: "other")
            try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
            let copy = try JournalStore(path: home.appending(path: "journal.sqlite").path, now: 99)
            #expect(throws: JournalError.self) {
                try JournalArchive.read(export.path, into: copy, recordingsFolder: home.path)
            }
            #expect(try copy.doses().isEmpty)
        }
    }
}
