// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import Testing
import TestSupport

private func read(_ text: String) throws -> WholeRecording { try WholeRecording(bytes: Array(text.utf8)) }

@Suite struct CSVReaderTests {
    @Test(arguments: [
        "time,x,y,z\n1700000000.00,0.1,-0.2,1\n1700000000.02,0.25,0,1\n",
        "1700000000.00,0.1,-0.2,1\n1700000000.02,0.25,0,1\n",
        "TimeStamp,AccX,AccY,AccZ\r\n2023-11-14 22:13:20.000,0.1,-0.2,1\r\n2023-11-14T22:13:20.020,0.25,0,1\r\n",
        "# a remark\ntimestamp;x;y;z\n1700000000000;0,1;-0,2;1\n1700000000020;0,25;0;1\n",
        "\u{FEFF}time\tx\ty\tz\n2023-11-14T22:13:20Z\t0.1\t-0.2\t1\n2023-11-14T22:13:20.02Z\t0.25\t0\t1\n",
    ])
    func stampsAndDelimitersOfManyKindsReadAlike(text: String) throws {
        let recording = try read(text)
        #expect(recording.values == [0.1, -0.2, 1, 0.25, 0, 1])
        #expect(abs(recording.times[0] - 1_700_000_000) < 1e-6)
        #expect(abs(recording.times[1] - 1_700_000_000.02) < 1e-6)
        #expect(abs(recording.header.streams[0].nominalRate - 50) < 1e-3)
        #expect(recording.report.isEmpty)
    }

    @Test func gyroscopeColumnsAreFoundByName() throws {
        let recording = try read("gz,time,y,x,z,gx,gy\n6,100,2,1,3,4,5\n6,100.1,2,1,3,4,5\n")
        #expect(recording.header.streams[0].channels == ["x", "y", "z", "gx", "gy", "gz"])
        #expect(recording.values.prefix(6) == [1, 2, 3, 4, 5, 6])
    }

    @Test func aHoleInTheStampsIsAGap() throws {
        let rows = (0..<100).map { "\(Double($0) * 0.02 + ($0 < 50 ? 0 : 3)),0,0,1" }
        let recording = try read(rows.joined(separator: "\n") + "\n")
        #expect(recording.gaps.map(\.at) == [50])
        #expect(recording.gaps[0].gap.reason == .timeHole)
        #expect(recording.times.count == 100)
    }

    @Test func notANumberIsAGapAndNeverASample() throws {
        let recording = try read("0.0,0,0,1\n0.1,nan,0,1\n0.2,0,,1\n0.3,0,0,inf\n0.4,0,0,1\n")
        #expect(recording.values == [0, 0, 1, 0, 0, 1])
        #expect(recording.times == [0, 0.4])
        #expect(recording.gaps.map(\.gap.reason) == [.notANumber])
    }

    @Test func timeRunningBackwardsIsNamedAndNothingIsDropped() throws {
        let recording = try read("10.0,1,0,0\n10.1,2,0,0\n3.0,3,0,0\n3.1,4,0,0\n")
        #expect(recording.times == [10, 10.1, 3, 3.1])
        #expect(recording.gaps.map(\.at) == [2])
        #expect(recording.report.items.map(\.what) == ["places where time runs backwards"])
        #expect(recording.report.items[0].firstPlace == "line 3")
    }

    @Test func aLastLineWithoutAnEndMayBeCutAndIsLeftOut() throws {
        let recording = try read("time,x,y,z\n0.0,0.125,0.125,0.125\n0.1,0.125,0.125,0.12")
        #expect(recording.times.count == 1)
        #expect(recording.report.items.map(\.what) == ["last lines without a line end, which may be cut"])
    }

    @Test func severalRowsUnderOneStampFollowEachOther() throws {
        let rows = (0..<400).map { "2024-01-01 00:00:0\($0 / 100),0,0,1" }
        let recording = try read(rows.joined(separator: "\n") + "\n")
        #expect(abs(recording.header.streams[0].nominalRate - 100) < 1)
        #expect(recording.gaps.isEmpty)
        #expect(recording.times[1] > recording.times[0])
    }

    @Test(arguments: [
        ("", RecordingError.Reason.empty), ("time,x,y,z\n", .noSamples), ("hello\n", .malformed),
        ("a,b,c\n1,2,3\n", .malformed), ("time,u,v\n1,2,3\n", .malformed), ("1,2\n", .malformed),
        (String(repeating: "x,y,z,w\n", count: 300), .malformed), ("time,x,y,z", .noSamples),
        ("\u{0}\u{1}\u{2}", .unknownFormat),
        ("time,x,y,z\n" + String(repeating: "soon,1,1,1\n", count: 300), .malformed),
        ("time,x,y,z\n2024-02-30 10:00:00,1,1,1\n", .noSamples),
    ])
    func whatIsNoRecordingIsOneClearError(text: String, reason: RecordingError.Reason) throws {
        #expect { try read(text) } throws: { ($0 as? RecordingError)?.reason == reason }
    }

    @Test func rowsThatCannotBeReadAreCountedWithTheirLine() throws {
        let recording = try read("time,x,y,z\n0.0,0,0,1\nbroken\n0.2,0,0,1\n")
        #expect(recording.times == [0, 0.2])
        #expect(recording.report.items.map(\.what) == ["rows that cannot be read"])
        #expect(recording.report.items[0].firstPlace == "line 3")
    }

    @Test func aFileCutAtAnyByteGivesAPrefix() throws {
        let text = Array("time,x,y,z\n0.00,0.11,0.12,0.13\n0.01,0.21,0.22,0.23\n0.02,0.31,0.32,0.33\n".utf8)
        let whole = try WholeRecording(bytes: text).values
        for end in 0..<text.count {
            do {
                let recording = try WholeRecording(bytes: Array(text.prefix(end)))
                #expect(recording.values.elementsEqual(whole.prefix(recording.values.count)))
            } catch let error as RecordingError {
                #expect(end < 32 && !error.problem.isEmpty)
            }
        }
    }

    @Test func aDirectoryAndAMissingFileAreNamed() {
        #expect { try RecordingFile.open(Fixtures.path("")) } throws: {
            ($0 as? RecordingError)?.reason == .isDirectory
        }
        #expect { try RecordingFile.open(Fixtures.path("none.csv")) } throws: {
            ($0 as? RecordingError)?.reason == .notFound
        }
    }
}

@Suite struct CSVWriterTests {
    @Test func whatIsWrittenIsReadBackBitForBit() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder.appending(path: "out.csv").path
            let original = try WholeRecording(Fixtures.path("cwa/ax6_testfile.cwa"))
            var reader = try RecordingFile.open(Fixtures.path("cwa/ax6_testfile.cwa"))
            var writer = try CSVWriter(path: path, channels: reader.header.streams[0].channels)
            var block = SampleBlock()
            while try reader.read(into: &block) { try writer.append(block) }
            #expect(writer.rowCount == original.times.count)
            try writer.finish()
            let copy = try WholeRecording(path)
            #expect(copy.values == original.values)
            #expect(zip(copy.times, original.times).allSatisfy { abs($0 - $1) < 1e-6 })
        }
    }

    @Test func gapsAreHeldOnlyWhenAsked() throws {
        try Fixtures.withTemporaryFolder { folder in
            for holds in [false, true] {
                let path = folder.appending(path: "held-\(holds).csv").path
                var reader = try RecordingFile.open(Fixtures.path("damaged/g_missing_50_sectors.cwa"))
                var writer = try CSVWriter(path: path, channels: reader.header.streams[0].channels, holdsGaps: holds)
                var block = SampleBlock()
                while try reader.read(into: &block) { try writer.append(block) }
                try writer.finish()
                let copy = try WholeRecording(path)
                #expect(copy.gaps.isEmpty == holds)
                #expect(holds ? copy.times.count > 10_300 : copy.times.count == 8360)
            }
        }
    }

    @Test func nothingIsLeftOfAFileThatWasNotFinished() throws {
        try Fixtures.withTemporaryFolder { folder in
            do {
                _ = try CSVWriter(path: folder.appending(path: "never.csv").path, channels: ["x", "y", "z"])
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
    }
}
