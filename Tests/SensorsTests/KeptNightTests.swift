// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import TestSupport
import Testing

@testable import Sensors

/// Nights from the sensors' frames into a log and back, on clocks that the test moves.
@Suite struct KeptNightTests {
    /// A sensor of 100 Hz in frames of five: its clock and count run by themselves, and frames come late by chance.
    private struct Leg {
        var drift: Double
        var boot: UInt32
        /// Seconds of the world at which it got power.
        var start = 0.0
        var next: UInt32 = 0
        var chance: SplitMix

        static let frame = 0.05

        /// The frames that are complete by a moment of the world.
        mutating func frames(until now: Double) -> [(delay: Double, at: Double, samples: SensorSamples)] {
            var frames: [(Double, Double, SensorSamples)] = []
            while true {
                let device = Double(next) / 100
                let taken = start + device * (1 + drift / 1e6)
                guard taken + Self.frame <= now else { return frames }
                let counts = (next..<next + 5).flatMap { index in (0..<3).map { Int16(Int(index) % 1000 + $0) } }
                frames.append(
                    (
                        Double.random(in: 0..<0.008, using: &chance), taken,
                        SensorSamples(
                            stream: 0, boot: boot, firstIndex: next, deviceTime: UInt64(device * 1e6) + 500_000,
                            flags: [], counts: counts)
                    ))
                next += 5
            }
        }
    }

    /// The world: what the host's clocks show, and the legs.
    private struct World: ~Copyable {
        var seconds = 0.0
        /// What was added to the wall clock by hand or by NTP.
        var wallError = 0.0
        var asleep = 0.0
        var legs: [Leg]
        var recorder: NightRecorder
        var keeper: NightLogKeeper
        var isCut = false

        static let bootTime = 100.0
        static let utc = 1_792_890_000.0

        var moment: Moment {
            Moment(
                bootTime: UInt64((Self.bootTime + seconds) * 1e9),
                awake: UInt64((Self.bootTime + seconds - asleep) * 1e9),
                utc: Int64((Self.utc + seconds + wallError) * 1e9))
        }

        init(
            _ path: String, _ legs: [Leg],
            zone: @escaping @Sendable (Int64) -> NightLog.Zone = { _ in .init(offset: 0) }
        ) {
            var options = NightRecorder.Options()
            options.hostBoot = 5
            options.zone = zone
            options.assignment = LegAssignment(left: "A", right: legs.count > 1 ? "B" : nil)
            recorder = NightRecorder(options)
            keeper = NightLogKeeper(path: path)
            self.legs = legs
        }

        mutating func perform(_ actions: [RecorderAction]) throws {
            for action in actions { try keeper.perform(action) }
        }

        mutating func plug(_ number: Int) throws {
            let (serial, leg) = number == 0 ? ("A", Recordings.Leg.left) : ("B", .right)
            let stream = SensorSettings.Stream(leg: leg, rate: 100, range: 8, scale: 1 / 4096)
            for kind in [
                SensorEvent.Kind.found(serial: serial, driver: "test"),
                .settings(SensorSettings(serial: serial, streams: [stream])),
            ] {
                try perform(recorder.take(SensorEvent(sensor: number, bootTime: moment.bootTime, kind: kind)))
            }
        }

        /// Lets time pass, in turns of 0.1 s; `hears` tells whether the host gets what comes.
        mutating func live(_ duration: Double, hears: Bool = true) throws {
            for _ in 0..<Int((duration * 10).rounded()) {
                seconds += 0.1
                try perform(recorder.tick(moment))
                for number in legs.indices {
                    for (delay, taken, samples) in legs[number].frames(until: seconds) where hears {
                        let time = UInt64((Self.bootTime + taken + World.delay + delay) * 1e9)
                        try perform(
                            recorder.take(SensorEvent(sensor: number, bootTime: time, kind: .samples(samples))))
                    }
                }
                keeper.synchronizeIfDue(at: moment.bootTime)
            }
        }

        /// The least time that a frame is under way, its own length included.
        static let delay = 0.052

        mutating func finish() throws {
            try perform(recorder.finish(at: moment))
            try keeper.finish(
                at: NightLog.Stamp(hostBoot: 5, bootTime: moment.bootTime, utc: moment.utc), text: "done")
        }
    }

    /// The log read back: each sector's first index, its time, and the gap before it.
    private struct ReadLog {
        var blocks: [(stream: Int, first: Int64, time: Double, gap: Gap?, stamp: NightLog.Stamp)] = []
        var entries: [NightLog.Entry]
        var events: [NightLog.Event] {
            entries.compactMap { if case .event(let event) = $0.kind { event } else { nil } }
        }
        var segments: [ClockSegment] { entries.compactMap { ClockSegment($0) } }

        init(_ path: String) throws {
            var reader = try NightLogReader(path: path)
            var block = SampleBlock()
            while try reader.read(into: &block) {
                blocks.append((block.stream, block.firstIndex, block.anchor.time, block.gapBefore, reader.stamp))
            }
            #expect(reader.report.isEmpty && reader.isClosed)
            entries = reader.entries
        }
    }

    private func leg(_ drift: Double, boot: UInt32, seed: UInt64) -> Leg {
        Leg(drift: drift, boot: boot, chance: SplitMix(state: seed))
    }

    private func log(
        _ change: (inout World) throws -> Void, legs: [Leg],
        zone: @escaping @Sendable (Int64) -> NightLog.Zone = { _ in .init(offset: 7200) }
    ) throws -> ReadLog {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appending(path: "night.nightlog").path
            var world = World(path, legs, zone: zone)
            try world.perform(world.recorder.tick(world.moment))
            for number in legs.indices { try world.plug(number) }
            try change(&world)
            try world.finish()
            return try ReadLog(path)
        }
    }

    @Test func neitherSummerTimeNorNTPMovesASample() throws {
        let legs = [leg(30, boot: 1, seed: 1), leg(-45, boot: 2, seed: 2)]
        let quiet = try log({ try $0.live(900) }, legs: legs)
        // The clocks go back by an hour, and NTP steps by 0.7 s forth and 3 s back.
        let change: @Sendable (Int64) -> NightLog.Zone = {
            .init(offset: $0 < Int64((World.utc + 300) * 1e9) ? 7200 : 3600, name: "Europe/Berlin")
        }
        let stepped = try log(
            {
                try $0.live(200)
                $0.wallError += 0.7
                try $0.live(400)
                $0.wallError -= 3
                try $0.live(300)
            }, legs: legs, zone: change)
        #expect(quiet.blocks.count == stepped.blocks.count && quiet.blocks.count > 2500)
        for (one, other) in zip(quiet.blocks, stepped.blocks) {
            guard one.stream == other.stream, one.first == other.first, one.time == other.time, one.gap == other.gap
            else {
                Issue.record("\(one) is not \(other)")
                return
            }
        }
        #expect(stepped.events.count { $0 == .wallClockSet } == 2)
        let offsets = stepped.entries.compactMap { entry -> Int32? in
            if case .clock(let offset) = entry.kind { offset } else { nil }
        }
        #expect(Set(offsets) == [7200, 3600], "the anchors show what the wall clock showed")
    }

    @Test func theClocksFitIsKeptForEachRunOfASensor() throws {
        let night = try log(
            {
                try $0.live(1500)
                // The left sensor starts anew.
                $0.legs[0].boot = 77
                $0.legs[0].next = 0
                $0.legs[0].start = $0.seconds
                try $0.live(1500)
            }, legs: [leg(50, boot: 1, seed: 3), leg(-45, boot: 2, seed: 4)])
        let segments = night.segments
        #expect(segments.map(\.stream).sorted() == [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
        #expect(segments.filter { $0.stream == 0 }.map(\.deviceBoot) == [1, 1, 1, 77, 77, 77])
        for stream in 0...1 {
            let own = segments.filter { $0.stream == stream }
            for (earlier, later) in zip(own, own.dropFirst()) where earlier.deviceBoot == later.deviceBoot {
                #expect(earlier.deviceTimes.upperBound == later.deviceTimes.lowerBound)
            }
        }
        // Every sector's stamp lies on its segment, or a little later: by what the frame was under way.
        var largest = 0.0
        for block in night.blocks {
            guard
                let segment = segments.first(where: {
                    $0.stream == block.stream && $0.deviceBoot == block.stamp.deviceBoot
                        && $0.deviceTimes.contains(block.stamp.deviceTime)
                })
            else {
                Issue.record("no segment for \(block)")
                return
            }
            let late = Double(block.stamp.bootTime) - Double(segment.bootTime(ofDevice: block.stamp.deviceTime))
            largest = max(largest, late)
            #expect(late > -1_500_000, "\(late)")
        }
        // That is why times are read from the sectors: nothing is to be won.
        #expect(largest < 10_000_000, "\(largest) ns")
        for segment in segments { #expect(abs(segment.drift - (segment.stream == 0 ? 50 : -45)) < 5, "\(segment)") }
    }

    @Test func aSuspendIsAnEventAndWhatTheSensorDidNotKeepAGap() throws {
        let night = try log(
            {
                try $0.live(300)
                // Awake again after ten minutes; the sensor went on and kept nothing.
                $0.asleep += 600
                $0.seconds += 600
                for number in $0.legs.indices { _ = $0.legs[number].frames(until: $0.seconds) }
                try $0.live(300)
            }, legs: [leg(20, boot: 1, seed: 5)])
        #expect(night.events.contains(.hostSuspended))
        let gaps = night.blocks.compactMap(\.gap)
        #expect(gaps.count == 1 && abs((gaps[0].samples ?? 0) - 60_000) < 20, "\(gaps)")
        let after = try #require(night.blocks.first { $0.gap != nil })
        let last = try #require(night.blocks.last)
        #expect(abs((last.time - after.time) - Double(last.first - after.first) / 100) < 0.1)
    }

    @Test func aSensorThatSleptWithTheHostIsDatedRightAfterwards() throws {
        let night = try log(
            {
                try $0.live(300)
                // Its clock and count stood still for the ten minutes.
                $0.asleep += 600
                $0.seconds += 600
                $0.legs[0].start += 600
                try $0.live(300)
            }, legs: [leg(20, boot: 1, seed: 6)])
        #expect(night.events.contains(.hostSuspended))
        let gap = try #require(night.blocks.first { $0.gap != nil })
        #expect(gap.gap == Gap(.lost))
        // Within a few seconds of waking the times are right, and they never go back.
        let begin = try #require(night.blocks.first)
        #expect(abs(gap.time - begin.time - 902) < 1.5, "\(gap.time - begin.time)")
        for (earlier, later) in zip(night.blocks, night.blocks.dropFirst()) { #expect(later.time > earlier.time) }
        let last = try #require(night.blocks.last)
        #expect(abs(last.time - begin.time - 1199) < 1.5, "\(last.time - begin.time)")
    }

    @Test func aNightThatWasCutOffGoesOnInTheSameLog() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appending(path: "night.nightlog").path
            do {
                var world = World(path, [leg(10, boot: 1, seed: 7)])
                try world.perform(world.recorder.tick(world.moment))
                try world.plug(0)
                try world.live(60)
                // Killed: nothing is finished.
            }
            let standing = try NightLog.standing(path)
            #expect(!standing.isClosed && standing.samples[0] > 5000)
            var options = NightRecorder.Options()
            options.hostBoot = 6
            options.assignment = LegAssignment(left: "A")
            options.unfinished = standing
            var world = World(path, [leg(10, boot: 2, seed: 8)])
            world.recorder = NightRecorder(options)
            world.seconds = 600
            world.legs[0].start = 600
            try world.perform(world.recorder.tick(world.moment))
            try world.plug(0)
            try world.live(60)
            try world.finish()
            #expect(world.recorder.state.lanes[0].gaps == 1 && world.recorder.state.hasGaps)
            let night = try ReadLog(path)
            #expect(night.events.contains(.recordingResumed))
            let gaps = night.blocks.compactMap(\.gap)
            #expect(gaps == [Gap(.restart)])
            let again = try #require(night.blocks.first { $0.gap != nil })
            #expect(again.first == standing.samples[0])
            #expect(abs(again.time - night.blocks[0].time - 600) < 2)
        }
    }

    @Test func anotherSensorBeginsALogOfItsOwn() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appending(path: "night.nightlog").path
            var options = NightRecorder.Options()
            options.assignment = LegAssignment(left: "A")
            var header = NightLog.Header(
                identifier: .random(), creation: NightLog.Stamp(hostBoot: 1, bootTime: 1, utc: 1),
                zone: .init(offset: 0), streams: [.init(leg: .left, serial: "Z", nominalRate: 100, scale: 1)])
            options.unfinished = NightLog.Standing(
                header: header, isClosed: false, last: header.creation, samples: [500])
            var world = World(path, [leg(10, boot: 2, seed: 8)])
            world.recorder = NightRecorder(options)
            world.keeper = NightLogKeeper(path: path, isNumbered: true)
            header.streams[0].site = "foot"
            _ = try NightLogWriter.create(path, header).header
            let before = try Data(contentsOf: URL(filePath: path))
            try world.perform(world.recorder.tick(world.moment))
            try world.plug(0)
            try world.live(5)
            try world.finish()
            #expect(world.keeper.path == folder.appending(path: "night-2.nightlog").path)
            #expect(try Data(contentsOf: URL(filePath: path)) == before)
            #expect(try NightLog.standing(world.keeper.path).isClosed)
        }
    }
}
