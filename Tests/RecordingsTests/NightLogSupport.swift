// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings

/// A folder of its own for one test, removed with it.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "nattro-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("left behind: \(path): \(error)") }
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}

func bytes(of path: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(filePath: path))) }

func write(_ bytes: [UInt8], to path: String) throws { try Data(bytes).write(to: URL(filePath: path)) }

/// The root of the package.
let packageFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

/// A night of which every count is known: the left leg with three axes at 100 Hz, the right with six at 25 Hz.
enum KnownNight {
    static let identifier = NightLog.Identifier(bytes: Array(0xA0...0xAF))
    static let zone = NightLog.Zone(offset: 7200, name: "Europe/Berlin")
    static let streams = [
        NightLog.Stream(
            leg: .left, site: "ankle", model: "LegWire LIS3DH", serial: "NR-0001", firmware: "1.0", nominalRate: 100,
            range: 8, scale: 1 / 4096),
        NightLog.Stream(
            leg: .right, site: "shin, über Knöchel", model: "LegWire LSM6", serial: "NR-0002", firmware: "1.1",
            nominalRate: 25, range: 4, scale: 0.000122, rotationScale: 0.0175),
    ]
    static let creationUTC: Int64 = 1_792_886_400_000_000_000
    static let creationBootTime: UInt64 = 5_000_000_000_000
    static let samplesPerFrame = 5

    static var header: NightLog.Header {
        NightLog.Header(identifier: identifier, creation: stamp(0), zone: zone, streams: streams)
    }

    static func stamp(_ seconds: Double, deviceBoot: UInt32 = 7, hostBoot: UInt32 = 0xB007) -> NightLog.Stamp {
        let nanoseconds = Int64((seconds * 1e9).rounded())
        return NightLog.Stamp(
            hostBoot: hostBoot, bootTime: creationBootTime + UInt64(nanoseconds), utc: creationUTC + nanoseconds,
            deviceBoot: deviceBoot, deviceTime: UInt64(nanoseconds / 1000))
    }

    static func count(_ stream: Int, _ index: Int, _ axis: Int) -> Int16 {
        // The ends of the range are among them.
        if index % 211 == 5 { return axis == 0 ? .min : .max }
        return Int16((index * 37 + axis * 1001 + stream * 77) % 4001 - 2000)
    }

    static func value(_ stream: Int, _ index: Int, _ axis: Int) -> Float {
        let settings = streams[stream]
        return Float(count(stream, index, axis)) * (axis < 3 ? settings.scale : settings.rotationScale ?? 0)
    }

    static func counts(_ stream: Int, _ range: Range<Int>) -> [Int16] {
        range.flatMap { index in (0..<streams[stream].channelCount).map { count(stream, index, $0) } }
    }

    /// Appends frames of 5 samples of both legs from one second to another, the left leg's index ahead by `leftSkip`.
    static func append(
        to writer: inout NightLogWriter, seconds: Range<Int>, leftSkip: Int = 0, deviceBoot: UInt32 = 7
    ) throws(RecordingError) {
        for frame in seconds.lowerBound * 20..<seconds.upperBound * 20 {
            let stamp = stamp(Double(frame) / 20 + 0.003, deviceBoot: deviceBoot)
            let left = frame * 5 + leftSkip
            try writer.append(counts(0, left..<left + 5).span, to: 0, at: stamp)
            if frame % 4 == 0 {
                let right = frame / 4 * 5
                try writer.append(counts(1, right..<right + 5).span, to: 1, at: stamp)
            }
        }
    }

    /// Twenty seconds with all that a log can hold: the fixture `small.nightlog`.
    static func writeSmall(to path: String, calls: NightLogCalls = .system) throws(RecordingError) {
        var writer = try NightLogWriter.create(path, header, calls: calls)
        try append(to: &writer, seconds: 0..<2)
        try writer.event(.lightsOut, text: "lights out", at: stamp(2))
        try append(to: &writer, seconds: 2..<8)
        // The left sensor loses 30 samples in 0.3 s, of which no frame came.
        try writer.append(counts(0, 830..<835).span, to: 0, at: stamp(8.303), after: Gap(.lost, samples: 30))
        try writer.event(.mark, stream: 0, text: "Krämpfe", at: stamp(8.31))
        for frame in 0..<33 {
            let left = 835 + frame * 5
            try writer.append(counts(0, left..<left + 5).span, to: 0, at: stamp(8.353 + Double(frame) / 20))
        }
        try writer.append(counts(1, 200..<250).span, to: 1, at: stamp(8.003))
        try append(to: &writer, seconds: 10..<12)
        try writer.clock(at: stamp(12), zone: zone)
        try writer.note("both sensors start anew", at: stamp(12))
        try append(to: &writer, seconds: 12..<20, deviceBoot: 8)
        try writer.finish(at: stamp(20), text: "asked to stop")
    }

    /// A log of three seconds without a gap, in a few sectors.
    static func tiny(in folder: TemporaryFolder, closed: Bool = true) throws -> [UInt8] {
        let path = folder.file("tiny-\(closed).nightlog")
        var writer = try NightLogWriter.create(path, header)
        try append(to: &writer, seconds: 0..<3)
        try writer.event(.mark, text: "mark", at: stamp(3))
        if closed { try writer.finish(at: stamp(3)) } else { try writer.synchronize() }
        return try bytes(of: path)
    }
}

/// All that a reader made of a log.
struct ReadNight {
    struct Stretch: Hashable {
        var stream: Int
        var firstIndex: Int64
        var values: [Float]
        var anchor: ClockAnchor
        var gap: Gap?
    }
    var stretches: [Stretch] = []
    var entries: [NightLog.Entry] = []
    var report = ReadingReport()
    var isClosed = false

    init(_ bytes: [UInt8]) throws { try self.init(NightLogReader(ByteSource(bytes: bytes))) }
    init(path: String) throws { try self.init(NightLogReader(path: path)) }

    init(_ reader: consuming NightLogReader) throws {
        var reader = reader
        var block = SampleBlock()
        while try reader.read(into: &block) {
            stretches.append(
                Stretch(
                    stream: block.stream, firstIndex: block.firstIndex, values: block.values, anchor: block.anchor,
                    gap: block.gapBefore))
        }
        entries = reader.entries
        report = reader.report
        isClosed = reader.isClosed
    }

    /// The samples of a stream that came out.
    func sampleCount(_ stream: Int) -> Int {
        stretches.filter { $0.stream == stream }.reduce(0) { $0 + $1.values.count }
            / KnownNight.streams[stream].channelCount
    }

    func gaps(_ stream: Int) -> [Gap] { stretches.filter { $0.stream == stream }.compactMap(\.gap) }

    /// What is wrong with the samples, if anything: a value that was not written, an index out of order, a silent jump.
    var fault: String? {
        var next = [Int](repeating: 0, count: KnownNight.streams.count)
        for stretch in stretches {
            let stream = stretch.stream
            let channels = KnownNight.streams[stream].channelCount
            let first = Int(stretch.firstIndex)
            if first < next[stream] { return "stream \(stream) goes back from \(next[stream]) to \(first)" }
            if first > next[stream] && stretch.gap == nil { return "stream \(stream) jumps to \(first) without a gap" }
            for (position, value) in stretch.values.enumerated() {
                let index = first + position / channels
                if value != KnownNight.value(stream, index, position % channels) {
                    return "stream \(stream) has \(value) at \(index), axis \(position % channels)"
                }
            }
            next[stream] = first + stretch.values.count / channels
        }
        return nil
    }
}

/// A generator of numbers that are the same in every run (S. Vigna's SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
