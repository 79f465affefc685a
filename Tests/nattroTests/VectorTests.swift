// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import TestSupport
import Testing

@testable import nattro

/// A movement list with the results that an independent program, written from the rules, gave for it.
private struct Vector: Sendable {
    /// The whole vector as its file has it.
    var text: String
    var id: String
    var input: JSONValue
    var expected: JSONValue

    init(_ text: String) throws {
        self.text = text
        let whole = try JSONValue(parsing: text)
        guard case .string(let id)? = whole["id"] else { throw CocoaError(.coderValueNotFound) }
        self.id = id
        input = try #require(whole["input"])
        expected = try #require(whole["expected"])
    }

    private static let list = Result {
        try String(decoding: Fixtures.bytes("movements/vectors.jsonl"), as: UTF8.self).split(separator: "\n").map {
            try Vector(String($0))
        }
    }

    static func all() throws -> [Vector] { try list.get() }
    static func named(_ id: String) throws -> Vector { try #require(all().first { $0.id == id }) }
}

/// Records what differs between the answer for a profile and the expected one: numbers with a fraction by more than 1e-9 of
/// their size, all else at all.
private func check(_ answer: JSONValue?, _ vector: Vector, _ profile: String) throws {
    let expected = try #require(vector.expected[profile])
    let answer = try #require(answer, "\(vector.id): no answer for \(profile)")
    #expect(answer["columns"] == expected["columns"], "\(vector.id), \(profile)")
    #expect(answer["lms"] == expected["lms"], "\(vector.id), \(profile)")
    let (summary, wanted) = (try #require(answer["summary"]), try #require(expected["summary"]))
    #expect(!wanted.names.isEmpty)
    for name in wanted.names {
        let (mine, theirs) = (try #require(summary[name]), try #require(wanted[name]))
        let isCount = name.hasPrefix("n_") || name.hasPrefix("pi_ferri_") || name.hasSuffix("_ms")
        if !isCount, let number = mine.double, let other = theirs.double {
            #expect(abs(number - other) <= 1e-9 * abs(other), "\(vector.id), \(profile), \(name)")
        } else {
            #expect(mine == theirs, "\(vector.id), \(profile), \(name)")
        }
    }
}

/// Records what differs between the program's answer for all profiles and the expected one.
private func check(_ run: ProgramRun, _ vector: Vector) throws {
    #expect(run.status == 0 && run.errors == "", "\(vector.id): \(run.status) \(run.errors)")
    let answer = try JSONValue(parsing: run.output)
    #expect(answer["schema"] == .string(RulesReport.schema))
    for rules in ScoringRules.profiles { try check(answer["profiles"]?[rules.name], vector, rules.name) }
}

@Suite struct VectorTests {
    private static let profiles = ScoringRules.profiles.map(\.name).joined(separator: ",")

    @Test func thereAreAHundredVectors() throws {
        #expect(Set(try Vector.all().map(\.id)).count == 100)
    }

    @Test(arguments: ScoringRules.profiles)
    func everyVectorIsScoredAsTheRulesSay(rules: ScoringRules) throws {
        for vector in try Vector.all() {
            let night = try MovementList(json: Data(vector.text.utf8), name: vector.id).night
            try check(.object(RulesReport(night, under: rules).members), vector, rules.name)
        }
    }

    // In four parts, which run at the same time.
    @Test(arguments: 0..<4) func theProgramScoresEveryVectorUnderAllProfilesAtOnce(part: Int) throws {
        try Fixtures.withTemporaryFolder { folder in
            for (index, vector) in try Vector.all().enumerated() where index % 4 == part {
                let file = folder.appending(path: "\(vector.id).json")
                try Data(vector.text.utf8).write(to: file)
                try check(
                    try ProgramRun("nattro", ["score", "--movements", file.path, "--rules", Self.profiles, "--json"]),
                    vector)
            }
        }
    }

    @Test func theProgramReadsAListFromStandardInput() throws {
        let vector = try Vector.named("rand_rls_1")
        let arguments = ["score", "--movements", "-", "--rules", Self.profiles, "--json"]
        try check(try ProgramRun("nattro", arguments, input: Array(vector.text.utf8)), vector)
    }

    @Test func theInputAloneIsAMovementListToo() throws {
        let vector = try Vector.named("rand_plmd_13")
        let arguments = ["score", "--movements", "-", "--rules", Self.profiles, "--json"]
        try check(try ProgramRun("nattro", arguments, input: Array("\(vector.input)".utf8)), vector)
    }

    @Test(arguments: [("wasm2016", []), ("wasm2006", ["--rules", "wasm2006"]), ("aasm", ["--rules", "aasm,aasm"])])
    func oneProfileStandsAtTheTopOfTheAnswer(profile: String, arguments: [String]) throws {
        let vector = try Vector.named("run10")
        let run = try ProgramRun(
            "nattro", ["score", "--movements", "-", "--json"] + arguments, input: Array(vector.text.utf8))
        #expect(run.status == 0 && run.errors == "")
        let answer = try JSONValue(parsing: run.output)
        #expect(answer["rules"] == .string(profile))
        #expect(answer["schema"] == .string(RulesReport.schema))
        try check(answer, vector, profile)
    }
}
