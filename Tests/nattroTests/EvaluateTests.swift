// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

/// `tools/evaluate`: detections in simulated nights against their truth.
@Suite struct EvaluateTests {
    private static let tool = Fixtures.project.appending(path: "tools/evaluate").path

    private func evaluate(_ arguments: [String], nattro: String = ProgramRun.nattro) throws -> ProgramRun {
        try ProgramRun("python3", [Self.tool, "--nattro", nattro] + arguments)
    }

    @Test func boundsDecideTheExitCode() throws {
        let nights = ["--simulate", "--hours 0.5", "--seeds", "2", "--profiles", "rls,noise"]
        let good = try evaluate(nights + ["--at-least", "f1_3=0.5", "--at-least", "onset=0.5"])
        #expect(good.status == 0)
        #expect(good.output.contains("all rls") && good.output.contains("rls-2"))
        let bad = try evaluate(nights + ["--at-least", "f1_3=1.1"])
        #expect(bad.status == 1)
        #expect(bad.errors.contains("f1_3"))
        #expect(try evaluate(nights + ["--at-least", "beauty=1"]).status == 2)
    }

    /// Rows for stretches without a leg in the strap, from a program that prints a table whatever it is asked.
    @Test func minutesWithoutALegAreCounted() throws {
        try Fixtures.withTemporaryFolder { folder in
            let night = folder.appending(path: "night").path
            let run = try ProgramRun(
                "nattro",
                ["simulate", "--hours", "2", "--rate", "25", "--legs", "1", "--take-off", "23:30-00:30"]
                    + ["--out", night])
            #expect(run.status == 0)
            // The hand is off the sensor from about 1810 to 5390 s: 20 minutes are missed, 10 are false.
            let table = """
                onset\tduration\tleg\ttype\tamplitude\tseries\timi\tsleep
                3000.000\t3000.000\tL\tnonwear\t\t\t\t
                """
            let program = folder.appending(path: "nattro")
            try Data("#!/bin/sh\ncat <<'END'\n\(table)\nEND\n".utf8).write(to: program)
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program.path)
            let evaluated = try evaluate(["--json", night], nattro: program.path)
            #expect(evaluated.status == 0)
            let answer = try JSONSerialization.jsonObject(with: Data(evaluated.output.utf8)) as? [String: Any]
            let nights = try #require(answer?["nights"] as? [[String: Any]])
            let nonwear = try #require(nights.first?["nonwear"] as? [String: Any])
            #expect(abs(try #require(nonwear["minutes"] as? Double) - 59.6) < 0.3)
            #expect(abs(try #require(nonwear["missed"] as? Double) - 19.8) < 0.2)
            #expect(abs(try #require(nonwear["false"] as? Double) - 10.2) < 0.2)
        }
    }
}
