// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings
import Simulation
import TestSupport
import Testing

/// The bytes of both CWA files of a night.
private func files(_ settings: SimulationSettings) throws -> [Data] {
    try Fixtures.withTemporaryFolder { folder in
        let night = SimulatedNight(settings)
        return try settings.legs.map { leg in
            let file = folder.appending(path: leg.rawValue)
            _ = try night.writeCWA(leg, to: file.path)
            return try Data(contentsOf: file)
        }
    }
}

@Suite struct SimulatedNightTests {
    @Test func theSameSeedGivesTheSameBytesAndAnotherSeedOthers() throws {
        let settings = SimulationSettings(.hard, hours: 0.2, seed: 7)
        let other = SimulationSettings(.hard, hours: 0.2, seed: 8)
        let first = try files(settings)
        #expect(try files(settings) == first)
        #expect(try files(other) != first)
        #expect(first[0] != first[1])
    }

    @Test func theSameSeedGivesTheSameNightLog() throws {
        var settings = SimulationSettings(.rls, hours: 0.1, seed: 5)
        settings.hasOwnClocks = false
        try Fixtures.withTemporaryFolder { folder in
            let paths = ["a", "b"].map { folder.appending(path: $0).path }
            for path in paths { _ = try SimulatedNight(settings).writeNightLog(to: path) }
            let bytes = try paths.map { try Data(contentsOf: URL(filePath: $0)) }
            #expect(bytes[0] == bytes[1])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
        }
    }

    @Test(arguments: SensorPart.all)
    func anHourOfASensorAloneHoldsNoMovement(part: SensorPart) {
        let recording = SimulatedRecording(
            SimulationSettings(.noise, hours: 1, part: part, legs: [.left], seed: 11))
        #expect(recording.found(.left).isEmpty)
        #expect(recording.truth.leg(.left)?.movements.isEmpty == true)
        #expect(recording.truth.leg(.left)?.nonwear.map(\.span) == [0..<3600])
    }

    @Test(arguments: [SimulationProfile.rls, .plmd, .mixed])
    func movementsOfThreeDegreesAreFound(profile: SimulationProfile) {
        let recording = SimulatedRecording(SimulationSettings(profile, hours: 1, seed: 2))
        let start = recording.truth.settings.start
        var (hits, misses, others) = (0, 0, 0)
        for leg in recording.truth.legs {
            let found = recording.found(leg.leg)
            var unmatched = Set(found.indices)
            for movement in leg.movements where movement.kind == .legMovement {
                let onset = movement.shownSpan.lowerBound + start
                let match = unmatched.filter { abs(found[$0].onset - onset) < 1 }.min {
                    abs(found[$0].onset - onset) < abs(found[$1].onset - onset)
                }
                if let match { unmatched.remove(match) }
                guard movement.tilt >= 3, movement.recorded == .whole else { continue }
                if match != nil { hits += 1 } else { misses += 1 }
            }
            others += unmatched.count
        }
        #expect(hits > 15)
        #expect(Double(2 * hits) / Double(2 * hits + misses + others) >= 0.9)
    }

    @Test func aStillSleeperHasNoLegMovement() {
        let recording = SimulatedRecording(SimulationSettings(.still, hours: 2, part: .adxl355, seed: 4))
        #expect(recording.found(.left).isEmpty && recording.found(.right).isEmpty)
        #expect(recording.truth.leg(.left)?.nonwear.isEmpty == true)
    }

    @Test func theProfilesAreWhatTheySay() throws {
        func index(_ profile: SimulationProfile) throws -> Double {
            let indices = try (1...6 as ClosedRange<UInt64>).map { seed in
                let recording = SimulatedRecording(SimulationSettings(profile, hours: 4, seed: seed), detects: false)
                return try #require(recording.truth.plmsIndex)
            }
            return indices.reduce(0, +) / Double(indices.count)
        }
        let (rls, plmd, healthy, still) = (
            try index(.rls), try index(.plmd), try index(.healthy), try index(.still)
        )
        #expect(rls > 30 && rls < 90)
        #expect(plmd > 25 && plmd < 90)
        #expect(healthy < 10)
        #expect(still == 0)
    }

    @Test func movementsBecomeFewerThroughTheNightAndAreOfBothLegsAsOftenAsAsked() {
        var (early, late, bilateral, events) = (0, 0, 0, 0)
        for seed in 1...4 as ClosedRange<UInt64> {
            let truth = SimulatedRecording(SimulationSettings(.plmd, hours: 8, seed: seed), detects: false).truth
            let movements = truth.legs.flatMap(\.movements).filter { $0.kind == .legMovement }
            early += movements.count { $0.span.lowerBound < 2.5 * 3600 }
            late += movements.count { $0.span.lowerBound >= 5.5 * 3600 }
            let sides = truth.legs.map { leg in
                Set(leg.movements.filter { $0.kind == .legMovement }.map(\.event))
            }
            bilateral += sides[0].intersection(sides[1]).count
            events += sides[0].union(sides[1]).count
        }
        #expect(Double(late) < 0.75 * Double(early))
        #expect(abs(Double(bilateral) / Double(events) - SimulationProfile.plmd.bilateralShare) < 0.06)
    }

    @Test func movementsOfALegAreApart() {
        let truth = SimulatedRecording(SimulationSettings(.hard, hours: 4, seed: 2), detects: false).truth
        for leg in truth.legs {
            let turning = leg.movements.filter { $0.kind != .artefact }
            #expect(turning.count > 100)
            for (earlier, later) in zip(turning, turning.dropFirst()) {
                #expect(later.span.lowerBound - earlier.span.upperBound >= 0.5)
            }
        }
    }

    @Test func aWishForGapsChangesNothingElse() {
        let settings = SimulationSettings(.rls, hours: 1, seed: 9)
        var withGaps = settings
        withGaps.gapCount = 6
        let (one, other) = (
            SimulatedRecording(settings, detects: false).truth, SimulatedRecording(withGaps, detects: false).truth
        )
        for (mine, theirs) in zip(one.legs, other.legs) {
            #expect(mine.movements.map(\.span) == theirs.movements.map(\.span))
            #expect(mine.gaps.isEmpty && theirs.gaps.count == 6)
        }
    }

    @Test func theTruthIsTheSameWithSamplesAndWithout() {
        let settings = SimulationSettings(.hard, hours: 0.3, seed: 13)
        let night = SimulatedNight(settings)
        for leg in settings.legs {
            var (whole, skipped) = (night.leg(leg), night.leg(leg))
            var block = LegSimulator.Block()
            while whole.next(into: &block) {}
            skipped.finishWithoutSamples()
            let (one, other) = (night.truth(of: whole), night.truth(of: skipped))
            #expect(one.movements == other.movements)
            #expect(one.sampleCount == other.sampleCount)
        }
    }
}
