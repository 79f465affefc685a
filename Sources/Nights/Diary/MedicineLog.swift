// SPDX-License-Identifier: GPL-3.0-or-later

/// A list of medicines as it was read from a file: `date,time,name,class,action,note`.
public struct MedicineLog: Hashable, Sendable {
    /// The IANA name of the file's zone; nil if it says none.
    public var zone: String?
    /// The events in the order of the file.
    public var medicines: [Medicine]
    /// The rows that were not read.
    public var rejected: [Finding]

    /// A list that comes from no file.
    public init(zone: String?, medicines: [Medicine]) {
        self.zone = zone
        self.medicines = medicines
        rejected = []
    }

    /// Reads a list. Where the file names no zone, another one stands in: that of the doses beside it.
    public init(reading bytes: [UInt8], zone otherwise: String? = nil, now: UTCInstant) throws(RefusedFile) {
        let table = try DelimitedTable(bytes)
        let clock = try table.zone() ?? otherwise.flatMap { ZoneClock($0) }
        self.init(zone: clock?.name, medicines: [])
        let rows = try TableRows(table, required: ["date", "name", "action"])
        let rules = DoseRules(zone: clock, dateOrder: rows.dateOrder, now: now)
        for row in rows.rows {
            do {
                medicines.append(try Self.medicine(row, rules))
            } catch {
                if error.code == DoseRules.zoneMissing { throw RefusedFile(error) }
                rejected.append(error)
            }
        }
    }

    private static func medicine(_ row: TableRows.Row, _ rules: DoseRules) throws(Finding) -> Medicine {
        if let problem = row.problem { throw problem }
        var ignored: [Finding] = []
        let time = try rules.time(row.raw, &ignored)
        let name = row["name"]
        guard !name.text.isEmpty else { throw name.finding("E_NAME_MISSING", "no name of a medicine") }
        let word = row["action"]
        guard let action = Medicine.Action(rawValue: word.text.lowercased()) else {
            throw word.finding(
                "E_VALUE", "'\(word.text)' in the column action", hint: "write taken, started, stopped or changed")
        }
        return Medicine(
            name: name.text, className: row["class"].text, action: action, time: time, note: row["note"].text)
    }

    /// The events as CSV. Reading it back gives the same events.
    public var csv: String {
        var text = "# nattro medicines, version 1\n"
        if let zone { text += "# tz: \(zone)\n" }
        text += "date,time,name,class,action,tz,note\n"
        let writer = DoseLog(zone: zone, doses: [])
        for medicine in medicines {
            let (date, time) = writer.dateAndTime(medicine.time)
            text += DelimitedText.row([
                date, time, medicine.name, medicine.className, medicine.action.rawValue,
                medicine.time.zone == zone ? "" : medicine.time.zone ?? "", medicine.note,
            ])
        }
        return text
    }
}

/// The rows of a table by the names of its columns.
struct TableRows {
    let rows: [Row]
    let dateOrder: DateOrder?

    struct Row {
        let raw: RawDose
        let problem: Finding?
        fileprivate let cells: [String: DelimitedTable.Cell]

        /// The cell of a column; an empty one at the row's beginning where there is none.
        subscript(column: String) -> DelimitedTable.Cell {
            cells[column] ?? DelimitedTable.Cell(text: "", line: raw.line, column: raw.column)
        }
    }

    init(_ table: DelimitedTable, required: [String]) throws(RefusedFile) {
        for name in required where !table.header.contains(where: { $0.text == name }) {
            throw RefusedFile(
                line: table.headerLine, "E_COLUMN_MISSING", "no column is named \(name)",
                hint: "the columns needed are \(required.joined(separator: ", "))")
        }
        dateOrder = table.metadata.first { $0.name == "date_order" }.flatMap {
            DateOrder(rawValue: $0.value.lowercased())
        }
        rows = table.rows.filter { !$0.isComment }.map { row in
            var raw = RawDose(line: row.line, column: row.cells.first?.column ?? 1)
            var cells: [String: DelimitedTable.Cell] = [:]
            for (name, cell) in zip(table.header, row.cells) {
                cells[name.text] = cell
                if let column = RawDose.Column(rawValue: name.text), [.date, .time, .tz].contains(column) {
                    raw[column] = .init(text: cell.text, line: cell.line, column: cell.column)
                }
            }
            return Row(raw: raw, problem: row.problem, cells: cells)
        }
    }
}
