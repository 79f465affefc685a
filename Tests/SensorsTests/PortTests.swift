// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import TestSupport
import Testing

@testable import Sensors

/// Serial ports end to end on real pseudo-terminals. Each test has ports of its own.
@Suite struct PortTests {
    /// What a source gave within so many seconds, or until something was.
    private func events(
        _ source: inout PortSource, seconds: Double, until isEnough: ([SensorEvent.Kind]) -> Bool
    ) -> [SensorEvent.Kind] {
        var events: [SensorEvent] = []
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end, source.wait(0.02, into: &events), !isEnough(events.map(\.kind)) {}
        return events.map(\.kind)
    }

    private func isFound(_ events: [SensorEvent.Kind]) -> Bool {
        events.contains { if case .found = $0 { true } else { false } }
    }

    private func isLost(_ events: [SensorEvent.Kind]) -> Bool { events.contains(.lost(.unplugged)) }

    @Test func bytesOfAPortBecomeSamplesAndTheLabelIsSaid() throws {
        let port = try PseudoTerminal()
        var setup = TextLineTests.setup()
        setup.port = port.path
        var source = PortSource([setup])
        var seen = events(&source, seconds: 5, until: isFound)
        port.send("\n0,0,1\n0.5,0,1\n".utf8)
        seen += events(&source, seconds: 5) { TextLineTests.samples($0).count == 2 }
        #expect(TextLineTests.samples(seen).map(\.counts) == [[0, 0, 2048], [1024, 0, 2048]])
        #expect(seen.contains(.found(serial: "board", driver: "text lines (no gap detection)")))
        let labels = seen.filter { if case .trouble(.noGapDetection, _) = $0 { true } else { false } }
        #expect(labels.count == 1)
        source.stop()
        #expect(!events(&source, seconds: 5) { _ in false }.contains { if case .lost = $0 { true } else { false } })
    }

    @Test func anUnpluggedPortIsLostAndFoundAgainByItsName() throws {
        try Fixtures.withTemporaryFolder { folder in
            let name = folder.appending(path: "by-id").path
            let first = try PseudoTerminal()
            try FileManager.default.createSymbolicLink(atPath: name, withDestinationPath: first.path)
            var setup = TextLineTests.setup()
            setup.port = name
            var source = PortSource([setup])
            #expect(isFound(events(&source, seconds: 5, until: isFound)))
            first.send("\n0,0,1\n0,0,1\n0,0".utf8)
            var seen = events(&source, seconds: 5) { TextLineTests.samples($0).count == 2 }
            try FileManager.default.removeItem(atPath: name)
            first.unplug()
            seen += events(&source, seconds: 5, until: isLost)
            #expect(isLost(seen))
            let second = try PseudoTerminal()
            try FileManager.default.createSymbolicLink(atPath: name, withDestinationPath: second.path)
            let plugged = ContinuousClock.now
            seen = events(&source, seconds: 5, until: isFound)
            #expect(isFound(seen) && ContinuousClock.now - plugged < .seconds(2))
            second.send(".5\n0,0,1\n".utf8)
            seen += events(&source, seconds: 5) { TextLineTests.samples($0).count == 1 }
            #expect(TextLineTests.samples(seen).map(\.boot) == [2])
            // The label was said, once.
            #expect(!seen.contains { if case .trouble = $0 { true } else { false } })
        }
    }

    @Test func aSecondRecorderIsToldThatThePortIsInUse() throws {
        let port = try PseudoTerminal()
        var setup = TextLineTests.setup()
        setup.port = port.path
        var first = PortSource([setup])
        #expect(isFound(events(&first, seconds: 5, until: isFound)))
        var second = PortSource([setup])
        let seen = events(&second, seconds: 5) { $0.contains { if case .trouble = $0 { true } else { false } } }
        let words = seen.compactMap { if case .trouble(.busy, let text) = $0 { text } else { nil } }
        #expect(words.first?.contains("another program uses it") ?? false, "\(seen)")
        #expect(!isFound(seen))
    }

    @Test func portsComeBesideSensorsOnUSBThatAreNotThere() throws {
        let ports = [try PseudoTerminal(), try PseudoTerminal()]
        let setups = ports.enumerated().map { index, port in
            var setup = TextLineTests.setup()
            (setup.name, setup.port) = ("board\(index)", port.path)
            return setup
        }
        var source = SensorSource(serials: ["NOT-THERE"], ports: setups)
        var events: [SensorEvent] = []
        func count(_ isMeant: (SensorEvent.Kind) -> Bool) -> Int { events.count { isMeant($0.kind) } }
        let end = ContinuousClock.now + .seconds(5)
        while ContinuousClock.now < end, source.wait(0.02, into: &events),
            count({ if case .found = $0 { true } else { false } }) < 2
        {}
        for port in ports { port.send("\n0,0,1\n".utf8) }
        while ContinuousClock.now < end, source.wait(0.02, into: &events),
            count({ if case .samples = $0 { true } else { false } }) < 2
        {}
        let senders = events.filter { if case .samples = $0.kind { true } else { false } }.map(\.sensor)
        #expect(Set(senders).count == 2, "each is a sensor of its own")
        source.stop()
        while ContinuousClock.now < end + .seconds(5), source.wait(0.02, into: &events) {}
    }

    @Test func aPortThatSendsSomethingElseIsNamedSoon() throws {
        let port = try PseudoTerminal()
        var setup = TextLineTests.setup()
        setup.port = port.path
        var source = PortSource([setup], clock: HostClock(scale: 20))
        _ = events(&source, seconds: 5, until: isFound)
        port.send("hello\nworld\n".utf8)
        let seen = events(&source, seconds: 5) { $0.contains { if case .trouble = $0 { true } else { false } } }
        let words = seen.compactMap { if case .trouble(.notOpened, let text) = $0 { text } else { nil } }
        #expect(words.count == 1 && words[0].contains("nothing comes that can be read"), "\(seen)")
    }

    @Test func whatIsNoSerialPortIsRefused() throws {
        try Fixtures.withTemporaryFolder { folder in
            let file = folder.appending(path: "file")
            try Data("0,0,1\n".utf8).write(to: file)
            #expect(throws: SensorError.self) { _ = try OpenPort(file.path, baud: 9600) }
            do throws(SensorError) {
                _ = try OpenPort(folder.appending(path: "nothing").path, baud: 9600)
                Issue.record("opened nothing")
            } catch {
                #expect(error.reason == .disconnected && error.description.contains("system error 2"))
            }
        }
    }

    @Test func aPauseOfMoreThanASecondIsAGap() throws {
        let port = try PseudoTerminal()
        var setup = TextLineTests.setup()
        setup.port = port.path
        // Ten times as fast: a second is a tenth of one.
        var source = PortSource([setup], clock: HostClock(scale: 10))
        _ = events(&source, seconds: 5, until: isFound)
        port.send("\n0,0,1\n".utf8)
        var seen = events(&source, seconds: 5) { TextLineTests.samples($0).count == 1 }
        usleep(300_000)
        port.send("0,0,1\n0,0,1\n".utf8)
        seen += events(&source, seconds: 5) { TextLineTests.samples($0).count >= 1 }
        let samples = TextLineTests.samples(seen)
        #expect(samples.count >= 2 && samples[1].declaredGap == Gap(.lost))
    }

    @Test func aSetupIsKeptAsItWasAndRubbishIsNone() {
        var setup = TextLineTests.setup(gravity: 16_384, time: .milliseconds, rate: 99.7)
        setup.port = "/dev/serial/by-id/usb-1a86 x=y"
        setup.isMeasured = true
        #expect(PortSetup(setup.encoded) == setup)
        setup.time = nil
        #expect(PortSetup(setup.encoded) == setup)
        for (old, new) in [
            ("port 1", "port 2"), ("baud = 115200", "baud = 12"), ("rate = 99.7", "rate = 10"),
            ("rate = 99.7", "rate = nan"),
            ("gravity = 16384.0", "gravity = 0"), ("format = text", "format = morse"), ("name = board", "name = ../x"),
            ("gravity = 16384.0", "gravity"),
        ] {
            #expect(PortSetup(setup.encoded.replacing(old, with: new)) == nil, "\(new)")
        }
        #expect(PortSetup("") == nil)
        #expect(PortSetup.name(ofPort: "/dev/ttyUSB0") == "ttyUSB0")
        #expect(
            PortSetup.name(ofPort: "/dev/serial/by-id/usb-1a86_USB Serial-if00-port0") == "86_USB-Serial-if00-port0")
    }

    @Test func aRateIsSentThroughThePort() throws {
        let port = try PseudoTerminal()
        let format = try #require(SensorDriver.portFormats.first { $0.takesRate })
        #expect(try OpenPort.set(port.path, format, rate: 100, baud: 9600) == 115_200)
        var bytes: [UInt8] = []
        while true {
            let more = port.received(within: 0.1)
            if more.isEmpty { break }
            bytes += more
        }
        #expect(bytes == WitMotionCommand.commands(rate: 100, baud: 9600)?.flatMap(\.bytes))
        #expect(try OpenPort.set(port.path, format, rate: 99, baud: 9600) == nil)
    }

    @Test func anotherRateThanTheSetupsIsSaidOnce() {
        var watch = RateWatch(100)
        var answers: [Double] = []
        for tenth in 0..<300 {
            if let rate = watch.take(1, at: UInt64(tenth) * 100_000_000) { answers.append(rate) }
        }
        #expect(answers.count == 1 && abs(answers[0] - 10) < 0.1)
        watch = RateWatch(10.5)
        #expect((0..<300).allSatisfy { watch.take(1, at: UInt64($0) * 100_000_000) == nil })
    }
}
