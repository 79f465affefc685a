// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import Testing
import TestSupport

/// What an independent reader, written from the format's documents, found in each file.
private struct Expected: Decodable {
    var samples: Int
    var sha256: String
    var sampledTimes: [[Double]]
    var badChecksumSectors: [Int]

    static func all() throws -> [String: Expected] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode([String: Expected].self, from: Data(Fixtures.bytes("cwa/expected.json")))
    }
}

@Suite struct CWAReaderTests {
    @Test(arguments: ["ax3_testfile.cwa", "ax3_corrupt_blocks.cwa", "ax6_testfile.cwa", "skdh_ax3_sample.cwa"])
    func realFilesGiveTheReferencesSamplesBitForBitAndItsTimes(name: String) throws {
        let expected = try #require(Expected.all()[name])
        let recording = try WholeRecording(Fixtures.path("cwa/\(name)"))
        #expect(recording.times.count == expected.samples)
        #expect(try sha256(recording.values) == expected.sha256)
        for row in expected.sampledTimes {
            #expect(abs(recording.times[Int(row[0])] - row[1]) < 2e-6)
        }
        let damaged = recording.report.items.first { $0.what == "sectors with a wrong checksum" }
        #expect(damaged?.count ?? 0 == expected.badChecksumSectors.count)
    }

    @Test func headerFieldsAreRead() throws {
        let header = try RecordingFile.open(Fixtures.path("cwa/ax3_testfile.cwa")).header
        #expect(header.device == "Axivity AX3")
        #expect(header.serial == "39434")
        #expect(header.firmware == "44")
        #expect(header.site == "right wrist")
        #expect(header.streams[0].leg == nil, "a wrist is no leg")
        #expect(header.streams[0].nominalRate == 100)
        #expect(header.streams[0].range == 8)
        let six = try RecordingFile.open(Fixtures.path("cwa/ax6_testfile.cwa")).header
        #expect(six.streams[0].channels == ["x", "y", "z", "gx", "gy", "gz"])
        #expect(six.serial == "6011834")
    }

    @Test(arguments: [
        ("a_whole", 10360, 0, 0.0), ("b_trunc_midsector", 10320, 0, 0), ("c_zero_tail", 10360, 0, 0),
        ("e_one_bitflip", 10320, 1, 0.41), ("g_missing_50_sectors", 8360, 1, 20.33),
    ])
    func damageBecomesAnExplicitGap(name: String, samples: Int, gaps: Int, seconds: Double) throws {
        let recording = try WholeRecording(Fixtures.path("damaged/\(name).cwa"))
        #expect(recording.times.count == samples)
        #expect(recording.gaps.count == gaps)
        #expect(recording.report.isEmpty == (name == "a_whole"))
        if let first = recording.gaps.first {
            #expect(abs(recording.times[first.at] - recording.times[first.at - 1] - seconds) < 0.02)
            #expect(first.gap.reason == (name == "e_one_bitflip" ? .damaged : .lost))
            #expect(first.gap.samples == (name == "e_one_bitflip" ? 40 : 2000))
        }
        // Whatever is read is what the undamaged file holds.
        let whole = try WholeRecording(Fixtures.path("damaged/a_whole.cwa"))
        let undamaged = Set(stride(from: 0, to: whole.values.count, by: 6).map { Array(whole.values[$0..<$0 + 6]) })
        for start in stride(from: 0, to: recording.values.count, by: 6) {
            #expect(undamaged.contains(Array(recording.values[start..<start + 6])))
        }
    }

    @Test func aFileCutAtAnyByteGivesAPrefixOrOneError() throws {
        let bytes = try Array(Fixtures.bytes("cwa/ax3_testfile.cwa").prefix(1024 + 3 * 512))
        let whole = try WholeRecording(bytes: bytes).values
        for end in 0..<bytes.count {
            let cut = Array(bytes.prefix(end))
            guard end >= 1024 + 512 else {
                #expect(throws: RecordingError.self) { try WholeRecording(bytes: cut) }
                continue
            }
            let recording = try WholeRecording(bytes: cut)
            #expect(recording.values.elementsEqual(whole.prefix((end - 1024) / 512 * 360)))
            #expect(recording.report.isEmpty == (end % 512 == 0))
        }
    }

    @Test func noFlippedBitOfASectorChangesASample() throws {
        let bytes = try Array(Fixtures.bytes("cwa/ax6_testfile.cwa").prefix(1024 + 3 * 512))
        let whole = try WholeRecording(bytes: bytes).values
        let middle = Array(whole[..<240] + whole[480...])
        for bit in 0..<512 * 8 {
            var flipped = bytes
            flipped[1024 + 512 + bit / 8] ^= 1 << (bit % 8)
            let recording = try WholeRecording(bytes: flipped)
            // A flip in the rate code may turn the checksum off; everything else must be caught.
            if recording.values != whole { #expect(recording.values == middle) }
            #expect(recording.gaps.count == 1)
        }
    }

    @Test func aRepeatedSectorIsReadOnce() throws {
        let bytes = try Fixtures.bytes("cwa/ax6_testfile.cwa")
        let sector = bytes[1024 + 512..<1024 + 1024]
        let doubled = Array(bytes[..<(1024 + 1024)] + sector + bytes[(1024 + 1024)...])
        let recording = try WholeRecording(bytes: doubled)
        #expect(try recording.values == WholeRecording(bytes: bytes).values)
        #expect(recording.report.items.map(\.what) == ["repeated sectors"])
    }

    @Test func theOldestFirmwareHasTheRateWhereTheOffsetStands() throws {
        var bytes = try Array(Fixtures.bytes("cwa/ax3_testfile.cwa").prefix(1024 + 512))
        bytes[1024 + 24] = 0
        bytes[1024 + 26] = 50
        bytes[1024 + 27] = 0
        bytes[1024 + 4] = 7
        bytes[1024 + 5] = 0
        bytes[1024 + 511] ^= 0xFF
        let recording = try WholeRecording(bytes: bytes)
        #expect(recording.header.streams[0].nominalRate == 50)
        #expect(recording.times[0] == 1_551_178_507)
        #expect(abs(recording.times[50] - recording.times[0] - 1) < 1e-9)
    }

    @Test func withoutAFractionTheWholeSecondIsAtTheStoredOffset() throws {
        var bytes = try Array(Fixtures.bytes("cwa/ax3_testfile.cwa").prefix(1024 + 512))
        let field = UInt16(bytes[1024 + 4]) | UInt16(bytes[1024 + 5]) << 8
        bytes[1024 + 5] &= 0x7F
        // The words of a sector sum to 0.
        let sum = (UInt16(bytes[1024 + 510]) | UInt16(bytes[1024 + 511]) << 8) &+ (field & 0x8000)
        bytes[1024 + 510] = UInt8(truncatingIfNeeded: sum)
        bytes[1024 + 511] = UInt8(truncatingIfNeeded: sum >> 8)
        let recording = try WholeRecording(bytes: bytes)
        #expect(recording.report.isEmpty)
        let offset = Int(Int16(bitPattern: UInt16(bytes[1024 + 26]) | UInt16(bytes[1024 + 27]) << 8))
        #expect(abs(recording.times[0] + Double(offset) / 100 - 1_551_178_507) < 1e-6)
    }

    @Test func aClockThatJumpsBeginsANewStretch() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appending(path: "jump.cwa").path
            var writer = try CWAWriter(path: path, rate: 100, range: 8, site: "left ankle")
            let samples = [Int16](repeating: 0, count: 240)
            for (sector, time) in [0, 0.8, 1.6, 30.0, 30.8, 10.0].enumerated() {
                try writer.append(samples.map { $0 + Int16(sector) }, time: 1_700_000_000 + time)
            }
            try writer.finish()
            let recording = try WholeRecording(path)
            #expect(recording.gaps.map(\.at) == [240, 400])
            #expect(recording.gaps.map(\.gap.reason) == [.clockJump, .clockJump])
            #expect(recording.header.streams[0].leg == .left)
        }
    }

    @Test(arguments: [2, 4, 8, 16])
    func whatIsWrittenIsReadBack(range: Int) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appending(path: "out.cwa").path
            var writer = try CWAWriter(path: path, rate: 50, range: range, device: 70_000, site: "right ankle")
            var raw: [Int16] = []
            for sector in 0..<10 {
                let samples = (0..<240).map { Int16(truncatingIfNeeded: ($0 + sector * 240) * 7919) }
                raw += samples
                try writer.append(samples, time: 1_700_000_000.123 + Double(sector) * 1.6)
            }
            try writer.finish()
            let recording = try WholeRecording(path)
            #expect(recording.values == raw.map { Float($0) * Float(range) / 32768 })
            #expect(recording.header.serial == "70000")
            #expect(recording.header.streams[0].range == Double(range))
            #expect(recording.gaps.isEmpty && recording.report.isEmpty)
            for sector in 0..<10 {
                #expect(abs(recording.times[sector * 80] - (1_700_000_000.123 + Double(sector) * 1.6)) < 4e-5)
            }
        }
    }
}
