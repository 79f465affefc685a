// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// How often a night of the second phase is below one of the first: descriptive.
public struct Nonoverlap: Hashable, Sendable {
    /// The share of pairs with a decrease, ties half (NAP).
    public let share: Double
    /// The unbiased standard error (Sen 1967, Mee 1990).
    public let standardError: Double
    /// The 95 % interval by symmetrised score inversion (Newcombe 2006, method 5).
    public let interval95: ClosedRange<Double>
    /// Decreases less increases, less the decreases less increases within the first phase, over the pairs (Parker 2011).
    public let tauU: Double

    /// Decreases less increases, over the pairs.
    public var tau: Double { 2 * share - 1 }
    /// Cliff's δ of the second phase against the first.
    public var cliffDelta: Double { 1 - 2 * share }

    init(_ first: [Double], _ second: [Double]) {
        let (m, n) = (Double(first.count), Double(second.count))
        var rows = [Double](repeating: 0, count: first.count)
        var columns = [Double](repeating: 0, count: second.count)
        var squares = 0.0
        for (i, a) in first.enumerated() {
            for (j, b) in second.enumerated() {
                let value = b < a ? 1 : b == a ? 0.5 : 0
                rows[i] += value
                columns[j] += value
                squares += value * value
            }
        }
        let share = rows.reduce(0, +) / (m * n)
        let rowSquares = rows.reduce(0) { $0 + $1 * $1 } / (m * n)
        let columnSquares = columns.reduce(0) { $0 + $1 * $1 } / (m * n)
        let variance =
            (share - (m + n - 1) * share * share + rowSquares + columnSquares - 2 * squares / (m * n))
            / ((m - 1) * (n - 1))
        self.share = share
        standardError = max(0, variance).squareRoot()
        let half = (m + n) / 2 - 1
        let z = StandardNormal.halfWidth95
        func excess(_ x: Double) -> Double {
            let shape = m * n * (2 - x) * (1 + x)
            let width = z * z * (2 + half + (1 + 2 * half) * x * (1 - x))
            // At a share of 0 or 1 the share itself is a root too; without its factor the other one is left.
            if share == 1 { return shape * (1 - x) - width * x }
            if share == 0 { return shape * x - width * (1 - x) }
            return shape * (share - x) * (share - x) - width * x * (1 - x)
        }
        let lower = share > 0 ? root(in: 0...share, of: excess) : 0
        let upper = share < 1 ? root(in: share...1, of: excess) : 1
        interval95 = lower...max(lower, upper)
        var within = 0
        for (i, later) in first.enumerated() {
            for earlier in first[..<i] { within += later < earlier ? 1 : later > earlier ? -1 : 0 }
        }
        tauU = 2 * share - 1 - Double(within) / (m * n)
    }
}
