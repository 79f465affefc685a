// SPDX-License-Identifier: GPL-3.0-or-later

/// The elements of an XML text, one event after the other: enough for annotation files, and nothing that can be turned against
/// the reader.
///
/// Document types are skipped and their entities never expanded; nesting is bounded; attributes are read over. Bytes that are no UTF-8
/// (or UTF-16 with a byte order mark) become U+FFFD.
package struct XMLText {
    /// What comes next.
    enum Event: Hashable {
        case start(String)
        case text(String)
        case end(String)
    }

    /// Why a text is no XML.
    struct Problem: Error, Hashable {
        var line: Int
        var what: String
    }

    /// The deepest nesting.
    static let deepest = 100

    private let bytes: [UInt8]
    private var position = 0
    private var open: [String] = []
    /// The end of an element that was opened and closed in one tag.
    private var pendingEnd: String?
    private var hasRoot = false

    init(_ bytes: [UInt8]) {
        switch bytes.prefix(2) {
        case [0xFF, 0xFE]: self.bytes = Self.utf8(bytes.dropFirst(2), lowFirst: true)
        case [0xFE, 0xFF]: self.bytes = Self.utf8(bytes.dropFirst(2), lowFirst: false)
        default: self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        }
    }

    /// The next event; nil at the end of the text.
    mutating func next() throws(Problem) -> Event? {
        if let name = pendingEnd {
            pendingEnd = nil
            return .end(name)
        }
        while position < bytes.count {
            if bytes[position] != UInt8(ascii: "<") {
                let end = bytes[position...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
                defer { position = end }
                let text = Self.text(bytes[position..<end])
                if open.isEmpty {
                    guard text.allSatisfy(\.isWhitespace) else { throw problem("text outside of any element") }
                    continue
                }
                return .text(text)
            }
            if let event = try markup() { return event }
        }
        if let name = open.last { throw problem("<\(name)> is never closed; the file is cut") }
        guard hasRoot else { throw problem("no element") }
        return nil
    }

    /// Reads what begins with `<`; nil for what says nothing.
    private mutating func markup() throws(Problem) -> Event? {
        if starts(with: "<!--") {
            try skip(to: "-->")
            return nil
        }
        if starts(with: "<![CDATA[") {
            let start = position + 9
            try skip(to: "]]>")
            return open.isEmpty ? nil : .text(String(decoding: bytes[start..<position - 3], as: UTF8.self))
        }
        if starts(with: "<?") {
            try skip(to: "?>")
            return nil
        }
        if starts(with: "<!") {
            try skipDeclaration()
            return nil
        }
        return try tag()
    }

    private mutating func tag() throws(Problem) -> Event {
        let start = position
        let isEnd = starts(with: "</")
        var index = position + (isEnd ? 2 : 1)
        let nameStart = index
        while index < bytes.count, !Self.endsName(bytes[index]) { index += 1 }
        let name = String(decoding: bytes[nameStart..<index], as: UTF8.self)
        // Attributes are read over, but a > in quotes does not end the tag.
        var quote: UInt8?
        while index < bytes.count, quote != nil || bytes[index] != UInt8(ascii: ">") {
            let byte = bytes[index]
            if byte == quote {
                quote = nil
            } else if quote == nil, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            }
            index += 1
        }
        guard index < bytes.count else { throw problem("a tag without an end; the file is cut", at: start) }
        guard !name.isEmpty else { throw problem("a tag without a name", at: start) }
        let closesItself = bytes[index - 1] == UInt8(ascii: "/")
        position = index + 1
        if isEnd {
            guard open.last == name else {
                throw problem("</\(name)> closes what was not opened", at: start)
            }
            open.removeLast()
            return .end(name)
        }
        guard !open.isEmpty || !hasRoot else { throw problem("more than one outermost element", at: start) }
        hasRoot = true
        if closesItself {
            pendingEnd = name
        } else {
            guard open.count < Self.deepest else {
                throw problem("elements are nested more than \(Self.deepest) deep", at: start)
            }
            open.append(name)
        }
        return .start(name)
    }

    /// Skips a document type with all that is declared in it.
    private mutating func skipDeclaration() throws(Problem) {
        var depth = 0
        var quote: UInt8?
        while position < bytes.count {
            let byte = bytes[position]
            if quote == nil, starts(with: "<!--") {
                try skip(to: "-->")
                continue
            }
            position += 1
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: "<") {
                depth += 1
            } else if byte == UInt8(ascii: ">") {
                depth -= 1
                if depth == 0 { return }
            }
        }
        throw problem("a declaration without an end; the file is cut")
    }

    private mutating func skip(to end: String) throws(Problem) {
        let pattern = Array(end.utf8)
        var index = position
        while index + pattern.count <= bytes.count {
            if bytes[index..<index + pattern.count].elementsEqual(pattern) {
                position = index + pattern.count
                return
            }
            index += 1
        }
        throw problem("\"\(end)\" is missing; the file is cut")
    }

    private func starts(with text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

    /// The line of the present position, from 1.
    ///
    /// - Complexity: O(*n*): for messages alone.
    var line: Int { line(at: position) }

    private func line(at place: Int) -> Int { 1 + bytes[..<min(place, bytes.count)].count { $0 == 0x0A } }

    private func problem(_ what: String, at place: Int? = nil) -> Problem {
        Problem(line: line(at: place ?? position), what: what)
    }

    private static func endsName(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "/")
    }

    /// Text with the five named characters and those by number; other entities stay as they are written.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        guard bytes.contains(UInt8(ascii: "&")) else { return String(decoding: bytes, as: UTF8.self) }
        var parts = String(decoding: bytes, as: UTF8.self).split(separator: "&", omittingEmptySubsequences: false)
        var text = String(parts.removeFirst())
        for part in parts {
            if let end = part.firstIndex(of: ";"), let character = character(named: part[..<end]) {
                text.append(character)
                text += part[part.index(after: end)...]
            } else {
                text += "&" + part
            }
        }
        return text
    }

    /// The character that a reference names, or numbers in tens or sixteens; nil where XML itself knows no such name.
    package static func character(named name: Substring) -> Character? {
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard name.first == "#" else { return nil }
            let digits = name.dropFirst()
            let number = digits.first == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return number.flatMap(Unicode.Scalar.init).map(Character.init)
        }
    }

    private static func utf8(_ bytes: ArraySlice<UInt8>, lowFirst: Bool) -> [UInt8] {
        let pairs = Array(bytes)
        let units = stride(from: 0, to: pairs.count - 1, by: 2).map { index in
            UInt16(pairs[index + (lowFirst ? 0 : 1)]) | UInt16(pairs[index + (lowFirst ? 1 : 0)]) << 8
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }
}
