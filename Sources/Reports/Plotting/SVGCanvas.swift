// SPDX-License-Identifier: GPL-3.0-or-later

/// Writes the elements of an SVG picture, whose look is the style sheet's: elements carry classes, never styles of their own.
struct SVGCanvas {
    /// The picture's units: a unit is about a pixel where the picture has its full width.
    let width: Double
    let height: Double
    private var elements = ""

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    /// The side of a text on which its anchor is.
    enum Anchor: String {
        case start, middle, end
    }

    private func n(_ value: Double) -> String { PlotNumber.coordinate(value) }

    private mutating func element(_ name: String, _ attributes: String, _ look: String, title: String?) {
        elements += "<\(name) class=\"\(look)\" \(attributes)"
        if let title {
            elements += "><title>\(PlotText.escaped(title))</title></\(name)>"
        } else {
            elements += "/>"
        }
    }

    mutating func rectangle(
        x: Double, y: Double, width: Double, height: Double, _ look: String, title: String? = nil
    ) {
        element(
            "rect", "x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(max(0, width)))\" height=\"\(n(max(0, height)))\"", look,
            title: title)
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ look: String) {
        element("line", "x1=\"\(n(x1))\" y1=\"\(n(y1))\" x2=\"\(n(x2))\" y2=\"\(n(y2))\"", look, title: nil)
    }

    mutating func circle(_ x: Double, _ y: Double, radius: Double, _ look: String, title: String? = nil) {
        element("circle", "cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"\(n(radius))\"", look, title: title)
    }

    /// A path in the picture's units, or moved and scaled.
    mutating func path(_ commands: String, _ look: String, transform: String? = nil) {
        guard !commands.isEmpty else { return }
        element(
            "path", "d=\"\(commands)\"" + (transform.map { " transform=\"\($0)\"" } ?? ""), look, title: nil)
    }

    /// A line through points.
    mutating func polyline(_ points: [(x: Double, y: Double)], _ look: String) {
        guard points.count > 1 else { return }
        path("M" + points.map { "\(n($0.x)) \(n($0.y))" }.joined(separator: "L"), look)
    }

    mutating func text(_ text: String, x: Double, y: Double, _ anchor: Anchor = .start, _ look: String = "tick") {
        elements +=
            "<text class=\"\(look) \(anchor.rawValue)\" x=\"\(n(x))\" y=\"\(n(y))\">\(PlotText.escaped(text))</text>"
    }

    /// A text that reads upwards, around its middle.
    mutating func uprightText(_ text: String, x: Double, y: Double, _ look: String = "axis-title") {
        elements +=
            "<text class=\"\(look) middle\" transform=\"translate(\(n(x)) \(n(y))) rotate(-90)\">\(PlotText.escaped(text))</text>"
    }

    /// The whole picture: an image with a name and a description for those who do not see it.
    ///
    /// - Parameters:
    ///   - id: distinct within a page.
    ///   - hatched: whether the pattern of missing data is used.
    func picture(id: String, title: String, description: String, hatched: Bool) -> String {
        let pattern =
            hatched
            ? "<defs><pattern id=\"\(id)-hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
                + "patternTransform=\"rotate(45)\"><rect class=\"hatch-ground\" width=\"6\" height=\"6\"/>"
                + "<line class=\"hatch\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\"/></pattern></defs>" : ""
        return
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(n(width)) \(n(height))\" role=\"img\" "
            + "aria-labelledby=\"\(id)-title \(id)-desc\"><title id=\"\(id)-title\">\(PlotText.escaped(title))</title>"
            + "<desc id=\"\(id)-desc\">\(PlotText.escaped(description))</desc>\(pattern)\(elements)</svg>"
    }

    /// A rectangle of missing data.
    mutating func hatching(id: String, x: Double, y: Double, width: Double, height: Double, title: String? = nil) {
        element(
            "rect",
            "x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(max(0.8, width)))\" height=\"\(n(max(0, height)))\" "
                + "fill=\"url(#\(id)-hatch)\"", "missing", title: title)
    }
}

extension SVGCanvas {
    /// About how wide a text is, for what stands beside it.
    static func width(_ text: String, size: Double = 12) -> Double { Double(text.count) * size * 0.56 }

    /// What a legend shows beside a word.
    enum Swatch {
        case box(String)
        case dot(String)
        case line(String)
        case hatch
    }

    /// A row of signs and words.
    mutating func legend(_ entries: [(Swatch, String)], id: String, x: Double, y: Double) {
        var x = x
        for (swatch, words) in entries {
            switch swatch {
            case .box(let look): rectangle(x: x, y: y - 9, width: 12, height: 10, look)
            case .dot(let look): circle(x + 6, y - 4, radius: 4.5, look)
            case .line(let look): line(x, y - 4, x + 14, y - 4, look)
            case .hatch: hatching(id: id, x: x, y: y - 9, width: 12, height: 10)
            }
            text(words, x: x + 18, y: y, .start, "legend")
            x += 18 + Self.width(words) + 18
        }
    }
}
