// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import TestSupport
import Testing

@testable import nattro

private let left = Fixtures.path("nights/plmd/night_L.cwa")
private let right = Fixtures.path("nights/plmd/night_R.cwa")

@Suite struct ReviewTests {
    /// Export, edit, score again: what EDFbrowser does to the marks, a test does to their bytes.
    @Test func aReviewedNightStandsBesideTheAutomaticResult() throws {
        try Fixtures.withTemporaryFolder { folder in
            let edf = folder.appending(path: "night.edf").path
            let annot = folder.appending(path: "night.annot").path
            let tsv = folder.appending(path: "night.tsv").path
            let export = try ProgramRun(
                "nattro", ["export", left, right, "--edf", edf, "--annot", annot, "--tsv", tsv])
            #expect(export.status == 0, "\(export.errors)")
            let automatic = try summary(of: ["score", left, right, "--json"])

            // Unchanged, every format gives the automatic result back.
            for file in [edf, annot] {
                let alone = try summary(of: ["score", "--movements", file, "--json"])
                for name in ["n_lm", "n_clm", "n_plm", "n_series", "n_plms", "n_plmw"] {
                    #expect(alone[name] == automatic[name], "\(file) \(name)")
                }
            }
            for file in [edf, annot, tsv] {
                let run = try ProgramRun(
                    "nattro", ["score", left, right, "--movements", file, "--reviewed-by", "A. Scorer", "--json"])
                #expect(run.status == 0, "\(run.errors)")
                let answer = try JSONValue(parsing: run.output)
                #expect(answer["summary"] == .some(.object(try members(automatic))))
                #expect(answer["reviewed"]?["reviewed_by"] == .string("A. Scorer"))
                #expect(answer["reviewed"]?["summary"]?["n_plm_rest"] == automatic["n_plm_rest"])
                #expect(
                    answer["comparison"]?["f1"] == .integer(1) || answer["comparison"]?["f1"] == .number(1), "\(file)")
                #expect(answer["comparison"]?["missed"] == .integer(0) && answer["comparison"]?["extra"] == .integer(0))
            }

            // One periodic movement deleted and one added: found again in the table of events.
            var rows = try String(contentsOfFile: annot, encoding: .utf8).split(separator: "\n").map(String.init)
            let gone = try #require(rows.firstIndex { $0.hasPrefix("PLM:left") })
            rows.remove(at: gone)
            rows.append("LM:right\t.\t.\t1.5\t2.5\t.")
            try Data((rows.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: annot))
            let edited = try ProgramRun("nattro", ["score", left, right, "--movements", annot, "--tsv"])
            let verdicts = edited.output.split(separator: "\n").dropFirst().map { $0.split(separator: "\t")[1] }
            #expect(verdicts.count { $0 == "extra" } == 1 && verdicts.count { $0 == "missed" } == 1)
            let text = try ProgramRun(
                "nattro", ["score", left, right, "--movements", annot, "--reviewed-by", "A. Scorer"])
            #expect(
                text.output.contains("reviewed by A. Scorer")
                    && text.output.contains("1 marked and not found, 1 found and not marked"))
        }
    }

    private func summary(of arguments: [String]) throws -> JSONValue {
        let run = try ProgramRun("nattro", arguments)
        #expect(run.status == 0, "\(run.errors)")
        return try #require(try JSONValue(parsing: run.output)["summary"])
    }

    private func members(_ value: JSONValue) throws -> [JSONValue.Member] {
        guard case .object(let members) = value else { throw JSONReadingError() }
        return members
    }

    private struct JSONReadingError: Error {}

    @Test func marksOfAnotherNightAreRefused() throws {
        try Fixtures.withTemporaryFolder { folder in
            let annot = folder.appending(path: "other.annot")
            try Data(
                "class\tinstance\tchannel\tstart\tstop\tmeta\nRecording_start\t.\t.\t0\t0\tclock=2020-01-01T23:00:00\nLM:left\t.\t.\t5\t6\t.\n"
                    .utf8
            ).write(to: annot)
            let run = try ProgramRun("nattro", ["score", left, "--movements", annot.path])
            #expect(run.status == 2 && run.output == "" && run.errors.contains("name the marks of the same night"))
        }
    }

    @Test(arguments: [
        ("LM 1 2\nnonsense row here now\n", 1, "rows that cannot be read: 1"),
        ("N2 0 30\n", 2, "none of its 1 marks is a leg movement"),
        ("<a><b></a>", 2, "is no XML"), ("LM 5 6\n", 0, "1 movements name no leg"),
    ])
    func marksThatAreNotAllUnderstoodAreNamed(text: String, status: Int32, words: String) throws {
        let run = try ProgramRun("nattro", ["score", "--movements", "-"], input: Array(text.utf8))
        #expect(run.status == status && run.errors.contains(words), "\(run.errors)")
    }

    @Test(
        arguments: [
            ([left, "--reviewed-by", "X"], "give both"), ([left, "--notch", "55"], "50 or 60"),
            ([left, right, "--emg", "A,B"], "one EDF file"),
            (["--movements", "x", "--events", "y"], "--events out"), ([left, "--emg", "A,B,C"], "a comma"),
        ] as [([String], String)])
    func wrongArgumentsAreRefused(arguments: [String], words: String) throws {
        let run = try ProgramRun("nattro", ["score"] + arguments)
        #expect(run.status == 64 && run.output == "" && run.errors.contains(words), "\(run.errors)")
    }

    @Test func stagingAndEventsFromElsewhereReplaceTheEstimate() throws {
        try Fixtures.withTemporaryFolder { folder in
            let xml = folder.appending(path: "scoring.xml")
            let stages = (0..<120).map { "<SleepStage>\($0 < 60 ? 0 : 2)</SleepStage>" }.joined()
            try Data(
                """
                <CMPStudyConfig><EpochLength>30</EpochLength><ScoredEvents><ScoredEvent><Name>Arousal ()</Name><Start>2000</Start>
                <Duration>5</Duration></ScoredEvent><ScoredEvent><Name>Hypopnea</Name><Start>2100</Start><Duration>15</Duration></ScoredEvent>
                </ScoredEvents><SleepStages>\(stages)</SleepStages></CMPStudyConfig>
                """.utf8
            ).write(to: xml)
            let scored = try summary(of: ["score", left, right, "--events", xml.path, "--json"])
            #expect(scored["tst_ms"] == .integer(60 * 30_000) && scored["tw_ms"] == .integer(60 * 30_000))
            #expect(
                scored["nrem_ms"] == .integer(60 * 30_000) && scored["n_plms_arousal"] != .null
                    && scored["n_clmr"] != .null)
            let text = try ProgramRun("nattro", ["score", left, right, "--events", xml.path])
            #expect(text.output.contains("h of sleep)"))
        }
    }
}
