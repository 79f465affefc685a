// SPDX-License-Identifier: GPL-3.0-or-later

/// Finds the good sectors of a night log in their order, whatever lies between them.
///
/// A sector is handed out if its checksum is right, it belongs to this night, and its number is above all before it.
struct NightLogScanner {
    /// What was passed over so far.
    var report = ReadingReport()
    /// The sector found last.
    private(set) var sector: NightLogSector?
    /// Where in the file it begins.
    private(set) var sectorOffset = 0
    /// The bad sectors between it and the good one before.
    private(set) var damageBefore = 0
    /// The numbers missing between it and the good one before.
    private(set) var missingBefore: UInt64 = 0
    /// The night whose sectors count; nil until the first sector tells.
    private(set) var tag: UInt32?

    private let source: ByteSource
    var fractionRead: Double? { source.fraction }
    /// The stretch of the file that is being looked at.
    private(set) var buffer: [UInt8]
    private var start = 0
    private var end = 0
    private var sourceEnded = false
    /// The lowest number that a sector may have.
    private(set) var nextSequence: UInt64 = 0

    /// Reads with a buffer of so many bytes.
    ///
    /// - Precondition: it has room for two sectors and more.
    init(_ source: ByteSource, bufferSize: Int = 1 << 16) {
        precondition(bufferSize > 2 * NightLogSector.size, "a buffer of \(bufferSize) bytes")
        self.source = source
        buffer = [UInt8](repeating: 0, count: bufferSize)
    }

    /// Where the sector found last begins in the buffer, until the next is looked for.
    var sectorStart: Int { start - NightLogSector.size }

    /// The place of the next byte in the file.
    private var offset: Int { source.offset - (end - start) }

    // MARK: The header

    /// Reads the two copies of the header at the start of the file, and passes over them; nil where both are bad.
    mutating func header() throws(RecordingError) -> NightLog.Header? {
        let size = NightLogSector.size
        try fill(atLeast: 3 * size)
        guard end > 0 else {
            throw RecordingError(
                .empty, path: source.path, problem: "is empty: its night was not even begun",
                remedy: "take the file of another night")
        }
        let first = end >= size ? NightLog.Header(buffer.span.extracting(0..<size)) : nil
        let second = end >= 2 * size ? NightLog.Header(buffer.span.extracting(size..<2 * size)) : nil
        guard let header = first ?? second else { return nil }
        tag = header.identifier.tag
        start = size
        if first == nil { report.note("damaged copies of the header", at: "byte 0") }
        if second == nil {
            report.note("damaged copies of the header", at: "byte \(size)")
            start = wholeSector(within: size..<2 * size) ?? min(2 * size, end)
        } else {
            start = 2 * size
        }
        return header
    }

    /// The first good copy of a header anywhere in the first stretch of the file, read before anything else.
    mutating func strayHeader() throws(RecordingError) -> NightLog.Header? {
        try fill(atLeast: buffer.count)
        let size = NightLogSector.size
        for position in 0..<max(0, end - size) where buffer.span.uint32(at: position) == NightLog.Header.magic {
            if let header = NightLog.Header(buffer.span.extracting(position..<position + size)) {
                tag = header.identifier.tag
                return header
            }
        }
        return nil
    }

    /// Reads on as if this header had been found.
    mutating func expect(_ header: NightLog.Header) {
        tag = header.identifier.tag
    }

    /// Whether a file that begins with these bytes is a night log, as far as its first blocks tell.
    static func mayBegin(with bytes: [UInt8]) -> Bool {
        stride(from: 0, through: bytes.count - 4, by: NightLogSector.size).contains { position in
            let magic = bytes.span.uint32(at: position)
            return magic == NightLog.Header.magic || magic == NightLogSector.magic
        }
    }

    /// Whether anything in the first stretch of the file looks like a night log, with its header or without.
    func looksLikeNightLog() -> Bool {
        let span = buffer.span
        for position in [0, NightLogSector.size] where position + 4 <= end {
            if span.uint32(at: position) == NightLog.Header.magic { return true }
        }
        return wholeSector(within: 0..<end) != nil
    }

    // MARK: The sectors

    /// Looks again for what was written behind the end since.
    mutating func resume() { sourceEnded = false }

    /// Goes to the next good sector; false at the end of the file.
    mutating func next() throws(RecordingError) -> Bool {
        damageBefore = 0
        missingBefore = 0
        while true {
            try fill(atLeast: 2 * NightLogSector.size)
            guard end - start >= NightLogSector.size else {
                if end > start {
                    let place = offset
                    report.note("bytes of a sector cut short", count: end - start, at: "byte \(place)")
                    start = end
                }
                return false
            }
            if NightLogSector.isWhole(buffer.span, at: start) {
                let place = offset
                let found = NightLogSector(buffer.span, at: start)
                let version = buffer[start + 4]
                start += NightLogSector.size
                if accept(found, version: version, at: place) { return true }
            } else {
                passOver()
            }
        }
    }

    /// Decides on a sector whose checksum is right.
    private mutating func accept(_ found: NightLogSector?, version: UInt8, at place: Int) -> Bool {
        guard version == NightLogSector.version else {
            report.note("sectors of a later version of the format", at: "byte \(place)")
            damageBefore += 1
            return false
        }
        guard let found else {
            report.note("sectors with an impossible field", at: "byte \(place)")
            damageBefore += 1
            return false
        }
        guard tag == nil || found.tag == tag else {
            report.note("sectors of another night", at: "byte \(place)")
            damageBefore += 1
            return false
        }
        guard found.sequence >= nextSequence else {
            report.note("sectors met twice or too late", at: "byte \(place)")
            return false
        }
        tag = found.tag
        missingBefore = found.sequence - nextSequence
        nextSequence = found.sequence + 1
        if missingBefore > UInt64(damageBefore) {
            report.note(
                "sectors missing by their numbers", count: Int(missingBefore) - damageBefore, at: "byte \(place)")
        }
        sector = found
        sectorOffset = place
        return true
    }

    /// Passes over a bad sector, up to the next good one if that begins within it.
    private mutating func passOver() {
        let size = NightLogSector.size
        let magic = buffer.span.uint32(at: start)
        let place = offset
        if let next = wholeSector(within: start + 1..<start + size) {
            report.note("bytes between sectors", count: next - start, at: "byte \(place)")
            start = next
        } else {
            let kind =
                if buffer[start..<start + size].allSatisfy({ $0 == 0 }) {
                    "sectors of zeros"
                } else if magic == NightLogSector.magic {
                    "sectors with a wrong checksum"
                } else {
                    "sectors of foreign bytes"
                }
            report.note(kind, at: "byte \(place)")
            start += size
        }
        damageBefore += 1
    }

    /// Where the first good sector begins among these places of the buffer.
    private func wholeSector(within places: Range<Int>) -> Int? {
        let span = buffer.span
        let last = min(places.upperBound, end - NightLogSector.size + 1)
        guard places.lowerBound < last else { return nil }
        for position in places.lowerBound..<last where span[position] == UInt8(ascii: "N") {
            if NightLogSector.isWhole(span, at: position) { return position }
        }
        return nil
    }

    /// Brings more of the file into the buffer, unless there is enough of it.
    private mutating func fill(atLeast count: Int) throws(RecordingError) {
        guard end - start < count, !sourceEnded else { return }
        if start > 0 {
            // The sector found last is no longer needed.
            for index in 0..<end - start { buffer[index] = buffer[start + index] }
            end -= start
            start = 0
        }
        let wanted = buffer.count - end
        let came = try source.read(into: &buffer, from: end)
        end += came
        sourceEnded = came < wanted
    }
}
