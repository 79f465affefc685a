// SPDX-License-Identifier: GPL-3.0-or-later

/// A small reader of tags: whether they nest, and what attributes they have.
struct Markup {
    struct Element {
        var name: String
        var attributes: [String: String]
        /// The text directly in it.
        var text = ""
    }

    /// Why it is not well formed; nil where it is.
    private(set) var problem: String?
    /// The elements in the order in which they begin.
    private(set) var elements: [Element] = []

    /// Elements of HTML that have no end.
    private static let void: Set<String> = ["meta", "br", "hr", "img", "input", "link"]

    /// Reads markup.
    ///
    /// - Parameter isHTML: whether elements without an end, a doctype and a style sheet's free text are allowed.
    init(_ text: String, isHTML: Bool = false) {
        let scalars = Array(text.unicodeScalars)
        var open: [Int] = []
        var place = 0
        func fail(_ what: String) { if problem == nil { problem = "\(what) at \(place)" } }
        func at(_ word: String) -> Bool {
            let word = Array(word.unicodeScalars)
            return place + word.count <= scalars.count && Array(scalars[place..<place + word.count]) == word
        }
        while place < scalars.count, problem == nil {
            if isHTML, at("<!DOCTYPE html>") {
                place += 15
                continue
            }
            guard scalars[place] == "<" else {
                if scalars[place] == ">" { fail("a bare >") }
                if scalars[place] == "&" {
                    let end = scalars[place...].prefix(9).firstIndex(of: ";")
                    if end == nil { fail("a bare &") }
                }
                if let last = open.last { elements[last].text.unicodeScalars.append(scalars[place]) }
                place += 1
                continue
            }
            guard let end = scalars[place...].firstIndex(of: ">") else { fail("a tag without an end"); return }
            var inside = String(String.UnicodeScalarView(scalars[(place + 1)..<end]))
            place = end + 1
            if inside.hasPrefix("/") {
                guard let last = open.popLast(), elements[last].name == String(inside.dropFirst()) else {
                    fail("</\(inside.dropFirst())> closes nothing"); return
                }
                continue
            }
            let isEmpty = inside.hasSuffix("/")
            if isEmpty { inside.removeLast() }
            guard let element = Self.element(inside) else { fail("<\(inside)> is no tag"); return }
            elements.append(element)
            if isHTML, element.name == "style" {
                // Free text up to its end.
                while place < scalars.count, !at("</style>") {
                    elements[elements.count - 1].text.unicodeScalars.append(scalars[place])
                    place += 1
                }
                place += 8
            } else if !isEmpty, !(isHTML && Self.void.contains(element.name)) {
                open.append(elements.count - 1)
            }
        }
        if problem == nil, !open.isEmpty { problem = "<\(elements[open[0]].name)> is never closed" }
    }

    private static func element(_ tag: String) -> Element? {
        let name = tag.prefix { $0 != " " }
        guard !name.isEmpty else { return nil }
        var rest = tag.dropFirst(name.count)
        var attributes: [String: String] = [:]
        while let start = rest.firstIndex(where: { $0 != " " }) {
            rest = rest[start...]
            guard let sign = rest.firstIndex(of: "=") else { return nil }
            let value = rest[rest.index(after: sign)...]
            guard value.first == "\"", let end = value.dropFirst().firstIndex(of: "\"") else { return nil }
            let key = String(rest[..<sign])
            guard attributes[key] == nil else { return nil }
            attributes[key] = String(value[value.index(after: value.startIndex)..<end])
            rest = value[value.index(after: end)...]
        }
        return Element(name: String(name), attributes: attributes)
    }
}
