// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import Testing

@Suite struct NightLogTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func everyCountComesBackBitForBit() throws {
        let path = folder.file("small.nightlog")
        try KnownNight.writeSmall(to: path)
        let night = try ReadNight(path: path)
        #expect(night.fault == nil)
        #expect(night.report.isEmpty)
        #expect(night.isClosed)
        #expect(night.sampleCount(0) == 1970)
        #expect(night.sampleCount(1) == 500)
        #expect(night.gaps(0) == [Gap(.lost, samples: 30), Gap(.restart)])
        #expect(night.gaps(1) == [Gap(.restart)])
    }

    @Test func theHeaderComesBackAndTellsOfAllSensors() throws {
        let path = folder.file("small.nightlog")
        try KnownNight.writeSmall(to: path)
        let reader = try NightLogReader(path: path)
        #expect(reader.log.identifier == KnownNight.identifier)
        #expect(reader.log.zone == KnownNight.zone)
        #expect(reader.log.creation.utc == KnownNight.creationUTC)
        #expect(reader.log.streams.map(\.serial) == ["NR-0001", "NR-0002"])
        #expect(reader.header.device == "LegWire LIS3DH + LegWire LSM6")
        #expect(reader.header.streams[0].leg == .left)
        #expect(reader.header.streams[1].channels == ["x", "y", "z", "gx", "gy", "gz"])
        #expect(reader.header.streams[1].site == "shin, über Knöchel")
    }

    @Test func aTextTooLongIsCutAtACharacter() throws {
        var header = KnownNight.header
        header.streams[0].site = String(repeating: "ö", count: 11)
        let path = folder.file("long.nightlog")
        var writer = try NightLogWriter.create(path, header)
        try writer.note(String(repeating: "€", count: 200), at: KnownNight.stamp(1))
        try writer.finish(at: KnownNight.stamp(2))
        let reader = try NightLogReader(path: path)
        #expect(reader.log.streams[0].site == String(repeating: "ö", count: 10))
        let night = try ReadNight(reader)
        #expect(night.entries[1].text == String(repeating: "€", count: 138))
    }

    @Test func entriesComeBackInOrder() throws {
        let path = folder.file("small.nightlog")
        try KnownNight.writeSmall(to: path)
        let entries = try ReadNight(path: path).entries
        #expect(
            entries.map(\.kind) == [
                .clock(zoneOffset: 7200), .event(.lightsOut), .event(.mark), .clock(zoneOffset: 7200), .note,
                .close(byRepair: false),
            ])
        #expect(entries[2].stream == 0)
        #expect(entries[2].sampleIndex == 835)
        #expect(entries[2].text == "Krämpfe")
        #expect(entries[1].time == Double(KnownNight.creationUTC) / 1e9 + 7200 + 2)
    }

    @Test func aSettingOfTheWallClockMovesNothing() throws {
        let path = folder.file("step.nightlog")
        var writer = try NightLogWriter.create(path, KnownNight.header)
        for second in 0..<10 {
            var stamp = KnownNight.stamp(Double(second))
            if second >= 5 { stamp.utc -= 3_600_000_000_000 }
            try writer.append(KnownNight.counts(0, second * 70..<second * 70 + 70).span, to: 0, at: stamp)
        }
        try writer.finish(at: KnownNight.stamp(10))
        let night = try ReadNight(path: path)
        let start = Double(KnownNight.creationUTC) / 1e9 + 7200
        #expect(night.stretches.map { $0.anchor.time - start } == (0..<10).map { Double($0) })
        #expect(night.stretches.map(\.anchor.index) == (0..<10).map { Double($0 * 70) })
    }

    @Test func anAnchorIsOfTheFrameThatTheSectorBeginsIn() throws {
        let path = folder.file("anchor.nightlog")
        var writer = try NightLogWriter.create(path, KnownNight.header)
        try writer.append(KnownNight.counts(0, 0..<100).span, to: 0, at: KnownNight.stamp(1))
        try writer.finish(at: KnownNight.stamp(2))
        let night = try ReadNight(path: path)
        #expect(night.stretches.map(\.firstIndex) == [0, 70])
        #expect(night.stretches.map(\.anchor.index) == [0, 0])
    }

    @Test func anotherSettingOfTheSensorBeginsASegment() throws {
        let path = folder.file("set.nightlog")
        var writer = try NightLogWriter.create(path, KnownNight.header)
        try writer.append([1, 2, 3].span, to: 0, at: KnownNight.stamp(1))
        var other = KnownNight.streams[0]
        other.scale = 1 / 1024
        other.nominalRate = 50
        try writer.set(0, to: other)
        try writer.append([1, 2, 3].span, to: 0, at: KnownNight.stamp(2))
        try writer.finish(at: KnownNight.stamp(3))
        var reader = try NightLogReader(path: path)
        var block = SampleBlock()
        #expect(try reader.read(into: &block))
        #expect(block.values.map { $0 * 4096 } == [1, 2, 3])
        #expect(try reader.read(into: &block))
        #expect(block.values.map { $0 * 1024 } == [1, 2, 3])
        #expect(block.gapBefore == Gap(.restart))
        #expect(block.nominalPeriod == 0.02)
    }

    @Test func todaysWriterMakesTheFixtureByteForByte() throws {
        let path = folder.file("small.nightlog")
        try KnownNight.writeSmall(to: path)
        #expect(try bytes(of: path) == bytes(of: "\(packageFolder)/Fixtures/nightlog/small.nightlog"))
    }

    @Test(.enabled(if: PythonReader.isThere, "python3 with numpy is not on the PATH"), arguments: 0..<6)
    func aReaderWrittenFromTheDocumentsAgrees(seed: Int) throws {
        var log = try bytes(of: "\(packageFolder)/Fixtures/nightlog/small.nightlog")
        if seed > 0 {
            var generator = SeededGenerator(state: UInt64(seed))
            for _ in 0..<3 { log[Int.random(in: 1024..<log.count, using: &generator)] ^= 0x10 }
            log.insert(contentsOf: [1, 2, 3], at: Int.random(in: 1024..<log.count, using: &generator))
            log.removeLast(Int.random(in: 0..<3000, using: &generator))
        }
        let path = folder.file("log.nightlog")
        try write(log, to: path)
        let dump = folder.file("dump.f32")
        let printed = try PythonReader.run([path, "--dump", dump])
        let night = try ReadNight(path: path)
        var expected: [UInt8] = []
        for stream in [0, 1] {
            let own = night.stretches.filter { $0.stream == stream }
            for value in own.flatMap(\.values) {
                for byte in 0..<4 { expected.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * byte))) }
            }
            let line = try #require(printed.split(separator: "\n").first { $0.hasPrefix("stream \(stream) ") })
            #expect(line.contains(" \(night.sampleCount(stream)) samples"))
            #expect(line.contains(" \(own.filter { $0.gap != nil }.count) gaps"))
            let first = try #require(own.first)
            let rate = Double(KnownNight.streams[stream].nominalRate)
            let time = first.anchor.time + (Double(first.firstIndex) - first.anchor.index) / rate
            let words = line.split(separator: " ")
            #expect(abs(try #require(Double(words[5])) - time) < 2e-6)
        }
        #expect(try bytes(of: dump) == expected)
    }

    @Test func aPythonReaderHasNoMoreThanThirtyLines() throws {
        let text = String(decoding: try bytes(of: "\(packageFolder)/tools/read_nightlog.py"), as: UTF8.self)
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 30 + 1)
    }

    @Test func theChecksumIsTheOneOfRFC3720() {
        // A header with nothing but a wrong checksum is refused elsewhere; here the check value of the polynomial.
        #expect(NightLog.checksum(Array("123456789".utf8)) == 0xE306_9283)
        #expect(NightLog.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(NightLog.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(NightLog.checksum(Array(0..<32)) == 0x46DD_794E)
        #expect(NightLog.checksum([]) == 0)
    }
}

/// The small reader in Python that comes with the format.
enum PythonReader {
    static let isThere: Bool = {
        do {
            return try launch(["-c", "import numpy"]).status == 0
        } catch {
            return false
        }
    }()

    static func run(_ arguments: [String]) throws -> String {
        let (status, output) = try launch(["\(packageFolder)/tools/read_nightlog.py"] + arguments)
        #expect(status == 0)
        return output
    }

    private static func launch(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }
}
