// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@testable import Comparison

@Suite struct RankTests {
    /// Parker and Vannest's example as SingleCaseES documents it, in which more is better.
    @Test func nonoverlapGivesWhatSingleCaseESGives() {
        let before = [20.0, 20, 26, 25, 22, 23].map { -$0 }
        let with = [28.0, 25, 24, 27, 30, 30, 29].map { -$0 }
        let overlap = Nonoverlap(before, with)
        #expect(abs(overlap.share - 0.9166666666666666) < 1e-12)
        #expect(abs(overlap.standardError - 0.06900655593423542) < 1e-9)
        #expect(abs(overlap.interval95.lowerBound - 0.5973193600388087) < 1e-9)
        #expect(abs(overlap.interval95.upperBound - 0.9859976893702133) < 1e-9)
        #expect(abs(overlap.tau - 0.8333333333333333) < 1e-12 && abs(overlap.tauU - 0.7380952380952381) < 1e-12)
    }

    @Test func completeSeparationHasOneEndAtOne() {
        let overlap = Nonoverlap([5, 6, 7], [1, 2, 3])
        #expect(overlap.share == 1 && overlap.interval95.upperBound == 1 && overlap.interval95.lowerBound < 1)
    }

    /// Student's sleep data: in R's datasets package, and so not in the project.
    @Test(.enabled(if: Fixtures.extra != nil, "NATTRO_EXTRA names no folder"))
    func theRankTestOfStudentsSleepDataIsTheKnownOne() throws {
        let rows = try PublishedTable("sleep")
        let groups = ["1", "2"].map { group in rows.filter("group", is: group).map { $0["extra"] ?? .nan } }
        let test = RankSum(groups[0], groups[1])
        let shift = MedianShift(groups[0], groups[1])
        #expect(test.u == 74.5 && abs(test.pValue - 0.0658165364047717) < 1e-9)
        #expect(abs(shift.estimate - 1.35) < 1e-9)
        #expect(abs(shift.interval95.lowerBound + 0.1) < 1e-9 && abs(shift.interval95.upperBound - 3.6) < 1e-9)
    }

    @Test func theQuantilesOfTheRankSumAreThoseOfR() {
        // qwilcox(0.025, c(4, 8, 14, 30), c(4, 8, 14, 30))
        for (size, quantile) in [(4, 1), (8, 14), (14, 56), (30, 318)] {
            #expect(RankSum.quantile(0.025, size, size) == quantile)
        }
    }

    @Test func aLongSeriesIsTestedInReasonableTime() {
        let values = (0..<500).map { Double($0 * 7919 % 503) }
        let test = RankSum(Array(values.prefix(250)), Array(values.suffix(250)))
        #expect(test.pValue > 0.05 && test.pValue <= 1)
    }

    @Test func theExactCorrelationsCountAllOrders() throws {
        // Of 24 orders of four values, two have a correlation of 1 or −1.
        let spearman = try #require(SpearmanCorrelation([1, 2, 3, 4], [1, 2, 3, 4]))
        #expect(abs((spearman.exactPValue ?? 0) - 2.0 / 24) < 1e-14)
        let kendall = try #require(KendallCorrelation([1, 2, 3, 4], [4, 3, 2, 1]))
        #expect(abs((kendall.exactPValue ?? 0) - 2.0 / 24) < 1e-14 && kendall.score == -6)
        #expect(KendallCorrelation([1, 1, 1, 1], [4, 3, 2, 1]) == nil)
    }

    @Test func stepsFallAndKeepTheWeightedMean() {
        let steps = FallingSteps(doses: [0, 0, 100, 200, 200, 300], values: [3, 1, 4, 2, 2, 5])
        #expect(steps.levels == [0, 100, 200, 300] && steps.means == [2, 4, 2, 5])
        #expect(zip(steps.fit, steps.fit.dropFirst()).allSatisfy { $0 >= $1 - 1e-12 })
        let mean = zip(steps.fit, [2.0, 1, 2, 1]).reduce(0) { $0 + $1.0 * $1.1 } / 6
        #expect(abs(mean - 17.0 / 6) < 1e-12)
    }

    @Test func holmsAdjustmentKeepsTheOrder() {
        #expect(holm([0.01, 0.04, 0.03]).elementsEqual([0.03, 0.06, 0.06]) { abs($0 - $1) < 1e-12 })
        #expect(holm([0.6, 0.7]) == [1, 1] && holm([]) == [])
    }
}

/// One of the published tables that are not part of the project.
struct PublishedTable {
    private let rows: [[String: String]]

    init(_ name: String) throws {
        let folder = try #require(Fixtures.extra)
        let file = folder.appending(path: "vectors/statistics/published/\(name).csv")
        let lines = try String(decoding: Data(contentsOf: file), as: UTF8.self).split(whereSeparator: \.isNewline)
        let names = lines[0].split(separator: ",").map(String.init)
        rows = lines.dropFirst().map { line in
            Dictionary(uniqueKeysWithValues: zip(names, line.split(separator: ",").map(String.init)))
        }
    }

    /// The rows with a value in a column, their fields as numbers.
    func filter(_ column: String, is value: String) -> [[String: Double]] {
        rows.filter { $0[column] == value }.map { $0.compactMapValues { Double($0) } }
    }

    /// A column as numbers.
    func numbers(_ column: String) -> [Double] { rows.compactMap { $0[column].flatMap { Double($0) } } }

    /// For each row 1 where a column has a value, else 0.
    func indicator(_ column: String, _ value: String) -> [Double] { rows.map { $0[column] == value ? 1 : 0 } }
}
