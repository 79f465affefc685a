// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings
import TestSupport
import Testing

/// The movements that were simulated on one leg, in milliseconds of the leg's own file time.
private struct Truth: Decodable {
    struct Movement: Decodable {
        var file_onset_ms: Double
        var file_offset_ms: Double
        var cls: String
        var tilt_deg: Double
        var in_gap: String
    }
    struct LegTruth: Decodable { var movements: [Movement] }
    var t0_unix_ms: Double
    var legs: [String: LegTruth]
}

/// Detects in two files, feeding the samples in pieces of `cut`; the clock readings come with the first piece of their block.
private func detect(_ folder: String, cut: Int? = nil) throws -> DetectedNight {
    let results = try Leg.allCases.map { leg in
        var reader = try RecordingFile.open("\(folder)/night_\(leg.rawValue).cwa")
        var detector = LegDetector(leg: leg, nominalRate: reader.header.streams[0].nominalRate)
        var block = SampleBlock()
        var piece = SampleBlock()
        while try reader.read(into: &block) {
            guard let cut else {
                detector.append(block)
                continue
            }
            if block.gapBefore != nil {
                if piece.count > 0 { detector.append(piece) }
                piece.values.removeAll()
            }
            // The reading alone, then the samples whenever enough of them are there.
            var reading = block
            reading.values = []
            reading.firstIndex = block.firstIndex - Int64(piece.count)
            detector.append(reading)
            piece.anchor = block.anchor
            for position in 0..<block.count {
                if piece.count == 0 { piece.firstIndex = block.firstIndex + Int64(position) }
                piece.values += block.values[position * 3..<position * 3 + 3]
                if piece.count == cut {
                    detector.append(piece)
                    piece.values.removeAll()
                }
            }
        }
        if piece.count > 0 { detector.append(piece) }
        detector.finish()
        let result = DetectedNight.LegResult(detector)
        return try #require(result)
    }
    return DetectedNight(results)
}

@Suite struct DetectedNightTests {
    static let folder = Fixtures.path("nights/plmd")

    @Test(arguments: [1, 2, 30, 100, 150, 600, 1_600])
    func aRecordingShorterThanAnyWindowIsScored(samples: Int) throws {
        var detector = LegDetector(leg: .left, nominalRate: 100)
        var block = SampleBlock()
        block.anchor = ClockAnchor(index: 0, time: 1_700_000_000.37)
        block.values = (0..<samples).flatMap { [0.01 * Float($0 % 7), 0, 1] }
        detector.append(block)
        detector.finish()
        let result = DetectedNight.LegResult(detector)
        guard samples > 1 else {
            #expect(result == nil)
            return
        }
        let night = DetectedNight([try #require(result)])
        #expect(abs(night.end - night.start - Double(samples) / 100) < 0.03)
    }

    @Test func simulatedMovementsOfThreeDegreesAreFoundWhereTheyAre() throws {
        let night = try detect(Self.folder)
        let truth = try JSONDecoder().decode(
            Truth.self, from: Data(Fixtures.bytes("nights/plmd/truth.json")))
        var (hits, misses, errors) = (0, 0, [Double]())
        for result in night.legs {
            let found = result.movements.filter { $0.kind == .legMovement }
            for movement in truth.legs[result.leg.rawValue]?.movements ?? []
            where movement.cls == "lm" && movement.tilt_deg >= 3 && movement.in_gap == "no"
                && movement.file_offset_ms - movement.file_onset_ms > 600
            {
                let onset = (movement.file_onset_ms + truth.t0_unix_ms) / 1000
                if let nearest = found.map({ $0.onset - onset }).min(by: { abs($0) < abs($1) }), abs(nearest) < 1 {
                    hits += 1
                    errors.append(abs(nearest))
                } else {
                    misses += 1
                }
            }
        }
        #expect(hits > 40)
        #expect(Double(hits) / Double(hits + misses) >= 0.95)
        #expect(errors.sorted()[errors.count / 2] < 0.2)
    }

    @Test(arguments: [1, 37, 64, 999, 100_000])
    func anyCutOfTheStreamGivesTheSameMovements(cut: Int) throws {
        let whole = try detect(Self.folder)
        let pieces = try detect(Self.folder, cut: cut)
        for (one, other) in zip(whole.legs, pieces.legs) {
            #expect(one.start == other.start)
            #expect(one.coverage == other.coverage)
            #expect(one.movements.count == other.movements.count)
            for (a, b) in zip(one.movements, other.movements) {
                #expect(a.onset == b.onset && a.offset == b.offset && a.kind == b.kind && a.amplitude == b.amplitude)
            }
        }
    }

    @Test func nothingIsFoundInNoiseOfASensorAtRest() throws {
        var generator = SplitMix64(seed: 3)
        var detector = LegDetector(leg: .left, nominalRate: 100)
        var block = SampleBlock()
        // A triangle of two uniform numbers, 3.4 mg of noise on each axis: an ADXL345's.
        func noise() -> Float {
            (Float.random(in: -1...1, using: &generator) + Float.random(in: -1...1, using: &generator)) * 0.0042
        }
        for second in 0..<1800 {
            block.values = (0..<100).flatMap { _ in [noise(), noise(), 1 + noise()] }
            block.firstIndex = Int64(second * 100)
            block.anchor = ClockAnchor(index: Double(second * 100), time: 1_700_000_000 + Double(second))
            detector.append(block)
        }
        detector.finish()
        let found = DetectedNight.LegResult(detector)
        let result = try #require(found)
        #expect(DetectedNight([result]).movements.isEmpty)
        #expect(abs(result.coverage.reduce(0) { $0 + $1.upperBound - $1.lowerBound } - 1800) < 0.1)
    }
}
