// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@Suite struct SimulateTests {
    /// Simulates into a folder that is not there yet.
    private func simulate(_ arguments: [String], _ body: (ProgramRun, URL) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            let night = folder.appending(path: "night")
            try body(try ProgramRun("nattro", ["simulate", "--out", night.path] + arguments), night)
        }
    }

    private func truth(in folder: URL) throws -> [String: Any] {
        let data = try Data(contentsOf: folder.appending(path: "truth.json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test func aNightAndItsTruthAreForTheirOwnerAlone() throws {
        try simulate(["--profile", "plmd", "--hours", "0.1", "--seed", "7", "--part", "bmi160"]) { run, folder in
            #expect(run.status == 0 && run.output.isEmpty && run.errors.isEmpty)
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(files == ["night_L.cwa", "night_R.cwa", "truth.json"])
            for file in files {
                let attributes = try FileManager.default.attributesOfItem(
                    atPath: folder.appending(path: file).path)
                #expect(attributes[.posixPermissions] as? Int == 0o600)
            }
            let truth = try truth(in: folder)
            #expect(truth["duration_ms"] as? Int == 360_000)
            #expect(truth["t0_unix_ms"] as? Int == 1_768_518_000_000)
            #expect(((truth["sleep"] as? [String: Any])?["epochs"] as? [Int])?.count == 12)
            #expect((truth["legs"] as? [String: Any])?.keys.sorted() == ["L", "R"])
        }
    }

    @Test func aTruthIsReadByTheProgramThatScoresDetections() throws {
        try simulate(["--hours", "1", "--seed", "3", "--gaps", "2"]) { run, folder in
            #expect(run.status == 0)
            let paths = ["night_L.cwa", "night_R.cwa", "truth.json"].map { folder.appending(path: $0).path }
            let scored = try ProgramRun("nattro", ["score", "--tsv", paths[0], paths[1]])
            // Lost sectors are named, and the exit code says so.
            #expect(scored.status <= 1)
            let table = folder.appending(path: "events.tsv")
            try Data(scored.output.utf8).write(to: table)
            let compared = try ProgramRun(
                "python3", [Fixtures.path("nights/tools/f1.py"), paths[2], table.path])
            #expect(compared.status == 0)
            let result = try JSONSerialization.jsonObject(with: Data(compared.output.utf8)) as? [String: Any]
            let large = try #require(result?["lm_ge3"] as? [String: Any])
            #expect(try #require(large["f1"] as? Double) >= 0.9)
            #expect(try #require(result?["onset_err_median_abs_s"] as? Double) < 0.1)
        }
    }

    @Test func theFilesSayTheSameWithEitherFormat() throws {
        let night = ["--hours", "0.3", "--seed", "9", "--profile", "healthy"]
        try simulate(night) { first, cwa in
            try simulate(night + ["--format", "nightlog"]) { second, log in
                #expect(first.status == 0 && second.status == 0)
                #expect(
                    try FileManager.default.contentsOfDirectory(atPath: log.path).sorted() == [
                        "night.nightlog", "truth.json",
                    ])
                let (one, other) = (try truth(in: cwa), try truth(in: log))
                #expect(one["plms_index"] as? Double == other["plms_index"] as? Double)
                #expect(((other["legs"] as? [String: Any])?["R"] as? [String: Any])?["rtc_ppm"] as? Double == 0)
            }
        }
    }

    @Test func whatIsThereIsReplacedOnlyByForce() throws {
        try simulate(["--hours", "0.05", "--seed", "1"]) { _, folder in
            let old = try Data(contentsOf: folder.appending(path: "night_L.cwa"))
            let arguments = ["simulate", "--out", folder.path, "--hours", "0.05", "--seed", "2"]
            let refused = try ProgramRun("nattro", arguments)
            #expect(refused.status == 2)
            #expect(refused.errors.contains("exists already") && refused.errors.contains("--force"))
            #expect(try Data(contentsOf: folder.appending(path: "night_L.cwa")) == old)
            #expect(try ProgramRun("nattro", arguments + ["--force"]).status == 0)
            #expect(try Data(contentsOf: folder.appending(path: "night_L.cwa")) != old)
        }
    }

    @Test func aSensorIsTakenOffByTheClock() throws {
        let off = ["--take-off", "L:23:20-23:40", "--mattress", "R:00:10-00:30"]
        try simulate(["--hours", "2", "--seed", "4", "--rate", "25"] + off) { run, folder in
            #expect(run.status == 0)
            let legs = try #require(try truth(in: folder)["legs"] as? [String: Any])
            for (leg, place, start) in [("L", "table", 1_200_000), ("R", "mattress", 4_200_000)] {
                let spans = try #require((legs[leg] as? [String: Any])?["nonwear"] as? [[String: Any]])
                #expect(spans.count == 1 && spans[0]["place"] as? String == place)
                let onset = try #require(spans[0]["onset_ms"] as? Int)
                let offset = try #require(spans[0]["offset_ms"] as? Int)
                #expect((start...start + 20_000).contains(onset))
                #expect((start + 1_180_000...start + 1_200_000).contains(offset))
            }
        }
    }

    @Test(arguments: [
        ["--profile", "cat"], ["--part", "x"], ["--hours", "0"], ["--hours", "nan"], ["--rate", "99"],
        ["--legs", "3"], ["--gaps", "-1"], ["--tilt", "90"], ["--take-off", "2-3"], ["--format", "edf"],
        ["--take-off", "09:00-09:30"], ["--take-off", "01:00-02:00", "--mattress", "01:30-03:00"],
    ])
    func wrongUsageIsNamed(arguments: [String]) throws {
        try simulate(arguments) { run, folder in
            #expect(run.status == 64)
            #expect(!run.errors.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: folder.path))
        }
    }

    @Test func aPlaceThatCannotBeWrittenIsNamed() throws {
        try simulate(["--hours", "0.05"]) { _, folder in
            let file = folder.appending(path: "truth.json").path
            for place in [file, file + "/below"] {
                let run = try ProgramRun("nattro", ["simulate", "--hours", "0.05", "--out", place])
                #expect(run.status == 2)
                #expect(run.errors.contains(place))
            }
        }
    }
}
