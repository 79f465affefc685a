// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import TestSupport
import Testing

@testable import nattro

/// The tile of a trace, read as a page reads it.
struct ReadTile {
    struct Run {
        var start: Double
        var period: Double
        var count: Int
        var isJoined: Bool
    }

    var isSamples = false
    var periods = 0
    var step = 0.0
    var runs: [Run] = []
    var values: [Int16] = []

    init(_ bytes: [UInt8]) throws {
        let data = Data(bytes)
        func number<Value: FixedWidthInteger>(_ place: Int, _: Value.Type) -> Value {
            (0..<Value.bitWidth / 8).reduce(0) { $0 | Value(truncatingIfNeeded: data[place + $1]) << Value(8 * $1) }
        }
        try #require(bytes.count >= 24 && number(0, UInt32.self) == 0x3154_544E)
        isSamples = bytes[4] == 1
        periods = Int(number(6, UInt16.self))
        step = Double(bitPattern: number(8, UInt64.self))
        let (count, runCount) = (Int(number(16, UInt32.self)), Int(number(20, UInt32.self)))
        for run in 0..<runCount {
            let place = 24 + 24 * run
            runs.append(
                Run(
                    start: Double(bitPattern: number(place, UInt64.self)),
                    period: Double(bitPattern: number(place + 8, UInt64.self)),
                    count: Int(number(place + 16, UInt32.self)), isJoined: number(place + 20, UInt32.self) == 1))
        }
        let (start, each) = (24 + 24 * runCount, isSamples ? 3 : 6)
        try #require(bytes.count == start + count * each * 2 && runs.reduce(0) { $0 + $1.count } == count)
        values = (0..<count * each).map { number(start + 2 * $0, Int16.self) }
    }

    /// The time of each sample or column, in ms from the start of the night.
    var times: [Double] { runs.flatMap { run in (0..<run.count).map { run.start + Double($0) * run.period } } }
}

@Suite struct TraceQueryTests {
    private let good = ["leg": "L", "from": "0", "to": "1000", "px": "500"]

    @Test func aGoodOneIsTaken() throws {
        let query = try TraceQuery(good)
        #expect(query.leg == .left && query.span == 0..<1000 && query.columns == 500)
        #expect(try TraceQuery(good.merging(["from": "-1e9", "leg": "R"]) { $1 }).leg == .right)
    }

    @Test(arguments: [
        ("leg", "B"), ("leg", ""), ("from", "nan"), ("from", "inf"), ("from", "-1e11"), ("from", "1000"),
        ("from", "2000"),
        ("from", ""), ("to", "0"), ("to", "1e300"), ("to", "abc"), ("px", "0"), ("px", "-5"), ("px", "1000000000"),
        ("px", "4097"), ("px", "1.5"), ("px", "99999999999999999999"),
    ])
    func aBadOneIsRefusedInWords(name: String, value: String) {
        let error = #expect(throws: BadQuery.self) { try TraceQuery(good.merging([name: value]) { $1 }) }
        #expect(error?.words.isEmpty == false)
    }

    @Test(arguments: ["leg", "from", "to", "px"]) func eachFieldIsNeeded(name: String) {
        #expect(throws: BadQuery.self) { try TraceQuery(good.filter { $0.key != name }) }
    }
}

@Suite struct NightTracesTests {
    /// A night of one recording of one leg.
    private func night(_ path: String, start: Double) -> NightTrace {
        NightTrace(start: start, legs: [.left: [NightTrace.Part(path: path, sha256: "abc", stream: 0)]])
    }

    private func folder(_ url: URL) -> TraceFolder { TraceFolder(path: url.appending(path: "cache").path) }

    /// The start of a recording's first sample.
    private func start(_ path: String) throws -> Double {
        var reader = try RecordingFile.open(path)
        var block = SampleBlock()
        #expect(try reader.read(into: &block))
        return block.time(at: 0)
    }

    private func ask(_ traces: NightTraces, _ night: NightTrace, _ from: Double, _ to: Double, _ px: Int) async throws
        -> ReadTile
    {
        let query = try TraceQuery(["leg": "L", "from": "\(from)", "to": "\(to)", "px": "\(px)"])
        let bytes = try #require(try await traces.tile(query, of: night))
        // Two values of three axes a column, and the head.
        #expect(bytes.count <= 24 + 24 * 64 + px * 12)
        return try ReadTile(bytes)
    }

    @Test func everyWidthShowsTheSamples() async throws {
        try await withFolder { url in
            let path = Fixtures.path("nights/plmd/night_L.cwa")
            let night = night(path, start: try start(path))
            let traces = NightTraces(folder(url))
            // All samples one by one, in pieces of four seconds.
            var samples: [(time: Double, values: [Int16])] = []
            for piece in 0..<100 {
                let (from, to) = (Double(piece) * 4000, Double(piece + 1) * 4000)
                let tile = try await ask(traces, night, from, to, 4096)
                #expect(tile.isSamples)
                for (place, time) in tile.times.enumerated() where (from..<to).contains(time) {
                    samples.append((time, Array(tile.values[place * 3..<place * 3 + 3])))
                }
            }
            #expect(samples.count > 19_000)
            for (span, px) in [
                (400_000.0, 100), (400_000, 7), (90_000, 100), (60_000, 1000), (30_000, 512), (400_000, 400),
            ] {
                let tile = try await ask(traces, night, 0, span, px)
                try #require(!tile.isSamples)
                let run = tile.runs[0]
                #expect(run.start <= 0 && run.start + Double(run.count) * run.period >= span)
                for column in 0..<run.count {
                    let (from, to) = (
                        run.start + Double(column) * run.period, run.start + Double(column + 1) * run.period
                    )
                    // What lies on an edge may be on either side of it: 2 µs.
                    let sure = samples.filter { $0.time >= from + 0.002 && $0.time < to - 0.002 }
                    let perhaps = samples.filter { $0.time >= from - 0.002 && $0.time < to + 0.002 }
                    guard from >= 0, to <= 400_000 else { continue }
                    for axis in 0..<3 {
                        let (least, largest) = (tile.values[column * 6 + axis], tile.values[column * 6 + 3 + axis])
                        #expect(least <= sure.map { $0.values[axis] }.min() ?? .max, "\(span) in \(px), \(from)")
                        #expect(largest >= sure.map { $0.values[axis] }.max() ?? .min)
                        #expect(least >= perhaps.map { $0.values[axis] }.min() ?? .min)
                        #expect(largest <= perhaps.map { $0.values[axis] }.max() ?? .max || perhaps.isEmpty)
                        if perhaps.isEmpty { #expect(largest == .min) }
                    }
                }
            }
        }
    }

    @Test func outsideOfTheNightIsNothing() async throws {
        try await withFolder { url in
            let path = Fixtures.path("nights/plmd/night_L.cwa")
            let night = night(path, start: try start(path))
            let traces = NightTraces(folder(url))
            for (from, to, px) in [(-1e9, -1e8, 100), (1e9, 1e10, 4096), (1e9, 1e9 + 10, 100), (-5000, -4000, 50)] {
                let tile = try await ask(traces, night, from, to, px)
                #expect(
                    tile.isSamples
                        ? tile.values.isEmpty : (0..<tile.runs[0].count).allSatisfy { tile.values[$0 * 6 + 3] == .min })
            }
            let other = try TraceQuery(["leg": "R", "from": "0", "to": "1", "px": "1"])
            #expect(try await traces.tile(other, of: night) == nil)
        }
    }

    @Test func aDamagedOrStalePyramidIsMadeAnew() async throws {
        try await withFolder { url in
            let path = url.appending(path: "night.cwa").path
            try FileManager.default.copyItem(atPath: Fixtures.path("nights/plmd/night_L.cwa"), toPath: path)
            let night = night(path, start: try start(path))
            let pyramid = URL(filePath: folder(url).pyramid("abc"))
            let whole = try await ask(NightTraces(folder(url)), night, 0, 600_000, 300)
            let bytes = try Data(contentsOf: pyramid)
            for damage in 0..<4 {
                var changed = bytes
                switch damage {
                case 0: changed = Data()
                case 1: changed.removeLast(100)
                // A page in the middle, whose catalogue is whole.
                case 2: changed[5000] ^= 1
                default: changed[changed.count - 1] ^= 1
                }
                try changed.write(to: pyramid)
                let again = try await ask(NightTraces(folder(url)), night, 0, 600_000, 300)
                #expect(again.values == whole.values, "damage \(damage)")
                #expect(try Data(contentsOf: pyramid) == bytes)
            }
            // Another recording under the same name.
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.copyItem(atPath: Fixtures.path("nights/plmd/night_R.cwa"), toPath: path)
            let other = try await ask(NightTraces(folder(url)), night, 0, 600_000, 300)
            #expect(other.values != whole.values)
        }
    }

    @Test func ofATextSamplesAreKeptAround() async throws {
        try await withFolder { url in
            var text = "time,x,y,z\n"
            for row in 0..<10_000 {
                text += String(format: "%.2f,%.3f,0,1\n", 1_792_886_400 + Double(row) / 50, Double(row % 100) / 100)
            }
            let path = url.appending(path: "night.csv").path
            try Data(text.utf8).write(to: URL(filePath: path))
            let night = night(path, start: 1_792_886_400)
            let traces = NightTraces(folder(url))
            let first = try await ask(traces, night, 50_000, 52_000, 512)
            let second = try await ask(traces, night, 51_000, 53_000, 512)
            let (one, other) = (
                Dictionary(uniqueKeysWithValues: zip(first.times.map { ($0 / 20).rounded() }, 0...)), second.times
            )
            #expect(other.count >= 100)
            var common = 0
            for (place, time) in other.enumerated() {
                guard let known = one[(time / 20).rounded()] else { continue }
                common += 1
                #expect(first.values[known * 3] == second.values[place * 3])
            }
            #expect(common >= 50)
        }
    }

    @Test func theCacheHasABound() throws {
        try Fixtures.withTemporaryFolder { url in
            let folder = folder(url)
            try folder.make()
            for number in 0..<5 {
                let file = URL(filePath: folder.pyramid("\(number)"))
                try Data(count: 1000).write(to: file)
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSince1970: Double(number))], ofItemAtPath: file.path)
            }
            folder.trim(to: 2500)
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(left == ["3.pyramid", "4.pyramid"])
        }
    }

    private func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nattro-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }
}
