// SPDX-License-Identifier: GPL-3.0-or-later

/// The state of an epoch. The raw values are those of a movement list.
public enum SleepStage: Int, Hashable, Sendable, CaseIterable {
    /// Not scored: neither sleep nor wake, in no denominator.
    case unscored = -1
    case wake = 0
    /// Sleep whose stage is not known: estimated, or scored as sleep alone.
    case sleep = 1
    case n1 = 2
    case n2 = 3
    case n3 = 4
    case rem = 5

    /// Whether it is sleep; nil where it was not scored.
    public var isSleep: Bool? { self == .unscored ? nil : self != .wake }
    /// Whether it is staged non-REM sleep.
    public var isNREM: Bool { self == .n1 || self == .n2 || self == .n3 }
}

/// Sleep and wake from the start of the recording on, as runs of epochs.
public struct Hypnogram: Hashable, Sendable {
    /// Epochs of one stage in a row.
    public struct Run: Hashable, Sendable {
        /// Their stage.
        public let stage: SleepStage
        /// The time they take.
        public let span: TimeSpan
    }

    /// How long an epoch lasts.
    public let epochLength: Milliseconds
    /// The runs, in order, none empty, with no time between them.
    public let runs: [Run]

    /// Runs of epochs, the first at the start of the recording.
    ///
    /// - Precondition: epochs take time, and no run has fewer than none of them.
    public init(epochLength: Milliseconds, runs: some Sequence<(stage: SleepStage, count: Int)>) {
        precondition(epochLength > 0, "an epoch lasts \(epochLength) ms")
        var placed: [Run] = []
        var start = 0
        for run in runs where run.count != 0 {
            precondition(run.count > 0, "a run of \(run.count) epochs")
            let span = TimeSpan(from: start, to: start + run.count * epochLength)
            placed.append(Run(stage: run.stage, span: span))
            start = span.end
        }
        self.epochLength = epochLength
        self.runs = placed
    }

    /// The time it covers.
    public var span: TimeSpan { TimeSpan(from: 0, to: runs.last?.span.end ?? 0) }

    /// Whether any sleep in it is staged.
    public var isStaged: Bool { runs.contains { $0.stage.isNREM || $0.stage == .rem } }

    /// The stage of the epoch that holds a moment; nil outside.
    ///
    /// A moment on a border belongs to the epoch that begins there.
    ///
    /// - Complexity: O(log *n*)
    public func stage(at time: Milliseconds) -> SleepStage? {
        guard span.contains(time) else { return nil }
        return runs[runs.partitionIndex { $0.span.end > time }].stage
    }

    /// Whether a moment is sleep: no outside of the epochs, nil in an epoch that was not scored.
    func isSleep(at time: Milliseconds) -> Bool? {
        guard let stage = stage(at: time) else { return false }
        return stage.isSleep
    }

    /// The time in stages of a kind that `gaps` does not cover.
    func length(outside gaps: TimeSpanSet, where isCounted: (SleepStage) -> Bool) -> Milliseconds {
        runs.reduce(0) { isCounted($1.stage) ? $0 + $1.span.length - gaps.length(in: $1.span) : $0 }
    }
}
