// SPDX-License-Identifier: GPL-3.0-or-later

/// The rows of a text recording, one at a time; rows that cannot be read are counted and left out.
struct CSVRows {
    struct Row {
        var line: Int
        /// Seconds since the Unix epoch.
        var stamp: Double
        /// In the file's unit; nil where an axis is empty or not a number.
        var values: [Float]?
    }

    private(set) var layout: CSVLayout
    var report = ReadingReport()
    private var lines: TextLines
    var fractionRead: Double? { lines.fractionRead }
    /// Lines that were looked at to find the layout, the first row last.
    private var waiting: [(number: Int, bytes: [UInt8])]
    private var rowsRead = 0
    private var isEndNoted = false

    /// Unreadable rows in a row, without one readable before them, after which the file is given up.
    private static let patience = 100
    /// The lines in which the first row, or the names above it, must stand: GENEActiv's exports have 100 above.
    private static let linesLookedAt = 200

    init(_ source: ByteSource, map: CSVMap?) throws(RecordingError) {
        lines = TextLines(source)
        var first: [(number: Int, bytes: [UInt8])] = []
        let looked = max(Self.linesLookedAt, (map?.skip ?? 0) + 2)
        while first.count < looked, let line = try lines.next() {
            if line.first == UInt8(ascii: "#") || line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
            first.append((lines.number, line))
        }
        let found = try CSVSniffer(lines: first, path: source.path, map: map).layout()
        layout = found.layout
        waiting = found.rest.reversed()
        if layout.dates == nil { try findDateOrder(map) }
    }

    /// A date such as 3/4/2026 needs to show somewhere which number is the month.
    private mutating func findDateOrder(_ map: CSVMap?) throws(RecordingError) {
        guard case .columns(let columns, _) = layout.time, let column = columns.first else { return }
        let stamps = waiting.reversed().compactMap { line -> Substring? in
            let fields = CSVFields.split(line.bytes, layout.delimiter)
            return fields.count > column ? Substring(decoding: fields[column], as: UTF8.self) : nil
        }
        guard let first = stamps.first, TimeStamp.needsOrder(first) else { return }
        layout.dates = stamps.lazy.compactMap(TimeStamp.order(shownBy:)).first
        guard layout.dates != nil else {
            throw RecordingError(
                .malformed, path: lines.path, place: "line \(waiting.last?.number ?? 1)",
                problem: "whether \(first) is a day and a month or a month and a day cannot be told",
                remedy: "say it and the columns: nattro convert IN OUT.csv --map dates=dmy,time=1,x=2,y=3,z=4, "
                    + "or dates=mdy")
        }
    }

    mutating func next() throws(RecordingError) -> Row? {
        while true {
            let line: (number: Int, bytes: [UInt8])
            if let known = waiting.popLast() {
                line = known
            } else if let more = try lines.next() {
                line = (lines.number, more)
            } else {
                if lines.cutBytes > 0, !isEndNoted {
                    isEndNoted = true
                    report.note("last lines without a line end, which may be cut", at: "line \(lines.number + 1)")
                }
                return nil
            }
            if line.bytes.isEmpty || line.bytes.first == UInt8(ascii: "#") { continue }
            if let row = row(of: line) {
                rowsRead += 1
                return row
            }
            report.note("rows that cannot be read", at: "line \(line.number)")
            if rowsRead == 0, report.items.first.map({ $0.count >= Self.patience }) ?? false {
                throw RecordingError(
                    .malformed, path: lines.path, place: "line \(line.number - Self.patience + 1)",
                    problem:
                        "\(Self.patience) rows and none has a time and numbers where they were found (\(layout.description))",
                    remedy: "say what the columns are: nattro convert IN OUT.csv --map time=1,x=2,y=3,z=4")
            }
        }
    }

    private func row(of line: (number: Int, bytes: [UInt8])) -> Row? {
        let fields = CSVFields.split(line.bytes, layout.delimiter)
        guard let last = layout.axes.max(), fields.count > last, let stamp = stamp(of: fields) else { return nil }
        var values: [Float] = []
        values.reserveCapacity(layout.axes.count)
        var missing = false
        for axis in layout.axes {
            guard let value = CSVFields.number(fields[axis]) else { return nil }
            if value.isFinite { values.append(value) } else { missing = true }
        }
        return Row(line: line.number, stamp: stamp, values: missing ? nil : values)
    }

    private func stamp(of fields: [ArraySlice<UInt8>]) -> Double? {
        switch layout.time {
        case .rows(let start, let rate): return start + Double(rowsRead) / rate
        case .columns(let columns, let perSecond):
            guard columns.allSatisfy({ $0 < fields.count }) else { return nil }
            if columns.count > 1 {
                let text = columns.map { String(decoding: fields[$0], as: UTF8.self) }.joined(separator: " ")
                return TimeStamp.seconds(text[...], order: layout.dates)
            }
            let field = fields[columns[0]]
            if let perSecond, let number = Double(dotted(field)) {
                return number.isFinite ? number / perSecond : nil
            }
            let text = Substring(decoding: field, as: UTF8.self)
            return TimeStamp.seconds(text, order: layout.dates)
                ?? (field.contains(UInt8(ascii: ","))
                    ? TimeStamp.seconds(dotted(field)[...], order: layout.dates) : nil)
        }
    }

    private func dotted(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.map { $0 == UInt8(ascii: ",") ? UInt8(ascii: ".") : $0 }, as: UTF8.self)
    }
}
