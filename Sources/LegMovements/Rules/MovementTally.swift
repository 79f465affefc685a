// SPDX-License-Identifier: GPL-3.0-or-later

/// How many movements of a kind there are, how long they last, and how many come in an hour.
public struct MovementTally: Hashable, Sendable {
    /// How many.
    public let count: Int
    /// Their mean duration in ms; nil if there are none.
    public let meanDuration: Double?
    /// How many come in an analysed hour; nil if no time was analysed.
    public let index: Double?

    /// The movements of a kind, over the time in which they were looked for.
    init(_ movements: some Sequence<CombinedMovement>, over analysed: Milliseconds) {
        var (count, total) = (0, 0)
        for movement in movements {
            count += 1
            total += movement.duration
        }
        self.count = count
        meanDuration = count == 0 ? nil : Double(total) / Double(count)
        index = analysed == 0 ? nil : Double(count * hour) / Double(analysed)
    }
}

/// The movements of an hour of the night.
public struct HourlyCount: Hashable, Sendable {
    /// The hour; the last one may be shorter.
    public let span: TimeSpan
    /// The time of it that was analysed.
    public let analysed: Milliseconds
    /// The candidates that start in it.
    public internal(set) var candidateCount = 0
    /// The periodic movements that start in it.
    public internal(set) var periodicCount = 0

    /// Periodic movements in an analysed hour; nil if no time was analysed.
    public var periodicIndex: Double? { analysed == 0 ? nil : Double(periodicCount * hour) / Double(analysed) }

    /// The hours of a span, from its start on.
    static func profile(
        of movements: [CombinedMovement], in span: TimeSpan, missing: TimeSpanSet
    ) -> [HourlyCount] {
        var hours = stride(from: span.start, to: span.end, by: hour).map { start in
            let hourSpan = TimeSpan(from: start, to: min(start + hour, span.end))
            return HourlyCount(span: hourSpan, analysed: hourSpan.length - missing.length(in: hourSpan))
        }
        for movement in movements where movement.isCandidate && span.contains(movement.onset) {
            let index = (movement.onset - span.start) / hour
            hours[index].candidateCount += 1
            if movement.isPeriodic { hours[index].periodicCount += 1 }
        }
        return hours
    }
}
