// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import TestSupport
import Testing

@testable import nattro

private let left = Fixtures.path("nights/plmd/night_L.cwa")
private let right = Fixtures.path("nights/plmd/night_R.cwa")

@Suite struct ExportTests {
    @Test func anExportedNightScoresLikeItsSource() throws {
        try Fixtures.withTemporaryFolder { folder in
            let edf = folder.appending(path: "night.edf").path
            let cwa = folder.appending(path: "night.cwa").path
            let run = try ProgramRun("nattro", ["export", left, right, "--edf", edf, "--cwa", cwa])
            #expect(run.status == 0 && run.output == "" && run.errors == "", "\(run.errors)")
            let legs = ["L", "R"].map { folder.appending(path: "night_\($0).cwa").path }
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(names == ["night.edf", "night_L.cwa", "night_R.cwa"])
            let original = try table([left, right])
            for copy in [try table([edf]), try table(legs)] {
                // Steps of 0.5 mg and another place on the grid move an edge by a sample or two, and a movement at the limit in or out.
                #expect(abs(copy.filter { $0.type == "PLM" }.count - original.filter { $0.type == "PLM" }.count) <= 4)
                let onsets = Set(copy.map { Int(($0.onset * 5).rounded()) })
                let found = original.filter { row in
                    (-1...1).contains { onsets.contains(Int((row.onset * 5).rounded()) + $0) }
                }
                #expect(Double(found.count) >= 0.97 * Double(original.count))
            }
        }
    }

    private func table(_ files: [String]) throws -> [(onset: Double, type: String)] {
        let run = try ProgramRun("nattro", ["score"] + files + ["--tsv"])
        #expect(run.status == 0, "\(run.errors)")
        let start = try #require(
            try JSONValue(parsing: ProgramRun("nattro", ["score"] + files + ["--json"]).output)["recording"]?[
                "start_unix"])
        guard case .number(let zero) = start else { return [] }
        return run.output.split(separator: "\n").dropFirst().map { row in
            let fields = row.split(separator: "\t", omittingEmptySubsequences: false)
            return ((Double(fields[0]) ?? .nan) + zero.truncatingRemainder(dividingBy: 10_000), String(fields[3]))
        }.filter { $0.1 != "gap" }
    }

    @Test func tablesHaveADictionaryThatNamesEveryColumn() throws {
        try Fixtures.withTemporaryFolder { folder in
            for (option, separator) in [("csv", Character(",")), ("tsv", "\t")] {
                let path = folder.appending(path: "night.\(option)").path
                let run = try ProgramRun("nattro", ["export", left, "--\(option)", path, "--rules", "wasm2016,aasm"])
                #expect(run.status == 0, "\(run.errors)")
                let text = try String(contentsOfFile: path, encoding: .utf8)
                let rows = text.split(separator: "\n").map {
                    $0.split(separator: separator, omittingEmptySubsequences: false)
                }
                let dictionary = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path + ".json")))
                let names = try #require(dictionary as? [String: Any]).keys
                #expect(Set(names) == Set(rows[0].map(String.init)))
                #expect(rows.allSatisfy { $0.count == rows[0].count } && rows.count > 50)
                #expect(
                    rows[1][0].hasPrefix("2026-01-2") && Set(rows.dropFirst().map { $0[9] }) == ["wasm2016", "aasm"])
            }
        }
    }

    @Test func aDatasetKeepsItsOtherNights() throws {
        try Fixtures.withTemporaryFolder { folder in
            let bids = folder.appending(path: "bids").path
            for participant in ["A1", "B2", "A1"] {
                let run = try ProgramRun(
                    "nattro",
                    ["export", Fixtures.path("cwa/ax3_testfile.cwa"), "--bids", bids, "--participant", participant])
                #expect(run.status == 0, "\(run.errors)")
            }
            let people = try String(contentsOfFile: bids + "/participants.tsv", encoding: .utf8)
            #expect(people == "participant_id\nsub-A1\nsub-B2\n")
            let motion = bids + "/sub-B2/ses-20190225/motion/sub-B2_ses-20190225_task-sleep"
            let rows = try String(contentsOfFile: motion + "_tracksys-leftankle_motion.tsv", encoding: .utf8)
                .split(separator: "\n").map { $0.split(separator: "\t") }
            #expect(rows.allSatisfy { $0.count == 4 } && rows.count == 177 * 100)
            #expect(rows.last?.prefix(3) == ["n/a", "n/a", "n/a"])
            #expect(FileManager.default.fileExists(atPath: motion + "_events.tsv"))
        }
    }

    @Test(
        arguments: [
            ([], "Nothing to export"), ([left], "Say what to write"),
            ([left, right, left, "--edf", "x"], "two legs"),
            (["-", "--edf", "x"], "only once"), ([left, "--edf", left], "the recording itself"),
            ([left, "--edf", "x", "--csv", "x"], "the same file name"),
            ([left, "--bids", "x", "--participant", "a-b"], "no label"),
        ] as [([String], String)])
    func wrongArgumentsAreRefused(arguments: [String], words: String) throws {
        let run = try ProgramRun("nattro", ["export"] + arguments)
        #expect(run.status == 64 && run.output == "" && run.errors.contains(words), "\(run.errors)")
    }

    @Test func aNightOfTheJournalIsExportedAndKeepsItsResults() throws {
        try JournalHome.with { home in
            try home.run("import", try home.simulate("night"))
            let (edf, annot) = (home.path("night.edf"), home.path("night.annot"))
            try home.run("export", "2026-01-15", "--edf", edf, "--annot", annot)
            let copy = try WholeRecording(edf)
            #expect(copy.header.streams.map(\.leg) == [.left, .right])
            // The left sensor comes a second later and goes a second earlier.
            let possible = 89_700...90_000
            #expect(possible.contains(copy.times.count), "\(copy.times.count)")
            let marks = try home.run("score", "--movements", annot)
            #expect(marks.output.contains("periodic in"))
            let refused = try home.run("export", "last", "--edf", edf, "--lights-out", "23:05", expecting: 64)
            #expect(refused.errors.contains("nattro nights set"))
            try home.run("export", "--all", home.path("all"), "--edf", edf, expecting: 64)
            try home.run("export", "--backup", home.path("copy.sqlite"))
        }
    }

    @Test func aFolderThatIsNotThereIsOneClearError() throws {
        let run = try ProgramRun(
            "nattro", ["export", Fixtures.path("cwa/ax3_testfile.cwa"), "--edf", "/nowhere/night.edf"])
        #expect(
            run.status == 2
                && run.errors == "nattro: /nowhere/night.edf: its folder does not exist; create the folder first\n")
    }
}
