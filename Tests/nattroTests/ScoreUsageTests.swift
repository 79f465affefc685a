// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@Suite struct ScoreUsageTests {
    private static let left = Fixtures.path("nights/plmd/night_L.cwa")
    private static let right = Fixtures.path("nights/plmd/night_R.cwa")

    @Test(
        arguments: [
            ([], "Nothing to score"), (["a", "b", "c"], "3 recordings: a night has two legs"),
            ([left, left], "The same recording"), ([left, "/./" + left], "The same recording"),
            (["-", "-"], "The same recording"),
            ([left, "--rules", "wasm2020"], "no rules 'wasm2020'. Known: wasm2016,"),
            ([left, "--rules", ""], "no rules ''"), ([left, "--rules", "aasm,"], "no rules ''"),
            ([left, "--json", "--tsv"], "--json or --tsv, not both"), ([left, "--manifest", "x"], "go together"),
            (["--manifest", "x", "--out", "y", left], "all of each night"),
            (["--movements", "-", "--tsv"], "--tsv"), (["--movements", "-", "--lights-out", "23:00"], "--lights-out"),
            ([left, "--lights-out", "24:00"], "'24:00' is invalid"), ([left, "--wake-up", "7"], "'7' is invalid"),
            ([left, "--lights-out", "2026-02-30T23:00"], "is invalid"), ([left, "--speed"], "--speed"),
        ] as [([String], String)])
    func wrongArgumentsAreRefusedBeforeAnythingIsRead(arguments: [String], words: String) throws {
        let run = try ProgramRun("nattro", ["score"] + arguments)
        #expect(run.status == 64 && run.output == "")
        #expect(run.errors.hasPrefix("Error: ") && run.errors.contains(words), "\(run.errors)")
    }

    @Test(arguments: [
        (["--lights-out", "2026-01-26T01:00"], "lies outside of the recording"),
        (["--lights-out", "03:00"], "lies outside of the recording"),
        (["--wake-up", "2026-01-25T23:00"], "lies outside of the recording"),
        (["--lights-out", "00:30", "--wake-up", "2026-01-26T00:20"], "lies outside of the recording"),
        (["--lights-out", "2025-01-25T23:00"], "more than a day beyond the recording"),
        (["--wake-up", "2027-01-26T00:30"], "more than a day beyond the recording"),
    ])
    func aRestIntervalOutsideOfTheRecordingIsRefused(arguments: [String], words: String) throws {
        let run = try ProgramRun("nattro", ["score", Self.left] + arguments)
        #expect(run.status == 64 && run.output == "")
        #expect(run.errors.hasPrefix("nattro: the rest interval from ") && run.errors.contains(words), "\(run.errors)")
        #expect(run.errors.count { $0 == "\n" } == 1)
    }

    @Test func legsInTheWrongOrderAreRefused() throws {
        let run = try ProgramRun("nattro", ["score", Self.right, Self.left])
        #expect(run.status == 64 && run.output == "")
        #expect(run.errors.hasPrefix("nattro: ") && run.errors.contains("name the left leg's file first"))
    }

    @Test func legsOfDifferentNightsAreRefused() throws {
        let run = try ProgramRun("nattro", ["score", Self.left, Fixtures.path("cwa/ax3_testfile.cwa")])
        #expect(run.status == 2 && run.output == "")
        #expect(run.errors.hasPrefix("nattro: "), "\(run.errors)")
    }

    @Test func helpGoesToStandardOutput() throws {
        for arguments in [["--help"], ["score", "--help"], ["convert", "--help"]] {
            let run = try ProgramRun("nattro", arguments)
            #expect(run.status == 0 && run.errors == "" && run.output.contains("USAGE: nattro"))
        }
    }
}
