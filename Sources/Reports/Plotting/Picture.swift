// SPDX-License-Identifier: GPL-3.0-or-later

/// A picture with the numbers that it is drawn from: SVG for the eye, a description for the ear, tables for everything else.
public struct Picture: Hashable, Sendable {
    /// Its name: an anchor in a page, the beginning of its twins' file names.
    public let id: String
    /// Its heading.
    public let title: String
    /// What it shows, in a sentence or two.
    public let summary: String
    /// The drawing: an `svg` element without styles of its own; ``ReportStyle`` has its look.
    public let svg: String
    /// Its numbers.
    public let tables: [DataTable]

    init(id: String, title: String, summary: String, tables: [DataTable], hatched: Bool = false, canvas: SVGCanvas) {
        self.id = id
        self.title = title
        self.summary = summary
        self.tables = tables
        svg = canvas.picture(id: id, title: title, description: summary, hatched: hatched)
    }

    /// The names and contents of its CSV files.
    public var csvFiles: [(name: String, content: String)] {
        tables.map { (tables.count == 1 ? "\(id).csv" : "\(id)-\($0.name).csv", $0.csv) }
    }

    /// Its numbers as a JSON object, tables by name.
    public var json: String {
        let tables = tables.map { "\(PlotText.json($0.name)):\($0.json)" }.joined(separator: ",")
        return "{\"title\":\(PlotText.json(title)),\"summary\":\(PlotText.json(summary)),\"tables\":{\(tables)}}"
    }

    /// The picture with its heading, its words, and its numbers folded away under it.
    public var html: String {
        let shown = tables.filter(\.isShown).map(\.html).joined()
        let others = tables.contains { !$0.isShown }
        return
            "<figure id=\"\(id)\"><h2 class=\"picture\">\(PlotText.escaped(title))</h2><div class=\"scroll\">\(svg)</div>"
            + "<figcaption>\(PlotText.escaped(summary))</figcaption><details><summary>The numbers</summary>\(shown)"
            + (others
                ? "<p class=\"small\">Longer tables are in the CSV and JSON twins (nattro report --csv, --json).</p>"
                : "")
            + "</details></figure>"
    }
}
