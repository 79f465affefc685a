// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import Signal

/// A stretch from a sensor whose crystal is off, with a clock reading in every block.
private struct Sensor {
    var nominalRate = 100.0
    var trueRate = 98.5
    var start = 1_700_000_000.0137
    var seconds = 60.0
    var jitter = 0.0

    func time(_ index: Double) -> Double { start + index / trueRate }
    var count: Int { Int(seconds * trueRate) }

    /// Feeds `signal`, as a function of true time, in blocks of `block` samples that are cut into pieces.
    func resample(block: Int = 120, cut: Int = 1_000_000, _ signal: (Double) -> Float) -> GridBlock {
        var resampler = Resampler(nominalRate: nominalRate, rate: nominalRate)
        var grid = GridBlock()
        var values: [Float] = []
        for index in 0..<count {
            let value = signal(time(Double(index)))
            values += [value, -value, value * 2]
        }
        var first = 0
        while first < count {
            let end = min(first + block, count)
            // The reading lies outside the block now and then, as in real files.
            let anchor = Double(first + (first / block * 37) % 150)
            let wobble = Double((first / block * 7919) % 11 - 5) / 5 * jitter
            var at = first
            while at < end {
                let stop = min(end, at + cut)
                resampler.append(
                    values.span.extracting(at * 3..<stop * 3), channelCount: 3, firstIndex: Int64(at),
                    anchorIndex: anchor, anchorTime: time(anchor) + wobble, to: &grid)
                at = stop
            }
            first = end
        }
        resampler.finish(into: &grid)
        return grid
    }
}

@Suite struct ResamplerTests {
    @Test(arguments: [95.0, 98.5, 100, 101.6])
    func aRampOfTrueTimeComesOutAsTheGridsOwnTime(trueRate: Double) {
        let sensor = Sensor(trueRate: trueRate)
        let grid = sensor.resample { Float($0 - sensor.start) }
        #expect(abs(grid.count - 6000) <= 2)
        for index in 0..<grid.count {
            let time = Double(grid.firstIndex + Int64(index)) / 100 - sensor.start
            #expect(abs(Double(grid.x[index]) - time) < 2e-5)
            #expect(grid.y[index] == -grid.x[index])
        }
    }

    @Test(arguments: [1, 7, 37, 64, 119])
    func anyCutGivesTheSameBits(cut: Int) {
        let sensor = Sensor(trueRate: 98.86, jitter: 0.003)
        let whole = sensor.resample { Float(($0 * 7).truncatingRemainder(dividingBy: 1.3)) }
        let pieces = sensor.resample(cut: cut) { Float(($0 * 7).truncatingRemainder(dividingBy: 1.3)) }
        #expect(whole.firstIndex == pieces.firstIndex)
        #expect(whole.x == pieces.x)
        #expect(whole.z == pieces.z)
    }

    @Test func twoLegsWithTwoClocksShareTheGrid() {
        let event = { (time: Double) -> Float in time > 1_700_000_030 ? 1 : 0 }
        let left = Sensor(trueRate: 98.4).resample(event)
        let right = Sensor(trueRate: 100.5, start: 1_700_000_002.777).resample(event)
        for grid in [left, right] {
            let edge = grid.firstIndex + Int64(grid.x.firstIndex { $0 > 0.5 } ?? 0)
            #expect(abs(edge - 170_000_003_000) <= 1)
        }
    }

    @Test func jitterOfSingleReadingsDoesNotShakeTheGrid() {
        let sensor = Sensor(jitter: 0.005)
        let grid = sensor.resample { Float($0 - sensor.start) }
        for index in 1..<grid.count { #expect(abs(grid.x[index] - grid.x[index - 1] - 0.01) < 2e-4) }
    }

    @Test(arguments: [1, 2, 5, 119, 480])
    func shortStretchesComeOutWhole(count: Int) {
        let sensor = Sensor(seconds: Double(count) / 98.5 + 1e-6)
        let grid = sensor.resample { _ in 1 }
        #expect(count == 1 ? grid.count == 0 : grid.count >= max(1, count - 1))
        #expect(grid.x.allSatisfy { $0 == 1 })
    }
}
