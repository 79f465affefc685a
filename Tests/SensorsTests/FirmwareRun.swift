// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import TestSupport
import Testing

@testable import Sensors

/// What the computer received from the firmware's own files, run by `tools/firmware/test_code.py` on stand-ins for a board.
struct FirmwareRun {
    /// What the stand-ins know of one run from power-up to the pulled cable.
    struct Truth: Decodable {
        struct Segment: Decodable {
            /// The number of the first sample at this rate, its time and the time from sample to sample in microseconds.
            var sample: Int
            var time: Double
            var period: Double
        }
        struct Lamp: Decodable {
            var time: Double
            var isOn: Bool
        }
        var model: String
        var boot: UInt16
        var segments: [Segment]
        var samples: Int
        var longestFIFO: Int
        var autoreload: Bool
        var lamp: [Lamp]
        var drive: Bool
        var dataPort: Bool
        var calendar: [Int]?
        var ended: String

        /// When a sample was taken.
        func time(_ number: Int) -> Double {
            let segment = segments.last { $0.sample <= number } ?? segments[0]
            return segment.time + Double(number - segment.sample) * segment.period
        }

        /// The counts of a sample, as the stand-ins make them.
        func counts(_ number: Int) -> [Int16] {
            let x = (number % 4000 - 2000) << 4
            let y = (number / 4000 % 4000 - 2000) << 4
            let z = model == "LIS3DH" ? (number * 7 % 1000) << 4 : number * 7 % 16000
            return [x, y, number % 500 == 499 ? 0x7FF0 : z].map { Int16($0) }
        }
    }

    /// A data frame, and which of the sensor's samples is its first by its counts.
    struct Data {
        var frame: LegWire.Frame
        var samples: LegWire.Samples
        var number: Int
        /// What must be added to the index to get the number.
        var offset: Int { number - Int(samples.firstIndex) }
    }

    var frames: [LegWire.Frame]
    var counts: LegWireParser.Counts
    var truths: [Truth]
    var truth: Truth { truths[0] }

    init(_ scenario: String) throws {
        self = try Fixtures.withTemporaryFolder { folder in
            let script = Fixtures.project.appending(path: "tools/firmware/test_code.py").path
            let run = try ProgramRun("python3", [script, scenario, folder.path])
            try #require(run.status == 0, "\(run.errors)")
            let bytes = try Foundation.Data(contentsOf: folder.appending(path: "bytes"))
            let truths = try JSONDecoder().decode(
                [Truth].self, from: Foundation.Data(contentsOf: folder.appending(path: "truth.json")))
            return FirmwareRun(Array(bytes), truths)
        }
    }

    private init(_ bytes: [UInt8], _ truths: [Truth]) {
        var parser = LegWireParser()
        frames = []
        for start in stride(from: 0, to: bytes.count, by: 61) {
            parser.append(bytes.span.extracting(start..<min(start + 61, bytes.count)), to: &frames)
        }
        parser.finish(to: &frames)
        counts = parser.counts
        self.truths = truths
    }

    /// The data frames of a run; every sample in them is checked.
    func data(_ run: Int = 0) throws -> [Data] {
        let truth = truths[run]
        return try frames.filter { $0.boot == truth.boot }.compactMap { frame in
            guard case .data(let samples) = frame.content else { return nil }
            let number =
                Int(samples.counts[0] >> 4) + 2000 + 4000 * (Int(samples.counts[1] >> 4) + 2000)
            let expected = (number..<number + samples.count).flatMap { truth.counts($0) }
            try #require(samples.counts == expected, "samples from index \(samples.firstIndex) are not the sensor's")
            #expect(samples.flags.contains(.clipped) == (number..<number + samples.count).contains { $0 % 500 == 499 })
            return Data(frame: frame, samples: samples, number: number)
        }
    }

    var information: [(time: Double, LegWire.Information)] {
        frames.compactMap { frame in
            if case .information(let information) = frame.content { (seconds(frame), information) } else { nil }
        }
    }

    var statuses: [(time: Double, LegWire.Status)] {
        frames.compactMap { frame in
            if case .status(let status) = frame.content { (seconds(frame), status) } else { nil }
        }
    }

    var marks: [Double] {
        frames.compactMap { frame in frame.content == .mark ? seconds(frame) : nil }
    }

    func seconds(_ frame: LegWire.Frame) -> Double { Double(frame.deviceTime) / 1e6 }

    /// Nothing was damaged or lost on the way, and the frames' numbers go up by one.
    func expectWholeFrames() {
        var expected = LegWireParser.Counts()
        expected.frames = frames.count
        expected.boots = truths.count
        #expect(counts == expected)
        for (last, next) in zip(frames, frames.dropFirst()) where last.boot == next.boot {
            #expect(next.sequence == last.sequence + 1)
        }
        #expect(truths.allSatisfy { $0.ended == "power off" && !$0.autoreload })
    }
}
