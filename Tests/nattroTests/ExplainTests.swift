// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@Suite struct ExplainTests {
    static let night = ["nights/plmd/night_L.cwa", "nights/plmd/night_R.cwa"].map { Fixtures.path($0) }

    /// The first row of the table whose type is as asked.
    private func onset(ofType type: String) throws -> String {
        let table = try ProgramRun("nattro", ["score"] + Self.night + ["--tsv"])
        #expect(table.status == 0)
        let row = table.output.split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false)
        }
        .first { $0.count > 3 && $0[3] == type }
        return String(try #require(row)[0])
    }

    @Test(arguments: [("PLM", "PLM: one of"), ("posture", "a change of posture"), ("rhythmic", "one rhythmic episode")])
    func eachKindNamesItsRule(type: String, words: String) throws {
        let time = String(try #require(Double(onset(ofType: type))) + 0.1)
        let run = try ProgramRun("nattro", ["explain"] + Self.night + [time])
        #expect(run.status == 0)
        #expect(run.output.contains(words))
        #expect(run.errors.isEmpty)
    }

    @Test func aStoredResultExplainsAsTheRecordingDoes() throws {
        let time = try onset(ofType: "PLM")
        let fromFiles = try ProgramRun("nattro", ["explain"] + Self.night + [time])
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appending(path: "result.json").path
            let result = try ProgramRun("nattro", ["score"] + Self.night + ["--json"])
            try Data(result.output.utf8).write(to: URL(filePath: path))
            #expect(try ProgramRun("nattro", ["explain", path, time]).output == fromFiles.output)
        }
    }

    @Test(arguments: [
        "12:64", "no-such-file.cwa 12:2", "nights/plmd/night_L.cwa soon:64", "nights/plmd/night_L.cwa 999999:64",
        "nights/plmd/truth.json 12:2",
    ])
    func wrongWordsAreOneClearError(words: String) throws {
        let parts = words.split(separator: ":")
        let arguments = parts[0].split(separator: " ").map { $0.contains("/") ? Fixtures.path(String($0)) : String($0) }
        let run = try ProgramRun("nattro", ["explain"] + arguments)
        let status = try #require(Int32(parts[1]))
        #expect(run.status == status)
        #expect(run.output.isEmpty)
        #expect(!run.errors.isEmpty)
    }

    @Test func theRulesAreThoseOfTheSettingsUnlessNamed() throws {
        func explain(_ more: [String] = [], _ rules: String? = nil) throws -> ProgramRun {
            try ProgramRun(
                "nattro", ["explain"] + Self.night + [time] + more,
                environment: rules.map { ["NATTRO_RULES": $0] } ?? [:])
        }
        let time = try onset(ofType: "PLM")
        let usual = try explain().output
        let named = try explain(["--rules", "wasm2006"]).output
        #expect(named != usual)
        #expect(try explain([], "wasm2006").output == named)
        #expect(try explain(["--rules", "wasm2016"], "wasm2006").output == usual)
        let unknown = try explain([], "wasm1999")
        #expect(unknown.status == 64 && unknown.errors.contains("wasm1999"))
    }

    @Test func theDetectorsNumbersCanBeChangedByName() throws {
        let usual = try ProgramRun("nattro", ["score", Self.night[0], "--json"])
        let strict = try ProgramRun(
            "nattro", ["score", Self.night[0], "--json", "--set", "smallestWide=300", "--set", "smallestSlow=300"])
        #expect(usual.output.contains("\"smallestWide\":32.0"))
        #expect(strict.output.contains("\"smallestWide\":300.0"))
        #expect(usual.output != strict.output)
        #expect(try ProgramRun("nattro", ["score", Self.night[0], "--set", "nothing=1"]).status == 64)
        #expect(try ProgramRun("nattro", ["score", Self.night[0], "--set", "filterReach=0"]).status == 64)
        #expect(try ProgramRun("nattro", ["score", Self.night[0], "--set", "envelopeOn"]).status == 64)
    }
}
