// SPDX-License-Identifier: GPL-3.0-or-later

/// The train of a night whose intervals are shuffled within each run, again and again in the same memory.
struct ShuffledTrain {
    /// A run: the time of its first onset since the train's, and where its intervals are.
    private struct Run {
        var onset: Int32
        var intervals: Range<Int>
    }

    private let runs: [Run]
    /// The intervals of all runs, in ms. A train is shorter than 24 days: 32 bits hold its times.
    private var intervals: [Int32]
    /// The bins of the onsets, in order, and behind them some that nothing reaches.
    private var bins: [Int32]
    /// The pairs at each lag up to the largest; behind them those farther apart that were met, spread over a few places so that
    /// no count waits for the one before it.
    private var counts = [Int32](repeating: 0, count: farther + spread)

    private static let binWidth = Int32(TrainPeriodicity.binWidth)
    private static let largestLag = Int32(TrainPeriodicity.lags.upperBound)
    private static let farther = TrainPeriodicity.lags.upperBound + 1
    private static let spread = 32
    /// Onsets after each that are looked at in any case. About as many lie within the largest lag: no branch to guess.
    private static let followers = 4

    /// The train of these onsets, in ms.
    ///
    /// - Precondition: the runs are sorted, none is empty, and in all they are not longer than a train may be.
    init(_ onsets: [[Milliseconds]]) {
        var runs: [Run] = []
        var intervals: [Int32] = []
        let start = onsets.first?.first ?? 0
        for run in onsets {
            let first = intervals.count
            for (earlier, later) in zip(run, run.dropFirst()) { intervals.append(Int32(later - earlier)) }
            runs.append(Run(onset: Int32(run[0] - start), intervals: first..<intervals.count))
        }
        bins = Array(repeating: .max, count: intervals.count + runs.count + Self.followers)
        self.runs = runs
        self.intervals = intervals
        Self.place(runs, intervals, in: &bins)
    }

    /// Shuffles the intervals of each run (Fisher and Yates: every order is as likely).
    mutating func shuffle(using generator: inout SplitMix64) {
        Self.shuffle(&intervals, runs, using: &generator)
        Self.place(runs, intervals, in: &bins)
    }

    private static func shuffle(_ intervals: inout [Int32], _ runs: [Run], using generator: inout SplitMix64) {
        var intervals = intervals.mutableSpan
        for run in runs {
            let first = run.intervals.lowerBound
            for index in stride(from: run.intervals.count - 1, to: 0, by: -1) {
                intervals.swapAt(first + index, first + generator.next(below: index + 1))
            }
        }
    }

    /// Puts the onsets in their bins.
    private static func place(_ runs: [Run], _ intervals: [Int32], in bins: inout [Int32]) {
        let intervals = intervals.span
        var bins = bins.mutableSpan
        var next = 0
        for run in runs {
            var onset = run.onset
            bins[next] = onset / binWidth
            next += 1
            for index in run.intervals {
                onset &+= intervals[index]
                bins[next] = onset / binWidth
                next += 1
            }
        }
    }

    /// The pairs at the lag, among those of a rhythm, that most have.
    var highestPairCount: Int {
        mutating get {
            Self.countPairs(bins, into: &counts)
            var highest: Int32 = 0
            for lag in TrainPeriodicity.lags { highest = max(highest, counts[lag]) }
            return Int(highest)
        }
    }

    private static func countPairs(_ bins: [Int32], into counts: inout [Int32]) {
        let bins = bins.span
        var counts = counts.mutableSpan
        for lag in 0..<counts.count { counts[lag] = 0 }
        for earlier in 0..<bins.count - followers {
            let bin = bins[earlier]
            let beyond = farther + (earlier & (spread - 1))
            for later in earlier + 1...earlier + followers {
                let lag = bins[later] &- bin
                counts[lag <= largestLag ? Int(lag) : beyond] &+= 1
            }
            var later = earlier + followers
            while bins[later] &- bin <= largestLag {
                later += 1
                let lag = bins[later] &- bin
                counts[lag <= largestLag ? Int(lag) : beyond] &+= 1
            }
        }
    }
}
