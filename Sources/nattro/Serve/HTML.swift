// SPDX-License-Identifier: GPL-3.0-or-later

/// A piece of HTML. Text that is put into one is escaped, HTML is not, so that nobody can forget it:
///
///     let row: HTML = "<td title=\"\(night.note)\">\(night.note)</td>"
///
/// Escaped is by code point: a quotation mark that carries a combining accent is one character to Swift and would end an attribute.
struct HTML: Hashable, Sendable, ExpressibleByStringInterpolation {
    /// The HTML as text.
    private(set) var text: String

    init(stringLiteral value: String) { text = value }
    init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

    /// HTML that is known to be some.
    init(trusted text: String) { self.text = text }

    /// A text, escaped for elements and for attributes in quotes.
    init(escaping text: String) {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            // No HTML has these.
            case _ where scalar.value < 0x20 && scalar != "\n" && scalar != "\t": escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        self.text = escaped
    }

    static func + (first: HTML, second: HTML) -> HTML { HTML(trusted: first.text + second.text) }
    static func += (first: inout HTML, second: HTML) { first.text += second.text }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity * 2) }
        mutating func appendLiteral(_ literal: String) { text += literal }
        mutating func appendInterpolation(_ html: HTML) { text += html.text }
        mutating func appendInterpolation(_ html: [HTML]) { for piece in html { text += piece.text } }
        mutating func appendInterpolation(_ value: String) { text += HTML(escaping: value).text }
        mutating func appendInterpolation(_ value: Substring) { text += HTML(escaping: String(value)).text }
        mutating func appendInterpolation(_ value: Int) { text += String(value) }
    }
}
