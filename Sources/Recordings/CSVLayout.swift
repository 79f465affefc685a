// SPDX-License-Identifier: GPL-3.0-or-later

/// Which column of a text recording holds what.
struct CSVLayout {
    /// Where the time of a row comes from.
    enum Time: Hashable {
        /// One column of stamps, or a date and a time of day; numbers count this many to the second, nil for what they look like.
        case columns([Int], perSecond: Double?)
        /// The rows follow each other at a rate.
        case rows(start: Double, rate: Double)
    }

    var time: Time
    /// The columns of x, y, z, then of gx, gy, gz.
    var axes: [Int]
    var channels: [String]
    var delimiter: UInt8
    /// The order of dates with slashes, once it is known.
    var dates: TimeStamp.DateOrder?
    /// By what a value becomes g or °/s, one for each axis; nil while the unit is still to be found out from the values.
    var factors: [Double]?
    /// What program wrote it, where that can be told.
    var maker = ""
    var site = ""
    var leg: Leg?
    /// The names in the file, for messages; empty where no row of names stands above the rows.
    var names: [String] = []
    /// Whether it is as nattro itself writes it: then there is nothing to be said about it.
    var isOwn: Bool { names == ["time"] + channels }

    static func channelNames(_ count: Int) -> [String] { ["x", "y", "z"] + (count == 6 ? ["gx", "gy", "gz"] : []) }

    /// The columns in words.
    var description: String {
        func column(_ index: Int) -> String { index < names.count ? "\"\(names[index])\"" : "column \(index + 1)" }
        let separator = delimiter == 0x09 ? "tab" : String(UnicodeScalar(delimiter))
        var text = maker.isEmpty ? "" : "\(maker); "
        text += "columns separated by \(separator); "
        switch time {
        case .columns(let columns, _): text += "time from \(columns.map(column).joined(separator: " and "))"
        case .rows(let start, let rate): text += "rows at \(rate) a second from \(start) s since 1970"
        }
        text += "; " + zip(channels, axes).map { "\($0) from \(column($1))" }.joined(separator: ", ")
        return text
    }
}

/// The fields of a line of text.
enum CSVFields {
    /// Splits at the delimiter, but not within double quotes; blanks and quotes around a field are taken off.
    static func split(_ line: [UInt8], _ delimiter: UInt8) -> [ArraySlice<UInt8>] {
        guard line.contains(UInt8(ascii: "\"")) else {
            return line.split(separator: delimiter, omittingEmptySubsequences: false).map(trimmed)
        }
        var fields: [ArraySlice<UInt8>] = []
        var start = 0
        var isQuoted = false
        for (index, byte) in line.enumerated() {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == delimiter, !isQuoted {
                fields.append(trimmed(line[start..<index]))
                start = index + 1
            }
        }
        fields.append(trimmed(line[start...]))
        return fields
    }

    /// A number, NaN for an empty field, nil for anything else; a comma is a decimal comma.
    static func number(_ field: ArraySlice<UInt8>) -> Float? {
        if field.isEmpty { return .nan }
        if field.contains(UInt8(ascii: ",")) {
            return Float(
                String(decoding: field.map { $0 == UInt8(ascii: ",") ? UInt8(ascii: ".") : $0 }, as: UTF8.self))
        }
        return Float(Substring(decoding: field, as: UTF8.self))
    }

    private static func trimmed(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var field = field
        while let byte = field.first, byte == 0x20 || byte == 0x22 { field.removeFirst() }
        while let byte = field.last, byte == 0x20 || byte == 0x22 { field.removeLast() }
        return field
    }
}
