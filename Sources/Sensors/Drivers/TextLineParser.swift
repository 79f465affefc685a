// SPDX-License-Identifier: GPL-3.0-or-later

/// Finds the numbers in lines of text as hobby boards print them: three or four a line, between commas, semicolons or blanks.
///
/// Any cut of the stream gives the same rows. What is no such line is passed over and counted, never fatal.
struct TextLineParser: Hashable, Sendable {
    /// The numbers of one line, three or four.
    struct Row: Hashable, Sendable {
        var values: [Double]
        /// Whether a line before it was no row: samples may be missing.
        var isAfterDamage: Bool
    }

    /// Lines that were no rows.
    private(set) var badLines = 0
    /// The bytes of them.
    private(set) var skippedBytes = 0

    private let columns: ClosedRange<Int>
    private var line: [UInt8] = []
    /// The bytes of a line that is longer than any row, so far.
    private var overlong = 0
    /// Where the stream began, a line may be cut: its first number would be another one.
    private var isWhole = false
    private var isDamaged = false

    /// A longer line is none of numbers.
    private static let longestLine = 120

    /// A parser at the start of a stream, or within it.
    ///
    /// - Parameter columns: the numbers in a line.
    init(columns: ClosedRange<Int> = 3...4) { self.columns = columns }

    /// Takes further bytes, and appends the rows that they complete.
    mutating func append(_ bytes: [UInt8], to rows: inout [Row]) {
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                // What is overlong is only counted.
                if line.count < Self.longestLine { line.append(byte) } else { overlong += 1 }
                continue
            }
            if let row = endLine() { rows.append(row) }
        }
    }

    /// Forgets the line that is begun: what follows is not its end.
    mutating func restart() {
        skippedBytes += line.count + overlong
        line.removeAll(keepingCapacity: true)
        overlong = 0
        isWhole = false
        isDamaged = false
    }

    private mutating func endLine() -> Row? {
        defer {
            line.removeAll(keepingCapacity: true)
            overlong = 0
            isWhole = true
        }
        guard isWhole else {
            skippedBytes += line.count + overlong + 1
            return nil
        }
        let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line[...]
        // An empty line or a remark stands for no sample.
        if overlong == 0, text.isEmpty || text.first == UInt8(ascii: "#") { return nil }
        guard overlong == 0, let values = Self.numbers(in: text), columns.contains(values.count) else {
            badLines += 1
            skippedBytes += line.count + overlong + 1
            isDamaged = true
            return nil
        }
        defer { isDamaged = false }
        return Row(values: values, isAfterDamage: isDamaged)
    }

    /// The numbers of a line; nil where anything else stands in it.
    private static func numbers(in line: ArraySlice<UInt8>) -> [Double]? {
        var values: [Double] = []
        for field in fields(of: line) {
            guard !field.isEmpty, field.allSatisfy(isOfNumber),
                let value = Double(String(decoding: field, as: UTF8.self)),
                value.isFinite
            else { return nil }
            values.append(value)
        }
        return values
    }

    /// The fields: between commas, semicolons or tabs, or else between blanks.
    private static func fields(of line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        let blank = UInt8(ascii: " ")
        for separator in [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")] where line.contains(separator) {
            return line.split(separator: separator, omittingEmptySubsequences: false).map { field in
                let start = field.drop { $0 == blank }
                return start[..<((start.lastIndex { $0 != blank }).map { $0 + 1 } ?? start.startIndex)]
            }
        }
        return line.split(separator: blank)
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }
}
