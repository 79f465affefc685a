// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@testable import Recordings

/// Blocks of one stream with a drifting, jittering clock and gaps, and the time of each sample by a clock that sees all at once.
struct RandomStream {
    var blocks: [SampleBlock] = []
    let rate: Double
    let step = TraceScale.step(range: 8)

    var header: RecordingHeader {
        RecordingHeader(format: .csv, streams: [StreamInfo(leg: .left, nominalRate: rate, range: 8)])
    }

    init(seed: UInt64, rate: Double, seconds: Double, gaps: Int) {
        self.rate = rate
        var random = SeededGenerator(state: seed)
        let start = 1_792_886_400 + Double.random(in: 0..<1000, using: &random)
        let trueRate = rate * Double.random(in: 0.984...1.01, using: &random)
        let breaks = (0..<gaps).map { _ in Double.random(in: 0..<seconds, using: &random) }.sorted()
        var (time, index, pending) = (start, Int64(0), breaks[...])
        while time < start + seconds {
            var block = SampleBlock()
            if let next = pending.first, time >= start + next {
                pending = pending.dropFirst()
                time += Double.random(in: 0.01..<90, using: &random)
                block.gapBefore = Gap(.lost)
            }
            let count = Int.random(in: 1...200, using: &random)
            block.firstIndex = index
            block.nominalPeriod = 1 / rate
            block.values = (0..<count * 3).map { _ in Float.random(in: -9...9, using: &random) }
            // The reading is of a sample of the block, late by up to 5 ms.
            let read = Int.random(in: 0..<count, using: &random)
            block.anchor = ClockAnchor(
                index: Double(index) + Double(read),
                time: time + Double(read) / trueRate + Double.random(in: 0..<0.005, using: &random))
            blocks.append(block)
            index += Int64(count)
            time += Double(count) / trueRate
        }
    }

    /// The time and the values of each sample.
    var samples: [(time: Double, values: [Int16])] {
        var samples: [(time: Double, values: [Int16])] = []
        var stretch: [SampleBlock] = []
        var period = 1 / rate
        func end() {
            guard let first = stretch.first else { return }
            var knots: [ClockAnchor] = [first.anchor]
            var latest = first.anchor
            for block in stretch.dropFirst() {
                let last = knots[knots.count - 1]
                guard block.anchor.time > last.time, block.anchor.index > last.index else { continue }
                if block.anchor.index > latest.index { latest = block.anchor }
                if block.anchor.index - last.index >= 10 * rate { knots.append(block.anchor) }
            }
            let values = stretch.flatMap(\.values)
            // What the rate was before the last reading tells whether 5 s have passed since.
            var last = period
            for (one, other) in zip(knots, knots.dropFirst()) {
                last = (other.time - one.time) / (other.index - one.index)
            }
            if (latest.index - knots[knots.count - 1].index) * last >= 5 { knots.append(latest) }
            var index = first.firstIndex
            let behind = first.firstIndex + Int64(values.count / 3)
            for number in knots.indices {
                let knot = knots[number]
                var limit = behind
                if number + 1 < knots.count {
                    let next = knots[number + 1]
                    period = (next.time - knot.time) / (next.index - knot.index)
                    limit = min(behind, Int64(next.index.rounded(.down)) + 1)
                }
                let (from, start) = (index, knot.time + (Double(index) - knot.index) * period)
                while index < limit {
                    let place = Int(index - first.firstIndex) * 3
                    samples.append(
                        (
                            start + Double(index - from) * period,
                            values[place..<place + 3].map { TraceScale.steps($0, step) }
                        ))
                    index += 1
                }
            }
            stretch = []
        }
        for block in blocks {
            if block.gapBefore != nil { end() }
            stretch.append(block)
        }
        end()
        var latest = -Double.infinity
        return samples.filter { sample in
            defer { latest = max(latest, sample.time) }
            return sample.time > latest
        }
    }

    /// Least and largest values of the samples, by bucket of so many sampling periods.
    static func buckets(
        _ samples: [(time: Double, values: [Int16])], _ perSecond: Double
    ) -> [Int64: [Int16]] {
        var buckets: [Int64: [Int16]] = [:]
        for sample in samples {
            let bucket = Int64((sample.time * perSecond).rounded(.down))
            var values = buckets[bucket] ?? PyramidPage.absent
            for axis in 0..<3 {
                values[axis] = min(values[axis], sample.values[axis])
                values[axis + 3] = max(values[axis + 3], sample.values[axis])
            }
            buckets[bucket] = values
        }
        return buckets
    }

    /// The blocks cut into pieces of any size, each with the reading of its block.
    func cut(seed: UInt64) -> [SampleBlock] {
        var random = SeededGenerator(state: seed)
        return blocks.flatMap { block -> [SampleBlock] in
            var pieces: [SampleBlock] = []
            var start = 0
            while start < block.count {
                let count = Int.random(in: 1...block.count - start, using: &random)
                var piece = block
                piece.firstIndex += Int64(start)
                piece.values = Array(block.values[start * 3..<(start + count) * 3])
                if start > 0 { piece.gapBefore = nil }
                pieces.append(piece)
                start += count
            }
            return pieces
        }
    }
}

private let source = PyramidSource(size: 1, start: 2, end: 3)

private func pyramid(_ blocks: [SampleBlock], _ header: RecordingHeader) throws -> [UInt8] {
    let folder = try TemporaryFolder()
    var writer = try PyramidWriter(path: folder.file("p"), header: header)
    for block in blocks { try writer.append(block) }
    try writer.finish(source: source)
    return try bytes(of: folder.file("p"))
}

@Suite struct PyramidTests {
    @Test(arguments: [(1, 100.0), (2, 50), (3, 31.25), (4, 100), (5, 25.6)] as [(UInt64, Double)])
    func everyBucketEqualsBruteForce(seed: UInt64, rate: Double) throws {
        let stream = RandomStream(seed: seed, rate: rate, seconds: 900, gaps: 6)
        let file = try PyramidFile(bytes: pyramid(stream.blocks, stream.header))
        try file.check()
        let samples = stream.samples
        #expect(file.sampleCount(of: 0) == samples.count)
        for (level, factor) in PyramidPage.levels.enumerated() {
            let perSecond = rate / Double(factor)
            let expected = RandomStream.buckets(samples, perSecond)
            let (first, last) = (try #require(expected.keys.min()), try #require(expected.keys.max()))
            let grid = TraceGrid(rate: rate, level: level, buckets: first - 2..<last + 3, bucketsInColumn: 1)
            var envelope = TraceEnvelope(grid, step: file.step(of: 0))
            try file.fill(&envelope, from: 0)
            for column in 0..<grid.count {
                let own = Array(envelope.values[column * 6..<column * 6 + 6])
                let wanted = expected[first - 2 + Int64(column)] ?? PyramidPage.absent
                #expect(own == wanted, "level \(factor), bucket \(column)")
                #expect(envelope.hasSamples(column) == (wanted != PyramidPage.absent))
            }
        }
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func anyCuttingOfTheBlocksGivesTheSamePyramid(seed: UInt64) throws {
        let stream = RandomStream(seed: seed, rate: 100, seconds: 300, gaps: 3)
        let whole = try pyramid(stream.blocks, stream.header)
        for cut in 0..<4 { #expect(try pyramid(stream.cut(seed: seed + UInt64(cut)), stream.header) == whole) }
    }

    @Test(arguments: [21, 22, 23, 24] as [UInt64])
    func anyViewEqualsBruteForceOverItsColumns(seed: UInt64) throws {
        let rate = 100.0
        let stream = RandomStream(seed: seed, rate: rate, seconds: 1200, gaps: 4)
        let file = try PyramidFile(bytes: pyramid(stream.blocks, stream.header))
        let samples = stream.samples
        let (begin, end) = (samples[0].time, samples[samples.count - 1].time)
        var random = SeededGenerator(state: seed)
        for _ in 0..<40 {
            let start = Double.random(in: begin - 60..<end, using: &random)
            let span = start..<start + exp(Double.random(in: log(20)...log(3000), using: &random))
            let columns = Int.random(in: 1...400, using: &random)
            let grid = TraceGrid(span, rate: rate, columns: columns)
            #expect(grid.count <= columns)
            #expect(grid.start <= span.lowerBound && grid.start + Double(grid.count) * grid.step >= span.upperBound)
            guard grid.level != nil else { continue }
            var envelope = TraceEnvelope(grid, step: file.step(of: 0))
            try file.fill(&envelope, from: 0)
            let factor = Double(PyramidPage.levels[try #require(grid.level)])
            var expected = [[Int16]](repeating: PyramidPage.absent, count: grid.count)
            for sample in samples {
                let bucket = Int64((sample.time * (rate / factor)).rounded(.down))
                guard grid.buckets.contains(bucket) else { continue }
                let column = Int(bucket - grid.buckets.lowerBound) / (grid.periods / Int(factor))
                for axis in 0..<3 {
                    expected[column][axis] = min(expected[column][axis], sample.values[axis])
                    expected[column][axis + 3] = max(expected[column][axis + 3], sample.values[axis])
                }
            }
            #expect(envelope.values == expected.flatMap(\.self), "\(span) in \(columns) columns")
        }
    }

    @Test func aClockSetBackOverwritesNothing() throws {
        var stream = RandomStream(seed: 31, rate: 50, seconds: 60, gaps: 0)
        let last = try #require(stream.blocks.last)
        var block = last
        block.firstIndex += Int64(last.count)
        block.gapBefore = Gap(.clockJump)
        block.values = [Float](repeating: 1, count: 150)
        block.anchor = ClockAnchor(index: Double(block.firstIndex), time: last.anchor.time - 30)
        stream.blocks.append(block)
        let file = try PyramidFile(bytes: pyramid(stream.blocks, stream.header))
        #expect(file.sampleCount(of: 0) == stream.samples.count)
        #expect(file.streams[0].overlapping == 50)
    }

    @Test func scatteredTimesAreRefusedBeforeTheyFillTheDisk() throws {
        let folder = try TemporaryFolder()
        var writer = try PyramidWriter(
            path: folder.file("p"), header: RandomStream(seed: 1, rate: 100, seconds: 1, gaps: 0).header)
        let error = #expect(throws: RecordingError.self) {
            for number in 0..<10_000 {
                var block = SampleBlock()
                block.firstIndex = Int64(number)
                block.values = [0, 0, 1]
                block.gapBefore = Gap(.timeHole)
                block.anchor = ClockAnchor(index: Double(number), time: Double(number) * 86_400)
                try writer.append(block)
            }
        }
        #expect(error?.reason == .malformed)
        _ = consume writer
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func valuesThatAreNoNumbersLeaveNoTrace() throws {
        var stream = RandomStream(seed: 41, rate: 100, seconds: 30, gaps: 0)
        for number in stream.blocks.indices {
            stream.blocks[number].values = stream.blocks[number].values.map { _ in .nan }
        }
        let file = try PyramidFile(bytes: pyramid(stream.blocks, stream.header))
        let start = stream.blocks[0].anchor.time
        var envelope = TraceEnvelope(
            TraceGrid(start..<start + 30, rate: 100, columns: 100), step: file.step(of: 0))
        try file.fill(&envelope, from: 0)
        #expect((0..<envelope.grid.count).allSatisfy { !envelope.hasSamples($0) })
    }

    @Test func aStreamThatIsNoAccelerationHasNoTrace() throws {
        let header = RecordingHeader(
            format: .edf, streams: [StreamInfo(nominalRate: 200, channels: ["EMG"], units: ["µV"])])
        let file = try PyramidFile(bytes: pyramid([], header))
        #expect(file.streamCount == 1 && file.rate(of: 0) == nil && file.sampleCount(of: 0) == 0)
    }
}

@Suite struct PyramidDamageTests {
    /// A pyramid of a few pages.
    private static let small: [UInt8] = {
        let stream = RandomStream(seed: 51, rate: 100, seconds: 70, gaps: 1)
        return (try? pyramid(stream.blocks, stream.header)) ?? []
    }()

    private func isWhole(_ bytes: [UInt8]) -> Bool {
        do throws(RecordingError) {
            try PyramidFile(bytes: bytes).check()
            return true
        } catch {
            #expect(error.reason == .damaged)
            return false
        }
    }

    @Test func cutAtAnyByteItIsRejected() throws {
        try #require(isWhole(Self.small))
        for count in 0..<Self.small.count { #expect(!isWhole(Array(Self.small[..<count]))) }
    }

    @Test func anyFlippedBitIsSeen() {
        for place in Self.small.indices {
            var bytes = Self.small
            bytes[place] ^= 1 << (place % 8)
            #expect(!isWhole(bytes), "byte \(place)")
        }
    }

    @Test func thePyramidOfTheKnownNightIsTheOneThatIsKept() throws {
        let folder = try TemporaryFolder()
        try PyramidWriter.build(of: Fixtures.path("nightlog/small.nightlog"), at: folder.file("p"))
        #expect(try bytes(of: folder.file("p")) == Fixtures.bytes("nightlog/small.pyramid"))
    }

    @Test func bytesBehindTheEndAreSeen() {
        #expect(!isWhole(Self.small + [0]))
        #expect(!isWhole(Self.small + Self.small))
    }

    @Test func ofACatalogueThatOnlyLooksRightNothingIsTaken() throws {
        // With the right checksums: what a program with another idea of the format might write.
        let line = SampleClock.Line(firstIndex: 0, count: 10, start: 5, period: 0.01, isJoined: false)
        func file(_ change: (inout PyramidCatalogue.Stream) -> Void) -> [UInt8] {
            var stream = PyramidCatalogue.Stream(rate: 100, step: 0.001)
            stream.lines = [line]
            change(&stream)
            return PyramidCatalogue.header + PyramidCatalogue(source: source, streams: [stream]).encoded()
        }
        #expect(isWhole(file { _ in }))
        #expect(!isWhole(file { $0.rate = .nan }))
        #expect(!isWhole(file { $0.rate = 1e9 }))
        #expect(!isWhole(file { $0.rate = 0 }))
        #expect(!isWhole(file { $0.step = 0 }))
        #expect(!isWhole(file { $0.pages = [.init(index: 1, number: 0)] }))
        #expect(!isWhole(file { $0.lines[0].period = 0 }))
        #expect(!isWhole(file { $0.lines[0].period = .infinity }))
        #expect(!isWhole(file { $0.lines[0].start = .nan }))
        #expect(!isWhole(file { $0.lines[0].count = 0 }))
        #expect(!isWhole(file { $0.lines.append(line) }))
        #expect(!isWhole(file { $0.lines[0].firstIndex = .max }))
    }
}
