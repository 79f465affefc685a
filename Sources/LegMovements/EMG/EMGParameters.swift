// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc
internal import Signal

/// The numbers by which a leg movement is found in an electromyogram. Times in seconds, amplitudes in µV, frequencies in Hz.
///
/// The World Association of Sleep Medicine's rule of 2016 (Sleep Med 2016;26:86-95), and the test of shape that a program needs beside it
/// (Skeba et al. 2016). Its "above rest" is taken literally for each of its numbers: what is compared, a peak or a median, is compared with
/// the same measure of the muscle at rest in this recording.
public struct EMGParameters: Hashable, Sendable {
    /// A movement begins where the amplitude first exceeds rest by this much.
    public var onAboveRest = 8.0
    /// It ends where the amplitude stays within this much of rest for ``restTime``.
    public var offAboveRest = 2.0
    /// How long it must stay there.
    public var restTime = 0.5
    /// Within a movement some stretch of this length has a median that exceeds rest by ``shapeAboveRest``.
    public var shapeTime = 0.5
    /// See ``shapeTime``.
    public var shapeAboveRest = 2.0
    /// The band's lower edge.
    public var lowerCutoff = 10.0
    /// The band's upper edge; lower where the sampling rate does not reach it.
    public var upperCutoff = 100.0
    /// The frequency of the mains to take out with what lies within ``notchReach`` of it and of its multiples; nil to leave it in.
    public var notch: Double?
    /// Half the width of what is taken out.
    public var notchReach = 2.0
    /// Seconds on each side of a filter's centre; longer with a notch, which is narrower.
    public var filterReach = 0.35
    /// See ``filterReach``.
    public var notchFilterReach = 0.6
    /// The pieces, in seconds, that the level of rest is measured in.
    public var restPiece = 0.5
    /// Pieces whose peak is below this are a loose electrode or an amplifier's stop, not rest.
    public var flatPeak = 0.05

    /// The rule as published.
    public static let wasm2016 = EMGParameters()

    /// The slowest and fastest recordings that are scored, in samples a second. Below 222 a part of the band is missing.
    public static let rates = 50.0...10_000.0

    /// The kernel of the band, notch included.
    func kernel(rate: Double) -> [Float] {
        let reach = Int((notch == nil ? filterReach : notchFilterReach) * rate)
        let upper = min(upperCutoff, Self.highestShare * rate)
        var kernel = Kernel.bandPass(from: lowerCutoff, to: upper, rate: rate, reach: reach)
        guard let notch else { return kernel }
        var frequency = notch
        while frequency + notchReach <= upper {
            let band = Kernel.bandPass(
                from: frequency - notchReach, to: frequency + notchReach, rate: rate, reach: reach)
            // A narrow band of so few taps does not reach its full gain: what is left of the mains would be seen.
            let gain = Self.gain(of: band, at: frequency, rate: rate)
            for tap in kernel.indices { kernel[tap] -= band[tap] / gain }
            frequency += notch
        }
        return kernel
    }

    /// The highest upper edge as a share of the sampling rate.
    private static let highestShare = 0.45

    /// The gain of a symmetric kernel at a frequency.
    private static func gain(of kernel: [Float], at frequency: Double, rate: Double) -> Float {
        let centre = kernel.count / 2
        return Float(
            kernel.enumerated().reduce(0.0) { sum, tap in
                sum + Double(tap.element) * cos(2 * Double.pi * frequency / rate * Double(tap.offset - centre))
            })
    }
}
