// SPDX-License-Identifier: GPL-3.0-or-later

/// A JSON value that knows where in its text it stood, and its numbers as they were written.
///
/// Foundation's decoder gives neither, and both are promised: a line and a column with every rejected entry, and `8.20` kept as `8.20`.
struct JSONText: Hashable, Sendable {
    var value: Value
    var line = 0
    var column = 0

    enum Value: Hashable, Sendable {
        case null
        case bool(Bool)
        /// The digits as written.
        case number(String)
        case string(String)
        case array([JSONText])
        /// In their order; of two members with one name, the later is meant.
        case object([Member])
    }

    struct Member: Hashable, Sendable {
        var name: String
        var value: JSONText
    }

    init(_ value: Value, line: Int = 0, column: Int = 0) {
        self.value = value
        self.line = line
        self.column = column
    }

    /// Reads one JSON text.
    init(parsing bytes: [UInt8]) throws(RefusedFile) {
        var parser = JSONParser(bytes)
        self = try parser.document()
    }

    /// The member of an object with a name; nil for none and for null.
    subscript(name: String) -> JSONText? {
        guard case .object(let members) = value, let member = members.last(where: { $0.name == name }),
            member.value.value != .null
        else { return nil }
        return member.value
    }

    /// The text of a string; nil for another value.
    var string: String? {
        if case .string(let text) = value { text } else { nil }
    }

    /// A finite number; nil for another value.
    var number: Double? {
        guard case .number(let digits) = value, let number = Double(digits), number.isFinite else { return nil }
        return number
    }
}

extension JSONText: CustomStringConvertible {
    /// The value as JSON on one line.
    var description: String {
        switch value {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let digits): digits
        case .string(let text): Self.quoted(text)
        case .array(let values): "[" + values.map(\.description).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { "\(Self.quoted($0.name)):\($0.value)" }.joined(separator: ",") + "}"
        }
    }

    /// A text as a JSON string.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

/// Reads JSON (RFC 8259), and keeps count of lines and columns.
private struct JSONParser {
    private let bytes: [UInt8]
    private var position: Int
    private var line = 1
    private var lineStart: Int
    /// How deep values may lie in each other before the text is refused; more would be no dose log, and a danger to the stack.
    private static let deepest = 64

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        lineStart = position
    }

    mutating func document() throws(RefusedFile) -> JSONText {
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw problem("something stands behind the end of the JSON text") }
        return value
    }

    private mutating func value(depth: Int) throws(RefusedFile) -> JSONText {
        guard depth < Self.deepest else { throw problem("values lie more than \(Self.deepest) deep in each other") }
        skipSpace()
        let (line, column) = place
        func at(_ value: JSONText.Value) -> JSONText { JSONText(value, line: line, column: column) }
        guard let first = peek else { throw problem("the JSON text ends too early") }
        switch first {
        case 0x7B: return at(.object(try members(depth: depth)))
        case 0x5B: return at(.array(try elements(depth: depth)))
        case 0x22: return at(.string(try string()))
        case 0x2D, 0x30...0x39: return at(.number(try number()))
        case 0x74 where take("true"): return at(.bool(true))
        case 0x66 where take("false"): return at(.bool(false))
        case 0x6E where take("null"): return at(.null)
        default: throw problem("no JSON value")
        }
    }

    private mutating func members(depth: Int) throws(RefusedFile) -> [JSONText.Member] {
        position += 1
        var members: [JSONText.Member] = []
        skipSpace()
        if take("}") { return members }
        while true {
            skipSpace()
            guard peek == 0x22 else { throw problem("no name of a member") }
            let name = try string()
            skipSpace()
            guard take(":") else { throw problem("no colon behind the name '\(name)'") }
            members.append(.init(name: name, value: try value(depth: depth + 1)))
            skipSpace()
            if take("}") { return members }
            guard take(",") else { throw problem("no comma between members") }
        }
    }

    private mutating func elements(depth: Int) throws(RefusedFile) -> [JSONText] {
        position += 1
        var elements: [JSONText] = []
        skipSpace()
        if take("]") { return elements }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return elements }
            guard take(",") else { throw problem("no comma between values") }
        }
    }

    private mutating func number() throws(RefusedFile) -> String {
        let start = position
        _ = take("-")
        let isZero = peek == 0x30
        guard takeDigits() else { throw problem("no digits in a number") }
        if isZero, position > start + (bytes[start] == 0x2D ? 2 : 1) { throw problem("a number begins with 0") }
        if take(".") { guard takeDigits() else { throw problem("no digits behind the point") } }
        if peek == 0x65 || peek == 0x45 {
            position += 1
            if peek == 0x2B || peek == 0x2D { position += 1 }
            guard takeDigits() else { throw problem("no digits in the exponent") }
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func takeDigits() -> Bool {
        let start = position
        while let byte = peek, (0x30...0x39).contains(byte) { position += 1 }
        return position > start
    }

    private mutating func string() throws(RefusedFile) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case 0x22:
                guard let string = String(validating: text, as: UTF8.self) else { throw problem("no UTF-8 text") }
                return string
            case 0x5C: text += try escaped()
            case 0..<0x20: throw problem("a line break or control character in a string")
            default: text.append(byte)
            }
        }
        throw problem("a string is not closed")
    }

    /// What stands behind a backslash, in UTF-8.
    private mutating func escaped() throws(RefusedFile) -> [UInt8] {
        guard let byte = peek else { throw problem("a string is not closed") }
        position += 1
        switch byte {
        case 0x22, 0x5C, 0x2F: return [byte]
        case 0x62: return [0x08]
        case 0x66: return [0x0C]
        case 0x6E: return [0x0A]
        case 0x72: return [0x0D]
        case 0x74: return [0x09]
        case 0x75:
            let first = try codeUnit()
            if let scalar = Unicode.Scalar(first) { return Array(String(scalar).utf8) }
            guard (0xD800..<0xDC00).contains(first), take("\\u") else { throw problem("half a character") }
            let second = try codeUnit()
            let both = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) &- 0xDC00)
            guard (0xDC00..<0xE000).contains(second), let scalar = Unicode.Scalar(both) else {
                throw problem("half a character")
            }
            return Array(String(scalar).utf8)
        default: throw problem("an unknown escape")
        }
    }

    private mutating func codeUnit() throws(RefusedFile) -> UInt16 {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ $0 != 0x2B && $0 != 0x2D }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw problem("no four hexadecimal digits") }
        position += 4
        return unit
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ text: StaticString) -> Bool {
        let wanted = Array(text.description.utf8)
        guard bytes[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
            position += 1
            if byte == 0x0A {
                line += 1
                lineStart = position
            }
        }
    }

    private var place: (line: Int, column: Int) {
        (line, bytes[lineStart..<position].reduce(1) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) })
    }

    private func problem(_ message: String) -> RefusedFile {
        RefusedFile(line: place.line, column: place.column, "E_JSON", message, hint: "the file must be valid JSON")
    }
}
