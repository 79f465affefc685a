// SPDX-License-Identifier: GPL-3.0-or-later
import LegMovements
import Recordings
import TestSupport
import Testing

/// A leg at 25 samples a second: still, breathing or not, warm or not, minute by minute.
private struct StillLeg {
    /// The amplitude of breathing in mg and the temperature at a minute.
    var breathing: (Int) -> Double
    var temperature: ((Int) -> Double)?
    /// The direction of gravity at a minute.
    var direction: (Int) -> SIMD3<Float> = { _ in SIMD3(0, 0, 1) }
    var minutes = 120
    /// Noise of one sample on one axis, in mg: an ADXL345's at 25 Hz is about 1.1, an ADXL355's 0.1.
    var noise: Float = 0.8

    func detected() throws -> DetectedNight.LegResult {
        var generator = SplitMix64(seed: 11)
        var detector = LegDetector(leg: .left, nominalRate: 25)
        var block = SampleBlock()
        for minute in 0..<minutes {
            let amplitude = Float(breathing(minute)) / 1000
            let gravity = direction(minute)
            block.values.removeAll()
            for sample in 0..<1500 {
                let time = Double(minute) * 60 + Double(sample) / 25
                let breath = amplitude * Float(wave(time * 0.23))
                for axis in 0..<3 {
                    let uniform =
                        Float.random(in: -1...1, using: &generator) + Float.random(in: -1...1, using: &generator)
                    block.values.append(gravity[axis] + (axis == 0 ? breath : 0) + uniform * noise * 1.22 / 1000)
                }
            }
            block.firstIndex = Int64(minute * 1500)
            block.anchor = ClockAnchor(index: Double(minute * 1500), time: 1_700_000_100 + Double(minute) * 60)
            block.temperature = temperature.map { Float($0(minute)) }
            detector.append(block)
        }
        detector.finish()
        let result = DetectedNight.LegResult(detector)
        return try #require(result)
    }

    /// A sine by its parabolas: close enough for a chest.
    private func wave(_ phase: Double) -> Double {
        let part = phase - phase.rounded(.down)
        return part < 0.5 ? 16 * part * (0.5 - part) : -16 * (part - 0.5) * (1 - part)
    }
}

@Suite struct NonwearTests {
    @Test func aVeryStillSleeperIsNeverTakenForNobody() throws {
        let result = try StillLeg(breathing: { _ in 0.5 }, temperature: { 31 - Double($0) * 0.02 }, noise: 0.3)
            .detected()
        #expect(result.nonwear.isEmpty)
    }

    @Test func aSensorOnATableThatCoolsDownIsNotWorn() throws {
        let leg = StillLeg(
            breathing: { (40..<80).contains($0) ? 0 : 0.5 }, temperature: { (40..<80).contains($0) ? 23 : 31 },
            noise: 0.3)
        let result = try leg.detected()
        #expect(result.nonwear.map(\.verdict) == [.nonwear])
        let span = try #require(result.nonwear.first?.span)
        #expect(abs(span.lowerBound - (1_700_000_100 + 40 * 60)) <= 300)
        #expect(abs(span.upperBound - (1_700_000_100 + 80 * 60)) <= 300)
        #expect((result.nonwear.first?.cooling ?? 0) > 7)
    }

    @Test func withoutTemperatureAndInTheSameDirectionItIsOnlyFlagged() throws {
        let result = try StillLeg(breathing: { (40..<80).contains($0) ? 0 : 0.5 }, noise: 0.3).detected()
        #expect(result.nonwear.map(\.verdict) == [.undecidable])
        let night = DetectedNight([result])
        #expect(night.movementNight(rest: night.start..<night.end).gaps[.left] == [])
    }

    @Test func aDirectionThatWasNeverLivedInTells() throws {
        let leg = StillLeg(
            breathing: { (40..<80).contains($0) ? 0 : 0.5 },
            direction: { (40..<80).contains($0) ? SIMD3(0.8, 0, 0.6) : SIMD3(0, 0, 1) }, noise: 0.3)
        #expect(try leg.detected().nonwear.map(\.verdict) == [.nonwear])
    }

    @Test func nonwearIsAGapOfItsLegForTheRules() throws {
        let leg = StillLeg(
            breathing: { (40..<80).contains($0) ? 0 : 0.5 }, temperature: { (40..<80).contains($0) ? 23 : 31 },
            noise: 0.3)
        let night = DetectedNight([try leg.detected()])
        let scored = night.movementNight(rest: night.start..<night.end).scored(under: .wasm2016)
        let missing = try #require(scored.missingTime)
        #expect(missing > 29 * 60_000 && missing < 41 * 60_000)
        #expect(scored.rest.map { $0.analysed + missing } == 120 * 60_000)
    }

    @Test func tenMinutesOfStillnessTellNothing() throws {
        let leg = StillLeg(
            breathing: { (40..<50).contains($0) ? 0 : 0.5 }, temperature: { (40..<50).contains($0) ? 23 : 31 },
            noise: 0.3)
        #expect(try leg.detected().nonwear.isEmpty)
    }
}

@Suite struct RestAndSleepTests {
    /// Six hours: the first and the last full of turning, the four between still but for a short jerk each minute.
    private func night() throws -> DetectedNight {
        var detector = LegDetector(leg: .right, nominalRate: 25)
        var block = SampleBlock()
        var generator = SplitMix64(seed: 5)
        for minute in 0..<360 {
            let isUp = minute < 60 || minute >= 300
            block.values.removeAll()
            for sample in 0..<1500 {
                let turning = isUp ? Float(sample % 300) / 300 : 0
                let jerk: Float = !isUp && (500..<540).contains(sample) ? Float(sample % 5) * 0.02 : 0
                for axis in 0..<3 {
                    let noise = Float.random(in: -0.001...0.001, using: &generator)
                    block.values.append((axis == 0 ? turning + jerk : axis == 2 ? 1 - turning / 2 : 0) + noise)
                }
            }
            block.firstIndex = Int64(minute * 1500)
            block.anchor = ClockAnchor(index: Double(minute * 1500), time: 1_700_000_000 + Double(minute) * 60)
            detector.append(block)
        }
        detector.finish()
        let result = DetectedNight.LegResult(detector)
        return DetectedNight([try #require(result)])
    }

    @Test func theLongestStretchOfInactivityIsRestAndIsMostlySleep() throws {
        let night = try night()
        let rest = try #require(night.estimatedRest())
        #expect(abs(rest.lowerBound - night.start - 3600) < 180)
        #expect(abs(rest.upperBound - night.start - 18_000) < 180)
        let hypnogram = try #require(night.movementNight(rest: rest).hypnogram)
        let asleep = (70..<290).count { hypnogram.stage(at: $0 * 60_000) == .sleep }
        #expect(asleep > 200, "candidate movements are blanked: \(asleep) of 220 minutes")
        #expect((0..<50).allSatisfy { hypnogram.stage(at: $0 * 60_000) == .wake })
    }

    @Test func anHourIsNoNight() throws {
        let leg = StillLeg(breathing: { _ in 0.5 }, minutes: 60)
        #expect(DetectedNight([try leg.detected()]).estimatedRest() == nil)
    }
}

@Suite struct SizeThresholdTests {
    @Test func aSmallerThresholdFindsMoreAndALargerOneLess() throws {
        let results = try Leg.allCases.map { leg in
            var reader = try RecordingFile.open(Fixtures.path("nights/plmd/night_\(leg.rawValue).cwa"))
            var detector = LegDetector(leg: leg, nominalRate: reader.header.streams[0].nominalRate)
            var block = SampleBlock()
            while try reader.read(into: &block) { detector.append(block) }
            detector.finish()
            let result = DetectedNight.LegResult(detector)
            return try #require(result)
        }
        let night = DetectedNight(results)
        let counts = [0.5, 1, 2, 8].map { factor in
            night.withSizeThreshold(times: factor).movements.count { $0.kind == .legMovement }
        }
        #expect(counts == counts.sorted(by: >))
        #expect(counts[0] > counts[3])
        #expect(counts[1] == night.movements.count { $0.kind == .legMovement })
    }
}
