// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads ActiGraph's GT3X recordings: a zip archive of `info.txt` and `log.bin`, or the older one with `activity.bin`.
///
/// Acceleration is `raw / scale` g, not rounded to three decimals as the maker's exports are. Each record of the log is one second,
/// placed by its own time; idle sleep and docking are pauses, never held values. Source of the layout:
/// actigraph/GT3X-File-Format.
public struct GT3XReader: RecordingReader {
    /// What the archive says of itself.
    public let header: RecordingHeader
    /// What was left out of the log.
    public private(set) var report = ReadingReport()
    /// How much of the samples' file was read.
    public var fractionRead: Double? {
        let entry = log?.entry ?? stream?.entry
        return entry.map { $0.size > 0 ? min(1, Double($0.offset) / Double($0.size)) : 1 }
    }

    private let path: String
    private let info: GT3XInfo
    private let rate: Double
    private var log: GT3XLog?
    private var stream: GT3XActivityStream?
    private var scale: Double
    private var nextIndex: Int64 = 0
    /// When the sample after the last one is due.
    private var end: Double?
    private var paused = false
    private var damaged = false
    private var isAtEnd = false

    /// A larger `info.txt` is none.
    private static let largestInfo = 64 << 10

    /// Whether a file that begins with these bytes is a zip archive.
    static func begins(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) }

    /// Opens a recording and reads its `info.txt`.
    public init(_ source: ByteSource) throws(RecordingError) {
        let archive = try source.openArchive()
        path = source.path
        guard let infoEntry = try archive.entry("info.txt") else {
            throw RecordingError(
                .unknownFormat, path: path, problem: "is a zip archive without info.txt, so no GT3X recording",
                remedy: "unpack it and name the recording in it")
        }
        var bytes = [UInt8](repeating: 0, count: Self.largestInfo)
        let size = infoEntry.read(into: &bytes)
        info = GT3XInfo(bytes[..<size])
        guard let rate = info.rate else {
            throw RecordingError(
                .damaged, path: path, place: "info.txt", problem: "has no usable Sample Rate",
                remedy: "download the recording from the sensor once more")
        }
        self.rate = rate
        scale = info.scale
        header = info.recordingHeader(rate: rate)
        if let entry = try archive.entry("log.bin") {
            log = GT3XLog(entry)
        } else if let entry = try archive.entry("activity.bin") {
            guard let start = info.start else {
                throw RecordingError(
                    .damaged, path: path, place: "info.txt", problem: "has no usable Start Date",
                    remedy: "download the recording from the sensor once more")
            }
            stream = GT3XActivityStream(entry)
            end = start
        } else {
            throw RecordingError(
                .noSamples, path: path, problem: "holds neither log.bin nor activity.bin",
                remedy: "download the recording from the sensor once more")
        }
    }

    /// Fills `block` with the next second of samples.
    public mutating func read(into block: inout SampleBlock) throws(RecordingError) -> Bool {
        if stream != nil { return readStream(into: &block) }
        while let record = log?.next() {
            noteSkipped()
            switch record.kind {
            case .activity, .activity2:
                if fill(&block, record) { return true }
            case .event: takeEvent(record)
            case .parameters: takeParameters(record)
            case nil: break
            }
        }
        if !isAtEnd {
            noteSkipped()
            noteFailure(log?.entry)
        }
        isAtEnd = true
        return false
    }

    // MARK: - log.bin

    private mutating func noteSkipped() {
        guard let log, log.skipped > 0 else { return }
        report.note(
            "bytes of the log in no record with a right checksum", count: log.skipped,
            at: "byte \(log.recordOffset) of log.bin")
        damaged = true
    }

    /// Decodes a record of activity; false if it holds no sample.
    private mutating func fill(_ block: inout SampleBlock, _ record: GT3XLog.Record) -> Bool {
        guard let log, record.payload.count > 1 else {
            // A single byte says that the sensor was put into its dock.
            paused = true
            return false
        }
        let count: Int
        if record.kind == .activity2 {
            count = record.payload.count / 6
            decodeWords(log.buffer, record.payload.lowerBound, count, into: &block.values)
        } else {
            count = record.payload.count * 2 / 9
            GT3XActivityStream.decode(
                log.buffer, record.payload.lowerBound, count, scale, isTurned: info.isTurned, into: &block.values)
        }
        guard count > 0 else {
            report.note("records of activity without a whole sample", at: "byte \(log.recordOffset) of log.bin")
            damaged = true
            return false
        }
        place(&block, at: record.time, count)
        block.gapBefore = gap(before: record.time, log.recordOffset)
        nextIndex += Int64(count)
        end = record.time + Double(count) / rate
        paused = false
        damaged = false
        return true
    }

    private mutating func gap(before time: Double, _ offset: Int) -> Gap? {
        guard let end else { return damaged ? Gap(.damaged) : nil }
        if time < end - 0.5 {
            report.note("places where time runs backwards", at: "byte \(offset) of log.bin")
            return Gap(.timeHole)
        }
        if damaged { return Gap(.damaged) }
        // A second is missing or none is: records have whole seconds.
        guard time > end + 0.5 else { return nil }
        if paused { return Gap(.pause) }
        report.note(
            "seconds missing, which no idle sleep explains", count: max(1, Int(time - end)),
            at: "byte \(offset) of log.bin")
        return Gap(.timeHole)
    }

    private mutating func takeEvent(_ record: GT3XLog.Record) {
        // 0x08 enters idle sleep, 0x09 leaves it.
        guard let log, let code = log.buffer[record.payload].first, code == 0x08 || code == 0x09 else { return }
        paused = true
    }

    /// Entries of eight bytes: address, key, value. Address 0, key 55 is the scale.
    private mutating func takeParameters(_ record: GT3XLog.Record) {
        guard let log else { return }
        let bytes = log.buffer.span
        for position in stride(from: record.payload.lowerBound, through: record.payload.upperBound - 8, by: 8)
        where bytes.uint16(at: position) == 0 && bytes.uint16(at: position + 2) == 55 {
            // 24 bits of fraction, 8 bits of exponent, both signed.
            let value = bytes.uint32(at: position + 4)
            let fraction = Double(Int32(bitPattern: value << 8) >> 8) / 8_388_608
            let stated =
                fraction * Double(sign: .plus, exponent: Int(Int8(bitPattern: UInt8(value >> 24))), significand: 1)
            if stated > 0 { scale = stated }
        }
    }

    private func decodeWords(_ buffer: [UInt8], _ start: Int, _ count: Int, into values: inout [Float]) {
        if values.count != count * 3 { values = [Float](repeating: 0, count: count * 3) }
        let bytes = buffer.span.extracting(start..<start + count * 6)
        var samples = values.mutableSpan
        if scale.significand == 1 {
            // A power of two, as almost all sensors have: the product is the same as the quotient, and faster.
            let unit = Float(1 / scale)
            for value in 0..<count * 3 {
                samples[value] = Float(Int16(bitPattern: bytes.uint16(at: value * 2))) * unit
            }
        } else {
            for value in 0..<count * 3 {
                samples[value] = Float(Double(Int16(bitPattern: bytes.uint16(at: value * 2))) / scale)
            }
        }
        if info.isTurned { GT3XActivityStream.turn(&values) }
    }

    private func place(_ block: inout SampleBlock, at time: Double, _ count: Int) {
        block.stream = 0
        block.firstIndex = nextIndex
        block.channelCount = 3
        block.anchor = ClockAnchor(index: Double(nextIndex), time: time)
        block.nominalPeriod = 1 / rate
        block.times.removeAll(keepingCapacity: true)
        block.temperature = nil
    }

    // MARK: - activity.bin

    private mutating func readStream(into block: inout SampleBlock) -> Bool {
        guard let start = end, let count = stream?.next(scale, isTurned: info.isTurned, into: &block.values), count > 0
        else {
            if !isAtEnd { noteFailure(stream?.entry) }
            isAtEnd = true
            return false
        }
        place(&block, at: start + Double(nextIndex) / rate, count)
        block.gapBefore = nil
        nextIndex += Int64(count)
        return true
    }

    private mutating func noteFailure(_ entry: ZipEntry?) {
        guard let entry else { return }
        if entry.failure != nil || entry.offset < entry.size {
            report.note(
                "breaks in the archive's compressed data, read as far as they let",
                at: "byte \(entry.offset) of \(entry.name)")
        }
    }
}

extension ByteSource {
    /// The zip archive that this is; libzip needs to go back and forth in it.
    fileprivate func openArchive() throws(RecordingError) -> ZipArchive {
        if let bytes = memory { return try ZipArchive(bytes: bytes, path: path) }
        guard size != nil else {
            throw RecordingError(
                .unsupported, path: path, problem: "is a zip archive (GT3X), which cannot be read from a pipe",
                remedy: "save it to a file and name that")
        }
        return try ZipArchive(path: path)
    }
}
