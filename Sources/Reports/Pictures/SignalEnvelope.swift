// SPDX-License-Identifier: GPL-3.0-or-later

/// The lowest and highest value of a signal's axes in columns of equal time, filled while a recording is read once.
///
/// Memory is bounded by the columns, however long the recording.
public struct SignalEnvelope: Hashable, Sendable {
    /// What the columns cover together, in seconds since the Unix epoch.
    public let span: Range<Double>
    /// The columns.
    public let columns: Int
    /// The axes' values by column; nil where nothing was read.
    public private(set) var axes: [[ClosedRange<Float>?]]

    /// As many columns as a page shows.
    public static let usualColumns = 1200

    /// Empty columns.
    ///
    /// - Precondition: there are columns, and the span is not empty.
    public init(span: Range<Double>, columns: Int = usualColumns, axes: Int = 3) {
        precondition(columns > 0 && !span.isEmpty, "\(columns) columns over \(span)")
        self.span = span
        self.columns = columns
        self.axes = Array(repeating: Array(repeating: nil, count: columns), count: axes)
    }

    /// Takes consecutive samples at a steady rate; those outside the span are left out, and values that are no numbers.
    ///
    /// - Parameters:
    ///   - values: the channels interleaved; the first are the axes.
    ///   - channels: the values in a sample, at least as many as there are axes.
    ///   - start: the time of the first sample.
    ///   - period: seconds from sample to sample.
    public mutating func add(_ values: [Float], channels: Int, start: Double, period: Double) {
        precondition(channels >= axes.count, "\(channels) channels for \(axes.count) axes")
        let scale = Double(columns) / (span.upperBound - span.lowerBound)
        let count = values.count / channels
        for axis in axes.indices {
            var column = -1
            var (low, high) = (Float.infinity, -Float.infinity)
            for sample in 0..<count {
                let place = ((start + Double(sample) * period - span.lowerBound) * scale).rounded(.down)
                let next = place >= 0 && place < Double(columns) ? Int(place) : -1
                if next != column {
                    keep(low, high, axis, column)
                    (column, low, high) = (next, .infinity, -.infinity)
                }
                let value = values[sample * channels + axis]
                if value < low { low = value }
                if value > high { high = value }
            }
            keep(low, high, axis, column)
        }
    }

    private mutating func keep(_ low: Float, _ high: Float, _ axis: Int, _ column: Int) {
        guard column >= 0, low <= high else { return }
        let known = axes[axis][column]
        axes[axis][column] = min(low, known?.lowerBound ?? low)...max(high, known?.upperBound ?? high)
    }
}
