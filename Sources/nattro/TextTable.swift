// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings

/// A small table of text with a line of column names: comma, semicolon or tab between fields, quotes as in RFC 4180.
struct TextTable {
    /// One row, with where it stands.
    struct Row {
        /// The line in the file, from 1.
        var line: Int
        var fields: [String]
    }

    /// The file, for messages.
    let name: String
    /// The column names, without spaces around them.
    let columns: [String]
    let rows: [Row]

    /// The largest file that is read, in bytes: centuries of nights.
    static let largestFile = 16 << 20

    init(path: String) throws {
        let source = try ByteSource(path: path)
        let name = path == "-" ? "standard input" : path
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try source.read(into: &chunk)
            bytes += chunk[..<count]
            if count < chunk.count { break }
            guard bytes.count <= Self.largestFile else {
                throw Failure(
                    message: "\(name): larger than \(Self.largestFile >> 20) MiB; name a table of nights or doses",
                    outcome: .unusableInput)
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(message: "\(name): is not UTF-8 text; save it as CSV in UTF-8", outcome: .unusableInput)
        }
        try self.init(text: text, name: name)
    }

    init(text: String, name: String) throws {
        self.name = name
        var lines = Self.lines(text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text)
        while let first = lines.first, first.text.isEmpty || first.text.hasPrefix("#") { lines.removeFirst() }
        guard let heading = lines.first else {
            throw Failure(
                message: "\(name): is empty; its first line must name the columns", outcome: .unusableInput)
        }
        let separator = [",", ";", "\t"].max { a, b in
            heading.text.count { String($0) == a } < heading.text.count { String($0) == b }
        }
        let mark: Character = separator == ";" ? ";" : separator == "\t" ? "\t" : ","
        columns = Self.fields(heading.text, mark).map { $0.trimmingCharacters(in: .whitespaces) }
        rows = lines.dropFirst().compactMap { line in
            line.text.allSatisfy(\.isWhitespace) || line.text.hasPrefix("#")
                ? nil : Row(line: line.number, fields: Self.fields(line.text, mark))
        }
    }

    /// A row's field of a column, without spaces around it; nil where the table has no such column, or the field is empty.
    func field(_ column: String, of row: Row) -> String? {
        guard let index = columns.firstIndex(of: column), index < row.fields.count else { return nil }
        let field = row.fields[index].trimmingCharacters(in: .whitespaces)
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

    /// Lines with their numbers; a quoted field may hold line ends.
    private static func lines(_ text: String) -> [(number: Int, text: String)] {
        var lines: [(number: Int, text: String)] = []
        var current = ""
        var (number, start) = (1, 1)
        var isQuoted = false
        for character in text {
            if character.isNewline {
                number += 1
                if isQuoted {
                    current.append("\n")
                } else {
                    lines.append((start, current))
                    current = ""
                    start = number
                }
            } else {
                if character == "\"" { isQuoted.toggle() }
                current.append(character)
            }
        }
        if !current.isEmpty { lines.append((start, current)) }
        return lines
    }

    private static func fields(_ line: String, _ separator: Character) -> [String] {
        var fields = [""]
        var isQuoted = false
        var wasQuote = false
        for character in line {
            if character == "\"" {
                // A doubled quote inside quotes is one quote.
                if !isQuoted, wasQuote { fields[fields.count - 1].append("\"") }
                isQuoted.toggle()
                wasQuote = !isQuoted
            } else {
                wasQuote = false
                if character == separator, !isQuoted {
                    fields.append("")
                } else {
                    fields[fields.count - 1].append(character)
                }
            }
        }
        return fields
    }
}

/// A row that was left out of a table, and why.
struct RejectedRow: Hashable {
    /// The file, the line, what is wrong, and what to do.
    var message: String
}
