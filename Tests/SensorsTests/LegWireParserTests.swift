// SPDX-License-Identifier: GPL-3.0-or-later
import Recordings
import Testing

@testable import Sensors

@Suite struct LegWireParserTests {
    /// Data frames of a stream, all counts known.
    static func dataFrame(_ number: Int, boot: UInt16 = 7, stream: UInt8 = 0, sequence: UInt32? = nil) -> LegWire.Frame
    {
        LegWire.Frame(
            stream: stream, boot: boot, sequence: sequence ?? UInt32(number), deviceTime: UInt64(number) * 50_000,
            content: .data(
                LegWire.Samples(
                    firstIndex: UInt32(number * 5),
                    counts: (0..<15).map { Int16(truncatingIfNeeded: number * 5 + $0 / 3 + 1000 * ($0 % 3)) },
                    temperature: number % 3 == 0 ? Int16(truncatingIfNeeded: number) : nil)))
    }

    static let information = LegWire.Information(
        streams: [
            .init(leg: .left, rate: 100_000, range: 8000, scale: 1 / 4096, model: "LIS3DH"),
            .init(leg: nil, rate: 25_000, range: 2000, scale: 1 / 16384, model: "ADXL345X"),
        ], serial: "NR-0001")

    /// One frame of each type among data frames.
    static let everyType: [LegWire.Frame] = {
        func frame(_ sequence: UInt32, _ content: LegWire.Content) -> LegWire.Frame {
            LegWire.Frame(stream: 0, boot: 7, sequence: sequence, deviceTime: 1, content: content)
        }
        return [
            frame(0, .information(information)), dataFrame(0, sequence: 1), frame(2, .mark), dataFrame(1, sequence: 3),
            frame(
                4,
                .status(
                    .init(battery: 3700, temperature: -150, dropped: 3, uptime: 1 << 40, samplePeriod: 10_050.5))),
            dataFrame(2, sequence: 5),
        ]
    }()

    static func parse(_ bytes: [UInt8], cuts: [Int]) -> (frames: [LegWire.Frame], counts: LegWireParser.Counts) {
        var parser = LegWireParser()
        var frames: [LegWire.Frame] = []
        var start = 0
        for end in cuts + [bytes.count] {
            parser.append(bytes.span.extracting(start..<end), to: &frames)
            start = end
        }
        parser.finish(to: &frames)
        return (frames, parser.counts)
    }

    @Test func everyFrameTypeComesOutAsItWentIn() {
        let result = Self.parse(Self.everyType.flatMap(\.encoded), cuts: [])
        #expect(result.frames == Self.everyType)
        var expected = LegWireParser.Counts()
        expected.frames = 6
        expected.boots = 1
        #expect(result.counts == expected)
    }

    @Test func aFrameIsAsTheProtocolSaysByteForByte() {
        let frame = LegWire.Frame(
            stream: 1, boot: 0x0201, sequence: 0x0605_0403, deviceTime: 0x0E0D_0C0B_0A09_0807,
            content: .data(LegWire.Samples(firstIndex: 9, flags: .clipped, counts: [1, -1, 256])))
        let bytes = frame.encoded
        let expected: [UInt8] = [
            0xA5, 0x5A, 1, 1, 14, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
            9, 0, 0, 0, 2, 0, 1, 0, 1, 0, 0xFF, 0xFF, 0, 1,
        ]
        #expect(Array(bytes.dropLast(4)) == expected)
        // The check value of CRC-32: the sum of "123456789".
        #expect(CRC32.checksum(Array("123456789".utf8).span, 0..<9) == 0xCBF4_3926)
        #expect(Self.dataFrame(1).encoded.count == 62)
    }

    @Test func everyCutInTwoGivesTheSame() {
        let bytes = [1, 0xA5, 3] + Self.everyType.flatMap(\.encoded) + [0xA5]
        let whole = Self.parse(bytes, cuts: [])
        #expect(whole.frames == Self.everyType)
        #expect(whole.counts.skippedBytes == 4)
        for cut in 0...bytes.count {
            let result = Self.parse(bytes, cuts: [cut])
            #expect(result.frames == whole.frames && result.counts == whole.counts, "cut at \(cut)")
        }
    }

    @Test func lostDamagedAndRepeatedFramesAreCounted() {
        var bytes: [UInt8] = []
        for number in 0..<100 where number != 40 {
            var frame = Self.dataFrame(number).encoded
            if number == 60 { frame[30] ^= 1 }
            if number == 20 { bytes += [UInt8](repeating: 0x11, count: 37) }
            bytes += frame
            if number == 80 { bytes += frame + Self.dataFrame(70).encoded }
        }
        let result = Self.parse(bytes, cuts: [])
        let expected: [UInt32] = (0..<100).filter { $0 != 40 && $0 != 60 }
        #expect(result.frames.map(\.sequence) == expected)
        #expect(result.counts.checksumErrors == 1)
        #expect(result.counts.skippedBytes == 37 + Self.dataFrame(60).encoded.count)
        #expect(result.counts.lostFrames == 2)
        #expect(result.counts.duplicates == 2)
    }

    @Test func anotherRunOfTheSensorBeginsAnew() {
        let frames = (0..<10).map { Self.dataFrame($0) } + (0..<10).map { Self.dataFrame($0, boot: 8) }
        let result = Self.parse(frames.flatMap(\.encoded), cuts: [])
        #expect(result.frames == frames)
        #expect(result.counts.boots == 2 && result.counts.lostFrames == 0)
    }

    @Test func numbersWrapAround() {
        let sequences: [UInt32] = [.max - 1, .max, 0, 1]
        let frames = sequences.enumerated().map { Self.dataFrame($0.offset, sequence: $0.element) }
        let result = Self.parse(frames.flatMap(\.encoded), cuts: [])
        #expect(result.frames == frames && result.counts.lostFrames == 0)
    }

    @Test func unknownTypesArePassedOverByTheirLength() {
        var unknown = Self.dataFrame(1).encoded
        unknown[2] = 9
        let checksum = CRC32.checksum(unknown.span, 2..<unknown.count - 4)
        for byte in 0..<4 {
            unknown[unknown.count - 4 + byte] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(byte)))
        }
        let result = Self.parse(Self.dataFrame(0).encoded + unknown + Self.dataFrame(2).encoded, cuts: [])
        #expect(result.frames.count == 2)
        #expect(result.counts.unknown == 1 && result.counts.skippedBytes == 0)
    }

    @Test func aFalseStartHidesNoFrame() {
        // A sync with the largest length: the frames after it come out at the end at the latest.
        let start: [UInt8] = [0xA5, 0x5A, 1, 0, 0, 4]
        let bytes = start + (0..<5).flatMap { number -> [UInt8] in Self.dataFrame(number).encoded }
        #expect(Self.parse(bytes, cuts: [20, 100]).frames.count == 5)
    }

    @Test(arguments: 0..<200) func damageNeverGivesAWrongSample(seed: Int) {
        var generator = SplitMix(state: UInt64(seed))
        let sent = Self.everyType + (3..<60).map { Self.dataFrame($0, sequence: UInt32($0 + 3)) }
        var bytes: [UInt8] = []
        for frame in sent {
            switch Int.random(in: 0..<12, using: &generator) {
            case 0: break
            case 1: bytes += frame.encoded.prefix(Int.random(in: 0..<frame.encoded.count, using: &generator))
            case 2:
                var damaged = frame.encoded
                damaged[Int.random(in: damaged.indices, using: &generator)] ^=
                    1 << UInt8.random(in: 0..<8, using: &generator)
                bytes += damaged
            case 3:
                bytes += (0..<Int.random(in: 1..<80, using: &generator)).map { _ in
                    Bool.random(using: &generator) ? 0xA5 : UInt8.random(in: .min ... .max, using: &generator)
                }
                bytes += frame.encoded
            case 4: bytes += frame.encoded + frame.encoded
            default: bytes += frame.encoded
            }
        }
        let whole = Self.parse(bytes, cuts: [])
        // What comes out is a part of what was sent, in its order.
        var rest = sent[...]
        for frame in whole.frames {
            guard let place = rest.firstIndex(of: frame) else {
                // Frames without samples carry no number to be dropped by: they may come twice.
                if case .data = frame.content { Issue.record("\(frame) was not sent, or not in this order") }
                continue
            }
            rest = rest[(place + 1)...]
        }
        var cuts = (0..<Int.random(in: 1..<200, using: &generator)).map { _ in
            Int.random(in: 0...bytes.count, using: &generator)
        }
        cuts.sort()
        let pieces = Self.parse(bytes, cuts: cuts)
        #expect(pieces.frames == whole.frames && pieces.counts == whole.counts)
    }

    @Test(arguments: 0..<20) func noiseIsNeverFatal(seed: Int) {
        var generator = SplitMix(state: UInt64(1000 + seed))
        let header: [UInt8] = [0xA5, 0x5A, 1, 0, 0, 2]
        var bytes: [UInt8] = []
        while bytes.count < 20_000 {
            if Int.random(in: 0..<20, using: &generator) == 0 { bytes += header }
            bytes.append(UInt8.random(in: .min ... .max, using: &generator))
        }
        #expect(Self.parse(bytes, cuts: []).frames.isEmpty)
    }

    @Test func requestsAreAsTheProtocolSays() {
        #expect(LegWire.getInformation.answerSize == 170)
        #expect(LegWire.getInformation.type == 0xC0 && LegWire.getInformation.request == 1)
        #expect(LegWire.start == ControlRequest(0x40, 2) && LegWire.stop == ControlRequest(0x40, 3))
        #expect(LegWire.setTime(1_000_000).data == [0xE8, 3, 0, 0, 0, 0, 0, 0])
        #expect(LegWire.setRate(100, stream: 1) == ControlRequest(0x40, 5, value: 100, index: 1))
        #expect(LegWire.Information(Self.information.encoded) == Self.information)
    }
}

/// A generator of numbers that are the same in every run (S. Vigna's SplitMix64).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
