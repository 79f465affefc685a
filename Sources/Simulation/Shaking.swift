// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc
internal import LegMovements

/// Irregular motion in a band of frequencies on three axes: a few sines each, of about ±1 together.
struct Shaking {
    /// A phasor and its turn from sample to sample: a sine without a sine.
    private struct Oscillator {
        var real: Double
        var imaginary: Double
        let stepReal: Double
        let stepImaginary: Double

        mutating func next() -> Double {
            (real, imaginary) =
                (real * stepReal - imaginary * stepImaginary, real * stepImaginary + imaginary * stepReal)
            return imaginary
        }
    }

    private static let sines = 5
    /// Sines that add up to this are rare.
    private static let usualPeak = 3.0

    private var oscillators: [Oscillator]

    /// Shaking in a band of Hz, at samples a second.
    init(_ band: ClosedRange<Double>, at rate: Double, drawnBy generator: inout SplitMix64) {
        oscillators = (0..<3 * Self.sines).map { _ in
            // Above half the rate there is nothing to sample.
            let frequency = generator.uniform(min(band.lowerBound, rate / 4)...min(band.upperBound, rate / 2.2))
            let (phase, step) = (generator.uniform(0...2 * .pi), 2 * .pi * frequency / rate)
            return Oscillator(
                real: cos(phase), imaginary: sin(phase), stepReal: cos(step), stepImaginary: sin(step))
        }
    }

    mutating func next() -> Vector {
        var sum = Vector.zero
        for index in oscillators.indices { sum[index % 3] += oscillators[index].next() }
        return sum / Self.usualPeak
    }
}
