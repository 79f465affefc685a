// SPDX-License-Identifier: GPL-3.0-or-later
import Recordings
import Testing

@testable import Sensors

/// A recorder with a clock that the test moves.
private struct Night {
    var recorder: NightRecorder
    var actions: [RecorderAction] = []
    var bootTime: UInt64 = 100_000_000_000
    var awake: UInt64 = 100_000_000_000
    var utc: Int64 = 1_790_000_000_000_000_000

    static let second: UInt64 = 1_000_000_000

    init(_ change: (inout NightRecorder.Options) -> Void = { _ in }) {
        var options = NightRecorder.Options()
        options.hostBoot = 5
        options.zone = { _ in NightLog.Zone(offset: 3600, name: "Europe/Berlin") }
        change(&options)
        recorder = NightRecorder(options)
        tick()
    }

    mutating func tick() {
        actions += recorder.tick(Moment(bootTime: bootTime, awake: awake, utc: utc))
    }

    mutating func wait(_ seconds: Double) {
        let step = UInt64(seconds * 1e9)
        bootTime += step
        awake += step
        utc += Int64(step)
        tick()
    }

    mutating func take(_ kind: SensorEvent.Kind, sensor: Int = 0) {
        actions += recorder.take(SensorEvent(sensor: sensor, bootTime: bootTime, kind: kind))
    }

    mutating func plug(_ serial: String, _ leg: Leg?, sensor: Int = 0, rate: Float = 100) {
        take(.found(serial: serial, driver: "LegWire"), sensor: sensor)
        take(
            .settings(.init(serial: serial, streams: [.init(leg: leg, rate: rate, range: 8, scale: 1 / 4096)])),
            sensor: sensor)
    }

    mutating func samples(
        _ index: UInt32, boot: UInt32 = 1, sensor: Int = 0, flags: NightLog.Flags = [], late: UInt64 = 0
    ) {
        take(
            .samples(
                SensorSamples(
                    stream: 0, boot: boot, firstIndex: index, deviceTime: UInt64(index) * 10_000 + 1, flags: flags,
                    counts: [Int16](repeating: Int16(truncatingIfNeeded: index), count: 15))),
            sensor: sensor)
    }

    /// What was appended, and after which gap.
    var appended: [(stream: Int, count: Int, gap: Gap?)] {
        actions.compactMap { action in
            guard case .append(let counts, let stream, _, let gap, _) = action else { return nil }
            return (stream, counts.count / 3, gap)
        }
    }

    var events: [NightLog.Event] {
        actions.compactMap { action in
            guard case .event(let event, _, _, _) = action else { return nil }
            return event
        }
    }

    var header: NightLog.Header? {
        actions.lazy.compactMap { action in
            guard case .create(let header) = action else { return nil }
            return header
        }.first
    }

    var failure: RecordingFailure? {
        actions.lazy.compactMap { action in
            guard case .fail(let failure) = action else { return nil }
            return failure
        }.first
    }
}

@Suite struct NightRecorderTests {
    @Test func samplesBeforeTheLogIsBegunAreInIt() {
        var night = Night { $0.assignment = LegAssignment(left: "A") }
        night.plug("A", .left)
        night.samples(0)
        night.samples(5)
        #expect(night.header == nil)
        night.wait(0.1)
        night.samples(10)
        night.wait(0.4)
        #expect(night.header?.streams.map(\.serial) == ["A"])
        #expect(night.header?.zone.name == "Europe/Berlin")
        #expect(night.appended.map(\.count) == [5, 5, 5])
        #expect(night.appended.allSatisfy { $0.gap == nil })
        #expect(night.events == [.sensorFound])
    }

    @Test func samplesBeforeTheSettingsAreKeptForThem() {
        var night = Night()
        night.take(.found(serial: "A", driver: "LegWire on a serial port"))
        night.samples(0)
        night.plug("A", .right)
        night.wait(0.1)
        night.wait(2)
        #expect(night.header?.streams.map(\.leg) == [.left, .right])
        #expect(night.appended.map(\.stream) == [1])
    }

    @Test func aLateSecondLegJoins() {
        var night = Night { $0.assignment = LegAssignment(left: "A", right: "B") }
        night.plug("A", .left)
        night.wait(0)
        night.wait(1.5)
        #expect(night.header?.streams.map(\.serial) == ["A", "B"])
        night.samples(0)
        night.wait(3600)
        night.plug("B", .right, sensor: 1, rate: 50)
        night.samples(700, boot: 9, sensor: 1)
        let settings = night.actions.compactMap { action -> Float? in
            guard case .set(1, let stream) = action else { return nil }
            return stream.nominalRate
        }
        #expect(settings == [50])
        #expect(night.appended.map(\.stream) == [0, 1])
        #expect(night.recorder.state.hasGaps == false)
    }

    @Test func everyKindOfLossIsADeclaredGap() {
        var night = Night { $0.assignment = LegAssignment(left: "A") }
        night.plug("A", .left)
        night.wait(0)
        night.wait(1)
        night.samples(0)
        night.samples(15)
        night.samples(20, flags: .overrun)
        night.take(.lost(.unplugged))
        night.wait(3)
        night.plug("A", .left)
        night.samples(400)
        night.samples(0, boot: 2)
        night.samples(0, boot: 2)
        let gaps = night.appended.map(\.gap)
        #expect(gaps == [nil, Gap(.lost, samples: 10), Gap(.overrun), Gap(.lost, samples: 375), Gap(.restart)])
        #expect(night.events == [.sensorFound, .sensorLost, .sensorFound, .sensorRestarted])
        let lane = night.recorder.state.lanes[0]
        #expect(lane.gaps == 4 && lane.missingSamples == 385 && lane.duplicates == 5 && lane.samples == 25)
    }

    @Test func twoSensorsOfOneLegEndItBeforeItBegins() {
        var night = Night()
        night.plug("A", .left)
        night.plug("B", .left, sensor: 1)
        #expect(night.failure == .ambiguous("A", "B"))
    }

    @Test func withoutASensorItEndsWithWhatWasSeen() {
        var night = Night { $0.patience = 30 }
        night.take(.trouble(.accessDenied, "no permission"))
        night.wait(29)
        #expect(night.failure == nil)
        night.wait(1)
        #expect(night.failure == .noSensor(["no permission"]))
    }

    @Test func suspendAndASetClockAreEventsAndMoveNothing() {
        var night = Night()
        night.plug("A", .left)
        night.wait(0)
        night.wait(1)
        night.samples(0)
        night.bootTime += 600 * Night.second
        night.utc += Int64(600 * Night.second)
        night.wait(1)
        night.utc += 3600 * Int64(Night.second)
        night.wait(1)
        #expect(night.events == [.sensorFound, .hostSuspended, .wallClockSet])
        let clocks = night.actions.count {
            if case .clock = $0 { true } else { false }
        }
        #expect(clocks == 2)
        // The length of the night is counted on a clock that nobody sets.
        #expect(night.recorder.state.elapsed == 602)
    }

    @Test func aFrameThatWaitedIsDatedBack() {
        var night = Night { $0.assignment = LegAssignment(left: "A") }
        night.plug("A", .left)
        night.wait(0)
        night.wait(1)
        for frame in 0..<100 {
            night.wait(0.05)
            night.samples(UInt32(frame * 5))
        }
        night.wait(3)
        night.samples(500)
        var stamps: [UInt64] = []
        for action in night.actions {
            if case .append(_, _, let stamp, _, _) = action { stamps.append(stamp.bootTime) }
        }
        let step = stamps[100] - stamps[99]
        #expect(step < 60_000_000, "\(step)")
    }

    @Test func marksAndNotesAreKept() {
        var night = Night { $0.lightsOut = true }
        night.plug("A", .left)
        night.wait(0)
        night.wait(1)
        night.take(.mark(0, boot: 1, deviceTime: 5))
        night.actions += night.recorder.note("cramp")
        #expect(night.events == [.sensorFound, .lightsOut, .mark])
        guard case .note("cramp", _) = night.actions.last else {
            Issue.record("no note")
            return
        }
    }

    @Test(arguments: [true, false]) func theNightEndsByItsLengthOrTheClock(byLength: Bool) {
        var night = Night {
            if byLength { $0.length = 10 } else { $0.end = 1_790_000_000_000_000_000 + 11_000_000_000 }
        }
        night.plug("A", .left)
        night.wait(0)
        night.wait(1)
        night.wait(9.5)
        #expect(!night.actions.contains { if case .stop = $0 { true } else { false } })
        night.wait(0.5)
        #expect(night.actions.contains { if case .stop = $0 { true } else { false } })
    }

    @Test func statusEverySecondIsAnEventEveryTenMinutes() {
        var night = Night()
        night.plug("A", .left)
        night.wait(0)
        night.wait(1)
        for _ in 0..<3600 {
            night.wait(1)
            night.take(.status(0, SensorStatus(battery: 3700, temperature: 20, dropped: 0), boot: 1))
        }
        #expect(night.events.count { $0 == .sensorStatus } == 6)
        #expect(night.recorder.state.lanes[0].battery == 3700)
    }
}
