// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation
import TestSupport
import Testing

@testable import nattro

/// A set of nights with the numbers that independent programs give for it.
private struct ReferenceSet {
    let folder: URL
    let expected: JSONValue

    init(_ folder: URL) throws {
        self.folder = folder
        expected = try JSONValue(
            parsing: String(decoding: Data(contentsOf: folder.appending(path: "expected.json")), as: UTF8.self))
    }

    static func fixtures() throws -> ReferenceSet { try ReferenceSet(URL(filePath: Fixtures.path("statistics"))) }

    var datasets: [String] { expected.names.filter { $0.hasPrefix("d") || $0.hasPrefix("g") }.sorted() }
    var groups: [String] { expected.names.filter { $0.hasPrefix("meta_g") }.sorted() }

    func path(_ dataset: String) -> String { folder.appending(path: "datasets/\(dataset)").path }

    func run(_ dataset: String, _ more: [String] = ["--json"]) throws -> ProgramRun {
        let folder = path(dataset)
        return try ProgramRun(
            "nattro",
            [
                "compare", "--nights", folder + "/nights.csv", "--doses", folder + "/doses.csv", "--design",
                folder + "/design.json",
            ] + more)
    }
}

/// The places at which a value differs from the expected one by more than its tolerance.
private func differences(_ expected: JSONValue, _ given: JSONValue?, at place: String) -> [String] {
    switch expected {
    case .object where expected["v"] != nil:
        guard let value = expected["v"]?.double, let given = given?.double else { return ["\(place): no number"] }
        let tolerance = max(expected["abs"]?.double ?? 0, (expected["rel"]?.double ?? 0) * abs(value))
        return abs(given - value) <= tolerance ? [] : ["\(place): \(given), not \(value)"]
    case .object(let members):
        return members.flatMap { differences($0.value, given?[$0.name], at: "\(place).\($0.name)") }
    case .array(let values):
        guard let given = given?.elements, given.count == values.count else { return ["\(place): another length"] }
        return zip(values, given).enumerated().flatMap { differences($1.0, $1.1, at: "\(place)[\($0)]") }
    case .integer, .number:
        guard let value = expected.double, let given = given?.double else { return ["\(place): no number"] }
        return abs(given - value) <= 1e-8 + 1e-6 * abs(value) ? [] : ["\(place): \(given), not \(value)"]
    default: return given == expected ? [] : ["\(place): \(given.map { "\($0)" } ?? "nothing"), not \(expected)"]
    }
}

@Suite struct CompareReferenceTests {
    @Test(arguments: try ReferenceSet.fixtures().datasets)
    func everyNumberOfAReferenceSetIsWithinItsTolerance(dataset: String) throws {
        let reference = try ReferenceSet.fixtures()
        let run = try reference.run(dataset)
        let refuses = ["d17_tiny3", "d18_zeroB"].contains(dataset)
        #expect(run.status == (refuses ? 1 : 0) && run.errors.isEmpty == !refuses)
        let expected = try #require(reference.expected[dataset])
        #expect(differences(expected, try JSONValue(parsing: run.output), at: dataset) == [])
    }

    @Test func everyNumberOfAGroupIsWithinItsTolerance() throws {
        let reference = try ReferenceSet.fixtures()
        for group in reference.groups {
            let expected = try #require(reference.expected[group])
            let folders = (expected["members"]?.elements ?? []).compactMap { member -> String? in
                guard case .string(let name) = member else { return nil }
                return reference.path(name)
            }
            let run = try ProgramRun("nattro", ["compare", "--json", "--group"] + folders)
            #expect(run.status == 0 && run.errors == "")
            #expect(differences(expected, try JSONValue(parsing: run.output), at: group) == [])
        }
    }

    /// What must not be said of nights that nobody drew at random.
    private static var causal: Regex<Substring> {
        /because|caused? by|due to|thanks to|works?\b|effective|treats?\b|cures?\b|heals?\b|proves?\b|reduced by|no effect|\bsafe\b/
            .ignoresCase()
    }

    @Test func noSentenceClaimsACauseWithoutRandomisation() throws {
        let reference = try ReferenceSet.fixtures()
        for dataset in reference.datasets {
            let design = try DesignFile(path: reference.path(dataset) + "/design.json")
            let text = try reference.run(dataset, []).output
            #expect(text.firstMatch(of: Self.causal) == nil, "\(dataset)")
            let supports = text.contains("supports an effect")
            #expect(!supports || design.design.isRandomised, "\(dataset)")
        }
    }

    @Test func nightsWithoutAnyEffectCannotTellAlthoughARankTestWould() throws {
        let run = try ReferenceSet.fixtures().run("d04_ab30_null_ar6")
        let answer = try JSONValue(parsing: run.output)
        let rank = try #require(answer["mann_whitney"]?["p_exact"]?.double)
        #expect(rank < 0.0101)
        #expect(answer["verdict"]?.elements.first?["id"] == .string("cannot_tell"))
        let text = try ReferenceSet.fixtures().run("d04_ab30_null_ar6", []).output
        #expect(text.hasPrefix("These nights cannot tell a change from ordinary night-to-night variation.\n"))
    }

    @Test(arguments: [
        ("d17_tiny3", "fewer than 5 nights in a phase"), ("d18_zeroB", "no movement in the phase with magnesium"),
    ])
    func tooLittleIsRefusedWithTheReasonAndTheCommandThatMendsIt(dataset: String, reason: String) throws {
        let run = try ReferenceSet.fixtures().run(dataset)
        #expect(run.status == 1 && run.errors.contains(reason) && run.errors.contains("nattro record"))
        let answer = try JSONValue(parsing: run.output)
        #expect(answer["primary"]?["rr"] == nil && answer["refuse"] != nil)
    }
}

/// The extended reference sets, and published tables whose licences keep them out of the project.
@Suite(.enabled(if: Fixtures.extra != nil, "NATTRO_EXTRA names no folder"))
struct CompareExtraTests {
    @Test func everyNumberOfEveryOtherReferenceSetIsWithinItsTolerance() throws {
        let folder = try #require(Fixtures.extra).appending(path: "vectors/statistics")
        let reference = try ReferenceSet(folder)
        for dataset in reference.datasets {
            let answer = try JSONValue(parsing: reference.run(dataset).output)
            #expect(differences(try #require(reference.expected[dataset]), answer, at: dataset) == [])
        }
    }
}

/// Fourteen nights without and fourteen with, of which one line or another is changed.
private struct Files {
    var nights: [String] = ["night,include,hours,plm,leg"]
    var doses: [String] = ["taken_at,salt,elemental_mg,status"]
    var design =
        #"{"type":"AB_fixed","first":"2025-03-03","nights":28,"condition":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"dose_log_complete":true}"#

    init() {
        for night in 0..<28 {
            let count = 100 + night * 37 % 60 - (night < 14 ? 0 : 30)
            nights.append("2025-03-\(night + 3 < 10 ? "0" : "")\(night + 3),1,7.\(night % 10),\(count),L")
        }
    }

    func run(_ more: [String] = ["--json"]) throws -> ProgramRun {
        try Fixtures.withTemporaryFolder { folder in
            let paths = ["nights.csv", "doses.csv", "design.json"].map { folder.appending(path: $0) }
            try Data(nights.joined(separator: "\n").utf8).write(to: paths[0])
            try Data(doses.joined(separator: "\n").utf8).write(to: paths[1])
            try Data(design.utf8).write(to: paths[2])
            return try ProgramRun(
                "nattro",
                ["compare", "--nights", paths[0].path, "--doses", paths[1].path, "--design", paths[2].path] + more)
        }
    }
}

@Suite struct CompareCommandTests {
    @Test func nightsOfTwoLegsAreRefused() throws {
        var files = Files()
        files.nights[20] = files.nights[20].replacing(",L", with: ",R")
        let run = try files.run()
        #expect(run.status == 2 && run.output == "")
        #expect(run.errors.contains("differ in leg (L, R)") && run.errors.contains("set include to 0"))
    }

    @Test func nightsUnderTwoRulesNameTheCommandThatScoresAgain() throws {
        var files = Files()
        files.nights = files.nights.enumerated().map { $1 + ($0 == 0 ? ",rules" : $0 < 9 ? ",aasm" : ",wasm2016") }
        let run = try files.run()
        #expect(run.status == 2 && run.errors.contains("nattro score"))
    }

    @Test func anExcludedNightChangesNothing() throws {
        var files = Files()
        let before = try JSONValue(parsing: files.run().output)
        files.nights.append("2025-03-01,0,7.0,9999,R")
        let after = try JSONValue(parsing: files.run().output)
        #expect(before["primary"] == after["primary"] && after["left_out"]?.elements.count == 1)
    }

    @Test func rowsThatCannotBeReadAreNamedAndLeftOut() throws {
        var files = Files()
        files.nights[3] = "2025-02-30,1,7,100,L"
        files.nights[5] = "2025-03-07,1,seven,100,L"
        files.doses.append("yesterday,citrate,250,taken")
        let run = try files.run()
        #expect(run.status == 1)
        #expect(run.errors.contains("line 4: night '2025-02-30' is no day"))
        #expect(run.errors.contains("line 6: hours 'seven' is no number"))
        #expect(run.errors.contains("line 2: taken_at 'yesterday'"))
        #expect(try JSONValue(parsing: run.output)["nA"] == .integer(12))
    }

    @Test func aPlanWithAnEndShowsNoResultBeforeIt() throws {
        var files = Files()
        files.design = files.design.replacing("\"nights\":28", with: "\"looks\":[28],\"nights\":28")
        #expect(try files.run(["--json"]).output.contains("\"interim\"") == false)
        files.nights.removeLast(3)
        let run = try files.run()
        let answer = try JSONValue(parsing: run.output)
        #expect(answer["interim"]?["passed"] == .integer(25) && answer["primary"]?["p_two"] == .null)
        #expect(answer["mann_whitney"]?["p_exact"] == .null)
        let text = try files.run([]).output
        #expect(text.hasPrefix("Interim, 25 of 28 planned nights") && !text.contains("rate ratio"))
    }

    @Test func transitionNightsAreLeftOutOnlyWhereTheDesignNamesThem() throws {
        var files = Files()
        #expect(try JSONValue(parsing: files.run().output)["nB"] == .integer(14))
        files.design = files.design.replacing("\"nights\":28", with: "\"transition\":3,\"nights\":28")
        #expect(try JSONValue(parsing: files.run().output)["nB"] == .integer(11))
    }

    @Test func dosesThatNobodyDeclaredAreNotTakenForZero() throws {
        var files = Files()
        files.design = files.design.replacing("AB_fixed", with: "titration").replacing(
            "\"dose_log_complete\":true", with: "\"dose_log_complete\":false")
        files.doses.append("2025-03-20T21:00,citrate,200,taken")
        let run = try files.run()
        #expect(run.status == 2 && run.errors.contains("nattro dose none"))
        // For conditions that the design gives it is said beside the result.
        files.design = files.design.replacing("titration", with: "AB_fixed")
        #expect(try files.run([]).output.contains("nattro dose none"))
    }

    @Test func aDoseLogAsNattroWritesItIsReadToo() throws {
        var files = Files()
        files.doses = ["# tz: Europe/Berlin", "date,time,amount,unit,basis,form"]
        for night in 17...30 { files.doses.append("2025-03-\(night),21:30,250,mg,elemental,citrate") }
        let run = try files.run()
        #expect(run.status == 0 && run.errors == "")
        #expect(!run.output.contains("adherence"))
        files.doses[2] = "2025-03-17,21:30,250,mg,elemental,moonstone"
        let damaged = try files.run()
        #expect(damaged.status == 1 && damaged.errors.contains(":3:") && damaged.output.contains("adherence"))
    }

    @Test func aDifferentThresholdIsNamedWithTheHigherOne() throws {
        var files = Files()
        files.nights = files.nights.enumerated().map {
            $1 + ($0 == 0 ? ",threshold_mg,plm_fixed" : $0 < 15 ? ",6,80" : ",8,\(60 + $0 % 3)")
        }
        let answer = try JSONValue(parsing: files.run().output)
        let ids = answer["notes"]?.elements.compactMap { $0["id"] } ?? []
        #expect(ids.contains(.string("threshold.rescored")))
        let ratio = try #require(answer["at_fixed_threshold"]?["rr"]?.double)
        #expect(ratio > 0.6 && ratio < 0.9)
        #expect(answer["phases"]?["B"]?["threshold_mg"]?.double == 8)
    }

    @Test func secondaryEndpointsAreAdjustedTogether() throws {
        var files = Files()
        files.nights = files.nights.enumerated().map {
            $1
                + ($0 == 0
                    ? ",lm,imi_median_s,periodicity_index" : ",\(150 + $0 * 31 % 70),\(20 + $0 % 5),0.\(40 + $0 % 7)")
        }
        let secondary = try #require(try JSONValue(parsing: files.run().output)["secondary"]?.elements)
        #expect(secondary.count == 3)
        for endpoint in secondary {
            let (p, adjusted) = (try #require(endpoint["p"]?.double), try #require(endpoint["p_holm"]?.double))
            #expect(adjusted >= p && adjusted <= min(1, 3 * p + 1e-12))
        }
    }

    @Test func aStartAfterABadSpellIsNamed() throws {
        var files = Files()
        for row in 8...14 { files.nights[row] = files.nights[row].replacing(/,1[0-9]*,L/, with: ",300,L") }
        let text = try files.run([]).output
        #expect(text.contains("10 to 11 % fewer movements"))
    }

    @Test func aTwoPointDesignWithoutMoreThanOneDoseIsRefused() throws {
        var files = Files()
        files.design = files.design.replacing("AB_fixed", with: "rand_dose_nights")
        let run = try files.run()
        #expect(run.status == 2 && run.errors.contains("same dose"))
    }

    @Test func everyCutOfEveryFileIsAnAnswerOrOneClearError() throws {
        let files = Files()
        let (nights, design) = (files.nights.joined(separator: "\n"), files.design)
        for length in 0..<nights.utf8.count {
            do {
                let table = try ComparisonNights(TextTable(bytes: Array(nights.utf8.prefix(length)), name: "cut"))
                #expect(table.nights.count + table.rejected.count <= 28)
            } catch let failure as Failure {
                #expect(failure.outcome == .unusableInput)
            }
        }
        for length in 0..<design.utf8.count {
            #expect(throws: Failure.self) { try DesignFile(json: Data(design.utf8.prefix(length)), name: "cut") }
        }
    }

    @Test(arguments: [
        #"{"type":"XY"}"#, "[]", #"{"type":"AB_fixed","first":"2025-02-30","nights":1,"condition":[0]}"#,
        #"{"type":"AB_fixed","first":"2025-03-03","nights":1000000000,"condition":[0]}"#,
        #"{"type":"AB_fixed","first":"2025-03-03","nights":2,"condition":[0,7]}"#,
        #"{"type":"rand_blocks","first":"2025-03-03","nights":2,"condition":[0,1],"blocks":9223372036854775807,"block_nights":2,"n_active":1}"#,
        #"{"type":"rand_pairs","first":"2025-03-03","nights":2,"condition":[0,1]}"#,
    ])
    func aDesignThatMakesNoSenseIsOneClearError(json: String) {
        #expect(throws: Failure.self) { try DesignFile(json: Data(json.utf8), name: "design") }
    }

    @Test func aScheduleOfThirtyFourOrdersIsWarnedOf() throws {
        let reference = try ReferenceSet.fixtures()
        let folder = reference.path("d08_rand8x4")
        let design = try String(contentsOfFile: folder + "/design.json", encoding: .utf8).replacing(
            "\"max_run\": null", with: "\"max_run\": 2")
        var files = Files()
        files.nights = try String(contentsOfFile: folder + "/nights.csv", encoding: .utf8).split(separator: "\n").map {
            String($0)
        }
        files.design = design
        let run = try files.run()
        let answer = try JSONValue(parsing: run.output)
        #expect(run.status == 0 && answer["randomization_pooled"]?["assignments"] == .integer(34))
        #expect(answer["notes"]?.elements.contains { $0["id"] == .string("schedule.coarse") } == true)
        #expect(try files.run([]).output.contains("it can never reach 0.05"))
    }

    @Test func aOneSidedTestIsThereOnlyWhereItWasDeclared() throws {
        var files = Files()
        #expect(try JSONValue(parsing: files.run().output)["primary"]?["p_one"] == nil)
        files.design = files.design.replacing("\"nights\":28", with: "\"one_sided\":true,\"nights\":28")
        let primary = try #require(try JSONValue(parsing: files.run().output)["primary"])
        let (one, two) = (try #require(primary["p_one"]?.double), try #require(primary["p_two"]?.double))
        #expect(abs(2 * one - two) < 1e-9)
    }

    @Test func theDemonstrationIsAComparisonThatCannotTell() throws {
        let words = Compare.demonstration(fixtures: URL(filePath: Fixtures.path("")))
        let run = try ProgramRun("nattro", words)
        #expect(run.status == 0 && run.output.hasPrefix("These nights cannot tell"))
    }

    @Test func aScheduleThatCouldNotHaveBeenDrawnGivesNoTest() throws {
        var files = Files()
        files.design = files.design.replacing(
            "AB_fixed\"", with: "rand_blocks\",\"blocks\":4,\"block_nights\":7,\"n_active\":1")
        let answer = try JSONValue(parsing: files.run().output)
        #expect(answer["randomization_pooled"] == nil)
        #expect(answer["notes"]?.elements.contains { $0["id"] == .string("schedule.not_allowed") } == true)
    }

    @Test func aFolderThatIsNoPersonIsNamedAndTheOthersAreBroughtTogether() throws {
        let reference = try ReferenceSet.fixtures()
        let folders = ["g01_p01", "g01_p02", "g01_p03", "d17_tiny3"].map(reference.path)
        let run = try ProgramRun("nattro", ["compare", "--group"] + folders + ["/nowhere", "--json"])
        #expect(run.status == 1)
        #expect(run.errors.contains("/nowhere") && run.errors.contains("d17_tiny3"))
        let answer = try JSONValue(parsing: run.output)
        #expect(answer["k"] == .integer(3) && answer["REML"]?["pi_lo"] == .null)
    }
}
