// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@testable import Recordings

/// Single samples read again through a pyramid, against the recording read from its start.
@Suite struct PyramidSampleTests {

    /// Every sample of a stream, by its index.
    private func values(_ path: String, _ stream: Int, _ step: Double) throws -> [Int64: [Int16]] {
        var reader = try RecordingFile.open(path)
        var block = SampleBlock()
        var values: [Int64: [Int16]] = [:]
        while try reader.read(into: &block) {
            guard block.stream == stream else { continue }
            for position in 0..<block.count {
                let place = position * block.channelCount
                values[block.firstIndex + Int64(position)] = block.values[place..<place + 3].map {
                    TraceScale.steps($0, step)
                }
            }
        }
        return values
    }

    private func check(_ path: String, stream: Int, folder: TemporaryFolder, limit: Int = 1 << 20) throws {
        try PyramidWriter.build(of: path, at: folder.file("p"))
        let file = try PyramidFile(path: folder.file("p"))
        let lines = file.streams[stream].lines
        let (begin, end) = (try #require(lines.first).start, try #require(lines.last).last)
        let all = try values(path, stream, file.step(of: stream))
        #expect(file.sampleCount(of: stream) == all.count)
        var random = SeededGenerator(state: 7)
        for number in 0..<40 {
            let start = number == 0 ? begin : Double.random(in: begin - 1..<end, using: &random)
            let span = start..<start + Double.random(in: 0.01..<30, using: &random)
            let runs = try file.samples(of: stream, in: span, recording: path, limit: limit)
            var wanted: [(Double, [Int16])] = []
            for line in lines {
                for position in 0..<line.count where span.contains(line.time(position)) {
                    wanted.append((line.time(position), try #require(all[line.firstIndex + Int64(position)])))
                }
            }
            var found: [(Double, [Int16])] = []
            for run in runs {
                for position in 0..<run.count where span.contains(run.time(position)) {
                    found.append((run.time(position), Array(run.values[position * 3..<position * 3 + 3])))
                }
            }
            #expect(found.map(\.1) == wanted.map(\.1), "\(path), \(span)")
            for (one, other) in zip(found, wanted) { #expect(abs(one.0 - other.0) < 1e-5) }
            // One more sample on each side at most.
            #expect(runs.reduce(0) { $0 + $1.count } <= wanted.count + 3 * (runs.count + 1))
        }
    }

    @Test func ofALogTheyAreFoundBySector() throws {
        let folder = try TemporaryFolder()
        try KnownNight.writeSmall(to: folder.file("small.nightlog"))
        for stream in 0..<2 { try check(folder.file("small.nightlog"), stream: stream, folder: folder) }
        #expect(try PyramidFile(path: folder.file("p")).canSeek(0))
    }

    @Test func ofACWAFileTheyAreFoundBySector() throws {
        let folder = try TemporaryFolder()
        try check(Fixtures.path("nights/plmd/night_L.cwa"), stream: 0, folder: folder)
        #expect(try PyramidFile(path: folder.file("p")).canSeek(0))
    }

    @Test func ofATextTheyAreReadFromItsStart() throws {
        let folder = try TemporaryFolder()
        var text = "time,x,y,z\n"
        for row in 0..<6000 {
            // A hole of 20 s.
            let time = 1_792_886_400 + Double(row) / 50 + (row >= 2500 ? 20 : 0)
            text += String(format: "%.3f,%.4f,%.4f,%.4f\n", time, Double(row % 97) / 97, Double(row % 31) / 31, -1.0)
        }
        try write(Array(text.utf8), to: folder.file("night.csv"))
        try check(folder.file("night.csv"), stream: 0, folder: folder)
        #expect(try !PyramidFile(path: folder.file("p")).canSeek(0))
    }

    @Test func noMoreThanTheLimitAreRead() throws {
        let folder = try TemporaryFolder()
        let path = Fixtures.path("nights/plmd/night_L.cwa")
        try PyramidWriter.build(of: path, at: folder.file("p"))
        let file = try PyramidFile(path: folder.file("p"))
        let begin = try #require(file.streams[0].lines.first).start
        let runs = try file.samples(of: 0, in: begin..<begin + 1e6, recording: path, limit: 5000)
        #expect(runs.reduce(0) { $0 + $1.count } == 5000)
    }

    @Test func onlyItsOwnerMayReadIt() throws {
        let folder = try TemporaryFolder()
        try PyramidWriter.build(of: Fixtures.path("nights/plmd/night_L.cwa"), at: folder.file("p"))
        let mode = try FileManager.default.attributesOfItem(atPath: folder.file("p"))[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["p"])
    }

    @Test func aRecordingThatGrewIsAnother() throws {
        let folder = try TemporaryFolder()
        let log = try KnownNight.tiny(in: folder)
        try write(log, to: folder.file("a"))
        let before = try PyramidSource(ofFile: folder.file("a"))
        try write(log, to: folder.file("b"))
        #expect(try PyramidSource(ofFile: folder.file("b")) == before)
        try write(log + [UInt8](repeating: 0, count: 512), to: folder.file("a"))
        #expect(try PyramidSource(ofFile: folder.file("a")) != before)
        var changed = log
        changed[changed.count - 1] ^= 1
        try write(changed, to: folder.file("a"))
        #expect(try PyramidSource(ofFile: folder.file("a")) != before)
        #expect(throws: RecordingError.self) { try PyramidSource(ofFile: folder.path) }
        #expect(throws: RecordingError.self) { try PyramidSource(ofFile: folder.file("none")) }
    }

    @Test func aFileOfTheSameProcessLeftBehindIsNoObstacle() throws {
        let folder = try TemporaryFolder()
        try write([1, 2, 3], to: OutputFile.temporaryName(of: folder.file("p")))
        try PyramidWriter.build(of: Fixtures.path("nights/plmd/night_L.cwa"), at: folder.file("p"))
        try PyramidFile(path: folder.file("p")).check()
    }
}
