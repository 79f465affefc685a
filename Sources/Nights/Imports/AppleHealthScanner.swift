// SPDX-License-Identifier: GPL-3.0-or-later
internal import Recordings

/// Finds the magnesium in an Apple Health export, piece by piece, whatever the export's size.
///
/// Foundation's XML parser crashes on the document type that every export begins with, and would be slow. Only what is needed is read:
/// tags, and of those the records of one type. Comments, CDATA and the document type are skipped; a text that breaks off is named.
public struct AppleHealthScanner: Sendable {
    /// A record as it stands in the export.
    public struct Record: Hashable, Sendable {
        /// Which of all records of the export it is, counted from 1.
        public var number: Int
        /// The app or device it came from.
        public var sourceName: String
        /// The unit: `g`, `mg`, `mcg`.
        public var unit: String
        /// The value as it is written.
        public var value: String
        /// When it was taken, with the offset: `2026-03-01 21:00:00 +0100`.
        public var startDate: String
        /// Until when.
        public var endDate: String
    }

    /// The records found since they were last taken away.
    public private(set) var records: [Record] = []
    /// All records of the export so far, of every type.
    public private(set) var recordCount = 0
    /// Whether the export's outermost element was seen.
    public private(set) var isHealthExport = false
    /// What could not be read.
    public private(set) var rejected: [Finding] = []

    private var isEnded = false
    private var buffer: [UInt8] = []
    private var bytesBefore = 0
    /// The end that is looked for before anything else counts; nil between tags.
    private var skippingTo: [UInt8]?

    /// A longer tag is no tag of an export.
    private static let longestTag = 1 << 20

    /// A scanner at the beginning of an export.
    public init() {}

    /// Takes the records found so far away.
    public mutating func takeRecords() -> [Record] {
        defer { records.removeAll(keepingCapacity: true) }
        return records
    }

    /// Reads the next piece of the export.
    public mutating func scan(_ piece: ArraySlice<UInt8>) {
        buffer.append(contentsOf: piece)
        let used = scanBuffer()
        buffer.removeSubrange(..<used)
        bytesBefore += used
        if buffer.count > Self.longestTag {
            note("a tag of more than \(Self.longestTag >> 20) MiB")
            bytesBefore += buffer.count
            buffer.removeAll(keepingCapacity: true)
            skippingTo = nil
        }
    }

    /// Ends the export: what is left unfinished was cut off.
    public mutating func finish() {
        // The end's own tag is too short to be looked at with nothing behind it.
        let isEnded = isEnded || (skippingTo == nil && Self.starts(buffer.span, 1, Self.rootEnd))
        if isHealthExport && !isEnded { note("the export was cut off: its end is missing") }
        buffer = []
    }

    private mutating func note(_ message: String) {
        rejected.append(
            Finding(
                line: max(1, recordCount), column: 1, code: "E_STRUCTURE",
                message: "\(message), behind byte \(bytesBefore)", hint: "export once more"))
    }

    /// Reads what is complete in the buffer, and gives how many bytes that was.
    private mutating func scanBuffer() -> Int {
        // Held apart from the scanner, which is changed while its bytes are looked at.
        let held = buffer
        let bytes = held.span
        let count = bytes.count
        var position = 0
        while position < count {
            if let end = skippingTo {
                guard let found = Self.find(end, in: bytes, from: position) else {
                    // The end may have begun in the last bytes.
                    return max(position, count - end.count + 1)
                }
                position = found + end.count
                skippingTo = nil
            }
            while position < count, bytes[position] != 0x3C { position &+= 1 }
            guard position + Self.longestOpening <= count else { return position }
            switch bytes[position + 1] {
            case UInt8(ascii: "R") where Self.starts(bytes, position + 1, Self.recordName):
                guard let next = record(bytes, at: position) else { return position }
                position = next
            case UInt8(ascii: "H") where !isHealthExport && Self.starts(bytes, position + 1, Self.rootName):
                isHealthExport = true
                position += 1
            case UInt8(ascii: "/") where Self.starts(bytes, position + 1, Self.rootEnd):
                isEnded = true
                position += 1
            case UInt8(ascii: "!"):
                guard let next = declaration(bytes, at: position) else { return position }
                position = next
            default: position += 1
            }
        }
        return position
    }

    private static let recordName = Array("Record".utf8)
    private static let rootName = Array("HealthData".utf8)
    private static let rootEnd = Array("/HealthData".utf8)
    private static let comment = Array("!--".utf8)
    private static let data = Array("![CDATA[".utf8)
    private static let documentType = Array("!DOCTYPE".utf8)
    private static let magnesium = Array("HKQuantityTypeIdentifierDietaryMagnesium".utf8)
    /// The most bytes that are looked at to know what a tag is.
    private static let longestOpening = 16

    /// Goes behind a comment, CDATA or document type; nil if that has not yet come whole.
    private mutating func declaration(_ bytes: Span<UInt8>, at start: Int) -> Int? {
        if Self.starts(bytes, start + 1, Self.comment) {
            skippingTo = Array("-->".utf8)
            return start + 4
        }
        if Self.starts(bytes, start + 1, Self.data) {
            skippingTo = Array("]]>".utf8)
            return start + 9
        }
        guard Self.starts(bytes, start + 1, Self.documentType) else { return start + 1 }
        // Declarations stand in square brackets, and brackets and signs inside quotes and comments mean nothing.
        var position = start + 9
        var depth = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                let quote = bytes[position]
                position += 1
                while position < bytes.count, bytes[position] != quote { position += 1 }
            case UInt8(ascii: "<") where Self.starts(bytes, position + 1, Self.comment):
                guard let end = Self.find(Array("-->".utf8), in: bytes, from: position + 4) else { return nil }
                position = end + 2
            case UInt8(ascii: ">") where depth <= 0: return position + 1
            default: break
            }
            position += 1
        }
        return nil
    }

    /// Reads a record, if it is one of magnesium, and goes behind what was read; nil if the tag has not yet come whole.
    private mutating func record(_ bytes: Span<UInt8>, at start: Int) -> Int? {
        var position = start + 1 + Self.recordName.count
        guard position < bytes.count else { return nil }
        guard
            Self.isSpace(bytes[position]) || bytes[position] == UInt8(ascii: ">")
                || bytes[position] == UInt8(ascii: "/")
        else { return position }
        var values: [(name: Range<Int>, value: Range<Int>)] = []
        var isMagnesium = false
        while true {
            while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
            guard position < bytes.count else { return nil }
            if bytes[position] == UInt8(ascii: ">") || bytes[position] == UInt8(ascii: "/") { break }
            let name = position
            while position < bytes.count, bytes[position] != UInt8(ascii: "="), !Self.isSpace(bytes[position]),
                bytes[position] != UInt8(ascii: ">")
            { position += 1 }
            let nameEnd = position
            while position < bytes.count, Self.isSpace(bytes[position]) || bytes[position] == UInt8(ascii: "=") {
                position += 1
            }
            guard position < bytes.count else { return nil }
            let quote = bytes[position]
            guard nameEnd > name, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
                recordCount += 1
                note("record \(recordCount) has a value without quotes")
                return position
            }
            position += 1
            let value = position
            while position < bytes.count, bytes[position] != quote { position += 1 }
            guard position < bytes.count else { return nil }
            if Self.equals(bytes, name..<nameEnd, "type") {
                isMagnesium = Self.starts(bytes, value, Self.magnesium) && position - value == Self.magnesium.count
                guard isMagnesium else {
                    recordCount += 1
                    return position + 1
                }
            }
            values.append((name..<nameEnd, value..<position))
            position += 1
        }
        recordCount += 1
        if isMagnesium {
            var record = Record(number: recordCount, sourceName: "", unit: "", value: "", startDate: "", endDate: "")
            for (name, value) in values {
                if Self.equals(bytes, name, "sourceName") { record.sourceName = Self.text(bytes, value) }
                if Self.equals(bytes, name, "unit") { record.unit = Self.text(bytes, value) }
                if Self.equals(bytes, name, "value") { record.value = Self.text(bytes, value) }
                if Self.equals(bytes, name, "startDate") { record.startDate = Self.text(bytes, value) }
                if Self.equals(bytes, name, "endDate") { record.endDate = Self.text(bytes, value) }
            }
            records.append(record)
        }
        return position
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    private static func starts(_ bytes: Span<UInt8>, _ position: Int, _ word: [UInt8]) -> Bool {
        guard position + word.count <= bytes.count else { return false }
        for index in word.indices where bytes[position + index] != word[index] { return false }
        return true
    }

    private static func equals(_ bytes: Span<UInt8>, _ range: Range<Int>, _ word: StaticString) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        for (index, byte) in word.description.utf8.enumerated() where bytes[range.lowerBound + index] != byte {
            return false
        }
        return true
    }

    private static func find(_ word: [UInt8], in bytes: Span<UInt8>, from start: Int) -> Int? {
        var position = start
        while position + word.count <= bytes.count {
            if starts(bytes, position, word) { return position }
            position += 1
        }
        return nil
    }

    /// A value without its escapes.
    private static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        let raw = String(decoding: range.map { bytes[$0] }, as: UTF8.self)
        guard raw.contains("&") else { return raw }
        var text = ""
        var rest = raw[...]
        while let sign = rest.firstIndex(of: "&") {
            text += rest[..<sign]
            rest = rest[sign...]
            guard let end = rest.firstIndex(of: ";"),
                let character = XMLText.character(named: rest[rest.index(after: sign)..<end])
            else {
                text.append("&")
                rest = rest.dropFirst()
                continue
            }
            text.append(character)
            rest = rest[rest.index(after: end)...]
        }
        return text + rest
    }
}
