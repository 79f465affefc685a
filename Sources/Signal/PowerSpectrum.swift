// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// The short-time power spectrum of a signal of three axes: overlapping Hann windows, their powers added (Welch 1967).
public struct PowerSpectrum: ~Copyable {
    /// Samples in a window.
    public let windowSize: Int
    /// The frequency of bin *k* is *k* times this, in Hz.
    public let binWidth: Double

    private var transform: RealTransform
    private let window: [Float]

    /// A spectrum over windows of `windowSize` samples at `rate` samples a second.
    public init(windowSize: Int, rate: Double) {
        self.windowSize = windowSize
        binWidth = rate / Double(windowSize)
        transform = RealTransform(count: windowSize)
        window = (0..<windowSize).map { Float(0.5 - 0.5 * cos(2 * .pi * Double($0) / Double(windowSize))) }
    }

    /// The powers of one window, all axes together, in each bin: unscaled squares, the mean of the window taken away.
    ///
    /// - Precondition: there are `windowSize` samples.
    public mutating func power(of samples: ArraySlice<SIMD3<Float>>) -> [Float] {
        precondition(samples.count == windowSize, "\(samples.count) samples for a window of \(windowSize)")
        let mean = SIMD3<Float>(samples.reduce(SIMD3<Double>()) { $0 + SIMD3<Double>($1) } / Double(windowSize))
        var power = [Float](repeating: 0, count: transform.binCount)
        let shape = window
        for axis in 0..<3 {
            transform.withSamples { target in
                for (index, sample) in samples.enumerated() {
                    target[index] = (sample[axis] - mean[axis]) * shape[index]
                }
            }
            transform.forward()
            transform.withSpectrum { spectrum in
                for bin in 0..<spectrum.count { power[bin] += (spectrum[bin] * spectrum[bin]).sum() }
            }
        }
        return power
    }
}
