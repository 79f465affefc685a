// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// Mann and Whitney's test of two groups, conditional on the ties: descriptive.
public struct RankSum: Hashable, Sendable {
    /// The pairs in which the second group's value is the larger; a tie counts half.
    public let u: Double
    /// The probability of a rank sum at least as far from its mean, over all ways to choose the second group.
    ///
    /// Exact up to 200 values; the normal approximation above, where the two agree to the third decimal.
    public let pValue: Double

    private static let largestExact = 200

    init(_ first: [Double], _ second: [Double]) {
        let ranks = (first + second).doubledRanks
        let observed = ranks[first.count...].reduce(0, +)
        u = Double(observed) / 2 - Double(second.count * (second.count + 1)) / 2
        guard ranks.count <= Self.largestExact else {
            let (m, n, all) = (Double(first.count), Double(second.count), Double(ranks.count))
            let ties = (first + second).tieCounts.reduce(0) { $0 + Double($1 * ($1 * $1 - 1)) }
            let variance = m * n / 12 * (all + 1 - ties / (all * (all - 1)))
            pValue = StandardNormal.twoSided((u - m * n / 2) / variance.squareRoot())
            return
        }
        // The share of choices of k values for each doubled sum, by dynamic programming over the values.
        let largest = ranks.sorted().suffix(second.count).reduce(0, +)
        var shares = [[Double]](
            repeating: [Double](repeating: 0, count: largest + 1), count: second.count + 1)
        shares[0][0] = 1
        for (index, rank) in ranks.enumerated() {
            for chosen in stride(from: min(index + 1, second.count), to: 0, by: -1) {
                for sum in stride(from: largest, through: rank, by: -1) {
                    shares[chosen][sum] += shares[chosen - 1][sum - rank]
                }
            }
        }
        // Doubled sums times the number of values, so that the mean is whole too.
        let count = ranks.count
        let mean = second.count * ranks.reduce(0, +)
        let distance = abs(observed * count - mean)
        var (far, all) = (0.0, 0.0)
        for (sum, share) in shares[second.count].enumerated() {
            all += share
            if abs(sum * count - mean) >= distance { far += share }
        }
        pValue = far / all
    }

    /// The smallest U with at least this probability at or below it, without ties (R's `qwilcox`); from the normal approximation
    /// where the test's p value is.
    static func quantile(_ probability: Double, _ first: Int, _ second: Int) -> Int {
        guard first + second <= largestExact else {
            let (m, n) = (Double(first), Double(second))
            let deviation = (m * n * (m + n + 1) / 12).squareRoot()
            return Int(max(0, m * n / 2 + StandardNormal.quantile(probability) * deviation))
        }
        // The number of ways to reach each U: the coefficients of the Gaussian binomial.
        let largest = first * second
        var ways = [Double](repeating: 0, count: largest + 1)
        ways[0] = 1
        for step in 1...max(1, second) {
            let factor = first + step
            for u in stride(from: largest, through: factor, by: -1) { ways[u] -= ways[u - factor] }
            for u in stride(from: step, through: largest, by: 1) { ways[u] += ways[u - step] }
        }
        let all = ways.reduce(0, +)
        var sum = 0.0
        for (u, count) in ways.enumerated() {
            sum += count / all
            if sum >= probability - 1e-14 { return u }
        }
        return largest
    }
}

/// Hodges and Lehmann's shift between two groups, with the interval of the rank-sum test: descriptive.
public struct MedianShift: Hashable, Sendable {
    /// The median of all differences, second group less first.
    public let estimate: Double
    /// The 95 % interval.
    public let interval95: ClosedRange<Double>

    init(_ first: [Double], _ second: [Double]) {
        let differences = second.flatMap { value in first.map { value - $0 } }.sorted()
        estimate = differences.median
        let position = min(
            max(1, RankSum.quantile(0.025, first.count, second.count)), (differences.count + 1) / 2)
        interval95 = differences[position - 1]...differences[differences.count - position]
    }
}
