// SPDX-License-Identifier: GPL-3.0-or-later

/// The rows of a text recording, one at a time; rows that cannot be read are counted and left out.
struct CSVRows {
    struct Row {
        var line: Int
        /// Seconds since the Unix epoch.
        var stamp: Double
        /// Nil where an axis is empty or not a number.
        var values: [Float]?
    }

    /// Which column holds what.
    struct Columns {
        var time: Int
        var axes: [Int]
        var channels: [String]
        var delimiter: UInt8
    }

    private(set) var columns: Columns
    var report = ReadingReport()
    private var lines: TextLines
    var fractionRead: Double? { lines.fractionRead }
    private var firstLine: [UInt8]?
    private var rowsRead = 0

    /// Unreadable rows in a row, without one readable before them, after which the file is given up.
    private static let patience = 100

    init(_ source: ByteSource) throws(RecordingError) {
        lines = TextLines(source)
        var first: [UInt8]?
        while let line = try lines.next() {
            if line.first == UInt8(ascii: "#") || line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
            first = line
            break
        }
        guard let first else {
            throw RecordingError(
                .noSamples, path: source.path, problem: "holds no complete line",
                remedy: "check that the export was finished")
        }
        let delimiter = Self.delimiter(of: first)
        let names = Self.fields(first, delimiter).map { String(decoding: $0, as: UTF8.self) }
        if TimeStamp.seconds(names[0][...]) != nil {
            guard names.count >= 4 else {
                throw Self.tooFewColumns(source.path, lines.number)
            }
            let six = names.count >= 7
            columns = Columns(
                time: 0, axes: Array(1...(six ? 6 : 3)), channels: Self.channelNames(six), delimiter: delimiter)
            firstLine = first
        } else {
            columns = try Self.columns(named: names, delimiter, source.path, lines.number)
        }
    }

    mutating func next() throws(RecordingError) -> Row? {
        while true {
            let line: [UInt8]
            if let first = firstLine {
                line = first
                firstLine = nil
            } else if let more = try lines.next() {
                line = more
            } else {
                if lines.cutBytes > 0 {
                    report.note("last lines without a line end, which may be cut", at: "line \(lines.number + 1)")
                }
                return nil
            }
            if line.isEmpty || line.first == UInt8(ascii: "#") { continue }
            let fields = Self.fields(line, columns.delimiter)
            if let row = row(of: fields) {
                rowsRead += 1
                return row
            }
            report.note("rows that cannot be read", at: "line \(lines.number)")
            if rowsRead == 0, report.items.first.map({ $0.count >= Self.patience }) ?? false {
                throw RecordingError(
                    .malformed, path: lines.path, place: "line \(lines.number - Self.patience + 1)",
                    problem:
                        "\(Self.patience) rows and none has a time in column \(columns.time + 1) and numbers in columns "
                        + columns.axes.map { String($0 + 1) }.joined(separator: ", "),
                    remedy: "export it with the columns time, x, y, z")
            }
        }
    }

    private func row(of fields: [ArraySlice<UInt8>]) -> Row? {
        guard let last = columns.axes.max(), fields.count > max(last, columns.time),
            let stamp = TimeStamp.seconds(Substring(decoding: fields[columns.time], as: UTF8.self))
        else { return nil }
        var values: [Float] = []
        values.reserveCapacity(columns.axes.count)
        var missing = false
        for axis in columns.axes {
            guard let value = number(fields[axis]) else { return nil }
            if value.isFinite { values.append(value) } else { missing = true }
        }
        return Row(line: lines.number, stamp: stamp, values: missing ? nil : values)
    }

    /// A number, NaN for an empty field, nil for anything else.
    private func number(_ field: ArraySlice<UInt8>) -> Float? {
        if field.isEmpty { return .nan }
        if columns.delimiter != UInt8(ascii: ","), field.contains(UInt8(ascii: ",")) {
            return Float(
                String(decoding: field.map { $0 == UInt8(ascii: ",") ? UInt8(ascii: ".") : $0 }, as: UTF8.self))
        }
        return Float(Substring(decoding: field, as: UTF8.self))
    }

    private static func delimiter(of line: [UInt8]) -> UInt8 {
        [UInt8(ascii: "\t"), UInt8(ascii: ";")].first(where: line.contains) ?? UInt8(ascii: ",")
    }

    private static func fields(_ line: [UInt8], _ delimiter: UInt8) -> [ArraySlice<UInt8>] {
        line.split(separator: delimiter, omittingEmptySubsequences: false).map { field in
            var field = field
            while let byte = field.first, byte == 0x20 || byte == 0x22 { field.removeFirst() }
            while let byte = field.last, byte == 0x20 || byte == 0x22 { field.removeLast() }
            return field
        }
    }

    private static func channelNames(_ six: Bool) -> [String] {
        ["x", "y", "z"] + (six ? ["gx", "gy", "gz"] : [])
    }

    private static func tooFewColumns(_ path: String, _ line: Int) -> RecordingError {
        RecordingError(
            .malformed, path: path, place: "line \(line)", problem: "has fewer than the four columns time, x, y, z",
            remedy: "export it with those columns, separated by commas")
    }

    private static func columns(
        named names: [String], _ delimiter: UInt8, _ path: String, _ line: Int
    ) throws(RecordingError) -> Columns {
        let plain = names.map { name in name.lowercased().filter { $0.isLetter || $0.isNumber } }
        func column(_ candidates: [String]) -> Int? {
            candidates.lazy.compactMap(plain.firstIndex(of:)).first
        }
        guard let time = column(["time", "timestamp", "datetime", "t", "unixtime", "epoch", "date"]) else {
            throw RecordingError(
                .malformed, path: path, place: "line \(line)",
                problem: "no column is named time or timestamp (columns: \(names.prefix(12).joined(separator: ", ")))",
                remedy: "export it with the columns time, x, y, z; without stamps a recording has no true time")
        }
        func axes(_ prefixes: [String]) -> [Int]? {
            for prefix in prefixes {
                let found = ["x", "y", "z"].compactMap { column([prefix + $0, prefix + $0 + "g", $0 + prefix]) }
                if found.count == 3 { return found }
            }
            return nil
        }
        guard let acceleration = axes(["", "acc", "accel", "a", "accelerometer", "acceleration"]) else {
            throw RecordingError(
                .malformed, path: path, place: "line \(line)",
                problem: "no columns are named x, y, z or accX, accY, accZ",
                remedy: "export it with the columns time, x, y, z")
        }
        let rotation = axes(["g", "gyro", "gyr", "gyroscope"])
        return Columns(
            time: time, axes: acceleration + (rotation ?? []), channels: channelNames(rotation != nil),
            delimiter: delimiter)
    }
}
