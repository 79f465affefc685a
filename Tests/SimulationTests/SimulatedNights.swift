// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings
import Simulation
import TestSupport

/// A night that was simulated into memory: its truth, and what a detector finds in it.
struct SimulatedRecording {
    var truth: NightTruth
    var detected: DetectedNight?

    /// Simulates, and detects block by block as the samples come; or takes the truth alone.
    init(_ settings: SimulationSettings, detects: Bool = true) {
        let night = SimulatedNight(settings)
        var results: [DetectedNight.LegResult] = []
        let scale = settings.part.gravityOfCount
        let truths = settings.legs.map { leg in
            var simulator = night.leg(leg)
            var detector = LegDetector(leg: leg, nominalRate: Double(settings.rate))
            var block = LegSimulator.Block()
            var samples = SampleBlock()
            if !detects { simulator.finishWithoutSamples() }
            while simulator.next(into: &block) {
                samples.values = block.counts.map { Float($0) * scale }
                samples.firstIndex = Int64(block.firstIndex)
                samples.anchor = ClockAnchor(
                    index: Double(block.firstIndex), time: settings.start + block.shownTime)
                samples.gapBefore =
                    block.followsPause ? Gap(.timeHole) : block.lostBefore > 0 ? Gap(.lost) : nil
                detector.append(samples)
            }
            detector.finish()
            if let result = DetectedNight.LegResult(detector) { results.append(result) }
            return night.truth(of: simulator)
        }
        truth = night.truth(truths)
        detected = results.isEmpty ? nil : DetectedNight(results)
    }

    /// The leg movements found on a leg.
    func found(_ leg: Leg) -> [DetectedMovement] {
        detected?.legs.first { $0.leg == leg }?.movements.filter { $0.kind == .legMovement } ?? []
    }
}

extension NightTruth {
    /// A leg's own part.
    func leg(_ leg: Leg) -> LegTruth? { legs.first { $0.leg == leg } }

    /// Leg movements of an hour and leg.
    var hourlyRate: Double {
        let count = legs.reduce(0) { $0 + $1.movements.count { $0.kind == .legMovement } }
        return Double(count) / Double(legs.count) / (settings.duration / 3600)
    }

    /// What the rules make of its visible movements.
    var plmsIndex: Double? {
        movementNight(where: \.isVisible).scored(under: .wasm2016).sleep?.periodic.index
    }
}
