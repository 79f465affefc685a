// SPDX-License-Identifier: GPL-3.0-or-later
internal import Recordings

/// Understands LegWire.
struct LegWireDecoder: SensorDecoder {
    private var parser = LegWireParser()
    private var frames: [LegWire.Frame] = []
    private var reported = LegWireParser.Counts()
    /// The run of the sensor that frames came from last.
    private var boot: UInt16?
    private var knowsSettings = false
    /// What the sensor answered when it came back, until a frame says from which sample on it holds.
    private var answer: LegWire.Information?

    /// The answer tells how the sensor is set now, and samples that it still holds may be older: where settings are known
    /// already, only a frame changes them, or another run of the sensor.
    mutating func take(information: [UInt8], into events: inout [SensorEvent.Kind]) {
        guard let information = LegWire.Information(information) else { return }
        if knowsSettings {
            answer = information
        } else {
            set(information, &events)
        }
    }

    private mutating func set(_ information: LegWire.Information, _ events: inout [SensorEvent.Kind]) {
        knowsSettings = true
        answer = nil
        events.append(.settings(SensorSettings(information)))
    }

    mutating func append(_ bytes: [UInt8], into events: inout [SensorEvent.Kind]) {
        parser.append(bytes.span, to: &frames)
        emit(into: &events)
    }

    mutating func finish(into events: inout [SensorEvent.Kind]) {
        parser.finish(to: &frames)
        emit(into: &events)
    }

    private mutating func emit(into events: inout [SensorEvent.Kind]) {
        for frame in frames {
            if boot != frame.boot, let answer { set(answer, &events) }
            boot = frame.boot
            switch frame.content {
            case .data(let samples):
                events.append(
                    .samples(
                        SensorSamples(
                            stream: frame.stream, boot: UInt32(frame.boot), firstIndex: samples.firstIndex,
                            deviceTime: frame.deviceTime, flags: NightLog.Flags(samples.flags),
                            counts: samples.counts)))
            case .information(let information): set(information, &events)
            case .status(let status):
                events.append(.status(frame.stream, SensorStatus(status), boot: UInt32(frame.boot)))
            case .mark: events.append(.mark(frame.stream, boot: UInt32(frame.boot), deviceTime: frame.deviceTime))
            }
        }
        frames.removeAll(keepingCapacity: true)
        let counts = parser.counts
        let damage = TransferDamage(
            skippedBytes: counts.skippedBytes - reported.skippedBytes,
            checksumErrors: counts.checksumErrors - reported.checksumErrors,
            lostFrames: counts.lostFrames - reported.lostFrames, duplicates: counts.duplicates - reported.duplicates,
            malformed: counts.malformed - reported.malformed)
        if damage != TransferDamage() { events.append(.damage(damage)) }
        reported = counts
    }
}

extension SensorSettings {
    init(_ information: LegWire.Information) {
        self.init(
            serial: information.serial,
            streams: information.streams.enumerated().map { index, stream in
                // Who has two streams and does not say which leg each is has the left one first.
                let leg: Leg? = stream.leg ?? (information.streams.count > 1 ? (index == 0 ? .left : .right) : nil)
                return Stream(
                    leg: leg, model: stream.model, rate: Float(stream.rate) / 1000, range: Float(stream.range) / 1000,
                    scale: stream.scale)
            })
    }
}

extension SensorStatus {
    init(_ status: LegWire.Status) {
        self.init(
            battery: status.battery == 0 ? nil : Int(status.battery), temperature: Double(status.temperature) / 100,
            dropped: Int(status.dropped))
    }
}

extension NightLog.Flags {
    init(_ flags: LegWire.SampleFlags) {
        self = []
        if flags.contains(.overrun) { insert(.overrun) }
        if flags.contains(.clipped) { insert(.clipped) }
        if flags.contains(.lowBattery) { insert(.lowBattery) }
        if flags.contains(.clockEstimated) { insert(.clockEstimated) }
    }
}
