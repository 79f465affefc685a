// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@testable import Signal

@Suite struct PowerSpectrumTests {
    @Test(arguments: [5, 31, 100])
    func aToneHasItsPowerInItsBinAndItsNeighbours(bin: Int) {
        var spectrum = PowerSpectrum(windowSize: 256, rate: 12.5)
        let samples = (0..<256).map { index -> SIMD3<Float> in
            let phase = 2 * Double.pi * Double(bin) * Double(index) / 256
            return SIMD3(3 + Float(cos(phase)), Float(sin(phase)) * 2 - 7, 100)
        }
        let power = spectrum.power(of: samples[...])
        // A Hann window leaves half the amplitude in the bin and a quarter in each neighbour; the mean is taken away.
        let amplitude = Float(256) / 4
        #expect(abs(power[bin] / (amplitude * amplitude * (1 + 4)) - 1) < 1e-3)
        #expect(abs(power[bin + 1] / power[bin] - 0.25) < 1e-3)
        #expect(abs(power[bin - 1] / power[bin] - 0.25) < 1e-3)
        for other in power.indices where abs(other - bin) > 1 { #expect(power[other] < power[bin] * 1e-6) }
        #expect(abs(spectrum.binWidth - 12.5 / 256) < 1e-12)
    }

    @Test func windowsDoNotRememberEachOther() {
        var spectrum = PowerSpectrum(windowSize: 64, rate: 10)
        let loud = [SIMD3<Float>](repeating: SIMD3(1, 2, 3), count: 32) + [SIMD3<Float>](repeating: .zero, count: 32)
        let quiet = [SIMD3<Float>](repeating: SIMD3(5, 5, 5), count: 64)
        _ = spectrum.power(of: loud[...])
        #expect(spectrum.power(of: quiet[...]).allSatisfy { $0 == 0 })
    }
}
