// SPDX-License-Identifier: GPL-3.0-or-later

/// Takes a form with files apart as it comes (`multipart/form-data`, RFC 7578), in bounded memory.
struct MultipartReader {
    /// What is found, in the order of the body.
    enum Piece: Hashable {
        /// A part begins.
        case begin(name: String, fileName: String?)
        /// Bytes of it.
        case bytes([UInt8])
        /// It is complete.
        case end
    }

    /// The body is not what its type says.
    struct Malformed: Error, Hashable {
        var words: String
    }

    private enum State { case preamble, head, content, epilogue }

    private let delimiter: [UInt8]
    private var state = State.preamble
    private var buffer: [UInt8]
    private var parts = 0

    /// No form of the page has more parts, or longer heads of a part.
    private static let mostParts = 100
    private static let longestHead = 4096

    /// - Parameter contentType: the header's value; nil where it is another type or has no usable boundary.
    init?(contentType: String) {
        let pieces = contentType.split(separator: ";").map { $0.drop { $0 == " " } }
        guard pieces.first?.lowercased() == "multipart/form-data",
            let named = pieces.first(where: { $0.lowercased().hasPrefix("boundary=") })
        else { return nil }
        var boundary = named.dropFirst("boundary=".count)
        if boundary.first == "\"", boundary.last == "\"", boundary.count > 2 {
            boundary = boundary.dropFirst().dropLast()
        }
        guard (1...70).contains(boundary.utf8.count), boundary.allSatisfy({ $0.isASCII && $0 != "\"" }) else {
            return nil
        }
        delimiter = Array("\r\n--\(boundary)".utf8)
        // The first delimiter may stand at the very beginning.
        buffer = [0x0D, 0x0A]
    }

    /// Whether the last delimiter was met.
    var isComplete: Bool { state == .epilogue }

    /// Takes the next bytes of the body.
    mutating func append(_ bytes: some Sequence<UInt8>) throws(Malformed) -> [Piece] {
        buffer.append(contentsOf: bytes)
        var pieces: [Piece] = []
        while try step(&pieces) {}
        return pieces
    }

    /// Goes on by one delimiter or head; false where more bytes are needed.
    private mutating func step(_ pieces: inout [Piece]) throws(Malformed) -> Bool {
        switch state {
        case .epilogue:
            buffer.removeAll()
            return false
        case .preamble, .content:
            guard let place = find(delimiter) else {
                // What could be the beginning of a delimiter stays.
                let sure = max(0, buffer.count - delimiter.count + 1)
                if state == .content, sure > 0 { pieces.append(.bytes(Array(buffer[..<sure]))) }
                buffer.removeFirst(sure)
                return false
            }
            guard buffer.count >= place + delimiter.count + 2 else {
                if state == .content, place > 0 { pieces.append(.bytes(Array(buffer[..<place]))) }
                buffer.removeFirst(place)
                return false
            }
            if state == .content {
                if place > 0 { pieces.append(.bytes(Array(buffer[..<place]))) }
                pieces.append(.end)
            }
            let after = Array(buffer[(place + delimiter.count)..<(place + delimiter.count + 2)])
            buffer.removeFirst(place + delimiter.count + 2)
            switch after {
            case Array("--".utf8): state = .epilogue
            case [0x0D, 0x0A]: state = .head
            default: throw Malformed(words: "the form's parts are not told apart by its boundary")
            }
            return true
        case .head:
            guard let end = find(Array("\r\n\r\n".utf8)) else {
                guard buffer.count <= Self.longestHead else { throw Malformed(words: "the head of a part is too long") }
                return false
            }
            guard end <= Self.longestHead, parts < Self.mostParts else {
                throw Malformed(words: "the form has too many parts")
            }
            parts += 1
            pieces.append(try Self.begin(Array(buffer[..<end])))
            buffer.removeFirst(end + 4)
            state = .content
            return true
        }
    }

    private func find(_ pattern: [UInt8]) -> Int? {
        guard buffer.count >= pattern.count else { return nil }
        var index = 0
        let last = buffer.count - pattern.count
        while index <= last {
            guard let next = buffer[index...last].firstIndex(of: pattern[0]) else { return nil }
            if buffer[next..<(next + pattern.count)].elementsEqual(pattern) { return next }
            index = next + 1
        }
        return nil
    }

    private static func begin(_ head: [UInt8]) throws(Malformed) -> Piece {
        guard let text = String(validating: head, as: UTF8.self) else {
            throw Malformed(words: "a part's head is no text")
        }
        for line in text.split(whereSeparator: \.isNewline) {
            guard line.lowercased().hasPrefix("content-disposition:") else { continue }
            var values: [String: String] = [:]
            for parameter in parameters(line) {
                guard let equal = parameter.firstIndex(of: "=") else { continue }
                let name = parameter[..<equal].drop { $0 == " " }.lowercased()
                var value = parameter[parameter.index(after: equal)...]
                if value.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
                // Browsers write these three so.
                values[name] = String(
                    value.replacing("%22", with: "\"").replacing("%0D", with: " ").replacing("%0A", with: " "))
            }
            guard let name = values["name"] else { break }
            return .begin(name: name, fileName: values["filename"])
        }
        throw Malformed(words: "a part has no name")
    }

    /// The parts of a header line between its semicolons, but not those within quotes.
    private static func parameters(_ line: Substring) -> [Substring] {
        var isQuoted = false
        return line.split { character in
            if character == "\"" { isQuoted.toggle() }
            return character == ";" && !isQuoted
        }
    }
}
