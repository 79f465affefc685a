// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc
internal import LegMovements
public import Recordings

/// Writing a night's recording, a block at a time.
extension SimulatedNight {
    /// Writes one leg as a CWA file.
    ///
    /// - Returns: what really happened at that leg.
    public func writeCWA(_ leg: Leg, to path: String) throws(RecordingError) -> NightTruth.LegTruth {
        var simulator = self.leg(leg)
        var writer = try CWAWriter(
            path: path, rate: settings.rate, range: settings.part.range, device: deviceNumber(of: leg),
            session: UInt32(truncatingIfNeeded: settings.seed), site: Self.site(of: leg))
        var block = LegSimulator.Block()
        while simulator.next(into: &block) {
            if block.lostBefore > 0 { writer.lose(sectors: block.lostBefore / NightPlan.samplesInBlock) }
            try writer.append(
                block.counts, time: settings.start + block.shownTime, temperature: block.temperature)
        }
        try writer.finish()
        return truth(of: simulator)
    }

    /// Writes all legs as the streams of one night log. Temperatures are in none.
    ///
    /// The samples carry the computer's time, so the settings should be without own clocks.
    ///
    /// - Parameter path: where the log is to be; whatever is there is replaced once it is whole.
    /// - Returns: what really happened at each leg.
    public func writeNightLog(to path: String) throws(RecordingError) -> [NightTruth.LegTruth] {
        let temporary = "\(path).\(getpid()).tmp"
        var isFinished = false
        defer { if !isFinished { unsafe unlink(temporary) } }
        // Nothing is lost if a simulation is: it need not be on the disk every few seconds.
        var calls = NightLogCalls.system
        calls.synchronize = { _ in 0 }
        var writer = try NightLogWriter.create(temporary, logHeader, calls: calls)
        let zone = NightLog.Zone(offset: 0)
        var lanes = settings.legs.map { Lane(simulator: leg($0)) }
        for index in lanes.indices { lanes[index].advance() }
        var minute = 1.0
        // The writer takes the legs as they come in time.
        while let index = lanes.indices.filter({ lanes[$0].hasBlock }).min(by: {
            lanes[$0].block.time < lanes[$1].block.time
        }) {
            let block = lanes[index].block
            if block.time >= minute * 60 {
                try writer.clock(at: stamp(block.time), zone: zone)
                minute = (block.time / 60).rounded(.down) + 1
            }
            let gap: Gap? =
                block.followsPause
                ? Gap(.timeHole) : block.lostBefore > 0 ? Gap(.lost, samples: Int64(block.lostBefore)) : nil
            try writer.append(block.counts.span, to: index, at: stamp(block.time), after: gap)
            lanes[index].advance()
        }
        try writer.finish(at: stamp(settings.duration), text: "end of the simulation")
        guard unsafe rename(temporary, path) == 0 else {
            throw RecordingError(
                .inputOutput, path: path, problem: "cannot finish it (system error \(errno))",
                remedy: "choose another folder", code: errno)
        }
        isFinished = true
        return lanes.map { truth(of: $0.simulator) }
    }

    /// The truth of the night, from those of its legs.
    public func truth(_ legs: [NightTruth.LegTruth]) -> NightTruth { NightTruth(plan, legs) }

    /// What really happened at a leg, once all of its blocks were taken.
    public func truth(of simulator: LegSimulator) -> NightTruth.LegTruth {
        guard let legPlan = plan.legs[simulator.leg] else { preconditionFailure("a leg of another night") }
        return NightTruth.LegTruth(simulator, legPlan)
    }

    private struct Lane {
        var simulator: LegSimulator
        var block = LegSimulator.Block()
        var hasBlock = false

        mutating func advance() { hasBlock = simulator.next(into: &block) }
    }

    private static func site(of leg: Leg) -> String { leg == .left ? "left ankle" : "right ankle" }

    private func deviceNumber(of leg: Leg) -> UInt32 {
        UInt32(truncatingIfNeeded: settings.seed) &* 2 &+ (leg == .left ? 0 : 1)
    }

    private var logHeader: NightLog.Header {
        var generator = SplitMix64(seed: settings.seed)
        let words = [generator.next(), generator.next()]
        let bytes = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
        return NightLog.Header(
            identifier: NightLog.Identifier(bytes: bytes), creation: stamp(0), zone: NightLog.Zone(offset: 0),
            streams: settings.legs.map { leg in
                NightLog.Stream(
                    leg: leg, site: Self.site(of: leg), model: "simulated \(settings.part.name)",
                    serial: String(deviceNumber(of: leg)), nominalRate: Float(settings.rate),
                    range: Float(settings.part.range), scale: Float(settings.part.count))
            })
    }

    private func stamp(_ time: Double) -> NightLog.Stamp {
        // The computer was switched on an hour before.
        NightLog.Stamp(
            hostBoot: 1, bootTime: UInt64((time + 3600) * 1e9), utc: Int64(((settings.start + time) * 1e9).rounded()),
            deviceBoot: 1, deviceTime: UInt64(time * 1e6) + 1)
    }
}
