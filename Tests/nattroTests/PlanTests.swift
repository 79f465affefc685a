// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation
import TestSupport
import Testing

@testable import nattro

@Suite struct PlanTests {
    private func draw(_ folder: URL, _ more: [String], seed: String = "42") throws -> ProgramRun {
        try ProgramRun(
            "nattro",
            ["plan", "--first", "2026-03-02", "--seed", seed, "--out", folder.appending(path: "design.json").path]
                + more)
    }

    private let eightBlocks = ["--draw", "blocks", "--blocks", "8", "--block-nights", "7"]

    @Test func aFrozenDesignIsReadAgainAndKnownByItsDigest() throws {
        try Fixtures.withTemporaryFolder { folder in
            let run = try draw(folder, eightBlocks)
            #expect(run.status == 0 && run.errors == "")
            let file = try DesignFile(path: folder.appending(path: "design.json").path)
            #expect(run.output.contains(file.digest))
            #expect(file.design.isRandomised && file.design.transition == 3 && file.design.looks == .after([56]))
            #expect(file.design.condition.count { $0 == true } == 28)
            // The same seed draws the same order, and what is frozen stays.
            let schedule = try ScheduleDraw(file.design.kind, nights: 56, seed: 42)
            #expect(schedule.condition == file.design.condition.map { $0 == true })
            let again = try draw(folder, eightBlocks, seed: "43")
            #expect(again.status == 2 && again.errors.contains("never overwritten"))
            #expect(try DesignFile(path: folder.appending(path: "design.json").path).digest == file.digest)
        }
    }

    @Test(
        arguments: [
            (["--max-run", "2"], 2, "only 34 orders"), ([], 0, "Only 70 orders"),
            (["--max-run", "1"], 2, "only 2 orders"), (["--active", "8"], 2, "no order"),
        ] as [([String], Int32, String)])
    func tooCoarseASchedulesIsRefusedAndACoarseOneWarnedOf(more: [String], status: Int32, words: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let run = try draw(folder, eightBlocks + more)
            #expect(run.status == status)
            #expect((run.output + run.errors).contains(words))
            let isWritten = FileManager.default.fileExists(atPath: folder.appending(path: "design.json").path)
            #expect(isWritten == (status == 0))
        }
    }

    @Test func anOpenBeforeAndAfterSaysThatItCannotSayWhatAChangeCameFrom() throws {
        try Fixtures.withTemporaryFolder { folder in
            let run = try draw(folder, ["--draw", "before-after", "--before", "28", "--with", "42"])
            #expect(run.status == 0 && run.output.contains("cannot say what it came from"))
            let design = try DesignFile(path: folder.appending(path: "design.json").path).design
            #expect(design.transition == 14 && design.condition.count == 70)
        }
    }

    @Test func theSmallestChangeComesFirstAndMoreNightsShowLess() throws {
        let run = try ProgramRun("nattro", ["plan", "--replicates", "100", "--nights", "20", "--json"])
        #expect(run.status == 0)
        let layouts = try #require(try JSONValue(parsing: run.output)["layouts"]?.elements)
        #expect(layouts.compactMap { $0["nights"]?.double } == [20, 28, 56, 84])
        let smallest = layouts.compactMap { $0["smallest_decrease_percent"]?.double }
        #expect(smallest.count == 4 && smallest == smallest.sorted(by: >))
        let text = try ProgramRun("nattro", ["plan", "--replicates", "100"]).output
        #expect(text.contains("The smallest decrease that such nights would show"))
    }

    @Test func aPersonsOwnNightsTakeThePlaceOfTheAssumption() throws {
        let nights = Fixtures.path("statistics/datasets/d04_ab30_null_ar6/nights.csv")
        let run = try ProgramRun("nattro", ["plan", "--replicates", "100", "--baseline", nights, "--json"])
        #expect(try JSONValue(parsing: run.output)["baseline_nights"] == .integer(60))
        let few = try ProgramRun(
            "nattro",
            ["plan", "--baseline", Fixtures.path("statistics/datasets/d17_tiny3/nights.csv")])
        #expect(few.status == 2 && few.errors.contains("7 or more"))
    }

    @Test(arguments: [
        ["plan", "--change", "0"], ["plan", "--nights", "4"], ["plan", "--out", "x.json"],
        ["plan", "--draw", "blocks", "--out", "x.json", "--first", "2026-02-30", "--seed", "1"],
        ["plan", "--draw", "blocks", "--out", "x.json", "--first", "2026-02-03"],
        ["plan", "--draw", "pairs", "--out", "x.json", "--first", "2026-02-03", "--seed", "1"],
        ["compare", "--nights", "x"], ["compare", "--group", "a", "a"],
    ])
    func wrongUsageIsSaidBeforeAnythingIsRead(arguments: [String]) throws {
        #expect(try ProgramRun("nattro", arguments).status == 64)
    }
}
