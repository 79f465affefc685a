// SPDX-License-Identifier: GPL-3.0-or-later
import Recordings
import TestSupport
import Testing

@testable import Sensors

@Suite struct TextLineTests {
    static func setup(
        gravity: Double = 1, time: PortSetup.TimeUnit? = nil, rate: Double = 100
    ) -> PortSetup {
        PortSetup(
            name: "board", port: "/dev/none", format: "text", baud: 115_200, rate: rate, gravity: gravity, time: time)
    }

    /// The events of bytes that come in pieces, ends included.
    static func events(_ pieces: [[UInt8]], _ setup: PortSetup) -> [SensorEvent.Kind] {
        var decoder = TextLineDecoder(setup)
        var events: [SensorEvent.Kind] = []
        for piece in pieces { decoder.append(piece, into: &events) }
        decoder.finish(into: &events)
        return events
    }

    static func samples(_ events: [SensorEvent.Kind]) -> [SensorSamples] {
        events.compactMap { if case .samples(let samples) = $0 { samples } else { nil } }
    }

    @Test func aLineIsASampleWithTheScaleOfItsUnit() throws {
        for (text, gravity, counts) in [
            ("0,0,1\n0.5,-1,0.25\n", 1.0, [1024, -2048, 512]),
            ("0 0 9.8\r\n4.9 -9.8 2.45\r\n", 9.8, [1024, -2048, 512]),
            ("0;0;1000\n500;-1000;250\n", 1000, [500, -1000, 250]),
            ("0\t0\t256\n128\t-256\t64\n", 256, [1024, -2048, 512]),
            ("0, 0, 16384\n 8192, -16384 ,4096\n", 16_384, [8192, -16_384, 4096]),
        ] {
            let events = Self.events([Array(text.utf8)], Self.setup(gravity: gravity))
            let samples = Self.samples(events)
            // The first line may be cut, so it is none.
            #expect(samples.map(\.counts) == [counts.map { Int16($0) }], "\(text)")
            guard case .settings(let settings) = events.first else {
                Issue.record("no settings come first")
                continue
            }
            let stream = try #require(settings.streams.first)
            #expect(abs(Float(samples[0].counts[1]) * stream.scale + 1) < 0.001)
            #expect(settings.serial == "board" && stream.rate == 100 && stream.range > 1.9)
        }
    }

    private static let stream = Array(
        "7,1\n0.1,0.2,0.9\n0.1,0.2,1.0\nhello\n0.1,x,1\n0.3,0.2,1.0\n# a remark\n\n0.4,0.2,1.0\n1,2,3,4\n0.5,-1e-1,+1\n0.6,0.2"
            .utf8)

    @Test func anyCutGivesTheSameEvents() {
        let whole = Self.events([Self.stream], Self.setup())
        for cut in 0...Self.stream.count {
            #expect(Self.events([Array(Self.stream[..<cut]), Array(Self.stream[cut...])], Self.setup()) == whole)
        }
        #expect(Self.events(Self.stream.map { [$0] }, Self.setup()) == whole)
    }

    @Test func aLineThatIsNoSampleLeavesAGapAndARemarkDoesNot() {
        let samples = Self.samples(Self.events([Self.stream], Self.setup()))
        #expect(samples.map { $0.counts[0] } == [205, 205, 614, 819, 1024])
        #expect(samples.map(\.declaredGap) == [nil, nil, Gap(.lost), nil, Gap(.lost)])
        #expect(samples.map(\.firstIndex) == [0, 1, 2, 3, 4])
        var damage = TransferDamage()
        for case .damage(let more) in Self.events([Self.stream], Self.setup()) { damage += more }
        #expect(damage.malformed == 3)
        let skipped = "7,1\n" + "hello\n" + "0.1,x,1\n" + "1,2,3,4\n" + "0.6,0.2"
        #expect(damage.skippedBytes == skipped.utf8.count)
    }

    @Test func afterTheCableWasOutAnotherRunBeginsAndTheCutLineIsNoSample() {
        var decoder = TextLineDecoder(Self.setup())
        var events: [SensorEvent.Kind] = []
        decoder.append(Array("\n0,0,1\n0,0,".utf8), into: &events)
        decoder.finish(into: &events)
        decoder.append(Array("9\n0,0,1\n".utf8), into: &events)
        let samples = Self.samples(events)
        #expect(samples.map(\.counts) == [[0, 0, 2048], [0, 0, 2048]])
        #expect(samples.map(\.boot) == [1, 2])
    }

    @Test func whatTheRecorderLostIsAGap() {
        var decoder = TextLineDecoder(Self.setup())
        var events: [SensorEvent.Kind] = []
        decoder.append(Array("\n0,0,1\n0,0,1".utf8), into: &events)
        decoder.interrupted()
        decoder.append(Array("0\n0,0,1\n0,0,1\n".utf8), into: &events)
        let samples = Self.samples(events)
        #expect(samples.map(\.counts) == [[0, 0, 2048], [0, 0, 2048], [0, 0, 2048]])
        #expect(samples.map(\.declaredGap) == [nil, Gap(.lost), nil])
    }

    @Test func theBoardsClockIsKeptOverItsWrapAndItsRestartIsOne() {
        let text = "0,0,0,1\n4294967290,0,0,1\n10000,0,0,1\n20000,0,0,1\n50,0,0,1\n"
        let samples = Self.samples(
            Self.events([Array(text.utf8)], Self.setup(time: .microseconds)))
        #expect(samples.map(\.deviceTime) == [4_294_967_290, 4_294_977_296, 4_294_987_296, 50])
        #expect(samples.map(\.boot) == [1, 1, 1, 2])
        let seconds = Self.samples(
            Self.events([Array("\n0,0,0,1\n0.25,0,0,1\n".utf8)], Self.setup(time: .seconds)))
        // 0 would say that there is no clock.
        #expect(seconds.map(\.deviceTime) == [1, 250_000])
    }

    @Test func whatIsTooLargeIsClippedAndSaysSo() {
        let samples = Self.samples(Self.events([Array("\n99,-99,1e300\n1,1,1\n".utf8)], Self.setup()))
        #expect(samples.map(\.counts) == [[.max, .min, .max], [2048, 2048, 2048]])
        #expect(samples.map { $0.flags.contains(.clipped) } == [true, false])
    }

    @Test(arguments: [
        "nan,0,1", "inf,0,1", "0x10,0,1", "1,2", "1,2,3,4,5", ",,", "1,,3", "--1,2,3", "1e999,2,3", "1,2,3;",
        "\u{0}1,2,3",
    ])
    func whatIsNoNumberIsNoSample(line: String) {
        #expect(Self.samples(Self.events([Array("\n\(line)\n".utf8)], Self.setup())).isEmpty)
    }

    @Test func hostileBytesNeitherStopItNorPileUp() {
        var generator = SplitMix(state: 3)
        var decoder = TextLineDecoder(Self.setup())
        var events: [SensorEvent.Kind] = []
        decoder.append(Array("\n0,0,1\n".utf8), into: &events)
        for _ in 0..<200 {
            let alphabet = Array("0123456789,.-+eE;\t \r\n#xyz\u{0}".utf8) + [0xFF, 0x80]
            let bytes = (0..<500).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
            decoder.append(bytes, into: &events)
        }
        decoder.append([UInt8](repeating: UInt8(ascii: "1"), count: 1 << 20), into: &events)
        events.removeAll()
        decoder.append(Array("\n0,0,1\n".utf8), into: &events)
        #expect(Self.samples(events).map(\.counts) == [[0, 0, 2048]])
        #expect(Self.samples(events).first?.declaredGap == Gap(.lost))
    }
}
