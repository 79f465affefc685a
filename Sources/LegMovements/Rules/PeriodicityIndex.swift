// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// The share of the intervals between candidates that come in chains: the periodicity index of Ferri et al. 2006.
///
/// An interval counts if nothing but the two candidates bounds it. It is periodic if it could keep a series going and is one of at
/// least three such in a row.
public struct PeriodicityIndex: Hashable, Sendable {
    /// The intervals in chains.
    public let periodicCount: Int
    /// All intervals.
    public let count: Int

    /// The shortest chain.
    private static let chainLength = 3

    /// The share; nil without intervals.
    public var value: Double? { count == 0 ? nil : Double(periodicCount) / Double(count) }

    init(
        _ movements: [CombinedMovement], under rules: ScoringRules, where isCounted: (CombinedMovement) -> Bool
    ) {
        var (periodic, all, chain) = (0, 0, 0)
        func closedChain() -> Int { chain >= Self.chainLength ? chain : 0 }
        for (earlier, later) in zip(movements, movements.dropFirst()) {
            let isInterval =
                [earlier, later].allSatisfy { $0.isCandidate && isCounted($0) } && earlier.stretch == later.stretch
            if isInterval { all += 1 }
            if isInterval && rules.interval.contains(later.onset - earlier.onset) {
                chain += 1
            } else {
                periodic += closedChain()
                chain = 0
            }
        }
        periodicCount = periodic + closedChain()
        count = all
    }
}

/// The natural logarithms, of seconds, of the intervals that keep a series going.
public struct LogIntervals: Hashable, Sendable {
    /// How many intervals.
    public let count: Int
    /// Their mean; nil without any.
    public let mean: Double?
    /// Their standard deviation, of a sample; nil below two.
    public let standardDeviation: Double?

    init(_ movements: [CombinedMovement], under rules: ScoringRules) {
        let logarithms = movements.compactMap { movement -> Double? in
            guard movement.isCandidate, let interval = movement.interval, rules.interval.contains(interval) else {
                return nil
            }
            return log(Double(interval) / 1000)
        }
        count = logarithms.count
        guard count > 0 else {
            (mean, standardDeviation) = (nil, nil)
            return
        }
        let average = logarithms.reduce(0, +) / Double(count)
        mean = average
        standardDeviation =
            count < 2
            ? nil : (logarithms.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(count - 1)).squareRoot()
    }
}
