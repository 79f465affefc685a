// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import TestSupport
import Testing

@testable import Sensors

@Suite struct DriverTests {
    private static let bulk = USBDescription(
        vendor: 0x1209, product: 0x0001,
        interfaces: [.init(number: 0, triple: InterfaceClass(0xFF, 0x4C, 0x01), bulkEndpoints: [0x81, 0x01])])
    /// A CircuitPython board: a console, a drive, and a second port for data.
    private static let board = USBDescription(
        vendor: 0x239A, product: 0x8045,
        interfaces: [
            .init(number: 0, triple: InterfaceClass(2, 2, 1), bulkEndpoints: []),
            .init(number: 1, triple: InterfaceClass(10, 0, 0), bulkEndpoints: [0x82, 0x02]),
            .init(number: 2, triple: InterfaceClass(8, 6, 0x50), bulkEndpoints: [0x83, 0x03]),
            .init(number: 3, triple: InterfaceClass(2, 2, 1), bulkEndpoints: []),
            .init(number: 4, triple: InterfaceClass(10, 0, 0), bulkEndpoints: [0x85, 0x05]),
        ])

    @Test func aSensorIsRecognisedByItsInterface() {
        let match = SensorDriver.matching(Self.bulk)
        #expect(match?.driver.name == "LegWire")
        #expect(match?.connection.input == 0x81)
        #expect(match?.connection.start == [LegWire.start])
        #expect(match?.connection.settings == .requests)
        var other = Self.bulk
        other.interfaces[0].triple = InterfaceClass(0xFF, 0, 0)
        #expect(SensorDriver.matching(other) == nil)
    }

    @Test func aBoardIsReadOnItsSecondPort() {
        let match = SensorDriver.matching(Self.board)
        #expect(match?.connection.interfaces == [3, 4])
        #expect(match?.connection.input == 0x85)
        #expect(match?.connection.start.last == ControlRequest(0x21, 0x22, value: 3, index: 3))
        #expect(match?.connection.settings == .frames(endpoint: 0x05))
        #expect(match?.connection.start.first?.data == [0x00, 0xC2, 0x01, 0x00, 0, 0, 8])
        var unknown = Self.board
        unknown.vendor = 0x1234
        #expect(SensorDriver.matching(unknown) == nil)
    }

    @Test func aBoardThatCannotBeWrittenToIsReadAllTheSame() {
        var board = Self.board
        board.interfaces[4].bulkEndpoints = [0x85]
        #expect(SensorDriver.matching(board)?.connection.settings == SensorDriver.SettingsWay.none)
    }

    @Test func commandsAreTheFramesOfTheFirmwaresPage() throws {
        func bytes(_ text: String) -> [UInt8] { text.split(separator: " ").compactMap { UInt8($0, radix: 16) } }
        let page = try String(
            contentsOf: Fixtures.project.appending(path: "tools/firmware/README.md"), encoding: .utf8)
        for (title, command, number) in [
            ("SET_RATE 100 Hz, number 2", LegWire.Command.setRate(100, stream: 0), UInt32(2)),
            ("SET_TIME 1750000000 s, number 3", .setTime(1_750_000_000_000_000_000), 3),
        ] {
            let line = try #require(page.split(separator: "\n").first { $0.contains(title) })
            #expect(command.encoded(number: number) == bytes(String(line).replacing(title, with: "")), "\(title)")
        }
    }

    @Test func everyDriverHasATransportThatIsItsOwn() {
        #expect(Set(SensorDriver.all.map(\.name)).count == SensorDriver.all.count)
        #expect(SensorDriver.portFormats.map(\.key).sorted() == ["text", "witmotion"])
        for driver in SensorDriver.all {
            // Who numbers nothing says so in its name, which is what the night log keeps of it.
            if case .port = driver.transport { #expect(driver.name.hasSuffix("(no gap detection)")) }
        }
    }

    @Test func aLoggerIsNoSensorToRecordFrom() {
        let logger = USBDescription(
            vendor: 0x04D8, product: 0x0057,
            interfaces: [
                .init(number: 0, triple: InterfaceClass(8, 6, 0x50), bulkEndpoints: [0x81, 0x01]),
                .init(number: 1, triple: InterfaceClass(2, 2, 1), bulkEndpoints: []),
                .init(number: 2, triple: InterfaceClass(10, 0, 0), bulkEndpoints: [0x83, 0x03]),
            ])
        #expect(SensorDriver.matching(logger) == nil)
        #expect(SensorDriver.logger(logger)?.name == "Axivity logger")
        #expect(SensorDriver.logger(Self.board) == nil)
    }

    @Test func theRuleInToolsIsTheOneThatTheDriversMake() throws {
        let path = Fixtures.project.appending(path: "tools/70-nattro.rules")
        let text = try String(contentsOf: path, encoding: .utf8)
        #expect(text == UdevRule.text)
        for identity in SensorDriver.all.flatMap(\.identities) {
            #expect(
                text.contains(
                    "ATTRS{idVendor}==\"\(identity.vendor.hexadecimal)\", ATTRS{idProduct}==\"\(identity.product.hexadecimal)\""
                ))
        }
        // udev since version 254 checks rules.
        let help = try ProgramRun("udevadm", ["--help"])
        guard help.output.contains("verify") else {
            return print("udevadm verify is not there: the rule was not checked")
        }
        let run = try ProgramRun("udevadm", ["verify", path.path])
        #expect(run.status == 0, "\(run.output)\(run.errors)")
    }

    @Test func aDecoderGivesTheSameEventsForEveryCut() {
        let bytes = LegWireParserTests.everyType.flatMap(\.encoded)
        var whole: [SensorEvent.Kind] = []
        var decoder = LegWireDecoder()
        decoder.append(bytes, into: &whole)
        #expect(whole.count == 6)
        var pieces: [SensorEvent.Kind] = []
        decoder = LegWireDecoder()
        for byte in bytes { decoder.append([byte], into: &pieces) }
        #expect(pieces == whole)
    }

    @Test func samplesThatWaitedInTheSensorKeepTheSettingsTheyWereTakenWith() {
        var decoder = LegWireDecoder()
        var events: [SensorEvent.Kind] = []
        let first = LegWireParserTests.information
        var second = first
        second.streams[0].scale = 1 / 1024
        func check(_ expected: [Float], sourceLocation: SourceLocation = #_sourceLocation) {
            var scales: [Float] = []
            for case .settings(let settings) in events { scales.append(settings.streams[0].scale) }
            #expect(scales == expected, sourceLocation: sourceLocation)
        }
        decoder.take(information: first.encoded, into: &events)
        decoder.append(LegWireParserTests.dataFrame(0).encoded, into: &events)
        decoder.finish(into: &events)
        // It was set anew while it was away, and still has a frame from before.
        decoder.take(information: second.encoded, into: &events)
        decoder.append(LegWireParserTests.dataFrame(1).encoded, into: &events)
        check([1 / 4096])
        let frame = LegWire.Frame(stream: 0, boot: 7, sequence: 2, deviceTime: 0, content: .information(second))
        decoder.append(frame.encoded, into: &events)
        check([1 / 4096, 1 / 1024])
        // Another run has no old frames: there the answer holds.
        decoder.take(information: first.encoded, into: &events)
        decoder.append(LegWireParserTests.dataFrame(0, boot: 8).encoded, into: &events)
        check([1 / 4096, 1 / 1024, 1 / 4096])
    }

    @Test func newsComeThroughTheRingAsTheyWere() {
        let all: [USBNews] = [
            .found(serial: "NR-1", driver: 1), .information([1, 2]), .lost(.babble), .trouble(.busy, "who"),
            .trouble(.cleared, ""), .noUSB("none"), .interrupted,
        ]
        for news in all { #expect(USBNews(news.encoded) == news) }
        #expect(USBNews([]) == nil && USBNews([99]) == nil)
    }

    @Test func aStillSensorPassesTheSelfTestAndALossDoesNot() {
        var test = SelfTest()
        func take(_ kind: SensorEvent.Kind) { test.take(SensorEvent(sensor: 0, bootTime: 0, kind: kind)) }
        take(.found(serial: "A", driver: "LegWire"))
        take(.settings(.init(serial: "A", streams: [.init(leg: .left, rate: 100, range: 8, scale: 1 / 4096)])))
        var generator = SplitMix(state: 9)
        for frame in 0..<1200 where frame != 600 {
            let counts = (0..<15).map { index in
                Int16((index % 3 == 2 ? 4096 : 0) + Int.random(in: -8...8, using: &generator))
            }
            take(
                .samples(
                    SensorSamples(
                        stream: 0, boot: 1, firstIndex: UInt32(frame * 5), deviceTime: UInt64(frame) * 50_500 + 1,
                        flags: [], counts: counts)))
            if frame == 599 { #expect(test.results[0].problems.isEmpty) }
        }
        let result = test.results[0]
        #expect(result.missing == 5 && result.samples == 5995)
        #expect(abs(result.gravity - 1) < 0.001 && abs(result.rate - 99.0099) < 0.01)
        // The standard deviation of whole numbers from -8 to 8 is 4.9 counts.
        #expect(abs(result.noise.upperBound - 4.9 / 4.096) < 0.05)
        #expect(result.problems.count == 1)
    }
}
