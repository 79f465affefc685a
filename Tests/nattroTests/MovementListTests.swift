// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings
import TestSupport
import Testing

@testable import nattro

private func score(_ list: String, _ more: String...) throws -> ProgramRun {
    try ProgramRun("nattro", ["score", "--movements", "-"] + more, input: Array(list.utf8))
}

@Suite struct MovementListTests {
    @Test(arguments: [
        ("", "is empty"), ("{", "is no JSON"),
        ("{\"left\": [[1, 500]]} x", "is no JSON: invalid value around character 21"),
        ("{\"left\": [[NaN, 500]]}", "is no JSON"), ("[]", "an object {…} was expected"), ("5", "an object"),
        ("null", "an object"), ("{}", "neither \"left\" nor \"right\""), ("{\"input\": 5}", ", input: an object"),
        ("{\"left\": 5}", ", left: a list […] was expected"), ("{\"left\": [5]}", ", left[0]: a list"),
        ("{\"left\": [[1, 500], [1]]}", ", left[1]: too few values"),
        ("{\"left\": [[1, 500, \"jump\"]]}", "no kind of movement; one of posture, gait, rhythmic, artefact"),
        ("{\"left\": [[1, 500, \"gait\", 5]]}", "too many values"), ("{\"left\": [[1, 500, 5]]}", "a text"),
        ("{\"left\": [[1, -500]]}", ", left[0]: a duration of -500 ms"),
        ("{\"right\": [[-1, 500]]}", "a time of -1 ms"),
        ("{\"left\": [[1.5, 500]]}", ", left[0]: value 1 is not a whole number"),
        ("{\"left\": [[1, 1e300]]}", ", left[0]: value 2 is not a whole number"),
        ("{\"left\": [[1, 99999999999999999999]]}", "value 2"), ("{\"left\": [[true, 500]]}", "value 1"),
        ("{\"left\": [[9223372036854775807, 9223372036854775807]]}", "a time of 9223372036854775807 ms"),
        ("{\"left\": [[1, 9223372036854775807]]}", "ends after 366 days"),
        ("{\"left\": [], \"gaps_right\": [[0, 5]]}", "gaps of a leg without movements"),
        ("{\"left\": [], \"gaps_left\": [[5, 0]]}", ", gaps_left[0]: it starts at 5 ms and ends before"),
        ("{\"left\": [], \"resp\": [[5, 0]]}", "ends before"), ("{\"left\": [], \"arousals\": [[5]]}", "too few"),
        ("{\"left\": [], \"rest\": [5, 0]}", "ends before"), ("{\"left\": [], \"rest\": [0, 99999999999]}", "366 days"),
    ])
    func aMalformedListIsRefusedWithItsPlaceAndProblem(list: String, words: String) throws {
        try expectRefusal(list, words)
    }

    @Test(arguments: [
        ("\"epochs_rle\": [[1, 120]]", ", epoch_ms: a whole number of ms is needed"),
        ("\"epoch_ms\": 0, \"epochs_rle\": [[1, 120]]", "an epoch of 0 ms"),
        ("\"epoch_ms\": -30000, \"epochs_rle\": [[1, 120]]", "an epoch of -30000 ms"),
        ("\"epoch_ms\": 0.5, \"epochs_rle\": [[1, 120]]", ", epoch_ms: a whole number of ms is needed"),
        ("\"epoch_ms\": 30000, \"epochs_rle\": [[0, 1], [7, 120]]", ", epochs_rle[1]: stage 7 is unknown"),
        ("\"epoch_ms\": 30000, \"epochs_rle\": [[1, -1]]", "a run of -1 epochs"),
        ("\"epoch_ms\": 30000, \"epochs_rle\": [[1]]", ", epochs_rle[0]: too few values"),
        ("\"epoch_ms\": 30000, \"epochs_rle\": [[1, 9223372036854775807], [1, 9223372036854775807]]", "366 days"),
    ])
    func malformedEpochsAreRefusedWithTheirPlaceAndProblem(epochs: String, words: String) throws {
        try expectRefusal("{\"left\": [], \(epochs)}", words)
    }

    private func expectRefusal(_ list: String, _ words: String) throws {
        let run = try score(list, "--json")
        #expect(run.status == 2 && run.output == "")
        #expect(run.errors.hasPrefix("nattro: standard input") && run.errors.contains(words), "\(run.errors)")
        #expect(run.errors.count { $0 == "\n" } == 1 && run.errors.hasSuffix("\n"))
    }

    @Test func aDeepNestIsRefused() throws {
        for list in [String(repeating: "[", count: 100_000), "{\"left\":" + String(repeating: "[", count: 100_000)] {
            let run = try score(list)
            #expect(run.status == 2 && run.errors.hasPrefix("nattro: "))
        }
    }

    @Test func everyFieldOfAListArrives() throws {
        let list = """
            {"left": [[1000, 500], [3000, 700, "posture"]], "right": [], "gaps_left": [[5, 9]], "gaps_right": [[1, 2]],
            "resp": [[10, 20]], "arousals": [], "rest": [0, 60000], "epoch_ms": 20000, "epochs_rle": [[0, 1], [5, 2]],
            "something": {"else": 1}}
            """
        let night = try MovementList(json: Data(list.utf8), name: "list").night
        #expect(
            night.movements == [
                LegMovement(.left, onset: 1000, duration: 500),
                LegMovement(.left, onset: 3000, duration: 700, excludedAs: .posture),
            ])
        #expect(night.gaps == [.left: [TimeSpan(from: 5, to: 9)], .right: [TimeSpan(from: 1, to: 2)]])
        #expect(night.respiratoryEvents == [TimeSpan(from: 10, to: 20)] && night.arousals == [])
        #expect(night.rest == TimeSpan(from: 0, to: 60_000))
        #expect(night.hypnogram?.runs.map(\.stage) == [.wake, .rem])
        #expect(night.hypnogram?.span == TimeSpan(from: 0, to: 60_000))
    }

    @Test func withoutSleepOrRestTheirResultsAreNull() throws {
        let run = try score("{\"left\": [[0, 900], [20000, 900], [40000, 900], [60000, 900]]}", "--json")
        let summary = try #require(try JSONValue(parsing: run.output)["summary"])
        #expect(summary["n_plm"] == .integer(4) && summary["n_series"] == .integer(1))
        for name in ["n_plms", "plms_index", "plm_index", "gap_ms", "n_clmr", "plms_nr_index"] {
            #expect(summary[name] == .null, "\(name)")
        }
        #expect(summary["hours"] == .array([]))
        let text = try score("{\"left\": [[0, 900], [20000, 900], [40000, 900], [60000, 900]]}")
        #expect(text.status == 0 && text.errors == "")
        #expect(text.output.contains("4 periodic in 1 series") && text.output.contains("no index of sleep"))
    }

    @Test func aHundredThousandMovementsAreScoredWhileOneWaits() throws {
        // Three per minute, each leg in turn: far too many for a night, so no rhythm is looked for.
        let rows = (0..<100_000).map { ($0 % 2, "[\($0 * 20_000),900]") }
        let legs = (0..<2).map { leg in rows.filter { $0.0 == leg }.map(\.1).joined(separator: ",") }
        let list = "{\"left\":[\(legs[0])],\"right\":[\(legs[1])],\"rest\":[0,2000000000]}"
        var run: ProgramRun?
        let duration = try ContinuousClock().measure { run = try score(list, "--json") }
        #expect(run?.status == 0)
        #expect(run?.output.contains("\"n_plm\":100000") == true)
        #expect(duration < .seconds(4))
    }
}
