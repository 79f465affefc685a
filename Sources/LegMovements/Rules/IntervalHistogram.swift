// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// How often each interval before a candidate occurs. No interval reaches across a gap or a movement that is no candidate.
///
/// A bin holds its lower border; the last one holds its upper border too.
public struct IntervalHistogram: Hashable, Sendable {
    /// The width of a bin of counts.
    public static let binWidth: Milliseconds = 2_000
    /// The largest interval in counts.
    public static let longest: Milliseconds = 90_000
    /// The bins of logCounts to a unit of the natural logarithm of seconds.
    public static let logBinsPerUnit = 10
    /// The bins of logCounts: from 0 to 4.5.
    public static let logBinCount = 45

    /// Intervals by their length, from 0 s in bins of 2 s.
    public private(set) var counts = Array(repeating: 0, count: longest / binWidth)
    /// Intervals by the natural logarithm of their length in seconds, from 0 (1 s) in bins of 0.1.
    public private(set) var logCounts = Array(repeating: 0, count: logBinCount)

    init(_ movements: [CombinedMovement]) {
        for movement in movements where movement.isCandidate {
            guard let interval = movement.interval, interval >= 0, interval <= Self.longest else { continue }
            counts[min(interval / Self.binWidth, counts.count - 1)] += 1
            let logarithm = log(Double(interval) / 1000)
            guard logarithm >= 0 else { continue }
            logCounts[min(Int(logarithm * Double(Self.logBinsPerUnit)), logCounts.count - 1)] += 1
        }
    }
}
