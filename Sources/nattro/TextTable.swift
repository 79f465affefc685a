// SPDX-License-Identifier: GPL-3.0-or-later
import Nights

/// A table of nights or doses: rows by the names of their columns.
struct TextTable {
    /// The file, for messages.
    let name: String
    /// The column names, in lower case.
    let columns: [String]
    /// The rows that are whole.
    let rows: [DelimitedTable.Row]
    /// The rows that are damaged.
    let rejected: [RejectedRow]

    init(path: String) throws {
        try self.init(bytes: WholeFile.bytes(path), name: path == "-" ? "standard input" : path)
    }

    init(bytes: [UInt8], name: String) throws {
        self.name = name
        do throws(RefusedFile) {
            let table = try DelimitedTable(bytes)
            columns = table.header.map(\.text)
            let entries = table.rows.filter { !$0.isComment }
            rows = entries.filter { $0.problem == nil }
            rejected = entries.compactMap { row in row.problem.map { RejectedRow(message: $0.text(file: name)) } }
        } catch {
            throw Failure(message: error.finding.text(file: name), outcome: .unusableInput)
        }
    }

    /// A row's field of a column; nil where the table has no such column, or the field is empty.
    func field(_ column: String, of row: DelimitedTable.Row) -> String? {
        guard let index = columns.firstIndex(of: column), index < row.cells.count else { return nil }
        let field = row.cells[index].text
        return field.isEmpty ? nil : field
    }

    /// Refuses a table without some columns.
    func require(_ names: [String]) throws {
        let missing = names.filter { !columns.contains($0) }
        guard missing.isEmpty else {
            throw Failure(
                message:
                    "\(name): has no column \(missing.joined(separator: ", ")); the first line must name \(names.joined(separator: ","))",
                outcome: .unusableInput)
        }
    }
}

/// A row that was left out of a table, and why.
struct RejectedRow: Hashable {
    /// The file, the line, what is wrong, and what to do.
    var message: String
}
