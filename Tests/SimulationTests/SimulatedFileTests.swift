// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings
import Simulation
import TestSupport
import Testing

@Suite struct SimulatedFileTests {
    /// A file that was written and read again, with the truth of its leg.
    private func written(
        _ settings: SimulationSettings, _ leg: Leg
    ) throws -> (recording: WholeRecording, truth: NightTruth.LegTruth) {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appending(path: "night.cwa").path
            let truth = try SimulatedNight(settings).writeCWA(leg, to: path)
            return (try WholeRecording(path), truth)
        }
    }

    @Test func aFileTellsLegRateAndTheSensorsClock() throws {
        var settings = SimulationSettings(.plmd, hours: 0.5, part: .bmi160, seed: 3)
        settings.rateError = -0.02
        for leg in Leg.allCases {
            let (recording, truth) = try written(settings, leg)
            #expect(recording.header.streams[0].leg == leg)
            #expect(recording.header.streams[0].nominalRate == 100)
            #expect(recording.report.isEmpty && recording.gaps.isEmpty)
            #expect(recording.times.count == truth.sampleCount)
            #expect(abs(truth.trueRate - 98) < 1e-9)
            let first = try #require(recording.times.first)
            #expect(abs(first - settings.start - truth.firstSample) < 0.001)
            // Two per cent fewer samples than set to, and the clock right to the end.
            let block = 80
            let last = recording.times.count - block
            let shown = recording.times[last] - recording.times[0]
            #expect(abs(shown - Double(last) / 98 * (1 + truth.clockDrift * 1e-6)) < 0.001)
        }
    }

    @Test func theLegsDoNotStartAtTheSameInstant() throws {
        let settings = SimulationSettings(.rls, hours: 0.1, seed: 12)
        let starts = SimulatedRecording(settings, detects: false).truth.legs.map(\.firstSample)
        #expect(starts.min() == 0)
        #expect((starts.max() ?? 0) > 0.01)
    }

    @Test func gapsAreWhereTheTruthSays() throws {
        var settings = SimulationSettings(.hard, hours: 1, seed: 6)
        settings.gapCount = 8
        for leg in Leg.allCases {
            let (recording, truth) = try written(settings, leg)
            #expect(truth.gaps.count == 8)
            #expect(recording.gaps.count == 8)
            for (read, gap) in zip(recording.gaps, truth.gaps) {
                #expect(abs(recording.times[read.at] - settings.start - gap.upperBound) < 0.001)
                let before = recording.times[read.at - 80] - settings.start
                #expect(abs(before + 80 / truth.trueRate - gap.lowerBound) < 0.002)
            }
            #expect(Set(recording.gaps.map(\.gap.reason)).isSubset(of: [.lost, .clockJump]))
            for movement in truth.movements {
                let touched = truth.trueGaps.contains { $0.overlaps(movement.span) }
                #expect((movement.recorded != .whole) == touched)
            }
        }
    }

    @Test func aNightLogHoldsTheSameSamplesAsTheBlocks() throws {
        var settings = SimulationSettings(.hard, hours: 0.5, seed: 21)
        settings.hasOwnClocks = false
        settings.gapCount = 4
        let night = SimulatedNight(settings)
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appending(path: "night.nightlog").path
            let truths = try night.writeNightLog(to: path)
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            var reader = try RecordingFile.open(path)
            var values: [[Float]] = [[], []]
            var gaps: [[Double]] = [[], []]
            var samples = SampleBlock()
            while try reader.read(into: &samples) {
                if samples.gapBefore != nil { gaps[samples.stream].append(samples.time(at: 0) - settings.start) }
                values[samples.stream] += samples.values
            }
            #expect(reader.report.isEmpty)
            for (stream, leg) in settings.legs.enumerated() {
                var simulator = night.leg(leg)
                var block = LegSimulator.Block()
                var counts: [Int16] = []
                while simulator.next(into: &block) { counts += block.counts }
                #expect(values[stream] == counts.map { Float($0) * settings.part.gravityOfCount })
                #expect(gaps[stream].count == 4)
                for (read, gap) in zip(gaps[stream], truths[stream].gaps) {
                    #expect(abs(read - gap.upperBound) < 0.001)
                }
            }
        }
    }

    @Test func aSensorThatIsTakenOffLiesStillAndGrowsCold() throws {
        var settings = SimulationSettings(.rls, hours: 1, part: .adxl355, legs: [.left], seed: 2)
        settings.absences = [.init(.table, legs: [.left], span: 1500..<3500)]
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appending(path: "night.cwa").path
            let truth = try SimulatedNight(settings).writeCWA(.left, to: path)
            let off = try #require(truth.nonwear.first?.span)
            #expect(truth.nonwear.count == 1)
            #expect(off.lowerBound > 1500 && off.lowerBound < 1530 && off.upperBound > 3470 && off.upperBound < 3500)
            #expect(truth.movements.allSatisfy { $0.detail.hasSuffix("on") || !$0.span.overlaps(off) })
            var reader = try RecordingFile.open(path)
            var block = SampleBlock()
            var (worn, alone): ([Float], [Float]) = ([], [])
            var largest: Float = 0
            while try reader.read(into: &block) {
                let time = block.time(at: 0) - settings.start
                let temperature = try #require(block.temperature)
                if (1300..<1490).contains(time) { worn.append(temperature) }
                guard off.contains(time), off.contains(time + 1) else { continue }
                if time > off.upperBound - 300 { alone.append(temperature) }
                for axis in 0..<3 {
                    let values = (0..<block.count).map { block.values[$0 * 3 + axis] }
                    let mean = values.reduce(0, +) / Float(values.count)
                    largest = max(largest, values.map { abs($0 - mean) }.max() ?? 0)
                }
            }
            // Five deviations of the noise of 0.16 mg, and a count.
            #expect(largest < 0.0011)
            #expect((worn.min() ?? 0) > 27 && (alone.max() ?? 99) < 25)
        }
    }

    @Test func movementsOfTheOtherLegGoOnWhileOneSensorIsOff() {
        var settings = SimulationSettings(.rls, hours: 1, seed: 2)
        settings.absences = [.init(.mattress, legs: [.right], span: 600..<3000)]
        let truth = SimulatedRecording(settings, detects: false).truth
        func count(_ leg: Leg) -> Int {
            truth.leg(leg)?.movements.count {
                $0.kind == .legMovement && (700..<2900).contains($0.span.lowerBound)
            } ?? 0
        }
        #expect(count(.left) > 5 && count(.right) == 0)
        let motions = truth.leg(.right)?.movements.filter { $0.detail == "mattress" } ?? []
        #expect(!motions.isEmpty)
        #expect(truth.leg(.right)?.nonwear.first?.place == .mattress)
    }

    @Test func noMoreThanTheEventsOfTheMomentIsHeldOfThreeDays() {
        // What a simulator holds of samples is one block and the waveforms of the moment.
        var simulator = SimulatedNight(SimulationSettings(.mixed, hours: 72, rate: 25, seed: 1)).leg(.left)
        var block = LegSimulator.Block()
        var largest = 0
        for _ in 0..<500 {
            guard simulator.next(into: &block) else { break }
            largest = max(largest, simulator.heldSamples)
        }
        #expect(block.firstIndex == 499 * 80)
        // The longest event is a walk of 45 s.
        #expect(largest < 120 * 25)
    }
}
