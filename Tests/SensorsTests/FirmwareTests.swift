// SPDX-License-Identifier: GPL-3.0-or-later
import Recordings
import Testing

@testable import Sensors

@Suite struct FirmwareTests {
    @Test(arguments: ["plain", "xiao", "no-binascii", "slowest", "fastest"])
    func everySampleArrivesOnceAndInOrder(scenario: String) throws {
        let run = try FirmwareRun(scenario)
        run.expectWholeFrames()
        let data = try run.data()
        #expect(data.count > 200)
        for (last, next) in zip(data, data.dropFirst()) where last.offset == next.offset {
            #expect(next.samples.firstIndex == last.samples.firstIndex + UInt32(last.samples.count))
        }
        // Only a new rate, which empties the FIFO, may come between the sensor's numbers and the index.
        #expect(Set(data.map(\.offset)).count <= run.truth.segments.count)
        #expect(data.allSatisfy { !$0.samples.flags.contains(.overrun) })
        #expect(data.allSatisfy { $0.samples.count == ($0.frame.encoded.count == 62 ? 5 : 10) })
        // At the end nothing is kept back but what does not fill a frame.
        let last = try #require(data.last)
        #expect(run.truth.samples - (last.number + last.samples.count) < 25)
        #expect(run.statuses.last?.1.dropped == 0)
    }

    @Test(arguments: ["plain", "xiao"])
    func timesAreThoseOfTheSamples(scenario: String) throws {
        let run = try FirmwareRun(scenario)
        let data = try run.data()
        for data in data {
            let error = Double(data.frame.deviceTime) - run.truth.time(data.number)
            // At first within a sample, then within a turn of the loop.
            #expect(abs(error) < (run.seconds(data.frame) < 5 ? 12_000 : 6_000), "index \(data.samples.firstIndex)")
        }
        // The label says 100 or 104 Hz; the sensor is off by more than one per cent.
        let period = try #require(run.statuses.last?.1.samplePeriod)
        #expect(abs(Double(period) / run.truth.segments[0].period - 1) < 100e-6)
        let estimated = data.filter { $0.samples.flags.contains(.clockEstimated) }
        #expect(try run.seconds(#require(estimated.last).frame) < 6)
    }

    @Test func informationComesFirstAndAgainEveryTenSeconds() throws {
        let run = try FirmwareRun("plain")
        let expected = LegWire.Information(
            streams: [.init(leg: nil, rate: 100_000, range: 8000, scale: 0.00025, model: "LIS3DH")],
            serial: "0123456789ABCDEF")
        guard case .information = run.frames[0].content else {
            Issue.record("begins with \(run.frames[0])")
            return
        }
        #expect(run.information.allSatisfy { $0.1 == expected })
        #expect(abs(run.information[0].time - 2.5) < 0.05)
        #expect(run.information.count == 13)
        let xiao = try FirmwareRun("xiao").information
        #expect(
            xiao[0].1.streams == [.init(leg: nil, rate: 104_000, range: 8000, scale: 0.000244, model: "LSM6DS3C")])
    }

    @Test func statusComesOnceASecond() throws {
        let run = try FirmwareRun("plain")
        #expect((126...128).contains(run.statuses.count))
        for (last, next) in zip(run.statuses, run.statuses.dropFirst()) {
            #expect(abs(next.time - last.time - 1) < 0.02)
            #expect(abs(Double(next.1.uptime) / 1e6 - next.time) < 0.001)
        }
        #expect(run.statuses.allSatisfy { $0.1.temperature == 3125 && $0.1.battery == 0 })
        let battery = try FirmwareRun("xiao").statuses.map(\.1.battery)
        #expect(battery.allSatisfy { (3880...3900).contains($0) })
        let low = try FirmwareRun("low-battery")
        #expect(try low.data().allSatisfy { $0.samples.flags.contains(.lowBattery) })
        #expect(low.statuses.allSatisfy { (3380...3400).contains($0.1.battery) })
    }

    /// The stalls: whether more passed than the FIFO holds, 32 or 682 samples.
    @Test(arguments: [
        ("overrun", [(10.0, false), (20, true), (30, true), (40, true)], 32),
        ("xiao-overrun", [(10, false), (20, true)], 682),
    ]) func whatTheFIFOLostIsFlaggedAndCounted(scenario: String, stalls: [(Double, Bool)], capacity: Int) throws {
        let run = try FirmwareRun(scenario)
        run.expectWholeFrames()
        let data = try run.data()
        #expect(run.truth.longestFIFO == (capacity == 32 ? 32 : 2046))
        let first = try #require(data.first)
        var missing = 0
        var overruns: [Double] = []
        for (last, next) in zip(data, data.dropFirst()) {
            let gap = next.number - last.number - last.samples.count
            // The index is the sensor's own number even after what was lost was counted by the clock.
            #expect(next.offset == first.offset)
            #expect(next.samples.flags.contains(.overrun) == (gap > 0))
            if gap > 0 {
                missing += gap
                overruns.append(run.seconds(next.frame))
                #expect(next.samples.flags.contains(.clockEstimated))
            }
        }
        #expect(overruns.count == stalls.count { $0.1 })
        for (time, stall) in zip(overruns, stalls.filter(\.1)) { #expect(time > stall.0 && time < stall.0 + 9) }
        #expect(try Int(#require(run.statuses.last).1.dropped) == missing)
        // The seconds that a stall swallowed are not made up for.
        for (last, next) in zip(run.statuses, run.statuses.dropFirst()) { #expect(next.time - last.time > 0.05) }
    }

    @Test func aTornSampleIsPassedOver() throws {
        let run = try FirmwareRun("xiao-torn")
        run.expectWholeFrames()
        #expect(try run.data().count > 200)
    }

    @Test func aComputerThatDoesNotReadStopsNothing() throws {
        let run = try FirmwareRun("deaf")
        run.expectWholeFrames()
        let data = try run.data()
        // The sensor was read all the time.
        #expect(run.truth.longestFIFO < 10)
        let breaks = zip(data, data.dropFirst()).filter { last, next in
            next.number != last.number + last.samples.count
        }
        // Ten seconds are kept; of forty the newest twenty are.
        try #require(breaks.count == 1)
        let (last, next) = breaks[0]
        #expect(next.samples.flags.contains(.overrun))
        #expect(data.count { $0.samples.flags.contains(.overrun) } == 1)
        #expect(Set(data.map(\.offset)).count == 1)
        #expect(abs(run.seconds(last.frame) - 40) < 0.5 && abs(run.seconds(next.frame) - 60) < 0.5)
        let missing = next.number - last.number - last.samples.count
        #expect(run.statuses.last?.1.dropped == UInt32(missing))
        // Of the status there is one for the time in between, not forty.
        #expect(run.statuses.count { (41..<79).contains($0.time) } == 0)
    }

    @Test(arguments: [("button", [5, 10, 20]), ("xiao-button", [5.0])])
    func aPressIsAMark(scenario: String, presses: [Double]) throws {
        let run = try FirmwareRun(scenario)
        run.expectWholeFrames()
        try #require(run.marks.count == presses.count)
        for (mark, press) in zip(run.marks, presses) { #expect(mark >= press && mark < press + 0.01) }
        // The lamp shows it for half a second.
        let lit = run.truth.lamp.filter { $0.isOn && $0.time > 4 }
        #expect(lit.count == presses.count)
    }

    @Test func anotherPowerUpIsAnotherBoot() throws {
        let run = try FirmwareRun("restart")
        run.expectWholeFrames()
        #expect(run.truths[0].boot != run.truths[1].boot)
        for part in 0..<2 {
            let data = try run.data(part)
            #expect(data.count > 100)
            #expect(data[0].samples.firstIndex < 10 && Set(data.map(\.offset)).count == 1)
        }
        #expect(run.information.count { $0.time < 1 } == 2)
    }

    @Test func anOpenPortStartsAndAClosedOneStops() throws {
        let run = try FirmwareRun("reopened")
        let data = try run.data()
        let times = data.map { run.seconds($0.frame) }
        #expect(times.allSatisfy { $0 > 0.9 && $0 < 9.6 || $0 > 19.9 })
        // Time without a listener is a jump of the index, no overrun: nothing was to be sent.
        #expect(Set(data.map(\.offset)).count == 1)
        #expect(data.allSatisfy { !$0.samples.flags.contains(.overrun) })
        #expect(run.statuses.last?.1.dropped == 0)
        #expect(run.counts.boots == 1 && run.counts.skippedBytes == 0 && run.counts.checksumErrors == 0)
        #expect(run.information.contains { abs($0.time - 20) < 0.05 })
    }

    @Test func aSensorThatComesBackGoesOn() throws {
        let run = try FirmwareRun("broken")
        run.expectWholeFrames()
        let data = try run.data()
        let after = try #require(data.first { $0.samples.flags.contains(.overrun) })
        #expect(data.count { $0.samples.flags.contains(.overrun) } == 1)
        #expect((13.2..<14).contains(run.seconds(after.frame)))
        // What is missing is known by the clock alone.
        let before = try #require(data.last { $0.number < after.number })
        #expect(abs(after.offset - before.offset) <= 2)
        let jump = Int(after.samples.firstIndex - before.samples.firstIndex) - before.samples.count
        #expect((315...360).contains(jump))
        #expect(run.truth.lamp.count { $0.isOn && (10..<13.6).contains($0.time) } > 10)
        let late = try FirmwareRun("broken-at-first")
        late.expectWholeFrames()
        #expect(try late.data().allSatisfy { run.seconds($0.frame) > 5 && !$0.samples.flags.contains(.overrun) })
        #expect(late.information[0].time < 1)
    }

    @Test func commandsAreObeyedAndAnswered() throws {
        let run = try FirmwareRun("commands")
        run.expectWholeFrames()
        let data = try run.data()
        let information = run.information.filter { abs($0.time.remainder(dividingBy: 10)) > 0.1 || $0.time < 1 }
        let rates = information.map { Int($0.1.streams[0].rate / 1000) }
        // At the start; GET_INFO; START; SET_RATE 208 to the sensor's 200; SET_RATE 1000, which it does not have.
        #expect(rates == [100, 100, 100, 200, 200])
        for (time, expected) in zip(information.map(\.time), [0.0, 5, 12, 24, 32]) {
            #expect(time >= expected && time < expected + 0.1)
        }
        // STOP: a receipt, then silence.
        #expect(run.frames.allSatisfy { !(8.1..<11.9).contains(run.seconds($0)) })
        #expect(run.statuses.contains { abs($0.time - 8) < 0.02 })
        #expect(run.statuses.contains { (20..<20.01).contains($0.time) })
        #expect(run.truth.calendar == [2025, 6, 15, 15, 6, 40])
        // The new rate holds for every frame after its INFO, and the index goes on.
        let change = try #require(run.frames.lastIndex { $0.content == .information(information[3].1) })
        let first = try #require(
            run.frames.firstIndex { run.seconds($0) > 24 && $0.content == .information(information[3].1) })
        #expect(first < change)
        for data in data where data.frame.sequence > run.frames[first].sequence { #expect(data.samples.count == 10) }
        for data in data where data.frame.sequence < run.frames[first].sequence { #expect(data.samples.count == 5) }
        let calm = data.filter { run.seconds($0.frame) > 26 }
        for (last, next) in zip(calm, calm.dropFirst()) {
            #expect(next.samples.firstIndex == last.samples.firstIndex + 10)
        }
        // Noise and damage between commands harm none of them, and nothing else was lost.
        #expect(run.statuses.last?.1.dropped == 0)
    }

    @Test func aNewRateWaitsForTheSamplesBeforeIt() throws {
        let run = try FirmwareRun("rate-while-deaf")
        run.expectWholeFrames()
        let change = try #require(run.information.first { $0.1.streams[0].rate == 200_000 }).1
        let place = try #require(run.frames.firstIndex { $0.content == .information(change) })
        let data = try run.data()
        let border = run.frames[place].sequence
        #expect(data.allSatisfy { $0.samples.count == ($0.frame.sequence < border ? 5 : 10) })
        // The two seconds that waited are there.
        #expect(data.contains { $0.frame.sequence < border && run.seconds($0.frame) > 9.9 })
        // Where the frame that says it was dropped, it is the first thing to be said.
        let late = try FirmwareRun("rate-lost")
        late.expectWholeFrames()
        let fast = try #require(late.frames.firstIndex { $0.encoded.count == 92 })
        #expect(late.frames[..<fast].contains { $0.content == .information(change) })
    }

    @Test func theDriveIsHiddenUnlessTheButtonIsHeld() throws {
        for board in ["", "xiao-"] {
            let usual = try FirmwareRun(board + "boot").truth
            #expect(!usual.drive && usual.dataPort)
            let held = try FirmwareRun(board + "boot-held")
            #expect(held.truth.drive && held.truth.dataPort && held.truth.ended == "returned")
            #expect(held.frames.isEmpty && held.truth.lamp.last?.isOn == true)
        }
        #expect(try FirmwareRun("no-port").truth.ended == "returned")
    }

    @Test func theLampIsDarkThroughAGoodNight() throws {
        let lamp = try FirmwareRun("plain").truth.lamp
        #expect(lamp.last.map { !$0.isOn && abs($0.time - 5.5) < 0.1 } == true)
        // While no computer listens it flashes.
        let waiting = try FirmwareRun("reopened").truth.lamp.filter { $0.isOn && (10..<20).contains($0.time) }
        #expect(waiting.count == 5)
    }
}
