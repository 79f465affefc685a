// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@testable import Signal

private func filtered(_ signal: [Float], kernels: [[Float]], cut: Int = 1_000_000) -> FilteredBlock {
    var bank = FilterBank(kernels: kernels)
    var output = FilteredBlock(filterCount: kernels.count)
    var start = 0
    while start < signal.count {
        let end = min(signal.count, start + cut)
        var grid = GridBlock()
        grid.extend(at: Int64(500 + start), by: end - start) { x, y, z in
            for (index, value) in signal[start..<end].enumerated() {
                (x[index], y[index], z[index]) = (value, value * 2, 1)
            }
        }
        bank.append(grid, to: &output)
        start = end
    }
    bank.finish(into: &output)
    return output
}

private func noise(_ count: Int) -> [Float] {
    var state: UInt64 = 42
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 33)) / Float(Int32.max)
    }
}

@Suite struct FilterBankTests {
    static let kernels = [
        Kernel.lowPass(cutoff: 2, rate: 100, reach: 50), Kernel.bandPass(from: 0.5, to: 10, rate: 100, reach: 50),
    ]

    @Test(arguments: [1, 50, 500, 922, 5000])
    func overlapSaveIsTheDirectSum(count: Int) {
        let signal = noise(count)
        let output = filtered(signal, kernels: Self.kernels)
        #expect(output.count == count && output.firstIndex == 500)
        for (filter, kernel) in Self.kernels.enumerated() {
            let result = output.samples(filter: filter, axis: 0)
            for index in stride(from: 0, to: count, by: 7) {
                var sum = 0.0
                for tap in 0..<kernel.count {
                    let at = max(0, min(count - 1, index + tap - 50))
                    sum += Double(kernel[tap]) * Double(signal[at])
                }
                #expect(abs(Double(result[index]) - sum) < 2e-6)
            }
        }
    }

    @Test(arguments: [1, 37, 64, 999, 100_000])
    func anyCutGivesTheSameBits(cut: Int) {
        let signal = noise(4000)
        let whole = filtered(signal, kernels: Self.kernels)
        let pieces = filtered(signal, kernels: Self.kernels, cut: cut)
        for filter in 0..<2 {
            for axis in 0..<3 {
                #expect(whole.samples(filter: filter, axis: axis) == pieces.samples(filter: filter, axis: axis))
            }
        }
    }

    @Test func aConstantPassesALowPassAndNotABandPass() {
        let output = filtered([Float](repeating: 0.75, count: 3000), kernels: Self.kernels)
        #expect(output.samples(filter: 0, axis: 0).allSatisfy { abs($0 - 0.75) < 1e-6 })
        #expect(output.samples(filter: 1, axis: 0).allSatisfy { abs($0) < 1e-6 })
        #expect(output.samples(filter: 0, axis: 2).allSatisfy { abs($0 - 1) < 1e-6 })
    }

    @Test func theDelayIsRemoved() {
        var signal = [Float](repeating: 0, count: 2000)
        signal[1234] = 1
        let result = filtered(signal, kernels: Self.kernels).samples(filter: 0, axis: 0)
        #expect(result.indices.max { result[$0] < result[$1] } == 1234)
        #expect(abs(result[1234 - 10] - result[1234 + 10]) < 1e-7)
    }

    @Test func aToneInTheBandKeepsItsSizeAndPlace() {
        let tone = (0..<4000).map { Float(cos(2 * Double.pi * 4 * Double($0) / 100)) }
        let result = filtered(tone, kernels: Self.kernels).samples(filter: 1, axis: 0)
        for index in 200..<3800 { #expect(abs(result[index] - tone[index]) < 0.02) }
    }
}

@Suite struct RunningPercentileTests {
    @Test(arguments: [0.0, 0.2, 0.5, 1])
    func theAnswerIsTheSortedValueToHalfAPerCent(fraction: Double) {
        let values = noise(3000).map { abs($0) * 0.05 + 1e-5 }
        var percentile = RunningPercentile(capacity: 600, fraction: fraction)
        for (index, value) in values.enumerated() {
            percentile.append(value)
            guard index % 13 == 0 else { continue }
            let held = values[max(0, index - 599)...index].sorted()
            let exact = held[Int(fraction * Double(held.count - 1))]
            #expect(abs(percentile.value() / exact - 1) < 0.004)
        }
        #expect(percentile.count == 600)
    }

    @Test func extremesDoNotUpsetIt() {
        var percentile = RunningPercentile(capacity: 3, fraction: 0.5)
        for value in [0, .greatestFiniteMagnitude, Float.leastNonzeroMagnitude, 1, 1, 1] { percentile.append(value) }
        #expect(abs(percentile.value() - 1) < 0.01)
        percentile.removeAll()
        #expect(percentile.value() == 0)
    }
}
