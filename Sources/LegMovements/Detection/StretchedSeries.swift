// SPDX-License-Identifier: GPL-3.0-or-later

/// Values at whole numbered places of time, in stretches with nothing between them.
///
/// A long stretch is kept in pieces, so that it never has to move to grow.
struct StretchedSeries<Value: Sendable>: Sendable {
    /// One stretch: the place of its first value, and the values.
    struct Stretch: Sendable {
        var start: Int64
        var values: [Value]
        var end: Int64 { start + Int64(values.count) }
    }

    private(set) var stretches: [Stretch] = []

    /// The place behind the last value; nil without values.
    var end: Int64? { stretches.last?.end }

    /// The values in a piece at most.
    private static var longestPiece: Int { 4096 }

    /// Adds a value; its place must lie behind all others.
    mutating func append(_ value: Value, at place: Int64) {
        if let last = stretches.last, last.end == place, last.values.count < Self.longestPiece {
            stretches[stretches.count - 1].values.append(value)
        } else {
            stretches.append(Stretch(start: place, values: [value]))
        }
    }

    /// The value at a place; nil where there is none.
    ///
    /// - Complexity: O(log *n*) in stretches
    subscript(place: Int64) -> Value? {
        let next = stretches.partitionIndex { $0.start > place }
        guard next > 0, place < stretches[next - 1].end else { return nil }
        return stretches[next - 1].values[Int(place - stretches[next - 1].start)]
    }

    /// What lies at these places.
    func cropped(to places: Range<Int64>) -> StretchedSeries {
        var cropped = StretchedSeries()
        for stretch in stretches {
            let first = max(stretch.start, places.lowerBound)
            let end = min(stretch.end, places.upperBound)
            guard first < end else { continue }
            let values = stretch.values[Int(first - stretch.start)..<Int(end - stretch.start)]
            cropped.stretches.append(Stretch(start: first, values: Array(values)))
        }
        return cropped
    }
}
