// SPDX-License-Identifier: GPL-3.0-or-later
internal import Signal

/// The rhythm of a night: the lag at which its movements most often repeat, and whether their order makes it so.
///
/// The train has the candidates' onsets in bins of 0.5 s. Its autocorrelation counts, for each lag, the pairs that lie
/// so far apart. The test shuffles the intervals within each unbroken run of candidates, so it asks whether the *order* of
/// the intervals holds the rhythm up. Intervals that are all alike give the same train in any order: strength 1, p 1.
public struct TrainPeriodicity: Hashable, Sendable {
    /// The width of a bin of the train.
    public static let binWidth: Milliseconds = 500
    /// The lags among which the peak is looked for, in bins: 10 to 90 s.
    public static let lags = 20...180
    /// The fewest shuffles that a p-value is given for.
    public static let leastShuffles = 999
    /// The longest train, and the most movements in it: beyond these it is no night, and nothing is computed.
    public static let longestTrain: Milliseconds = 7 * 24 * hour
    static let mostMovements = 20_000
    /// The seed that is used where none is named.
    public static let defaultSeed: UInt64 = 20_160_801

    /// The lag of the peak.
    public let lag: Milliseconds
    /// The pairs at that lag for each movement: 1 for a train that never ends and never misses.
    public let strength: Double
    /// The share of shuffled trains, and the train itself, whose peak is as high or higher.
    public let pValue: Double
    /// The pairs at each lag from 0 to 90 s, in steps of 0.5 s.
    public let pairs: [Int]

    /// Finds the rhythm among runs of onsets; nil if no two onsets lie within the lags, or if the train is too long.
    ///
    /// - Precondition: the onsets are sorted, and shuffles are at least leastShuffles.
    /// - Complexity: O(*b* log *b*) in the bins of the train, and for each shuffle the pairs at most 90 s apart
    init?(runs: [[Milliseconds]], shuffles: Int, seed: UInt64) {
        precondition(shuffles >= Self.leastShuffles, "\(shuffles) shuffles are fewer than \(Self.leastShuffles)")
        let onsets = runs.flatMap(\.self)
        guard let first = onsets.first, let last = onsets.last, last - first <= Self.longestTrain,
            onsets.count <= Self.mostMovements
        else { return nil }
        let bins = onsets.map { ($0 - first) / Self.binWidth }
        pairs = autocorrelation(ofEventsAt: bins, maximumLag: Self.lags.upperBound).map { Int($0.rounded()) }
        var peak = Self.lags.lowerBound
        for lag in Self.lags where pairs[lag] > pairs[peak] { peak = lag }
        guard pairs[peak] > 0 else { return nil }
        lag = peak * Self.binWidth
        strength = Double(pairs[peak]) / Double(pairs[0])

        let asHigh = Self.countShuffles(shuffles, of: runs, reaching: pairs[peak], seed: seed)
        pValue = Double(asHigh + 1) / Double(shuffles + 1)
    }

    /// How many trains with shuffled intervals have as many pairs, or more, at some lag of ``lags``.
    private static func countShuffles(
        _ shuffles: Int, of runs: [[Milliseconds]], reaching peak: Int, seed: UInt64
    ) -> Int {
        var generator = SplitMix64(seed: seed)
        var train = ShuffledTrain(runs)
        var reaching = 0
        for _ in 0..<shuffles {
            train.shuffle(using: &generator)
            if train.highestPairCount >= peak { reaching += 1 }
        }
        return reaching
    }
}

extension ScoredNight {
    /// The rhythm of the candidates in the rest interval, or in the whole recording where none is given.
    ///
    /// A candidate that the rules skip for its short interval is left out. Nil if no two candidates lie 10 to 90 s apart,
    /// and for what is far too long to be a night.
    ///
    /// - Parameter seed: the shuffles follow from it, so the same seed gives the same p-value.
    /// - Precondition: shuffles are at least TrainPeriodicity/leastShuffles.
    public func trainPeriodicity(
        shuffles: Int = TrainPeriodicity.leastShuffles, seed: UInt64 = TrainPeriodicity.defaultSeed
    ) -> TrainPeriodicity? {
        TrainPeriodicity(runs: onsetRuns, shuffles: shuffles, seed: seed)
    }

    /// The onsets of candidates in a row, broken where an interval is undefined.
    private var onsetRuns: [[Milliseconds]] {
        var runs: [[Milliseconds]] = []
        for movement in movements where movement.isCandidate && restSpan?.contains(movement.onset) != false {
            if rules.shortInterval == .isSkipped && movement.hasShortInterval { continue }
            if movement.interval == nil || runs.isEmpty { runs.append([]) }
            runs[runs.count - 1].append(movement.onset)
        }
        return runs
    }
}
