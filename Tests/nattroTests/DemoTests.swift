// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@Suite struct DemoTests {
    @Test func theDemoShowsTheWholePathAndLeavesItsReportAlone() throws {
        let run = try ProgramRun("nattro", ["demo", "--fixtures", Fixtures.path("")])
        #expect(run.status == 0)
        // The recorder says on standard error which sensors are there and what came.
        #expect(run.errors.split(separator: "\n").allSatisfy { $0.hasPrefix("nattro: ") })
        #expect(run.output.contains("not a night of a leg"))
        #expect(run.output.contains("periodic movements per analysed hour of rest"))
        #expect(run.output.contains("onset\tduration\tleg\ttype"))
        let table = run.output.components(separatedBy: "Counts beside milligrams.").last ?? ""
        #expect(
            table.contains(/2026-01-15 .* 0\b/) && table.contains(/2026-01-17 .* 200\b/), "counts beside milligrams")
        #expect(table.contains("cannot tell a change from ordinary night-to-night variation"), "there is no effect")
        let folder = try #require(run.output.firstMatch(of: /--out (\S+nattro-demo-\S+)/)).1
        #expect(!FileManager.default.fileExists(atPath: String(folder)))
        // The report stays, and is named.
        let report = String(try #require(run.output.firstMatch(of: /(\S+comparison\.html): \d+ kB; open it/)).1)
        let html = try String(contentsOfFile: report, encoding: .utf8)
        #expect(html.contains("These nights cannot tell a change from ordinary night-to-night variation."))
        try FileManager.default.removeItem(at: URL(filePath: report).deletingLastPathComponent())
    }

    @Test func withoutItsMaterialItSaysWhatToDo() throws {
        let run = try ProgramRun("nattro", ["demo", "--fixtures", "no-such-folder"])
        #expect(run.status == 2)
        #expect(run.errors.contains("--fixtures FOLDER"))
    }
}
