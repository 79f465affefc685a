// SPDX-License-Identifier: GPL-3.0-or-later
import Glibc
import Signal
import Testing

@Suite struct RealTransformTests {
    @Test(arguments: [(8, 1), (64, 5), (100, 50), (1024, 17), (1025, 400)])
    func aCosineHasItsPowerInItsOwnBin(count: Int, bin: Int) {
        var transform = RealTransform(count: count)
        transform.withSamples { samples in
            for index in 0..<count { samples[index] = Float(cos(2 * Double.pi * Double(bin * index) / Double(count))) }
        }
        transform.forward()
        let expected = Float(count) / (2 * bin == count ? 1 : 2)
        transform.withSpectrum { spectrum in
            #expect(spectrum.count == count / 2 + 1)
            for index in 0..<spectrum.count {
                let power = (spectrum[index] * spectrum[index]).sum().squareRoot()
                #expect(abs(power - (index == bin ? expected : 0)) < Float(count) * 1e-5)
            }
        }
    }

    @Test(arguments: [1, 2, 3, 16, 243, 1000])
    func forwardAndInverseGiveTheSamplesBackTimesTheirCount(count: Int) {
        var transform = RealTransform(count: count)
        transform.withSamples { samples in
            for index in 0..<count { samples[index] = wave(index) }
        }
        transform.forward()
        transform.inverse()
        transform.withSamples { samples in
            for index in 0..<count { #expect(abs(samples[index] / Float(count) - wave(index)) < 1e-5) }
        }
    }

    @Test func aNewTransformIsAllZero() {
        var transform = RealTransform(count: 7)
        #expect(transform.binCount == 4)
        transform.withSamples { samples in
            for index in 0..<samples.count { #expect(samples[index] == 0) }
        }
        transform.withSpectrum { spectrum in
            for index in 0..<spectrum.count { #expect(spectrum[index] == .zero) }
        }
    }

    @Test func aTransformWithoutSamplesIsRefused() async {
        await #expect(processExitsWith: .failure) { _ = RealTransform(count: 0) }
    }

    @Test func manyThreadsPlanAtTheSameTime() async {
        let sums = await withTaskGroup(of: Float.self) { group in
            for task in 0..<64 {
                group.addTask {
                    var sum: Float = 0
                    for round in 0..<20 {
                        var transform = RealTransform(count: 100 + task + round)
                        transform.withSamples { $0[0] = 1 }
                        transform.forward()
                        sum += transform.withSpectrum { $0[$0.count - 1].x }
                    }
                    return sum
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(sums.count == 64)
        #expect(sums.allSatisfy { abs($0 - 20) < 1e-3 })
    }

    private func wave(_ index: Int) -> Float {
        Float(sin(Double(index) * 0.7) + cos(Double(index * index) * 0.13))
    }
}
