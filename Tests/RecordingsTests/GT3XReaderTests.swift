// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import Testing
import TestSupport

/// A GT3X recording made by a test.
private struct MadeGT3X {
    var info =
        "\u{FEFF}Serial Number: TAS1H00000001\r\nDevice Type: Link\r\nFirmware: 1.7.2\r\nBattery Voltage: 4,03\r\nSample Rate: 30\r\n"
        + "Start Date: 637755981000000000\r\nTimeZone: -04:00:00\r\nAcceleration Scale: 256.0\r\nAcceleration Max: 8.0\r\n"
        + "Limb: Ankle\r\nSide: Left\r\nSubject Name: somebody\r\n"
    var log: [UInt8] = []

    mutating func append(_ kind: UInt8, _ time: Int, _ payload: [UInt8]) {
        var record: [UInt8] = [0x1E, kind]
        record += (0..<4).map { UInt8(truncatingIfNeeded: time >> (8 * $0)) }
        record += [UInt8(payload.count & 0xFF), UInt8(payload.count >> 8)] + payload
        log += record + [~record.reduce(0, ^)]
    }

    /// A second of 30 samples of 16 bits.
    static func words(_ x: Int16, _ y: Int16, _ z: Int16) -> [UInt8] {
        (0..<30).flatMap { _ in
            [x, y, z].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        }
    }

    /// Samples of 12 bits, the first axis first.
    static func nibbles(_ samples: [Int]) -> [UInt8] {
        let all = samples.flatMap { [$0 >> 8 & 15, $0 >> 4 & 15, $0 & 15] } + (samples.count % 2 == 1 ? [0] : [])
        return stride(from: 0, to: all.count, by: 2).map { UInt8(all[$0] << 4 | all[$0 + 1]) }
    }

    var bytes: [UInt8] {
        MadeZip(entries: [("log.bin", log), ("info.txt", Array(info.utf8))]).bytes
    }

    static let start = 1_700_000_000

    static func seconds(_ seconds: some Sequence<Int>) -> MadeGT3X {
        var made = MadeGT3X()
        for second in seconds { made.append(26, start + second, words(Int16(second), -256, 512)) }
        return made
    }
}

@Suite struct GT3XReaderTests {
    @Test func valuesSiteAndTimesAreRead() throws {
        let recording = try WholeRecording(bytes: MadeGT3X.seconds(0..<3).bytes)
        #expect(recording.values.count == 270)
        #expect(Array(recording.values[90..<93]) == [1, -256, 512].map { $0 / Float(256) })
        #expect(recording.times[45] == Double(MadeGT3X.start) + 1.5)
        #expect(recording.header.streams[0].leg == .left && recording.header.site == "left ankle")
        #expect(recording.header.metadata["Subject Name"] == nil, "who wore it stays in the file")
        #expect(recording.header.metadata["TimeZone"] == "-04:00:00")
    }

    @Test func recordsOfTwelveBitsAreInTheOrderYXZ() throws {
        var made = MadeGT3X()
        made.append(0, MadeGT3X.start, MadeGT3X.nibbles((0..<30).flatMap { [-$0, $0 * 2, 2047] }))
        made.append(0, MadeGT3X.start + 1, MadeGT3X.nibbles((0..<29).flatMap { [-2048, $0, 0] }))
        let recording = try WholeRecording(bytes: made.bytes)
        #expect(recording.times.count == 59, "an odd number leaves half a byte")
        #expect(Array(recording.values[9..<12]) == [6, -3, 2047].map { $0 / Float(256) })
        #expect(Array(recording.values.suffix(3)) == [28, -2048, 0].map { $0 / Float(256) })
    }

    @Test func idleSleepAndDockingArePausesAndNoLoss() throws {
        var made = MadeGT3X.seconds(0..<10)
        made.append(3, MadeGT3X.start + 10, [0x08])
        made.append(3, MadeGT3X.start + 99, [0x09])
        made.append(26, MadeGT3X.start + 100, MadeGT3X.words(1, 2, 3))
        made.append(26, MadeGT3X.start + 101, [0x5A])
        made.append(26, MadeGT3X.start + 120, MadeGT3X.words(1, 2, 3))
        let recording = try WholeRecording(bytes: made.bytes)
        #expect(recording.gaps.map(\.at) == [300, 330])
        #expect(recording.gaps.map(\.gap.reason) == [.pause, .pause])
        #expect(recording.report.isEmpty)
        #expect(abs(recording.times[300] - recording.times[299] - 90 - 1.0 / 30) < 1e-6)
    }

    @Test func missingSecondsWithoutIdleSleepAreNamed() throws {
        let recording = try WholeRecording(bytes: MadeGT3X.seconds([0, 1, 2, 8, 9, 4]).bytes)
        #expect(recording.gaps.map(\.gap.reason) == [.timeHole, .timeHole])
        #expect(recording.report.items.map(\.count) == [5, 1])
    }

    @Test func aPartOfASecondThatIsMissingCountsAsOne() throws {
        // Found by fuzzing: a loss that was counted as none.
        var made = MadeGT3X.seconds(0..<3)
        made.info = made.info.replacing("Sample Rate: 30", with: "Sample Rate: 200")
        let recording = try WholeRecording(bytes: made.bytes)
        #expect(recording.gaps.map(\.gap.reason) == [.timeHole, .timeHole])
        #expect(recording.report.items.map(\.count) == [2])
    }

    @Test func theLogsOwnScaleWins() throws {
        var made = MadeGT3X()
        // Address 0, key 55; 0.66796875 · 2^9 = 342.
        made.append(21, MadeGT3X.start, [9, 0, 1, 0, 1, 2, 3, 4, 0, 0, 55, 0, 0x00, 0x80, 0x55, 0x09])
        made.append(26, MadeGT3X.start, MadeGT3X.words(342, -684, 171))
        let recording = try WholeRecording(bytes: made.bytes)
        #expect(Array(recording.values[..<3]) == [1, -2, 0.5])
    }

    @Test func aSensorThatStandsOnItsSideIsTurned() throws {
        var made = MadeGT3X.seconds([7])
        made.info = made.info.replacing("TAS1H00000001", with: "MOS2E00000001").replacing("1.7.2", with: "1.6.0")
        let values = try WholeRecording(bytes: made.bytes).values
        #expect(Array(values[..<3]) == [-256, -7, 512].map { $0 / Float(256) })
    }

    @Test func theOldContainerIsReadWithItsDotNetTimes() throws {
        let activity = MadeGT3X.nibbles((0..<1501).flatMap { [341, -$0 % 100, 682] })
        var made = MadeGT3X()
        made.info = made.info.replacing("TAS1H00000001", with: "NEO1C00000001")
            .replacing("Acceleration Scale: 256.0\r\n", with: "")
        let zip = MadeZip(entries: [("activity.bin", activity), ("info.txt", Array(made.info.utf8))])
        let recording = try WholeRecording(bytes: zip.bytes)
        #expect(recording.times.count == 1501)
        #expect(recording.times[0] == 1_640_001_300, "2021-12-20 11:55:00, as the maker's export says")
        #expect(abs(recording.times[1500] - 1_640_001_350) < 1e-6)
        #expect(Array(recording.values[30..<33]) == [-10, 341, 682].map { $0 / Float(341) })
        #expect(recording.gaps.isEmpty && recording.report.isEmpty)
    }

    @Test func aDeflatedEntryIsReadToItsEndHoweverLittleIsAskedAtATime() throws {
        // All of the packed bytes are taken in at once, and come out in many pieces.
        try Fixtures.withTemporaryFolder { folder in
            let nibbles = MadeGT3X.nibbles((0..<18_000).flatMap { [341, $0 % 200 - 100, -10] })
            try Data(nibbles).write(to: folder.appending(path: "activity.bin"))
            try Data(MadeGT3X().info.utf8).write(to: folder.appending(path: "info.txt"))
            let script = """
                import sys, zipfile
                with zipfile.ZipFile(sys.argv[1] + "/old.gt3x", "w", zipfile.ZIP_DEFLATED) as archive:
                    for name in ("activity.bin", "info.txt"): archive.write(sys.argv[1] + "/" + name, name)
                """
            #expect(try ProgramRun("python3", ["-c", script, folder.path]).status == 0)
            let recording = try WholeRecording(folder.appending(path: "old.gt3x").path)
            #expect(recording.times.count == 18_000 && recording.report.isEmpty)
        }
    }

    @Test func noFlippedBitOfARecordChangesASample() throws {
        let made = MadeGT3X.seconds(0..<4)
        let whole = try WholeRecording(bytes: made.bytes).values
        let rest = Array(whole[..<90] + whole[180...])
        for bit in 0..<189 * 8 {
            var flipped = made
            flipped.log[189 + bit / 8] ^= 1 << (bit % 8)
            let recording = try WholeRecording(bytes: flipped.bytes)
            #expect(recording.values == rest)
            #expect(recording.gaps.map(\.gap.reason) == [.damaged])
            #expect(recording.report.items.map(\.count) == [189])
        }
    }

    @Test func rubbishBetweenRecordsIsPassedOver() throws {
        var made = MadeGT3X.seconds(0..<2)
        made.log += (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 31) } + [0x1E, 0x1E, 0x1E]
        made.append(26, MadeGT3X.start + 2, MadeGT3X.words(1, 2, 3))
        let recording = try WholeRecording(bytes: made.bytes)
        #expect(recording.times.count == 90)
        #expect(recording.report.items.map(\.count) == [303])
    }

    @Test func aLogCutAtAnyByteGivesWholeSeconds() throws {
        let made = MadeGT3X.seconds(0..<3)
        let whole = try WholeRecording(bytes: made.bytes).values
        for end in 0..<made.log.count {
            var cut = made
            cut.log = Array(made.log.prefix(end))
            let recording = try WholeRecording(bytes: cut.bytes)
            #expect(recording.values.elementsEqual(whole.prefix(end / 189 * 90)))
            #expect(recording.report.isEmpty == (end % 189 == 0))
        }
    }

    @Test func whatIsNoRecordingIsOneClearError() throws {
        let made = MadeGT3X.seconds(0..<3)
        let whole = made.bytes
        for end in stride(from: 4, to: whole.count, by: 13) {
            #expect(throws: RecordingError.self) { try WholeRecording(bytes: Array(whole.prefix(end))) }
        }
        let info = ("info.txt", Array(made.info.utf8))
        for (entries, reason) in [
            ([info], RecordingError.Reason.noSamples), ([("a.txt", [1])], .unknownFormat),
            ([("info.txt", [65]), ("log.bin", [1])], .damaged),
        ] {
            #expect { try WholeRecording(bytes: MadeZip(entries: entries).bytes) } throws: {
                ($0 as? RecordingError)?.reason == reason
            }
        }
    }
}

@Suite struct GT3XRepairTests {
    @Test func aDamagedLogKeepsItsGoodRecords() throws {
        var made = MadeGT3X.seconds(0..<6)
        made.log[189 * 2 + 50] ^= 1
        made.log.removeLast(7)
        let before = try WholeRecording(bytes: made.bytes)
        try Fixtures.withTemporaryFolder { folder in
            let (damaged, clean) = (folder.appending(path: "damaged.gt3x"), folder.appending(path: "clean.gt3x"))
            try Data(made.bytes).write(to: damaged)
            let result = try RecordingRepair.repair(from: damaged.path, to: clean.path)
            #expect(result.kept == "4 records")
            #expect(result.report.items.map(\.count) == [189 + 182])
            let after = try WholeRecording(clean.path)
            #expect(after.values == before.values && after.times == before.times)
            #expect(after.gaps.map(\.at) == [60])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
        }
    }
}
