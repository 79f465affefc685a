// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings
import Testing

/// A muscle at rest with bursts of a given height, each from one time to another: noise, seeded.
private func muscle(
    rate: Double, seconds: Double, rest: Double = 1.5, bursts: [(from: Double, to: Double, height: Double)],
    mains: Double = 0,
    seed: UInt64 = 5
) -> [Float] {
    var generator = SplitMix64(seed: seed)
    func normal() -> Double {
        // Twelve even draws: near enough to a normal one, and bounded like an amplifier.
        (0..<12).reduce(-6.0) { sum, _ in sum + Double(generator.next() >> 11) * 0x1p-53 }
    }
    var next = 0
    return (0..<Int(seconds * rate)).map { sample in
        let time = Double(sample) / rate
        while next < bursts.count, bursts[next].to <= time { next += 1 }
        var value = rest * normal() + 50 + mains * sin(2 * Double.pi * 50 * time)
        if next < bursts.count, bursts[next].from <= time { value += bursts[next].height * normal() }
        return Float(value)
    }
}

private func detected(_ samples: [Float], rate: Double, cut: Int = 1000, _ parameters: EMGParameters = .wasm2016) throws
    -> [EMGMovement]
{
    var level = EMGRestLevel(rate: rate, parameters: parameters)
    for start in stride(from: 0, to: samples.count, by: cut) {
        level.append(Array(samples[start..<min(start + cut, samples.count)]))
    }
    level.endStretch()
    let measured = level.level
    let rest = try #require(measured)
    var detector = EMGDetector(leg: .left, rate: rate, rest: rest, parameters: parameters)
    for start in stride(from: 0, to: samples.count, by: cut) {
        detector.append(Array(samples[start..<min(start + cut, samples.count)]), time: Double(start) / rate)
    }
    detector.finish()
    return detector.movements
}

private let bursts: [(from: Double, to: Double, height: Double)] = (0..<20).map { index in
    let start = 20.0 + Double(index) * 23.7
    return (start, start + 0.7 + Double(index % 5), 12 + Double(index % 7) * 6)
}

@Suite struct EMGTests {
    @Test(arguments: [128.0, 200, 256, 512, 1000])
    func burstsOverTheMusclesRestAreFoundWhereTheyAre(rate: Double) throws {
        // White noise spreads over all of the spectrum; what is in the band stays the same this way.
        let scale = max(1, rate / 200).squareRoot()
        let loud = bursts.map { ($0.from, $0.to, $0.height * scale) }
        let found = try detected(muscle(rate: rate, seconds: 520, rest: 1.5 * scale, bursts: loud), rate: rate)
        #expect(found.count == bursts.count && found.allSatisfy(\.hasShape))
        for (movement, burst) in zip(found, bursts) {
            #expect(abs(movement.onset - burst.from) < 0.1 && abs(movement.offset - burst.to) < 0.15)
        }
    }

    @Test func theCutOfTheSamplesChangesNothing() throws {
        let samples = muscle(rate: 200, seconds: 300, bursts: bursts)
        let whole = try detected(samples, rate: 200, cut: samples.count)
        for cut in [1, 7, 200, 4096] {
            let pieces = try detected(samples, rate: 200, cut: cut)
            #expect(pieces == whole)
        }
    }

    @Test func theLevelOfRestIsEachRecordingsOwn() throws {
        for rest in [0.5, 1, 3, 6] {
            let found = try detected(
                muscle(rate: 256, seconds: 520, rest: rest, bursts: bursts.map { ($0.from, $0.to, $0.height * 2) }),
                rate: 256)
            #expect(found.filter(\.hasShape).count == bursts.count, "rest \(rest)")
        }
        let quiet = try detected(muscle(rate: 256, seconds: 900, rest: 8, bursts: []), rate: 256)
        #expect(!quiet.contains { $0.hasShape && $0.offset - $0.onset >= 0.5 })
    }

    @Test func aTwitchOrTheHeartHasNotTheShapeOfAMovement() throws {
        // Spikes of 12 ms, three a second: never half a second of rest between them, and no half second full of muscle.
        let spikes = (0..<90).map { (index: Int) -> (from: Double, to: Double, height: Double) in
            let start = 100 + Double(index) / 3
            return (start, start + 0.012, 30)
        }
        let found = try detected(muscle(rate: 256, seconds: 300, bursts: spikes), rate: 256)
        #expect(!found.isEmpty && !found.contains(where: \.hasShape))
    }

    @Test func theMainsAreTakenOutOnRequest() throws {
        var parameters = EMGParameters.wasm2016
        parameters.notch = 50
        let samples = muscle(rate: 256, seconds: 520, bursts: bursts, mains: 20)
        let found = try detected(samples, rate: 256, parameters)
        #expect(found.filter(\.hasShape).count == bursts.count)
        for (movement, burst) in zip(found, bursts) { #expect(abs(movement.onset - burst.from) < 0.35) }
    }

    @Test func aGapEndsAMovementAndIsNoRest() throws {
        let samples = muscle(rate: 200, seconds: 60, bursts: [(10, 60, 30)])
        var detector = EMGDetector(leg: .right, rate: 200, rest: EMGRest(peak: 4, median: 1))
        detector.append(Array(samples[..<4000]), time: 1000)
        detector.endStretch()
        detector.append(Array(samples[4000...]), time: 1320)
        detector.finish()
        #expect(detector.coverage == [1000..<1020, 1320..<1360])
        #expect(detector.movements.count == 2 && detector.movements.allSatisfy { $0.leg == .right })
        #expect(detector.movements[0].offset == 1020 && detector.movements[1].onset < 1320.1)
    }

    @Test func aFlatChannelHasNoRest() {
        var level = EMGRestLevel(rate: 200)
        level.append([Float](repeating: 7, count: 10_000))
        level.endStretch()
        #expect(level.level == nil)
    }
}
