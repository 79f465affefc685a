// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@testable import Comparison

@Suite struct DistributionTests {
    @Test func aNoncentralTOfNoNoncentralityIsStudentsT() {
        for t in [-2.5, -0.3, 0, 0.7, 4] {
            let plain = StudentT.lowerTail(t, degreesOfFreedom: 12)
            #expect(abs(NoncentralT.lowerTail(t, degreesOfFreedom: 12, noncentrality: 0) - plain) < 1e-12)
        }
    }

    /// One entry of `power_gls`.
    private struct Power: Decodable {
        var nA: Int
        var nB: Int
        var cv: Double
        var rho: Double
        var rr: Double
        var se: Double
        var power: Double
    }

    @Test func thePowerFormulaGivesWhatSciPyGives() throws {
        struct File: Decodable {
            var power_gls: [Power]
        }
        let file = try JSONDecoder().decode(File.self, from: Data(Fixtures.bytes("statistics/expected.json")))
        #expect(file.power_gls.count > 5)
        for entry in file.power_gls {
            let formula = try #require(
                PowerFormula.upperBound(
                    condition: NightLayout.beforeAfter(entry.nA, entry.nB), variation: entry.cv,
                    correlation: entry.rho, rateRatio: entry.rr))
            #expect(abs(formula.standardError - entry.se) < 1e-9 && abs(formula.power - entry.power) < 1e-9)
        }
    }

    @Test func aRootIsFoundToTheLastDigits() {
        #expect(abs(root(in: 0...2) { $0 * $0 - 2 } - 2.0.squareRoot()) < 1e-14)
        #expect(root(in: 0...2) { $0 } == 0)
    }

    @Test func aMatrixOfDependentColumnsHasNoFactor() throws {
        #expect(CholeskyFactor([1, 2, 2, 4], width: 2) == nil)
        #expect(CholeskyFactor([1, .nan, .nan, 4], width: 2) == nil)
        let factor = try #require(CholeskyFactor([4, 2, 2, 3], width: 2))
        #expect(abs(factor.logDeterminant - log(8)) < 1e-14)
        #expect(zip(factor.solve([8, 7]), [1.25, 1.5]).allSatisfy { abs($0 - $1) < 1e-14 })
    }
}
