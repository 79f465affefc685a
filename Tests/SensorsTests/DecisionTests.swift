// SPDX-License-Identifier: GPL-3.0-or-later
import Recordings
import Testing

@testable import Sensors

@Suite struct TransferRingTests {
    @Test func anUnpluggedSensorEndsAfterEveryTransferIsBack() {
        var ring = TransferRing(transfers: 2)
        #expect(ring.returned(.noDevice) == .cancelOthers(.disconnected))
        #expect(ring.returned(.cancelled) == .finish(.disconnected))
    }

    @Test func aTimeOutIsNoEnd() {
        var ring = TransferRing(transfers: 2)
        #expect(ring.returned(.timedOut) == .resubmit)
        #expect(ring.returned(.completed) == .resubmit)
        #expect(ring.inFlight == 2)
    }

    @Test func unpluggingOutdoesAStall() {
        var ring = TransferRing(transfers: 3)
        #expect(ring.returned(.stalled) == .cancelOthers(.stalled))
        #expect(ring.returned(.noDevice) == .wait)
        #expect(ring.returned(.cancelled) == .finish(.disconnected))
    }

    @Test func dataThatCameWhileCancellingIsTheLastOfItsTransfer() {
        var ring = TransferRing(transfers: 2)
        #expect(ring.stop() == .cancelOthers(.asked))
        #expect(ring.stop() == .wait)
        #expect(ring.returned(.completed) == .wait)
        #expect(ring.returned(.cancelled) == .finish(.asked))
        #expect(ring.stop() == .finish(.asked))
    }

    @Test func aTransferThatIsRefusedCountsAsBack() {
        var ring = TransferRing(transfers: 1)
        #expect(ring.returned(.completed) == .resubmit)
        #expect(ring.refused(.noDevice) == .finish(.disconnected))
    }

    /// Every order of statuses of three transfers, five events deep: it ends exactly when all are back, once.
    @Test func everyStatusAtEveryMomentEndsWithAllTransfersBack() {
        func explore(_ ring: TransferRing, depth: Int) {
            guard depth > 0 else { return }
            for status in TransferRing.Status.allCases {
                var next = ring
                let action = next.returned(status)
                switch action {
                case .resubmit: #expect(next.inFlight == ring.inFlight)
                case .finish:
                    #expect(next.inFlight == 0)
                    continue
                case .wait, .cancelOthers: #expect(next.inFlight == ring.inFlight - 1 && next.inFlight > 0)
                }
                explore(next, depth: depth - 1)
            }
        }
        explore(TransferRing(transfers: 3), depth: 5)
    }
}

@Suite struct WatchdogTests {
    private let second: UInt64 = 1_000_000_000

    @Test func silenceClimbsTheLadderForEver() {
        var watchdog = Watchdog(at: 0)
        #expect(watchdog.check(at: second) == nil)
        #expect(watchdog.check(at: 2 * second) == .clearHalt)
        #expect(watchdog.check(at: 3 * second) == nil)
        #expect(watchdog.check(at: 4 * second) == .reset)
        #expect(watchdog.check(at: 6 * second) == .reopen(after: second / 2))
        var now = 7 * second
        var waits: [UInt64] = []
        for _ in 0..<10 {
            watchdog.opened(at: now)
            for _ in 0..<3 {
                now += 2 * second
                if case .reopen(let wait) = watchdog.check(at: now) {
                    waits.append(wait)
                    now += wait
                }
            }
        }
        #expect(waits.map { $0 / (second / 2) } == [2, 4, 8, 16, 32, 60, 60, 60, 60, 60])
    }

    @Test func bytesBringItBackToTheFirstStep() {
        var watchdog = Watchdog(at: 0)
        #expect(watchdog.check(at: 2 * second) == .clearHalt)
        watchdog.heard(at: 3 * second)
        #expect(watchdog.check(at: 4 * second) == nil)
        #expect(watchdog.check(at: 5 * second) == .clearHalt)
    }

    @Test func aStepThatCannotBeTakenIsFollowedByTheNext() {
        var watchdog = Watchdog(at: 0)
        #expect(watchdog.failed(.clearHalt) == .reset)
        #expect(watchdog.failed(.reset) == .reopen(after: second / 2))
        #expect(watchdog.failed(.reset) == .reopen(after: second))
    }

    @Test func theThirdStallInAMinuteResets() {
        var watchdog = Watchdog(at: 0)
        #expect(watchdog.stalled(at: second) == .clearHalt)
        #expect(watchdog.stalled(at: 20 * second) == .clearHalt)
        #expect(watchdog.stalled(at: 40 * second) == .reset)
        #expect(watchdog.stalled(at: 41 * second) == .reopen(after: second / 2))
        #expect(watchdog.stalled(at: 200 * second) == .clearHalt)
    }
}

@Suite struct DeviceMatchingTests {
    @Test func onlyTheNamedSensorsAreTaken() {
        var matching = DeviceMatching(named: ["B", "A"], limit: 1)
        #expect(matching.answer(to: "A") == .take(sensor: 1))
        #expect(matching.answer(to: "C") == .refuse)
        #expect(matching.answer(to: "B") == .take(sensor: 0))
    }

    @Test func theFirstThatComeStayTheNightsSensors() {
        var matching = DeviceMatching(limit: 2)
        #expect(matching.answer(to: "A") == .take(sensor: 0))
        #expect(matching.answer(to: "B") == .take(sensor: 1))
        #expect(matching.answer(to: "C") == .refuse)
        #expect(matching.answer(to: "A") == .take(sensor: 0))
    }

    @Test func aDeviceThatCannotBeOpenedIsTriedLaterAndLater() {
        var attempts = OpeningAttempts()
        let place = DevicePlace(bus: 1, address: 2)
        let second: UInt64 = 1_000_000_000
        #expect(attempts.mayTry(place, at: 0))
        let isFirst = attempts.failed(place, at: 0)
        #expect(isFirst)
        #expect(!attempts.mayTry(place, at: second / 2 - 1))
        #expect(attempts.mayTry(place, at: second / 2))
        let isFirstAgain = attempts.failed(place, at: second / 2)
        #expect(!isFirstAgain)
        #expect(!attempts.mayTry(place, at: second))
        #expect(attempts.mayTry(place, at: 3 * second / 2))
        attempts.refuse(place)
        #expect(!attempts.mayTry(place, at: 100 * second))
        attempts.keep(only: Set())
        #expect(attempts.mayTry(place, at: 100 * second))
    }
}

@Suite struct LegAssignmentTests {
    private let a = LegAssignment.Source(serial: "A", stream: 0)
    private let b = LegAssignment.Source(serial: "B", stream: 0)
    private let c = LegAssignment.Source(serial: "C", stream: 0)
    private let second = LegAssignment.Source(serial: "A", stream: 1)

    @Test func sensorsSayTheirLeg() {
        var assignment = LegAssignment()
        #expect(assignment.answer(to: b, saying: .right) == .leg(.right))
        #expect(assignment.answer(to: a, saying: .left) == .leg(.left))
        #expect(assignment.answer(to: b, saying: .left) == .leg(.right))
    }

    @Test func twoEqualSensorsAreAmbiguous() {
        var assignment = LegAssignment()
        #expect(assignment.answer(to: a, saying: .left) == .leg(.left))
        #expect(assignment.answer(to: b, saying: .left) == .ambiguous(with: "A"))
        assignment = LegAssignment()
        #expect(assignment.answer(to: a, saying: nil) == .leg(.left))
        #expect(assignment.answer(to: b, saying: nil) == .ambiguous(with: "A"))
    }

    @Test func namesOutdoWhatSensorsSay() {
        var assignment = LegAssignment(left: "B", right: "A")
        #expect(assignment.answer(to: a, saying: .left) == .leg(.right))
        #expect(assignment.answer(to: b, saying: .left) == .leg(.left))
        #expect(assignment.answer(to: c, saying: .left) == .unwanted)
        var one = LegAssignment(right: "A")
        #expect(one.possibleLegs == [.right])
        #expect(one.answer(to: a, saying: nil) == .leg(.right))
    }

    @Test func oneSensorMayHaveBothLegs() {
        var assignment = LegAssignment(left: "A", right: "A")
        #expect(assignment.answer(to: second, saying: .right) == .leg(.right))
        #expect(assignment.answer(to: a, saying: .left) == .leg(.left))
    }
}

@Suite struct StreamTimelineTests {
    private func check(
        _ timeline: inout StreamTimeline, _ index: Int, boot: UInt32 = 1, time: UInt64? = nil, overrun: Bool = false,
        gives expected: StreamTimeline.Verdict, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let verdict = timeline.take(
            firstIndex: UInt32(truncatingIfNeeded: index), count: 5, boot: boot,
            time: time ?? UInt64(max(1, index) * 10_000), rate: 100, overrun: overrun)
        #expect(verdict == expected, sourceLocation: sourceLocation)
    }

    @Test func whatFollowsIsNoGapAndAJumpIsCounted() {
        var timeline = StreamTimeline()
        check(&timeline, 1000, gives: .append(after: nil, skipping: 0))
        check(&timeline, 1005, gives: .append(after: nil, skipping: 0))
        check(&timeline, 1020, gives: .append(after: Gap(.lost, samples: 10), skipping: 0))
    }

    @Test func timeNeverGoesBack() {
        var timeline = StreamTimeline()
        check(&timeline, 100, gives: .append(after: nil, skipping: 0))
        check(&timeline, 100, gives: .drop)
        check(&timeline, 50, gives: .drop)
        check(&timeline, 102, gives: .append(after: nil, skipping: 3))
        check(&timeline, 107, gives: .append(after: nil, skipping: 0))
    }

    @Test func anotherRunOfTheSensorIsARestart() {
        var timeline = StreamTimeline()
        check(&timeline, 100, gives: .append(after: nil, skipping: 0))
        check(&timeline, 0, boot: 2, gives: .append(after: Gap(.restart), skipping: 0))
    }

    @Test func anOverrunIsSaidEvenWithoutAJump() {
        var timeline = StreamTimeline()
        check(&timeline, 100, gives: .append(after: nil, skipping: 0))
        check(&timeline, 105, overrun: true, gives: .append(after: Gap(.overrun), skipping: 0))
        check(&timeline, 120, overrun: true, gives: .append(after: Gap(.overrun, samples: 10), skipping: 0))
    }

    @Test func aSensorThatStoodStillIsAHoleInTime() {
        var timeline = StreamTimeline()
        check(&timeline, 100, gives: .append(after: nil, skipping: 0))
        check(&timeline, 105, time: 5_000_000, gives: .append(after: Gap(.timeHole), skipping: 0))
        // Two per cent off the nominal rate is no hole.
        check(&timeline, 110, time: 5_051_000, gives: .append(after: nil, skipping: 0))
    }

    @Test func theIndexWrapsAround() {
        var timeline = StreamTimeline()
        check(&timeline, Int(UInt32.max) - 4, time: 10, gives: .append(after: nil, skipping: 0))
        check(&timeline, 0, time: 50_010, gives: .append(after: nil, skipping: 0))
    }
}
