// SPDX-License-Identifier: GPL-3.0-or-later
import TestSupport
import Testing

@testable import Sensors

@Suite struct SixPositionCheckTests {
    /// Lays a sensor down for so many seconds; gives what was answered besides waiting.
    private func lay(
        _ check: inout SixPositionCheck, _ direction: [Double], gravity: Double = 1, from time: inout Double,
        seconds: Double = 2.5, noise: Double = 0.003
    ) -> [SixPositionCheck.Answer] {
        var generator = SplitMix(state: UInt64(time * 1000) + 1)
        var answers: [SixPositionCheck.Answer] = []
        let end = time + seconds
        while time < end {
            let answer = check.take(
                direction.map { ($0 + Double.random(in: -noise...noise, using: &generator)) * gravity }, at: time)
            if answer != .wait { answers.append(answer) }
            time += 0.01
        }
        return answers
    }

    private static let sides: [[Double]] = [[0, 0, 1], [1, 0, 0], [0, -1, 0], [-1, 0, 0], [0, 0, -1], [0, 1, 0]]

    @Test(arguments: [(1.0, "g"), (9.81, "m/s²"), (1000, "mg"), (16_384, "counts"), (256, "counts")])
    func sixSidesTellTheUnit(gravity: Double, unit: String) throws {
        var check = SixPositionCheck()
        var time = 0.0
        for (index, side) in Self.sides.enumerated() {
            let answers = lay(&check, side, gravity: gravity, from: &time)
            if index < 5 {
                let axis = side.firstIndex { $0 != 0 } ?? 0
                #expect(answers == [.seen(.init(axis: axis, isPositive: side[axis] > 0), missing: 5 - index)])
                #expect(check.result == nil)
            } else {
                #expect(answers.first == .finished)
            }
        }
        let result = try #require(check.result)
        #expect(abs(result.gravity / gravity - 1) < 0.01)
        #expect(result.unit == unit && result.problems.isEmpty)
    }

    @Test func aSideThatWasUpIsNamedAndAnEdgeIsNone() {
        var check = SixPositionCheck()
        var time = 0.0
        #expect(lay(&check, [0, 0, 1], from: &time).count == 1)
        // It still lies there: nothing new.
        #expect(lay(&check, [0, 0, 1], from: &time, seconds: 5).isEmpty)
        #expect(lay(&check, [0.7, 0, 0.7], from: &time, seconds: 5) == [.tilted])
        #expect(lay(&check, [0, 0, 1], from: &time, seconds: 5) == [.known(.init(axis: 2, isPositive: true))])
        #expect(check.missing.map(\.name) == ["+x", "-x", "+y", "-y", "-z"])
    }

    @Test func aHandThatShakesIsWaitedFor() {
        var check = SixPositionCheck()
        var time = 0.0
        #expect(lay(&check, [0, 0, 1], from: &time, seconds: 20, noise: 0.2).isEmpty)
        #expect(lay(&check, [0, 0, 1], from: &time).count == 1)
    }

    @Test func numbersOfAGyroscopeAreNoAccelerometers() {
        var check = SixPositionCheck()
        var time = 0.0
        // At rest it reads its offset, whichever side is up.
        for _ in Self.sides { _ = lay(&check, [0.02, 0.5, 0.01], from: &time) }
        #expect(check.result == nil && check.missing.count == 5)
        #expect(lay(&check, [0, 0, 0], from: &time, noise: 0) == [.tilted])
    }

    @Test func anAxisThatReadsHalfIsAProblem() throws {
        var check = SixPositionCheck()
        var time = 0.0
        for side in Self.sides { _ = lay(&check, [side[0] * 0.5, side[1], side[2]], from: &time) }
        let result = try #require(check.result)
        #expect(result.problems.contains { $0.contains("on x") })
        check = SixPositionCheck()
        for side in Self.sides { _ = lay(&check, [side[0], side[1], side[2] + 0.3], from: &time) }
        #expect(try #require(check.result).problems.contains { $0.hasPrefix("z reads") })
    }

    @Test func theProbeTellsRateColumnsAndClock() throws {
        let text = try #require(SensorDriver.portFormats.first { $0.key == "text" })
        let witMotion = try #require(SensorDriver.portFormats.first { $0.key == "witmotion" })
        for (unit, perSecond) in [(PortSetup.TimeUnit.milliseconds, 1000.0), (.microseconds, 1e6), (.seconds, 1)] {
            var probe = PortProbe(text)
            for index in 0..<300 {
                let second = Double(index) / 50
                let line = "\(123 + second * perSecond),0.1,0.2,0.97\n"
                _ = probe.append(Array(line.utf8), at: second)
            }
            #expect(probe.columns == 4 && probe.timeUnit == unit)
            #expect(abs((probe.rate ?? 0) - 50) < 0.1)
        }
        var probe = PortProbe(text)
        for index in 0..<300 {
            // A fourth number that is no clock: the temperature.
            _ = probe.append(Array("\(21 + index % 3),0,0,1\n".utf8), at: Double(index) / 50)
        }
        #expect(probe.timeUnit == nil)
        probe = PortProbe(witMotion)
        for index in 0..<300 {
            let values = probe.append(WitMotionTests.stream(1, from: index), at: Double(index) / 10)
            if index == 5 { #expect(values.last.map { abs($0[2] - 1) < 0.001 } ?? false) }
        }
        #expect(abs((probe.rate ?? 0) - 10) < 0.1 && probe.damaged == 0)
    }
}
