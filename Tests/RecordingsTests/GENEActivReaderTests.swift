// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import Testing
import TestSupport

private struct Expected: Decodable {
    var samples: Int
    var sha256: String
    var sampledTimes: [[Double]]
}

/// A GENEActiv file made by a test.
private struct MadeGENEActiv {
    var site = "left ankle"
    var rate = "50"
    var end = "\r\n"
    var declared = 4
    /// The second of each page, and its sequence number.
    var pages: [(sequence: Int, time: String)] = [
        (0, "2026-03-01 22:00:00:000"), (1, "2026-03-01 22:00:06:000"), (2, "2026-03-01 22:00:12:000"),
        (3, "2026-03-01 22:00:18:000"),
    ]
    var temperature = "31,5"

    /// The digits of a page: x counts up, y counts down, z is 256.
    static let digits = (0..<300).map { sample in
        String(format: "%03X%03X100FF8", sample & 0xFFF, -sample & 0xFFF)
    }.joined()

    var bytes: [UInt8] {
        var lines = [
            "Device Identity", "Device Unique Serial Code:012345", "Device Type:GENEActiv", "Device Model:1.1", "",
            "Configuration Info", "Accelerometer Range:-8 to 8   ", "Measurement Frequency:\(rate) Hz", "",
            "Subject Info", "Device Location Code:\(site)", "Subject Code:secret", "", "Calibration Data",
            "x gain:25600", "x offset:0", "y gain:25600", "y offset:-2560", "z gain:25600", "z offset:0", "",
            "Memory Status", "Number of Pages:\(declared)", "",
        ]
        for page in pages {
            lines += [
                "Recorded Data", "Device Unique Serial Code:012345", "Sequence Number:\(page.sequence)",
                "Page Time:\(page.time)", "Unassigned:", "Temperature:\(temperature)", "Battery voltage:4,03",
                "Device Status:Recording", "Measurement Frequency:\(rate)", Self.digits,
            ]
        }
        return Array((lines.joined(separator: end) + end).utf8)
    }
}

@Suite struct GENEActivReaderTests {
    @Test func aRealFileCutInAPageGivesTheReferencesSamplesAndTimes() throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let name = "ggir_GENEActiv_testfile.bin"
        let all = try decoder.decode([String: Expected].self, from: Data(Fixtures.bytes("geneactiv/expected.json")))
        let expected = try #require(all[name])
        let recording = try WholeRecording(Fixtures.path("geneactiv/\(name)"))
        #expect(recording.times.count == expected.samples)
        #expect(try sha256(recording.values) == expected.sha256)
        for row in expected.sampledTimes { #expect(abs(recording.times[Int(row[0])] - row[1]) < 1e-6) }
        #expect(
            recording.report.items.map(\.what) == [
                "pages cut at their end, read as far as they go", "pages that the header counts and the file lacks",
            ])
        #expect(recording.gaps.isEmpty)
        #expect(recording.header.serial == "012967")
        #expect(recording.header.streams[0].nominalRate == 85.7)
        #expect(recording.header.streams[0].range == 8)
    }

    @Test(arguments: ["\r\n", "\n"]) func valuesSiteAndTemperatureAreReadWhateverTheLineEnd(end: String) throws {
        var made = MadeGENEActiv()
        made.end = end
        var reader = try RecordingFile.open(ByteSource(bytes: made.bytes))
        #expect(reader.header.streams[0].leg == .left)
        #expect(reader.header.site == "left ankle")
        #expect(reader.header.metadata["Subject Code"] == nil, "who wore it stays in the file")
        var block = SampleBlock()
        #expect(try reader.read(into: &block))
        #expect(block.temperature == 31.5)
        #expect(Array(block.values[..<6]) == [0, 0.1, 1, 1 / 256, Float(0.1 - 1.0 / 256), 1])
        let recording = try WholeRecording(bytes: made.bytes)
        #expect(recording.times.count == 1200 && recording.gaps.isEmpty && recording.report.isEmpty)
        #expect(recording.times[301] == 1_772_402_406.02)
    }

    @Test func missingPagesAndClockJumpsAreGaps() throws {
        var made = MadeGENEActiv()
        made.pages[3] = (9, "2026-03-01 22:00:54:000")
        let lost = try WholeRecording(bytes: made.bytes)
        #expect(lost.gaps.map(\.at) == [900])
        #expect(lost.gaps[0].gap == Gap(.lost, samples: 1800))
        #expect(lost.report.items.map(\.count) == [6])
        made.pages[3] = (3, "2026-03-01 23:00:18:000")
        let jump = try WholeRecording(bytes: made.bytes)
        #expect(jump.gaps.map(\.gap) == [Gap(.clockJump)])
        #expect(abs(jump.times[900] - jump.times[899] - 3600.02) < 1e-6)
        made.pages[3] = (0, "2026-03-01 22:00:18:000")
        #expect(try WholeRecording(bytes: made.bytes).gaps.map(\.gap) == [Gap(.restart)])
    }

    @Test func aDamagedPageIsAGapAndTheRestIsRead() throws {
        let bytes = MadeGENEActiv().bytes
        let whole = try WholeRecording(bytes: bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        let third = try #require(text.range(of: "Sequence Number:2"))
        let place = text.utf8.distance(from: text.startIndex, to: third.lowerBound)
        for (offset, byte) in [(400, "G"), (400, "\n"), (400, ":"), (32, "x")] {
            var damaged = bytes
            damaged[place + offset] = Array(byte.utf8)[0]
            let recording = try WholeRecording(bytes: damaged)
            #expect(!recording.report.isEmpty, "\(byte) at \(offset)")
            #expect(recording.values.count <= whole.values.count)
            #expect(recording.values.suffix(900) == whole.values.suffix(900))
            if recording.values.count == 2700 { #expect(recording.gaps.map(\.gap.reason) == [.damaged]) }
        }
    }

    @Test func aFileCutAtAnyByteGivesAPrefixOrOneError() throws {
        var made = MadeGENEActiv()
        made.pages.removeLast(2)
        let bytes = made.bytes
        let whole = try WholeRecording(bytes: bytes).values
        for end in stride(from: 0, to: bytes.count, by: 7) {
            do {
                let recording = try WholeRecording(bytes: Array(bytes.prefix(end)))
                #expect(recording.values.elementsEqual(whole.prefix(recording.values.count)))
                #expect(!recording.report.isEmpty)
            } catch let error as RecordingError {
                #expect(error.description != "")
                #expect(end < 700, "\(error)")
            }
        }
    }

    @Test func aHeaderWithoutCalibrationOrRateIsOneClearError() throws {
        let text = String(decoding: MadeGENEActiv().bytes, as: UTF8.self)
        for (field, other) in [("x gain:25600", "x gain:0"), ("Measurement Frequency:50 Hz", "Measurement Frequency:")]
        {
            let broken = text.replacing(field, with: other)
            #expect { try WholeRecording(bytes: Array(broken.utf8)) } throws: {
                ($0 as? RecordingError)?.reason == .damaged
            }
        }
    }
}
