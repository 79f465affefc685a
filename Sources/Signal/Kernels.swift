// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// Kernels of linear-phase FIR filters by the window method (Oppenheim & Schafer, *Discrete-Time Signal Processing*, §7.5).
public enum Kernel {
    /// A low-pass with a Hamming window, of unit gain at zero frequency.
    ///
    /// - Parameters:
    ///   - cutoff: the frequency of half amplitude, in Hz.
    ///   - rate: samples a second.
    ///   - reach: samples on each side of the centre; the kernel has `2 * reach + 1` taps.
    public static func lowPass(cutoff: Double, rate: Double, reach: Int) -> [Float] {
        doubleLowPass(cutoff: cutoff, rate: rate, reach: reach).map(Float.init)
    }

    /// A band-pass: the low-pass of the upper edge less that of the lower edge; no gain at zero frequency.
    public static func bandPass(from lower: Double, to upper: Double, rate: Double, reach: Int) -> [Float] {
        zip(
            doubleLowPass(cutoff: upper, rate: rate, reach: reach),
            doubleLowPass(cutoff: lower, rate: rate, reach: reach)
        ).map { Float($0 - $1) }
    }

    private static func doubleLowPass(cutoff: Double, rate: Double, reach: Int) -> [Double] {
        precondition(cutoff > 0 && cutoff <= rate / 2, "a cutoff of \(cutoff) Hz at \(rate) samples a second")
        precondition(reach > 0, "a kernel needs taps beside its centre")
        let width = 2 * cutoff / rate
        let taps = (-reach...reach).map { tap in
            let angle = Double.pi * Double(tap)
            let sinc = tap == 0 ? 1 : sin(width * angle) / (width * angle)
            return width * sinc * (0.54 + 0.46 * cos(angle / Double(reach)))
        }
        let sum = taps.reduce(0, +)
        return taps.map { $0 / sum }
    }
}
