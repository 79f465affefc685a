// SPDX-License-Identifier: GPL-3.0-or-later
import Recordings
import TestSupport
import Testing

@testable import Sensors

@Suite struct WitMotionTests {
    static let setup = PortSetup(name: "wit", port: "/dev/none", format: "witmotion", baud: 9600, rate: 100)

    static func frame(_ type: UInt8, _ values: [Int16]) -> [UInt8] {
        var bytes: [UInt8] = [0x55, type]
        for value in values { bytes.append(integer: value) }
        return bytes + [bytes.reduce(0) { $0 &+ $1 }]
    }

    /// As a sensor sends: acceleration, rotation, angle. The last frame is trusted, as another begins behind it.
    static func stream(_ count: Int, from first: Int = 0) -> [UInt8] {
        (first..<first + count).flatMap { index in
            frame(0x51, [Int16(index), -0x5556, 2048, 3000]) + frame(0x52, [1, 2, 3, 0x5151])
                + frame(0x53, [0x5555, 0x5155, 7, 8])
        }
    }

    private func events(_ pieces: [[UInt8]]) -> [SensorEvent.Kind] {
        var decoder = WitMotionDecoder(Self.setup)
        var events: [SensorEvent.Kind] = []
        for piece in pieces { decoder.append(piece, into: &events) }
        decoder.finish(into: &events)
        return events
    }

    @Test func anAccelerationIsASampleOf16gRange() throws {
        // The example of the vendor's protocol, computed by hand: 55+51+00+00+00+00+00+08+B8+0B = 0x171.
        #expect(Self.frame(0x51, [0, 0, 2048, 3000]) == [0x55, 0x51, 0, 0, 0, 0, 0, 8, 0xB8, 0x0B, 0x71])
        let events = events([Self.stream(3)])
        guard case .settings(let settings) = events.first else {
            Issue.record("no settings come first")
            return
        }
        let scale = try #require(settings.streams.first?.scale)
        let samples = TextLineTests.samples(events)
        #expect(samples.map(\.counts) == [[0, -0x5556, 2048], [1, -0x5556, 2048], [2, -0x5556, 2048]])
        // 2048 of 32768 of 16 g.
        #expect(Float(2048) * scale == 1)
        #expect(samples.map(\.firstIndex) == [0, 1, 2] && samples.allSatisfy { $0.declaredGap == nil })
    }

    @Test func anyCutGivesTheSameEvents() {
        var bytes: [UInt8] = [0x55, 0x51, 9, 0x55] + Self.stream(4)
        bytes[60] ^= 4
        bytes.insert(contentsOf: [0x55, 0x51, 0xAA], at: 90)
        let whole = events([bytes])
        for cut in 0...bytes.count { #expect(events([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole) }
        #expect(events(bytes.map { [$0] }) == whole)
    }

    @Test func aWrongSumIsAGapOfUnknownLength() {
        var bytes = Self.stream(4)
        bytes[33 + 4] ^= 0x10
        let samples = TextLineTests.samples(events([bytes]))
        #expect(samples.map { $0.counts[0] } == [0, 2, 3])
        #expect(samples.map(\.declaredGap) == [nil, Gap(.lost), nil])
        var damage = TransferDamage()
        for case .damage(let more) in events([bytes]) { damage += more }
        #expect(damage.checksumErrors == 1)
    }

    @Test func aFrameThatHidesInTheNumbersOfOthersIsNone() {
        // A right frame inside the numbers of two frames: where the stream begins, it must not be believed.
        let inner = Self.frame(0x51, [1, 1, 1, 1])
        let bytes = inner + [0x00, 0x01] + Self.stream(2)
        #expect(TextLineTests.samples(events([bytes])).map { $0.counts[0] } == [0, 1])
    }

    @Test func hostileBytesNeitherStopItNorPileUp() {
        var generator = SplitMix(state: 4)
        var decoder = WitMotionDecoder(Self.setup)
        var events: [SensorEvent.Kind] = []
        for _ in 0..<20_000 {
            let byte = UInt8.random(in: 0...255, using: &generator)
            decoder.append([byte < 100 ? 0x55 : byte < 150 ? 0x51 : byte], into: &events)
        }
        events.removeAll()
        decoder.append(Self.stream(3, from: 50), into: &events)
        let samples = TextLineTests.samples(events)
        #expect(samples.suffix(2).map { $0.counts[0] } == [51, 52])
    }

    @Test func aRateIsSetByTheRegistersOfTheProtocol() {
        let commands = WitMotionCommand.commands(rate: 100, baud: 9600)
        #expect(
            commands?.map(\.bytes) == [
                [0xFF, 0xAA, 0x69, 0x88, 0xB5], [0xFF, 0xAA, 0x02, 0x02, 0x00], [0xFF, 0xAA, 0x03, 0x09, 0x00],
                [0xFF, 0xAA, 0x69, 0x88, 0xB5], [0xFF, 0xAA, 0x04, 0x06, 0x00], [0xFF, 0xAA, 0x69, 0x88, 0xB5],
                [0xFF, 0xAA, 0x00, 0x00, 0x00],
            ])
        #expect(commands?.map(\.baud) == [9600, 9600, 9600, 9600, 9600, 115_200, 115_200])
        #expect(WitMotionCommand.commands(rate: 10, baud: 9600) == nil)
    }
}
