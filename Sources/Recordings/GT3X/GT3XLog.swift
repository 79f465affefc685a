// SPDX-License-Identifier: GPL-3.0-or-later

/// The records of a `log.bin`, each with a right checksum.
///
/// A record is 0x1E, a type, a time (u32, seconds), a size (u16), that many bytes, and the complement of the exclusive or of all
/// of these. Where the checksum is wrong, the next 0x1E is tried, one byte after the other.
struct GT3XLog {
    /// The types of records that are used.
    enum Kind: UInt8 {
        case activity = 0
        case event = 3
        case parameters = 21
        case activity2 = 26
    }

    struct Record {
        var kind: Kind?
        /// Seconds since the Unix epoch of the sensor's clock.
        var time: Double
        /// Where the payload stands in the buffer.
        var payload: Range<Int>
        /// Where all of it stands in the buffer.
        var bytes: Range<Int> { payload.lowerBound - headerSize..<payload.upperBound + 1 }
    }

    private(set) var buffer = [UInt8](repeating: 0, count: 256 << 10)
    /// Where the last record begins in the log.
    private(set) var recordOffset = 0
    /// The bytes passed over since the record before the last one.
    private(set) var skipped = 0

    let entry: ZipEntry
    private var filled = 0
    private var position = 0
    private var atEnd = false

    private static let separator: UInt8 = 0x1E
    private static let headerSize = 8
    /// The largest known record has 1544 bytes; a larger bound would let every 0x1E of a damaged log cost much time.
    private static let largestRecord = 8192

    init(_ entry: ZipEntry) { self.entry = entry }

    /// The next record with a right checksum; nil at the end.
    mutating func next() -> Record? {
        skipped = 0
        while true {
            if filled - position < Self.largestRecord { refill() }
            guard position < filled else { return nil }
            guard buffer[position] == Self.separator, let end = checkedEnd() else {
                skipped += 1
                position += 1
                continue
            }
            recordOffset = entry.offset - filled + position
            defer { position = end }
            return Record(
                kind: Kind(rawValue: buffer[position + 1]), time: Double(buffer.span.uint32(at: position + 2)),
                payload: position + Self.headerSize..<end - 1)
        }
    }

    /// Where the record at the present position ends; nil if its checksum is wrong or it is cut.
    private func checkedEnd() -> Int? {
        guard filled - position > Self.headerSize else { return nil }
        let span = buffer.span
        let size = Self.headerSize + Int(span.uint16(at: position + 6)) + 1
        guard size <= min(Self.largestRecord, filled - position) else { return nil }
        let record = span.extracting(position..<position + size)
        var sums: UInt64 = 0
        var index = 0
        while index + 8 <= size {
            sums ^= record.uint64(at: index)
            index += 8
        }
        while index < size {
            sums ^= UInt64(record[index])
            index += 1
        }
        sums ^= sums >> 32
        sums ^= sums >> 16
        return UInt8(truncatingIfNeeded: sums ^ sums >> 8) == 0xFF ? position + size : nil
    }

    private mutating func refill() {
        guard !atEnd else { return }
        let rest = filled - position
        for index in 0..<rest { buffer[index] = buffer[position + index] }
        position = 0
        filled = rest + entry.read(into: &buffer, from: rest)
        atEnd = filled < buffer.count
    }
}
