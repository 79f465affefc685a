// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@testable import Signal

@Suite struct PairTransformTests {
    @Test func aCosineAndASineAreInTheirBins() {
        var transform = PairTransform(count: 64)
        transform.withSamples { first, second in
            for index in 0..<64 {
                first[index] = Float(cos(2 * .pi * 5 * Double(index) / 64))
                second[index] = Float(cos(2 * .pi * 9 * Double(index) / 64))
            }
        }
        transform.forward()
        transform.withSpectrum { real, imaginary in
            for bin in 0..<64 {
                #expect(abs(real[bin] - (bin == 5 || bin == 59 ? 32 : 0)) < 1e-4)
                #expect(abs(imaginary[bin] - (bin == 9 || bin == 55 ? 32 : 0)) < 1e-4)
            }
        }
    }

    @Test(arguments: [1, 2, 256, 512])
    func forwardAndBackGivesBothSignalsTimesTheCount(count: Int) {
        var transform = PairTransform(count: count)
        transform.withSamples { first, second in
            for index in 0..<count { (first[index], second[index]) = (Float(index % 7), Float(index % 5) - 2) }
        }
        transform.forward()
        transform.withSamples { first, second in
            for index in 0..<count { (first[index], second[index]) = (0, 0) }
        }
        transform.inverse()
        transform.withSamples { first, second in
            for index in 0..<count {
                #expect(abs(first[index] / Float(count) - Float(index % 7)) < 1e-4)
                #expect(abs(second[index] / Float(count) - (Float(index % 5) - 2)) < 1e-4)
            }
        }
    }
}
