// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings
import Sensors

/// A night that is being recorded, on one thread: frames of LegWire are parsed, the recorder decides, the log is written and saved, and the
/// detector follows the file.
struct LiveNight {
    /// How far it goes; their difference is what the recorder costs, without making the frames.
    enum Extent: String {
        case frames
        case live
    }

    /// A leg's detector; a class because detectors are not copied, and arrays would.
    private final class Line {
        var detector: LegDetector
        init(_ leg: Leg, _ rate: Double) { detector = LegDetector(leg: leg, nominalRate: rate) }
    }

    private static let frameSamples = 20
    /// Seconds from one look at the log to the next, as the command takes them.
    private static let look = 0.2

    private let rate: Double
    private let seconds: Double
    private var parsers = [LegWireParser(), LegWireParser()]
    private var bytes = 0

    init(rate: Double, seconds: Double) {
        self.rate = rate
        self.seconds = seconds
    }

    /// Samples of a leg that lies still and kicks for two seconds of twenty-five.
    private func counts(_ leg: Int, from first: Int) -> [Int16] {
        var counts: [Int16] = []
        counts.reserveCapacity(3 * Self.frameSamples)
        for index in first..<first + Self.frameSamples {
            let time = Double(index) / rate
            let phase = (time + Double(leg) * 7).truncatingRemainder(dividingBy: 25)
            let kick = phase < 2 ? Int(time * 10) % 2 * 800 - 400 : 0
            // Numbers by chance (S. Vigna's SplitMix64).
            var mixed = UInt64(index) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(leg)
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            for axis in 0..<3 {
                counts.append(Int16([-700, -1400, 3780][axis] + kick + Int(mixed >> UInt64(8 * axis + 8) & 15) - 8))
            }
        }
        return counts
    }

    /// Runs it; the movements that were found.
    mutating func run(_ extent: Extent) throws -> Int {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).nightlog").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var options = NightRecorder.Options()
        options.assignment = LegAssignment(left: "A", right: "B")
        options.settling = 0
        options.hostBoot = 1
        var recorder = NightRecorder(options)
        var keeper = NightLogKeeper(path: path)
        var reader: NightLogReader?
        let lines = Leg.allCases.map { Line($0, rate) }
        var block = SampleBlock()
        var frames: [LegWire.Frame] = []
        var nextLook = 0.0
        var next = [0, 0]

        func moment(_ time: Double) -> Moment {
            let nanoseconds = UInt64((100 + time) * 1e9)
            return Moment(
                bootTime: nanoseconds, awake: nanoseconds, utc: 1_790_000_000_000_000_000 + Int64(nanoseconds))
        }
        func perform(_ actions: [RecorderAction]) throws {
            for action in actions { try keeper.perform(action) }
        }
        if extent == .live {
            try perform(recorder.tick(moment(0)))
            for (leg, serial) in ["A", "B"].enumerated() {
                let stream = SensorSettings.Stream(
                    leg: Leg.allCases[leg], rate: Float(rate), range: 8, scale: 1 / 4096)
                for kind in [
                    SensorEvent.Kind.found(serial: serial, driver: "LegWire"),
                    .settings(SensorSettings(serial: serial, streams: [stream])),
                ] {
                    try perform(recorder.take(SensorEvent(sensor: leg, bootTime: moment(0).bootTime, kind: kind)))
                }
            }
        }
        var time = 0.0
        while time < seconds {
            time += Double(Self.frameSamples) / rate
            for leg in 0...1 {
                let frame = LegWire.Frame(
                    stream: 0, boot: 1, sequence: UInt32(next[leg] / Self.frameSamples),
                    deviceTime: UInt64(Double(next[leg]) / rate * 1e6) + 1,
                    content: .data(.init(firstIndex: UInt32(next[leg]), counts: counts(leg, from: next[leg]))))
                next[leg] += Self.frameSamples
                let encoded = frame.encoded
                bytes += encoded.count
                guard extent == .live else { continue }
                frames.removeAll(keepingCapacity: true)
                parsers[leg].append(encoded.span, to: &frames)
                for frame in frames {
                    guard case .data(let samples) = frame.content else { continue }
                    let event = SensorEvent(
                        sensor: leg, bootTime: moment(time).bootTime,
                        kind: .samples(
                            SensorSamples(
                                stream: 0, boot: UInt32(frame.boot), firstIndex: samples.firstIndex,
                                deviceTime: frame.deviceTime, flags: [], counts: samples.counts)))
                    try perform(recorder.take(event))
                }
            }
            guard extent == .live, time >= nextLook else { continue }
            nextLook = time + Self.look
            try perform(recorder.tick(moment(time)))
            keeper.synchronizeIfDue(at: moment(time).bootTime)
            if reader == nil, keeper.isOpen {
                reader = try NightLogReader(following: path)
            }
            while try reader?.read(into: &block) ?? false { lines[block.stream].detector.append(block) }
        }
        return lines.reduce(0) { $0 + $1.detector.movements.count }
    }
}
