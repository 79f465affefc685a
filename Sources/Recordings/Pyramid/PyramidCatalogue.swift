// SPDX-License-Identifier: GPL-3.0-or-later

/// What stands at the end of a pyramid: where its pages are, and the times of the samples.
struct PyramidCatalogue {
    /// A page in the file.
    struct Place: Hashable {
        /// Which stretch of time: from `index` · 4096 / rate seconds since 1970.
        var index: Int64
        /// Its number among the pages of the file.
        var number: Int64
    }

    /// A stream.
    struct Stream {
        /// Samples a second as the device was set; 0 for a stream that has no pages.
        var rate: Double
        /// One step of the values, in g.
        var step: Double
        /// Samples left out because their times lie before the end of what came earlier.
        var overlapping: UInt64 = 0
        var pages: [Place] = []
        var lines: [SampleClock.Line] = []
    }

    var source: PyramidSource
    var streams: [Stream]

    static let magic: UInt32 = 0x5259_504E  // "NPYR", lowest byte first
    static let endMagic: UInt32 = 0x4550_594E  // "NYPE"
    static let version: UInt16 = 1
    static let headerSize = 16
    static let tailSize = 32
    private static let streamSize = 40
    private static let placeSize = 16
    private static let lineSize = 48
    private static let joined: UInt32 = 1

    /// The first bytes of a file.
    static var header: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: headerSize)
        bytes.put(magic, at: 0)
        bytes.put(version, at: 4)
        bytes.put(UInt16(PyramidPage.size), at: 6)
        return bytes
    }

    /// The catalogue and the tail that ends the file.
    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        func append<Value: FixedWidthInteger>(_ value: Value) {
            for byte in 0..<Value.bitWidth / 8 { bytes.append(UInt8(truncatingIfNeeded: value >> Value(8 * byte))) }
        }
        append(source.size)
        append(source.start)
        append(source.end)
        append(UInt64(streams.count))
        for stream in streams {
            append(stream.rate.bitPattern)
            append(stream.step.bitPattern)
            append(stream.overlapping)
            append(UInt64(stream.pages.count))
            append(UInt64(stream.lines.count))
        }
        for stream in streams {
            for page in stream.pages {
                append(page.index)
                append(page.number)
            }
            for line in stream.lines {
                append(line.firstIndex)
                append(UInt32(line.count))
                append(line.isJoined ? Self.joined : 0)
                append(line.start.bitPattern)
                append(line.period.bitPattern)
                append(Int64(line.block?.offset ?? -1))
                append(line.block?.firstIndex ?? 0)
            }
        }
        return bytes + Self.tail(of: bytes)
    }

    /// The tail that stands behind the bytes of a catalogue.
    static func tail(of bytes: [UInt8]) -> [UInt8] {
        var tail = [UInt8](repeating: 0, count: tailSize)
        tail.put(endMagic, at: 0)
        tail.put(version, at: 4)
        tail.put(UInt64(bytes.count), at: 8)
        tail.put(CRC32C.checksum(bytes.span), at: 16)
        tail.put(CRC32C.checksum(tail.span.extracting(0..<tailSize - 4)), at: tailSize - 4)
        return tail
    }

    /// Reads the catalogue of a file; nil where anything of it is damaged or impossible.
    init?(_ file: RandomFile) throws(RecordingError) {
        guard file.size >= Self.headerSize + Self.tailSize else { return nil }
        guard try file.bytes(at: 0, count: Self.headerSize) == Self.header else { return nil }
        let tail = try file.bytes(at: file.size - Self.tailSize, count: Self.tailSize)
        guard tail.span.uint32(at: 0) == Self.endMagic, tail.span.uint16(at: 4) == Self.version,
            CRC32C.checksum(tail.span.extracting(0..<Self.tailSize - 4)) == tail.span.uint32(at: Self.tailSize - 4)
        else { return nil }
        let room = file.size - Self.headerSize - Self.tailSize
        guard let length = Int(exactly: tail.span.uint64(at: 8)), length <= room,
            (room - length) % PyramidPage.size == 0
        else { return nil }
        let bytes = try file.bytes(at: file.size - Self.tailSize - length, count: length)
        guard CRC32C.checksum(bytes.span) == tail.span.uint32(at: 16) else { return nil }
        self.init(bytes.span, pageCount: (room - length) / PyramidPage.size)
    }

    init(source: PyramidSource, streams: [Stream]) {
        self.source = source
        self.streams = streams
    }

    private init?(_ bytes: Span<UInt8>, pageCount: Int) {
        guard bytes.count >= 24 else { return nil }
        source = PyramidSource(size: bytes.uint64(at: 0), start: bytes.uint32(at: 8), end: bytes.uint32(at: 12))
        guard let count = Int(exactly: bytes.uint64(at: 16)), count <= Int(UInt8.max) + 1,
            24 + count * Self.streamSize <= bytes.count
        else { return nil }
        streams = []
        var sizes: [(pages: Int, lines: Int)] = []
        var total = 24 + count * Self.streamSize
        for number in 0..<count {
            let start = 24 + number * Self.streamSize
            let stream = Stream(
                rate: Double(bitPattern: bytes.uint64(at: start)),
                step: Double(bitPattern: bytes.uint64(at: start + 8)),
                overlapping: bytes.uint64(at: start + 16))
            guard PyramidWriter.rates.contains(stream.rate) || stream.rate == 0, stream.step.isFinite, stream.step > 0,
                let pages = Int(exactly: bytes.uint64(at: start + 24)), pages <= pageCount,
                let lines = Int(exactly: bytes.uint64(at: start + 32)), lines <= bytes.count / Self.lineSize,
                stream.rate > 0 || pages + lines == 0
            else { return nil }
            streams.append(stream)
            sizes.append((pages, lines))
            total += pages * Self.placeSize + lines * Self.lineSize
        }
        guard total == bytes.count, sizes.reduce(0, { $0 + $1.pages }) == pageCount else { return nil }
        var place = 24 + count * Self.streamSize
        for number in streams.indices {
            guard let pages = Self.pages(bytes, at: &place, count: sizes[number].pages, below: pageCount),
                let lines = Self.lines(bytes, at: &place, count: sizes[number].lines)
            else { return nil }
            streams[number].pages = pages
            streams[number].lines = lines
        }
    }

    private static func pages(
        _ bytes: Span<UInt8>, at place: inout Int, count: Int, below pageCount: Int
    ) -> [Place]? {
        var pages: [Place] = []
        pages.reserveCapacity(count)
        for _ in 0..<count {
            let page = Place(
                index: Int64(bitPattern: bytes.uint64(at: place)),
                number: Int64(bitPattern: bytes.uint64(at: place + 8)))
            guard page.number >= 0, page.number < pageCount, page.index.magnitude < largestIndex else { return nil }
            if let last = pages.last, last.index >= page.index || last.number >= page.number { return nil }
            pages.append(page)
            place += placeSize
        }
        return pages
    }

    /// Indices of pages up to here can be turned into buckets without overflow.
    private static let largestIndex: UInt64 = 1 << 50

    private static func lines(_ bytes: Span<UInt8>, at place: inout Int, count: Int) -> [SampleClock.Line]? {
        var lines: [SampleClock.Line] = []
        lines.reserveCapacity(count)
        for _ in 0..<count {
            let offset = Int64(bitPattern: bytes.uint64(at: place + 32))
            let first = Int64(bitPattern: bytes.uint64(at: place + 40))
            let line = SampleClock.Line(
                firstIndex: Int64(bitPattern: bytes.uint64(at: place)), count: Int(bytes.uint32(at: place + 8)),
                start: Double(bitPattern: bytes.uint64(at: place + 16)),
                period: Double(bitPattern: bytes.uint64(at: place + 24)),
                isJoined: bytes.uint32(at: place + 12) == joined,
                block: offset < 0 ? nil : SampleClock.Block(offset: Int(offset), firstIndex: first))
            let isSane =
                line.firstIndex.magnitude < 1 << 61 && first.magnitude < 1 << 61 && line.count > 0
                && line.start.isFinite && line.period.isFinite && line.period > 0 && line.last.isFinite
            guard isSane else { return nil }
            if let last = lines.last, last.last >= line.start || last.firstIndex >= line.firstIndex { return nil }
            lines.append(line)
            place += lineSize
        }
        return lines
    }
}
