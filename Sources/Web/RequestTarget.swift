// SPDX-License-Identifier: GPL-3.0-or-later

/// The path and the query of a request, decoded once and never again.
struct RequestTarget: Hashable, Sendable {
    /// The parts of the path between its slashes; none for `/`.
    let segments: [String]
    /// The fields behind the question mark; of several of one name the last.
    let query: [String: String]

    /// The path as a text.
    var path: String { "/" + segments.joined(separator: "/") }

    /// Reads what stands in a request's first line.
    ///
    /// Nil for what no page has: an address of another server, steps up, encoded slashes, control characters, bad encodings.
    init?(_ text: some StringProtocol) {
        guard text.first == "/", !text.contains("#") else { return nil }
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var raw = parts[0].split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        // A slash at the end means the same page.
        if raw.last?.isEmpty == true { raw.removeLast() }
        var segments: [String] = []
        for part in raw {
            guard let segment = PercentText.decoded(part), !segment.isEmpty, segment != ".", segment != "..",
                !segment.contains(where: { $0 == "/" || $0 == "\\" }),
                segment.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
            else { return nil }
            segments.append(segment)
        }
        self.segments = segments
        guard parts.count == 2 else {
            query = [:]
            return
        }
        guard let fields = FormFields.read(Array(parts[1].utf8)) else { return nil }
        query = fields.compactMapValues(\.last)
    }
}

/// Percent encoding (RFC 3986).
enum PercentText {
    /// The text that bytes with `%XX` mean; nil where an escape is cut off, or the whole is no UTF-8.
    static func decoded(_ text: some StringProtocol) -> String? { decoded(Array(text.utf8)[...]) }

    /// The same of bytes.
    ///
    /// - Parameter spaces: whether a plus sign is a space, as in forms.
    static func decoded(_ bytes: ArraySlice<UInt8>, spaces: Bool = false) -> String? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.endIndex, let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2])
                else { return nil }
                decoded.append(high << 4 | low)
                index += 3
            case UInt8(ascii: "+") where spaces:
                decoded.append(0x20)
                index += 1
            default:
                decoded.append(bytes[index])
                index += 1
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

/// The fields of a form as browsers send them (`application/x-www-form-urlencoded`).
enum FormFields {
    /// No form of the page has more.
    static let most = 1000

    /// Every value of each name, in their order; nil where the bytes are no form.
    static func read(_ bytes: [UInt8]) -> [String: [String]]? {
        var fields: [String: [String]] = [:]
        let parts = bytes.split(separator: UInt8(ascii: "&"))
        guard parts.count <= most else { return nil }
        for part in parts {
            let sides = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentText.decoded(sides[0], spaces: true),
                let value = sides.count == 2 ? PercentText.decoded(sides[1], spaces: true) : "",
                !name.contains("\0"), !value.contains("\0")
            else { return nil }
            fields[name, default: []].append(value)
        }
        return fields
    }
}
