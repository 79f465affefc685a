// SPDX-License-Identifier: GPL-3.0-or-later
import Glibc

/// Makes the pyramid of a recording from its blocks as they are read, in bounded memory.
///
/// The file appears whole or not at all, readable by its owner alone. It is a cache: whatever is wrong with it, it is
/// thrown away and made anew from the recording. The article "The pyramid" has its layout.
public struct PyramidWriter: ~Copyable {
    /// The rates that a stream with pages has, in samples a second.
    public static let rates = 1.0...10_000.0

    /// A stream on its way into pages.
    private struct Lane {
        var clock: SampleClock
        var page = PyramidPage()
        var index: Int64?
        var stream: PyramidCatalogue.Stream
        var samples = 0
    }

    private let path: String
    private var output: OutputFile
    private var lanes: [Lane?]
    private var streams: [PyramidCatalogue.Stream]
    private var pageCount: Int64 = 0
    private var buffer = [UInt8](repeating: 0, count: PyramidPage.size)

    /// Pages beyond which a recording must have ``samplesForPage`` for each: else its times are scattered.
    private static let freePages = 4096
    private static let samplesForPage = 64

    /// Begins the pyramid of a recording that says this of itself.
    public init(path: String, header: RecordingHeader) throws(RecordingError) {
        // Left by a process of the same number that was killed.
        unsafe unlink(OutputFile.temporaryName(of: path))
        var output = try OutputFile(path: path)
        try output.write(PyramidCatalogue.header)
        // A page has a byte for its stream's number.
        let streams = header.streams.count <= Int(UInt8.max) ? header.streams : []
        let empty = streams.map {
            PyramidCatalogue.Stream(
                rate: $0.isAcceleration && Self.rates.contains($0.nominalRate) ? $0.nominalRate : 0,
                step: TraceScale.step(range: $0.range))
        }
        self.path = path
        self.output = output
        self.streams = empty
        lanes = empty.map { $0.rate > 0 ? Lane(clock: SampleClock(nominalRate: $0.rate), stream: $0) : nil }
    }

    /// Takes the next block.
    ///
    /// - Parameter offset: where in the file it begins, if a reader can begin there.
    public mutating func append(_ block: SampleBlock, at offset: Int? = nil) throws(RecordingError) {
        guard lanes.indices.contains(block.stream), var lane = lanes[block.stream].take() else { return }
        lane.clock.append(block, at: offset)
        try drain(&lane, block.stream)
        lanes[block.stream] = lane
    }

    /// Takes the block that a reader read last, and where it begins, if the reader can begin there.
    public mutating func append(_ block: SampleBlock, readBy reader: any RecordingReader) throws(RecordingError) {
        try append(block, at: (reader as? any SeekableReader)?.blockOffset)
    }

    /// Gives the pyramid its name.
    ///
    /// - Parameter source: the recording that it was made from, as it was when it was read.
    public consuming func finish(source: PyramidSource) throws(RecordingError) {
        for number in lanes.indices {
            guard var lane = lanes[number].take() else { continue }
            lane.clock.finish()
            try drain(&lane, number)
            try write(&lane, number)
            lane.stream.overlapping = UInt64(lane.clock.overlapping)
            streams[number] = lane.stream
        }
        try output.write(PyramidCatalogue(source: source, streams: streams).encoded())
        try output.finish()
    }

    private mutating func drain(_ lane: inout Lane, _ number: Int) throws(RecordingError) {
        let settled = lane.clock.settled
        lane.clock.settled.removeAll(keepingCapacity: true)
        for stretch in settled {
            lane.stream.lines.append(stretch.line)
            lane.samples += stretch.line.count
            try fill(&lane, number, stretch)
        }
    }

    /// Puts samples into their buckets, a bucket at a time.
    private mutating func fill(
        _ lane: inout Lane, _ number: Int, _ stretch: SampleClock.Settled
    ) throws(RecordingError) {
        let line = stretch.line
        let perSecond = lane.stream.rate / Double(PyramidPage.levels[0])
        func bucket(_ position: Int) -> Int64 { Int64((line.time(position) * perSecond).rounded(.down)) }
        let samples = stretch.values.span
        var position = 0
        while position < line.count {
            let own = bucket(position)
            // The estimate is right but for the last digits of a double.
            let edge = ((Double(own + 1) / perSecond - line.start) / line.period).rounded(.up)
            var end = max(position + 1, Int(min(edge, Double(line.count))))
            while end > position + 1, bucket(end - 1) > own { end -= 1 }
            while end < line.count, bucket(end) == own { end += 1 }
            try turn(&lane, number, to: own >> 8)
            let place = Int(own & 0xFF)
            for axis in 0..<3 {
                var (least, largest) = (Float.infinity, -Float.infinity)
                var at = position * 3 + axis
                while at < end * 3 {
                    let value = samples[at]
                    if value < least { least = value }
                    if value > largest { largest = value }
                    at += 3
                }
                // Nothing but values that are no numbers: absent.
                guard least <= largest else { continue }
                lane.page.take(
                    place, axis, least: TraceScale.steps(least, lane.stream.step),
                    largest: TraceScale.steps(largest, lane.stream.step))
            }
            position = end
        }
    }

    /// Goes on to the page of an index.
    private mutating func turn(_ lane: inout Lane, _ number: Int, to index: Int64) throws(RecordingError) {
        guard lane.index != index else { return }
        try write(&lane, number)
        lane.index = index
    }

    private mutating func write(_ lane: inout Lane, _ number: Int) throws(RecordingError) {
        guard let index = lane.index else { return }
        guard lane.stream.pages.count < Self.freePages + lane.samples / Self.samplesForPage else {
            throw RecordingError(
                .malformed, path: path, problem: "its recording's times are scattered over more than a pyramid holds",
                remedy: "check the recording's time stamps")
        }
        lane.page.complete()
        lane.page.encode(stream: number, index: index, into: &buffer)
        try output.write(buffer)
        lane.stream.pages.append(PyramidCatalogue.Place(index: index, number: pageCount))
        pageCount += 1
        lane.page.clear()
        lane.index = nil
    }
}

/// A reader that can begin anew at a block of its file.
protocol SeekableReader: RecordingReader {
    /// Where in the file the block read last begins.
    var blockOffset: Int { get }
    /// The bytes at the start of the file that a reader needs before it goes on at a block.
    static var headerSize: Int { get }
}

extension NightLogReader: SeekableReader {
    var blockOffset: Int { scanner.sectorOffset }
    static var headerSize: Int { 2 * NightLogSector.size }
}

extension CWAReader: SeekableReader {
    var blockOffset: Int { sectorOffset }
    static var headerSize: Int { CWAHeader.size }
}

extension PyramidWriter {
    /// Reads a recording from its start to its end into a pyramid at `path`.
    public static func build(of recording: String, at path: String) throws(RecordingError) {
        let source = try PyramidSource(ofFile: recording)
        var reader = try RecordingFile.open(recording)
        var writer = try PyramidWriter(path: path, header: reader.header)
        var block = SampleBlock()
        while try reader.read(into: &block) {
            try writer.append(block, readBy: reader)
        }
        try writer.finish(source: source)
    }
}
