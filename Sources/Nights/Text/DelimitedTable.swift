// SPDX-License-Identifier: GPL-3.0-or-later

/// A CSV file as people and spreadsheets write it: any of three delimiters, comment lines before the header, RFC 4180 quotes.
///
/// A row that is damaged is a row with a problem, never the end of the file.
package struct DelimitedTable {
    /// `# name: value` lines before the header, names in lower case, in their order.
    let metadata: [Metadata]
    /// The comments before the header without a name and a value.
    let comments: [String]
    /// The names of the columns.
    package let header: [Cell]
    let headerLine: Int
    package let rows: [Row]

    struct Metadata {
        var name: String
        var value: String
        var line: Int
    }

    /// One value and where it begins.
    package struct Cell: Hashable {
        package var text: String
        var line: Int
        var column: Int
    }

    /// One row, damaged or not.
    package struct Row {
        package var line: Int
        package var cells: [Cell]
        /// What is wrong with the row as a row; nil if nothing.
        package var problem: Finding?
        /// The comment that a row is which begins with `#`.
        package var isComment = false
    }

    /// The largest file that is read whole, in bytes.
    static let largestFile = 64 << 20

    /// Reads a table.
    package init(_ bytes: [UInt8]) throws(RefusedFile) {
        guard bytes.count <= Self.largestFile else {
            throw RefusedFile("E_TOO_LARGE", "the file has more than \(Self.largestFile >> 20) MiB", hint: "split it")
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) || bytes.prefix(4096).contains(0) {
            throw RefusedFile("E_ENCODING", "the file is not UTF-8 text", hint: "save it as CSV UTF-8")
        }
        var lines = LineSplitter(bytes)
        var metadata: [Metadata] = []
        var comments: [String] = []
        var headerRow: (cells: [Cell], line: Int, delimiter: UInt8)?
        while headerRow == nil, let (range, number) = lines.next() {
            let line = bytes[range]
            let text = String(decoding: line, as: UTF8.self)
            let bare = text.trimmingAround(",;\t\" ")
            if bare.isEmpty { continue }
            if bare.hasPrefix("#") {
                let comment = bare.dropFirst().drop { $0 == "#" || $0 == " " }
                if let colon = comment.firstIndex(of: ":") {
                    metadata.append(
                        Metadata(
                            name: String(comment[..<colon]).trimmingAround(" \t").lowercased(),
                            value: String(comment[comment.index(after: colon)...]).trimmingAround(" \t"), line: number))
                } else {
                    comments.append(String(comment))
                }
                continue
            }
            let delimiter = Self.delimiter(of: line)
            var reader = RowReader(bytes, delimiter: delimiter, at: range.lowerBound, line: number)
            let row = reader.next()
            if let problem = row.problem { throw RefusedFile(problem) }
            lines.jump(to: reader.position, line: reader.line)
            headerRow = (row.cells, number, delimiter)
        }
        guard let headerRow else {
            throw RefusedFile("E_EMPTY", "the file has no header line", hint: "the first row names the columns")
        }
        self.metadata = metadata
        self.comments = comments
        header = headerRow.cells.map {
            Cell(text: $0.text.trimmingAround(" \t").lowercased(), line: $0.line, column: $0.column)
        }
        headerLine = headerRow.line
        var rows: [Row] = []
        var reader = RowReader(bytes, delimiter: headerRow.delimiter, at: lines.position, line: lines.line)
        while reader.position < bytes.count {
            var row = reader.next()
            if row.cells.allSatisfy({ $0.text.isEmpty }) && row.problem == nil { continue }
            row.isComment = row.cells.first?.text.hasPrefix("#") ?? false
            if row.problem == nil, let surplus = row.cells.dropFirst(header.count).first(where: { !$0.text.isEmpty }) {
                row.problem = Finding(
                    line: row.line, column: surplus.column, code: "E_STRUCTURE",
                    message: "\(row.cells.count) columns where the header has \(header.count)",
                    hint: "put quotes around a value that holds the delimiter, like \"8,2\"")
            }
            rows.append(row)
        }
        self.rows = rows
    }

    /// The delimiter that a header line has most of, outside quotes; a comma where it has none.
    private static func delimiter(of line: ArraySlice<UInt8>) -> UInt8 {
        var counts: [(delimiter: UInt8, count: Int)] = [(0x2C, 0), (0x3B, 0), (0x09, 0)]
        var isQuoted = false
        for byte in line {
            if byte == 0x22 { isQuoted.toggle() }
            if !isQuoted, let index = counts.firstIndex(where: { $0.delimiter == byte }) { counts[index].count += 1 }
        }
        return counts.reduce(counts[0]) { $1.count > $0.count ? $1 : $0 }.delimiter
    }
}

/// Goes through the lines of a file.
private struct LineSplitter {
    private let bytes: [UInt8]
    private(set) var position: Int
    private(set) var line = 1

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The next line without its end, and its number.
    mutating func next() -> (range: Range<Int>, number: Int)? {
        guard position < bytes.count else { return nil }
        let end = bytes[position...].firstIndex(of: 0x0A) ?? bytes.count
        let range = position..<(end > position && bytes[end - 1] == 0x0D ? end - 1 : end)
        defer {
            position = min(end + 1, bytes.count)
            line += 1
        }
        return (range, line)
    }

    mutating func jump(to position: Int, line: Int) {
        (self.position, self.line) = (position, line)
    }
}

/// Reads rows by RFC 4180, from one place of a file on.
private struct RowReader {
    private let bytes: [UInt8]
    private let delimiter: UInt8
    private(set) var position: Int
    private(set) var line: Int

    init(_ bytes: [UInt8], delimiter: UInt8, at position: Int, line: Int) {
        self.bytes = bytes
        self.delimiter = delimiter
        self.position = position
        self.line = line
    }

    /// The next row. A row over several lines that comes out damaged costs its first line only: most likely one quote is missing.
    mutating func next() -> DelimitedTable.Row {
        let (start, firstLine) = (position, line)
        let row = wholeRow()
        guard let problem = row.problem, line > firstLine + 1 else { return row }
        position = start
        line = firstLine
        skipLine()
        let first = DelimitedTable.Cell(text: "…", line: firstLine, column: 1)
        let unclosed = Finding(
            line: firstLine, column: row.cells.last?.line == firstLine ? row.cells.last?.column ?? 1 : problem.column,
            code: "E_STRUCTURE", message: "a quote is not closed",
            hint: "close it, or double a quote that is part of the text")
        return DelimitedTable.Row(line: firstLine, cells: [first], problem: unclosed)
    }

    private mutating func wholeRow() -> DelimitedTable.Row {
        var row = DelimitedTable.Row(line: line, cells: [])
        var lineStart = position
        func note(_ problem: Finding) { row.problem = row.problem ?? problem }
        repeat {
            let column = Self.characters(bytes[lineStart..<position]) + 1
            let cellLine = line
            skipSpaces()
            var content: [UInt8] = []
            if position < bytes.count, bytes[position] == 0x22 {
                position += 1
                let (text, isClosed) = quoted(&lineStart)
                content = text
                skipSpaces()
                if !isClosed || !isAtCellEnd {
                    note(
                        Finding(
                            line: cellLine, column: column, code: "E_STRUCTURE",
                            message: isClosed ? "text behind a closing quote" : "a quote is not closed",
                            hint: "double a quote that is part of the text"))
                    while !isAtCellEnd { position += 1 }
                }
            } else {
                let contentStart = position
                while !isAtCellEnd { position += 1 }
                var end = position
                while end > contentStart, [0x20, 0x09, 0x0D].contains(bytes[end - 1]) { end -= 1 }
                content = Array(bytes[contentStart..<end])
            }
            if String(validating: content, as: UTF8.self) == nil {
                note(
                    Finding(
                        line: cellLine, column: column, code: "E_STRUCTURE", message: "the text is not UTF-8",
                        hint: "save the file as CSV UTF-8"))
            }
            row.cells.append(.init(text: String(decoding: content, as: UTF8.self), line: cellLine, column: column))
        } while takeDelimiter()
        skipLine()
        return row
    }

    /// The longest text in quotes, in bytes; what is longer was not closed.
    private static let longestText = 1 << 16

    /// The text up to the closing quote, and whether there is one.
    private mutating func quoted(_ lineStart: inout Int) -> (text: [UInt8], isClosed: Bool) {
        var text: [UInt8] = []
        while position < bytes.count, text.count < Self.longestText {
            let byte = bytes[position]
            position += 1
            if byte == 0x22 {
                guard position < bytes.count, bytes[position] == 0x22 else { return (text, true) }
                position += 1
            }
            if byte == 0x0A {
                line += 1
                lineStart = position
            }
            text.append(byte)
        }
        return (text, false)
    }

    private var isAtCellEnd: Bool {
        guard position < bytes.count else { return true }
        let byte = bytes[position]
        return byte == delimiter || byte == 0x0A
            || (byte == 0x0D && position + 1 < bytes.count && bytes[position + 1] == 0x0A)
    }

    private mutating func takeDelimiter() -> Bool {
        guard position < bytes.count, bytes[position] == delimiter else { return false }
        position += 1
        return true
    }

    private mutating func skipSpaces() {
        while position < bytes.count, bytes[position] == 0x20 || (bytes[position] == 0x09 && delimiter != 0x09) {
            position += 1
        }
    }

    /// Goes behind the end of the line.
    private mutating func skipLine() {
        position = bytes[position...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
        line += 1
    }

    /// How many characters UTF-8 bytes are, where every character is one scalar.
    private static func characters(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    }
}

extension String {
    /// The text without these characters at its ends.
    func trimmingAround(_ characters: String) -> String {
        var text = self[...]
        while let first = text.first, characters.contains(first) { text.removeFirst() }
        while let last = text.last, characters.contains(last) { text.removeLast() }
        return String(text)
    }
}

/// Writes rows by RFC 4180.
enum DelimitedText {
    /// A row with commas, ended by a line feed.
    static func row(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") + "\n" }

    /// A value, in quotes where it needs them to be read back as it is.
    static func cell(_ text: String) -> String {
        let needsQuotes =
            text.utf8.contains { [0x22, 0x2C, 0x3B, 0x09, 0x0A, 0x0D].contains($0) } || text.first == " "
            || text.last == " " || text.first == "#"
        return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}
