// SPDX-License-Identifier: GPL-3.0-or-later

/// A time or a duration in whole milliseconds; a time counts from the start of the recording.
///
/// Whole numbers, because the rules are decided at exact borders: 10.000 s is a candidate, 10.001 s is none.
public typealias Milliseconds = Int

/// The milliseconds in an hour.
let hour: Milliseconds = 3_600_000

/// A stretch of time that holds its start and not its end.
public struct TimeSpan: Hashable, Sendable {
    /// The first millisecond of it.
    public let start: Milliseconds
    /// The first millisecond after it.
    public let end: Milliseconds

    /// The time from `start` up to `end`.
    ///
    /// - Precondition: it does not end before it starts.
    public init(from start: Milliseconds, to end: Milliseconds) {
        precondition(start <= end, "a stretch of time from \(start) ms ends before that, at \(end) ms")
        self.start = start
        self.end = end
    }

    /// How long it is.
    public var length: Milliseconds { end - start }

    /// Whether a moment lies in it.
    public func contains(_ time: Milliseconds) -> Bool { start <= time && time < end }
}

/// Stretches of time without overlap, in order: what is missing from a night, or what it holds.
struct TimeSpanSet: Hashable, Sendable {
    let spans: [TimeSpan]
    /// The length of all spans before each one, and of all of them at the end.
    private let lengthBefore: [Milliseconds]

    /// What any of these spans covers; empty ones cover nothing.
    init(_ spans: [TimeSpan] = []) {
        var joined: [TimeSpan] = []
        for span in spans.sorted(by: { $0.start < $1.start }) where span.length > 0 {
            if let last = joined.last, span.start <= last.end {
                joined[joined.count - 1] = TimeSpan(from: last.start, to: max(last.end, span.end))
            } else {
                joined.append(span)
            }
        }
        self.spans = joined
        lengthBefore = joined.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.length) }
    }

    /// What both cover.
    func intersection(_ other: TimeSpanSet) -> TimeSpanSet {
        var common: [TimeSpan] = []
        var (mine, theirs) = (0, 0)
        while mine < spans.count && theirs < other.spans.count {
            let start = max(spans[mine].start, other.spans[theirs].start)
            let end = min(spans[mine].end, other.spans[theirs].end)
            if start < end { common.append(TimeSpan(from: start, to: end)) }
            if spans[mine].end < other.spans[theirs].end { mine += 1 } else { theirs += 1 }
        }
        return TimeSpanSet(common)
    }

    /// What either covers.
    func union(_ other: TimeSpanSet) -> TimeSpanSet { TimeSpanSet(spans + other.spans) }

    /// How much of a span is covered.
    ///
    /// - Complexity: O(log *n*)
    func length(in span: TimeSpan) -> Milliseconds { length(before: span.end) - length(before: span.start) }

    /// How many of the spans start at or before a moment.
    ///
    /// - Complexity: O(log *n*)
    func countStarted(by time: Milliseconds) -> Int { spans.partitionIndex { $0.start > time } }

    private func length(before time: Milliseconds) -> Milliseconds {
        let started = countStarted(by: time)
        guard started > 0 else { return 0 }
        return lengthBefore[started - 1] + min(time, spans[started - 1].end) - spans[started - 1].start
    }
}

extension Array {
    /// The first index whose element, and all after it, satisfy a condition that no element before it does.
    package func partitionIndex(where belongsToSecond: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if belongsToSecond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
