// SPDX-License-Identifier: GPL-3.0-or-later

/// The numbers of a picture as a table: what is drawn can be read, copied and checked.
public struct DataTable: Hashable, Sendable {
    /// A column: its name for programs, its heading for people, and the decimals that people are shown.
    public struct Column: Hashable, Sendable {
        /// The name, in lower case with underscores.
        public let name: String
        /// The heading, with the unit.
        public let heading: String
        /// The decimals that are shown.
        public let decimals: Int

        /// A column by its parts.
        public init(_ name: String, _ heading: String, decimals: Int = 0) {
            self.name = name
            self.heading = heading
            self.decimals = decimals
        }
    }

    /// A value.
    public enum Cell: Hashable, Sendable {
        case number(Double)
        case integer(Int)
        case text(String)
        /// Not known, or not defined: an empty field, `null`.
        case missing

        /// A number, or nothing.
        public init(_ value: Double?) { self = value.map { .number($0) } ?? .missing }
        /// A whole number, or nothing.
        public init(_ value: Int?) { self = value.map { .integer($0) } ?? .missing }
        /// A text, or nothing.
        public init(_ value: String?) { self = value.map { .text($0) } ?? .missing }
    }

    /// The name for programs and files.
    public let name: String
    /// What it holds, for people.
    public let title: String
    /// The columns.
    public let columns: [Column]
    /// The rows.
    public let rows: [[Cell]]
    /// Whether a page shows it; else it is too long, and in the twins alone.
    public let isShown: Bool

    /// A table by its parts.
    ///
    /// - Precondition: every row has a cell for each column.
    public init(_ name: String, _ title: String, columns: [Column], rows: [[Cell]], isShown: Bool = true) {
        for row in rows {
            precondition(row.count == columns.count, "\(name): \(row.count) cells for \(columns.count) columns")
        }
        self.name = name
        self.title = title
        self.columns = columns
        self.rows = rows
        self.isShown = isShown
    }
}

extension DataTable {
    /// The table as CSV: a heading, numbers with all their digits, an empty field for what is missing.
    public var csv: String {
        var text = columns.map { Self.quoted($0.name) }.joined(separator: ",") + "\r\n"
        for row in rows { text += row.map(Self.field).joined(separator: ",") + "\r\n" }
        return text
    }

    private static func field(_ cell: Cell) -> String {
        switch cell {
        case .number(let value): value.isFinite ? "\(value)" : ""
        case .integer(let value): "\(value)"
        case .text(let text): quoted(text)
        case .missing: ""
        }
    }

    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }

    /// The table as a JSON object: its title, its columns, and rows by the columns' names.
    public var json: String {
        let columns = columns.map {
            "{\"name\":\(PlotText.json($0.name)),\"heading\":\(PlotText.json($0.heading))}"
        }
        let rows = rows.map { row in
            "{"
                + zip(self.columns, row).map { "\(PlotText.json($0.name)):\(Self.value($1))" }.joined(separator: ",")
                + "}"
        }
        return "{\"title\":\(PlotText.json(title)),\"columns\":[\(columns.joined(separator: ","))],"
            + "\"rows\":[\(rows.joined(separator: ","))]}"
    }

    private static func value(_ cell: Cell) -> String {
        switch cell {
        case .number(let value): value.isFinite ? "\(value)" : "null"
        case .integer(let value): "\(value)"
        case .text(let text): PlotText.json(text)
        case .missing: "null"
        }
    }

    /// A cell as people read it.
    func shown(_ cell: Cell, in column: Column) -> String {
        switch cell {
        case .number(let value): value.isFinite ? PlotNumber.fixed(value, column.decimals) : "–"
        case .integer(let value): value < 0 ? "−\(-value)" : "\(value)"
        case .text(let text): text
        case .missing: "–"
        }
    }

    /// The table in HTML, numbers to the right.
    var html: String {
        var text = "<div class=\"scroll\"><table><caption>\(PlotText.escaped(title))</caption><thead><tr>"
        let isNumeric = columns.indices.map { column in
            !rows.contains { if case .text = $0[column] { true } else { false } }
        }
        for (column, numeric) in zip(columns, isNumeric) {
            // A column of names says what it is by its names.
            guard !column.heading.isEmpty else {
                text += "<td></td>"
                continue
            }
            text += "<th scope=\"col\"\(numeric ? " class=\"n\"" : "")>\(PlotText.escaped(column.heading))</th>"
        }
        text += "</tr></thead><tbody>"
        for row in rows {
            text += "<tr>"
            for (index, cell) in row.enumerated() {
                text +=
                    "<td\(isNumeric[index] ? " class=\"n\"" : "")>\(PlotText.escaped(shown(cell, in: columns[index])))</td>"
            }
            text += "</tr>"
        }
        return text + "</tbody></table></div>"
    }
}
