// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import TestSupport
import Testing

@testable import nattro

/// What scoring version 1 makes of a night: whoever moves one of these numbers raises `ScoringVersion.current` and writes the
/// new ones here.
///
/// Measured with `nattro score Fixtures/nights/plmd/night_L.cwa Fixtures/nights/plmd/night_R.cwa --json`.
@Suite struct ScoringVersionTests {
    private static let version = 1
    private static let counts = [
        "n_lm": 75, "n_clm": 63, "n_clms": 48, "n_plm": 47, "n_plms": 43, "n_plmw": 4, "n_series": 5, "n_short": 3,
        "n_isolated": 13, "tst_ms": 2_820_000, "rest_ms": 3_598_794, "n_plm_rest": 47, "n_clm_rest": 63,
        "pi_ferri_num": 37, "pi_ferri_den": 42, "monolateral_ms": 1294,
    ]
    private static let sensitivity = [49, 48, 47, 47, 47]
    /// All that was detected, short and small ones too: how many, and the sums of onsets and durations in ms and of amplitudes in mg.
    private static let detected = (count: 123, onsets: 254_668_882.0, durations: 325_220.0, amplitudes: 41_617.4)

    @Test func aScoringVersionGivesItsNumbers() throws {
        #expect(ScoringVersion.current == Self.version)
        let files = ["L", "R"].map { Fixtures.path("nights/plmd/night_\($0).cwa") }
        let answer = try JSONValue(parsing: ProgramRun("nattro", ["score"] + files + ["--json"]).output)
        for (name, count) in Self.counts {
            #expect(answer["summary"]?[name] == .integer(count), "\(name) moved")
        }
        guard case .array(let band) = answer["size_sensitivity"],
            case .array(let columns) = answer["detected"]?["columns"],
            case .array(let movements) = answer["detected"]?["movements"]
        else {
            Issue.record("the answer has no band or no movements")
            return
        }
        #expect(band.map { $0["n_plm_rest"] } == Self.sensitivity.map { .integer($0) })
        func total(_ name: String) throws -> Double {
            let place = try #require(columns.firstIndex(of: .string(name)))
            return movements.reduce(0) { sum, row in
                guard case .array(let cells) = row else { return sum }
                switch cells[place] {
                case .integer(let value): return sum + Double(value)
                case .number(let value): return sum + value
                default: return sum
                }
            }
        }
        #expect(movements.count == Self.detected.count)
        // Another processor's FFT may differ in a last bit, and an edge by the millisecond that it is rounded to.
        let slack = Double(Self.detected.count)
        #expect(try abs(total("onset_ms") - Self.detected.onsets) <= slack)
        #expect(try abs(total("duration_ms") - Self.detected.durations) <= slack)
        #expect(try abs(total("amplitude_mg") - Self.detected.amplitudes) < 1)
    }
}
