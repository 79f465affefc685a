// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import Sensors

@Suite struct ClockFitTests {
    /// Frames of a sensor whose clock runs `drift` parts per million slow, with delays of `delay` seconds.
    private func fit(drift: Double, seconds: Int, delay: (Int) -> Double) -> (fit: ClockFit, worst: Double) {
        let start: UInt64 = 5_000_000_000_000
        var fit: ClockFit?
        var worst = 0.0
        for frame in 0..<seconds * 20 {
            let device = Double(frame) / 20
            let host = device * (1 + drift / 1e6)
            let received = start + UInt64((host + 0.002 + delay(frame)) * 1e9)
            let time = UInt64(device * 1e6) + 77
            if fit == nil { fit = ClockFit(boot: 1, deviceTime: time, bootTime: received) }
            fit?.append(deviceTime: time, bootTime: received)
            if frame > 1200 * 20, let estimate = fit?.bootTime(ofDevice: time) {
                worst = max(worst, abs(Double(estimate) - Double(start) - (host + 0.002) * 1e9) / 1e9)
            }
        }
        return (fit ?? ClockFit(boot: 0, deviceTime: 0, bootTime: 0), worst)
    }

    @Test(arguments: [-100.0, -50, 0, 50, 100, 2000]) func driftIsFoundThroughRandomDelays(drift: Double) {
        var generator = SplitMix(state: 3)
        let result = fit(drift: drift, seconds: 3600) { frame in
            // Mostly a few ms, now and then a second late.
            frame % 500 == 7 ? 1.0 : Double.random(in: 0..<0.008, using: &generator)
        }
        #expect(abs(result.fit.drift - drift) < 2, "\(result.fit.drift)")
        #expect(result.worst < 0.001, "\(result.worst)")
    }

    @Test func aMinuteOfLateFramesMovesNothing() {
        var generator = SplitMix(state: 4)
        let result = fit(drift: 40, seconds: 3600) { frame in
            (2000..<2060).contains(frame / 20) ? 0.7 : Double.random(in: 0..<0.005, using: &generator)
        }
        #expect(result.worst < 0.001, "\(result.worst)")
    }
}
