// SPDX-License-Identifier: GPL-3.0-or-later

/// How a leg's muscle shows at rest, in one recording.
public struct EMGRest: Hashable, Sendable {
    /// The amplitude that half a second of rest reaches, in µV.
    public var peak: Float
    /// The median amplitude of rest, in µV.
    public var median: Float

    /// A level that is known.
    public init(peak: Float, median: Float) {
        self.peak = peak
        self.median = median
    }
}

/// Measures a leg's level of rest in a first pass through a recording: the middle of all half seconds, since most of a night is rest.
///
/// Memory does not grow with the night.
public struct EMGRestLevel: ~Copyable {
    private let parameters: EMGParameters
    private let pieceLength: Int
    private var filter: EMGFilter
    private var amplitudes: [Float] = []
    private var peaks = AmplitudeHistogram()
    private var medians = AmplitudeHistogram()

    /// For a channel of `rate` samples a second.
    ///
    /// - Precondition: the rate is in ``EMGParameters/rates``.
    public init(rate: Double, parameters: EMGParameters = .wasm2016) {
        precondition(EMGParameters.rates.contains(rate), "a rate of \(rate) Hz is not in \(EMGParameters.rates)")
        self.parameters = parameters
        pieceLength = max(1, Int((parameters.restPiece * rate).rounded()))
        filter = EMGFilter(rate: rate, parameters: parameters)
    }

    /// Takes the next samples, in µV.
    public mutating func append(_ samples: [Float]) {
        filter.append(samples, to: &amplitudes)
        takePieces()
    }

    /// Ends a stretch: what comes next does not follow.
    public mutating func endStretch() {
        filter.finish(into: &amplitudes)
        takePieces()
        amplitudes.removeAll(keepingCapacity: true)
    }

    /// The level; nil where no half second shows a muscle.
    public var level: EMGRest? {
        guard peaks.count > 0 else { return nil }
        return EMGRest(peak: peaks.median, median: medians.median)
    }

    private mutating func takePieces() {
        var start = 0
        while amplitudes.count - start >= pieceLength {
            let piece = amplitudes[start..<start + pieceLength].sorted()
            let peak = piece[piece.count - 1]
            if Double(peak) >= parameters.flatPeak, peak.isFinite {
                peaks.count(peak)
                medians.count(piece[piece.count / 2])
            }
            start += pieceLength
        }
        amplitudes.removeFirst(start)
    }
}

/// Counts of amplitudes on a logarithmic scale of 64 steps to the octave, from 2^-20 µV to 2^44 µV.
private struct AmplitudeHistogram {
    private var counts = [Int](repeating: 0, count: 64 * 64)
    private(set) var count = 0

    /// The bits of a Float below the scale's steps.
    private static let shift: UInt32 = 17
    private static let lowest = Int(Float(0x1p-20).bitPattern >> shift)

    mutating func count(_ value: Float) {
        let bin = Int(value.bitPattern >> Self.shift) - Self.lowest
        counts[max(0, min(counts.count - 1, bin))] += 1
        count += 1
    }

    /// The middle of the step that holds the median.
    var median: Float {
        var below = 0
        for (bin, number) in counts.enumerated() {
            below += number
            if below * 2 >= count {
                return Float(bitPattern: UInt32(bin + Self.lowest) << Self.shift | 1 << (Self.shift - 1))
            }
        }
        return 0
    }
}
