// SPDX-License-Identifier: GPL-3.0-or-later

/// The envelope at whole tenths of a second.
struct EnvelopeTrace: Sendable {
    /// The tenth, counted since the Unix epoch, of the first value.
    var firstTenth: Int64
    var values: [Float]

    static let rate = 10.0

    var tenths: Range<Int64> { firstTenth..<firstTenth + Int64(values.count) }

    subscript(tenth: Int64) -> Float { values[Int(tenth - firstTenth)] }

    /// What lies at some of its tenths.
    private func cropped(to kept: Range<Int64>) -> EnvelopeTrace {
        let kept = kept.clamped(to: tenths)
        guard kept != tenths else { return self }
        let places = Int(kept.lowerBound - firstTenth)..<Int(kept.upperBound - firstTenth)
        return EnvelopeTrace(firstTenth: kept.lowerBound, values: Array(values[places]))
    }

    /// Leaves of two legs' traces what can be compared, one shifted by up to `reach` tenths against the other: most of a night's
    /// movements are alone. Of one leg's none is left out, as another may join it.
    static func trim(_ legs: inout [DetectedNight.LegResult], reach: Int64) {
        guard legs.count == 2 else { return }
        let tenths = legs.map { $0.movements.map(\.trace.tenths) }
        for leg in 0...1 {
            let others = tenths[1 - leg]
            // Movements of a leg are disjoint and in order, and so are the ends of their traces.
            var first = 0
            for (index, own) in tenths[leg].enumerated() {
                while first < others.count, others[first].upperBound + reach <= own.lowerBound { first += 1 }
                var last = first
                while last < others.count, others[last].lowerBound - reach < own.upperBound { last += 1 }
                let kept =
                    first < last
                    ? others[first].lowerBound - reach..<others[last - 1].upperBound + reach
                    : own.lowerBound..<own.lowerBound
                if kept.clamped(to: own) != own {
                    legs[leg].movements[index].trace = legs[leg].movements[index].trace.cropped(to: kept)
                }
            }
        }
    }
}
