// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// Spearman's correlation: descriptive, since it takes nights for independent.
public struct SpearmanCorrelation: Hashable, Sendable {
    /// The correlation of the midranks.
    public let rho: Double
    /// The two-sided p value by the t approximation.
    public let pValue: Double
    /// The probability of a correlation at least as far from 0 over all orders; nil with more than nine nights.
    public let exactPValue: Double?

    /// Nil where one of the two never varies.
    init?(_ x: [Double], _ y: [Double]) {
        let (a, b) = (x.doubledRanks, y.doubledRanks)
        let count = a.count
        guard count > 2 else { return nil }
        let sums = (a.reduce(0, +), b.reduce(0, +))
        func cross(_ a: [Int], _ b: [Int]) -> Int { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        let (varianceA, varianceB) = (count * cross(a, a) - sums.0 * sums.0, count * cross(b, b) - sums.1 * sums.1)
        guard varianceA > 0, varianceB > 0 else { return nil }
        let observed = cross(a, b)
        rho =
            Double(count * observed - sums.0 * sums.1)
            / (Double(varianceA).squareRoot() * Double(varianceB).squareRoot())
        let freedom = Double(count - 2)
        pValue =
            abs(rho) < 1
            ? StudentT.twoSided(rho * (freedom / (1 - rho * rho)).squareRoot(), degreesOfFreedom: freedom) : 0
        exactPValue = count <= 9 ? Self.exact(a, b, observed) : nil
    }

    /// Over all orders, by dynamic programming over the sets of ranks used so far.
    private static func exact(_ a: [Int], _ b: [Int], _ observed: Int) -> Double {
        let count = a.count
        let mean = a.reduce(0, +) * b.reduce(0, +)
        let largest = zip(a.sorted(), b.sorted()).reduce(0) { $0 + $1.0 * $1.1 }
        var ways = [[Double]](repeating: [], count: 1 << count)
        ways[0] = [Double](repeating: 0, count: largest + 1)
        ways[0][0] = 1
        for used in 0..<(1 << count) {
            let night = used.nonzeroBitCount
            guard night < count, !ways[used].isEmpty else { continue }
            for position in 0..<count where used & (1 << position) == 0 {
                let product = a[night] * b[position]
                let next = used | 1 << position
                if ways[next].isEmpty { ways[next] = [Double](repeating: 0, count: largest + 1) }
                for sum in 0...(largest - product) { ways[next][sum + product] += ways[used][sum] }
            }
            ways[used] = []
        }
        let distance = abs(observed * count - mean)
        var (far, all) = (0.0, 0.0)
        for (sum, number) in ways[(1 << count) - 1].enumerated() {
            all += number
            if abs(sum * count - mean) >= distance { far += number }
        }
        return far / all
    }
}

/// Kendall's correlation, which is also Jonckheere and Terpstra's test of an ordered dose: descriptive.
public struct KendallCorrelation: Hashable, Sendable {
    /// Pairs in order less pairs out of order; also Jonckheere and Terpstra's statistic less its mean, doubled.
    public let score: Int
    /// The score over the largest that the ties allow.
    public let tauB: Double
    /// The two-sided p value by the normal approximation with ties.
    public let pValue: Double
    /// The exact two-sided p value; nil with ties, or 50 nights and more.
    public let exactPValue: Double?

    /// Nil where one of the two never varies.
    init?(_ x: [Double], _ y: [Double]) {
        let count = x.count
        guard count > 2 else { return nil }
        var score = 0
        for i in 0..<count {
            for j in 0..<i {
                score += (x[i] - x[j]).direction * (y[i] - y[j]).direction
            }
        }
        self.score = score
        let pairs = count * (count - 1) / 2
        let (tiesX, tiesY) = (x.tieCounts, y.tieCounts)
        func tied(_ ties: [Int], _ term: (Int) -> Int) -> Double { Double(ties.reduce(0) { $0 + term($1) }) }
        let (pairsX, pairsY) = (tied(tiesX) { $0 * ($0 - 1) }, tied(tiesY) { $0 * ($0 - 1) })
        let scale = ((Double(pairs) - pairsX / 2) * (Double(pairs) - pairsY / 2)).squareRoot()
        guard scale > 0 else { return nil }
        tauB = Double(score) / scale
        let n = Double(count)
        let unit = { (ties: Int) in ties * (ties - 1) * (2 * ties + 5) }
        let triples = { (ties: Int) in ties * (ties - 1) * (ties - 2) }
        let variance =
            (n * (n - 1) * (2 * n + 5) - tied(tiesX, unit) - tied(tiesY, unit)) / 18
            + pairsX * pairsY / (2 * n * (n - 1))
            + tied(tiesX, triples) * tied(tiesY, triples) / (9 * n * (n - 1) * (n - 2))
        pValue = StandardNormal.twoSided(Double(score) / variance.squareRoot())
        exactPValue =
            count < 50 && tiesX.count == count && tiesY.count == count ? Self.exact(score, count, pairs) : nil
    }

    /// By the number of orders with each number of pairs out of order.
    private static func exact(_ score: Int, _ count: Int, _ pairs: Int) -> Double {
        var shares = [Double](repeating: 0, count: pairs + 1)
        shares[0] = 1
        for size in 2...count {
            var next = [Double](repeating: 0, count: pairs + 1)
            var window = 0.0
            for inversions in 0...pairs {
                window += shares[inversions]
                if inversions >= size { window -= shares[inversions - size] }
                next[inversions] = window / Double(size)
            }
            shares = next
        }
        let inversions = (pairs - score) / 2
        let below = shares[...inversions].reduce(0, +)
        let above = shares[inversions...].reduce(0, +)
        return min(1, 2 * min(below, above))
    }
}

extension Double {
    /// −1, 0 or 1.
    fileprivate var direction: Int { self > 0 ? 1 : self < 0 ? -1 : 0 }
}

/// The falling steps that lie nearest to the levels' means, each weighted by its nights (pool adjacent violators).
public struct FallingSteps: Hashable, Sendable {
    /// The doses, rising.
    public let levels: [Double]
    /// The mean at each dose.
    public let means: [Double]
    /// The fitted value at each dose: never above the one before.
    public let fit: [Double]

    init(doses: [Double], values: [Double]) {
        let groups = Dictionary(grouping: zip(doses, values), by: \.0).sorted { $0.key < $1.key }
        levels = groups.map(\.key)
        means = groups.map { $0.value.map(\.1).mean }
        var blocks: [(mean: Double, weight: Double, levels: Int)] = []
        for (mean, group) in zip(means, groups) {
            var block = (mean: mean, weight: Double(group.value.count), levels: 1)
            while let last = blocks.last, last.mean < block.mean {
                blocks.removeLast()
                let weight = last.weight + block.weight
                block = (
                    (last.mean * last.weight + block.mean * block.weight) / weight, weight, last.levels + block.levels
                )
            }
            blocks.append(block)
        }
        fit = blocks.flatMap { Array(repeating: $0.mean, count: $0.levels) }
    }
}
