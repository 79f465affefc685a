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

    private static let actiLife = """
        ------------ Data File Created By ActiGraph GT3X+ ActiLife v6.13.3 Firmware v1.7.2 date format d/M/yyyy at 100 Hz  Filter Normal -----------
        Serial Number: TAS1H30182785
        Start Time 18:40:00
        Start Date 1/9/2019
        Epoch Period (hh:mm:ss) 00:00:00
        Download Time 19:20:05
        Current Battery Voltage: 4.18     Mode = 12
        --------------------------------------------------

        """

    /// Exports as the makers' programs write them; each holds the samples (0, 0.5, 1) and (0.25, -0.5, 1), 10 ms apart.
    private static let exports: [(text: String, start: Double)] = [
        (actiLife + "Accelerometer X,Accelerometer Y,Accelerometer Z\n0,0.5,1\n0.25,-0.5,1\n", 1_567_363_200),
        (actiLife + "0;0,5;1\n0,25;-0,5;1\n", 1_567_363_200),
        (
            actiLife + "Timestamp,Accelerometer X,Accelerometer Y,Accelerometer Z\n"
                + "1/9/2019 18:40:00.000,0,0.5,1\n1/9/2019 18:40:00.010,0.25,-0.5,1\n", 1_567_363_200
        ),
        (
            "Device Type,GENEActiv\nDevice Model,1.2\nDevice Location Code,left ankle\nSensor type,MEMS\n"
                + "2019-09-01 18:40:00:000,0,0.5,1,12,0,31.5\n2019-09-01 18:40:00:010,0.25,-0.5,1,12,0,31.5\n",
            1_567_363_200
        ),
        (
            "Time,Accel-X (g), Accel-Y (g), Accel-Z (g)\n2019-09-01 18:40:00.000,0,0.5,1\n2019-09-01 18:40:00.010,0.25,-0.5,1\n",
            1_567_363_200
        ),
        (
            "time,x,y,z\n2019-09-01 18:40:00.000000+0100 [Europe/London],0,0.5,1\n"
                + "2019-09-01 18:40:00.010000+0100 [Europe/London],0.25,-0.5,1\n", 1_567_363_200
        ),
        (
            "\"Time (s)\";\"Acceleration x (m/s^2)\";\"Acceleration y (m/s^2)\";\"Acceleration z (m/s^2)\"\n"
                + "0,000E0;0,000E0;4,903325E0;9,80665E0\n1,000E-2;2,4516625E0;-4,903325E0;9,80665E0\n", 0
        ),
        (
            "time,seconds_elapsed,z,y,x\n1567363200000000000,0,9.80665,4.903325,0\n1567363200010000000,0.01,9.80665,-4.903325,2.4516625\n",
            1_567_363_200
        ),
        ("time,gFx,gFy,gFz,TgF\n0.00,0,0.5,1,1.1\n0.01,0.25,-0.5,1,1.1\n", 0),
        (
            "Date,Time,acc_x [mg],acc_y [mg],acc_z [mg]\n01.09.2019,18:40:00.000,0,500,1000\n01.09.2019,18:40:00.010,250,-500,1000\n",
            1_567_363_200
        ),
        (
            "Timestamp,\"x\",\"y\",\"z\"\n9/13/2019 6:40:00.000 PM,\"0\",\"0,5\",\"1\"\n9/13/2019 6:40:00.010 PM,\"0,25\",\"-0,5\",\"1\"\n",
            1_568_400_000
        ),
    ]

    @Test(arguments: exports.indices) func exportsOfManyProgramsReadAlike(index: Int) throws {
        let (text, start) = Self.exports[index]
        let recording = try read(text)
        for (value, expected) in zip(recording.values, [0, 0.5, 1, 0.25, -0.5, 1] as [Float]) {
            #expect(abs(value - expected) < 1e-6)
        }
        #expect(recording.values.count == 6)
        #expect(abs(recording.times[0] - start) < 1e-6)
        #expect(abs(recording.times[1] - recording.times[0] - 0.01) < 1e-6)
        #expect(recording.report.isEmpty)
        let isPlain = recording.header.assumptions.isEmpty
        #expect(isPlain == text.hasPrefix("time,x,y,z"), "what was found out is said")
        if text.hasPrefix("Device Type") { #expect(recording.header.streams[0].leg == .left) }
    }

    @Test func ourOwnExportNeedsNoWords() throws {
        #expect(try read("time,x,y,z\n1700000000,0,0,1\n1700000000.1,0,0,1\n").header.assumptions.isEmpty)
        let metres = try read("t,x,y,z\n1700000000,0,0,9.8\n1700000000.1,0,0,9.8\n")
        #expect(metres.header.assumptions.contains { $0.contains("m/s²") })
        #expect(abs(metres.values[2] - 0.99932) < 1e-4)
    }

    @Test func aDateThatCannotBeToldIsAskedFor() throws {
        let text = "Time,x,y,z\n3/4/2026 22:00:00,0,0,1\n3/4/2026 22:00:01,0,0,1\n"
        #expect { try read(text) } throws: { ($0 as? RecordingError)?.remedy.contains("dates=dmy") ?? false }
        for (order, start) in [("dmy", 1_775_253_600.0), ("mdy", 1_772_661_600)] {
            let map = try CSVMap("time=Time,x=x,y=y,z=z,dates=\(order)")
            let reader = try CSVReader(ByteSource(bytes: Array(text.utf8)), map: map)
            #expect(try WholeRecording(reader).times[0] == start)
        }
    }

    @Test func aMapSaysWhatCannotBeFound() throws {
        let text =
            "sensor,left,right,left,right,left,right\naxis,acc_x,acc_x,acc_y,acc_y,acc_z,acc_z\n"
            + "0,0,9,4.903325,9,9.80665,9\n1,2.4516625,9,-4.903325,9,9.80665,9\n"
        #expect { try read(text) } throws: { ($0 as? RecordingError)?.reason == .malformed }
        let map = try CSVMap("rate=200,start=2026-03-01 22:00:00,x=2,y=4,z=6,unit=m/s2,skip=2,leg=L")
        let recording = try WholeRecording(CSVReader(ByteSource(bytes: Array(text.utf8)), map: map))
        #expect(recording.values.map { ($0 * 1000).rounded() } == [0, 500, 1000, 250, -500, 1000])
        #expect(recording.times == [1_772_402_400, 1_772_402_400.005])
        #expect(recording.header.streams[0].leg == .left && recording.header.streams[0].nominalRate == 200)
        #expect(recording.report.isEmpty)
    }

    @Test(arguments: [
        "", "x=1,y=2,z=3", "time=1,x=2,y=3", "time=1,rate=100,x=2,y=3,z=4", "time=1,x=2,y=3,z=4,gx=5",
        "time=1,x=2,y=3,z=4,unit=kg", "rate=0,x=2,y=3,z=4", "time=1,x=2,y=3,z=4,w=5", "time",
        "dates=ymd,time=1,x=2,y=3,z=4",
    ])
    func whatIsNoMapIsRefused(text: String) {
        #expect(throws: CSVMap.Problem.self) { try CSVMap(text) }
    }

    @Test func valuesThatAreNoAccelerationAreRefused() throws {
        let text = "01-May-2016 02:20:48,-765.0,703.0,15883.0\n02-May-2016 02:20:48,-765.0,703.0,15883.0\n"
        #expect { try read(text) } throws: { ($0 as? RecordingError)?.remedy.contains("unit=") ?? false }
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
