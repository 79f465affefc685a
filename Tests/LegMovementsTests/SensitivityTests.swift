// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import Testing

@testable import LegMovements

@Suite struct SensitivityTests {
    /// A leg at rest under a vibration of its own, in mg, by second; a clock that begins at noon of 1970.
    private func night(
        seconds: Int = 600, parameters: DetectionParameters = .standard, amplitude: (Int) -> Double
    ) throws -> DetectedNight {
        let rate = 50
        var detector = LegDetector(leg: .left, nominalRate: Double(rate), parameters: parameters)
        var block = SampleBlock()
        for second in 0..<seconds {
            block.values.removeAll()
            block.firstIndex = Int64(second * rate)
            block.anchor = ClockAnchor(index: Double(second * rate), time: 43_200 + Double(second))
            for sample in 0..<rate {
                // 5 Hz lies in the middle of the movement band.
                let phase = 2 * Double.pi * 5 * Double(sample) / Double(rate)
                block.values += [Float(amplitude(second) / 1000 * sin(phase)), 0, 1]
            }
            detector.append(block)
        }
        detector.finish()
        let found = DetectedNight.LegResult(detector)
        return DetectedNight([try #require(found)], parameters: parameters)
    }

    @Test func aSteadyVibrationIsTheFloorByItsRootMeanSquare() throws {
        let night = try night { _ in 2 }
        let sensitivity = try #require(night.sensitivity(of: night.legs[0], in: night.start..<night.end))
        // The floor is a low percentile of windows of 0.2 s, a whole period each but for a sample.
        #expect(abs(sensitivity.floor - 2 / 2.0.squareRoot()) < 0.1)
        // Five floors are more than the fixed 6 mg.
        #expect(sensitivity.threshold == 5 * sensitivity.floor)
        let quiet = try self.night { _ in 0.5 }
        #expect(quiet.sensitivity(of: quiet.legs[0], in: quiet.start..<quiet.end)?.threshold == 6)
    }

    @Test func onlyTheStretchThatIsAskedForCounts() throws {
        let night = try night { $0 < 300 ? 1 : 4 }
        func floor(_ span: Range<Double>) -> Double? {
            night.sensitivity(of: night.legs[0], in: span.lowerBound + 43_200..<span.upperBound + 43_200)?.floor
        }
        let (early, late) = (try #require(floor(60..<280)), try #require(floor(400..<600)))
        #expect(abs(late / early - 4) < 0.1)
        // Before ten seconds have gone by there is no floor.
        #expect(floor(0..<5) == nil && floor(10_000..<20_000) == nil && floor(7..<7) == nil)
    }

    @Test func aFixedThresholdKeepsRatiosAndKnowsNoFloor() throws {
        let fixed = DetectionParameters.standard.fixed(at: 9)
        #expect(fixed.envelopeOn == 9 && fixed.envelopeOff == 4.5 && fixed.stepOn == 12 && fixed.stepOff == 6)
        #expect(fixed.isUsable)
        let night = try night(parameters: fixed) { _ in 3 }
        #expect(night.sensitivity(of: night.legs[0], in: night.start..<night.end)?.threshold == 9)
    }

    @Test func aThresholdThatIsNoneIsRefused() async {
        await #expect(processExitsWith: .failure) { _ = DetectionParameters.standard.fixed(at: 0) }
    }
}
