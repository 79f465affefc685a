// SPDX-License-Identifier: GPL-3.0-or-later

/// Finds out from the first lines of a text what its columns are.
struct CSVSniffer {
    /// The first lines with their numbers; remarks and empty lines are not among them.
    let lines: [(number: Int, bytes: [UInt8])]
    let path: String
    let map: CSVMap?

    /// What was found: the layout, and the lines from the first row on.
    typealias Finding = (layout: CSVLayout, rest: ArraySlice<(number: Int, bytes: [UInt8])>)

    private static let delimiters = [UInt8(ascii: "\t"), UInt8(ascii: ";"), UInt8(ascii: ",")]

    func layout() throws(RecordingError) -> Finding {
        if let map { return try mapped(map) }
        if let first = lines.first, text(first.bytes).contains("Data File Created By ActiGraph") {
            return try actiLife()
        }
        let maker = lines.first.map { text($0.bytes) }.flatMap {
            $0.hasPrefix("Device Type") ? "GENEActiv export" : nil
        }
        for (position, line) in lines.enumerated() {
            let delimiter = Self.delimiter(of: line.bytes)
            let fields = CSVFields.split(line.bytes, delimiter)
            if let rows = unnamed(fields, delimiter, maker: maker ?? "") {
                var rows = rows
                if maker != nil { rows.site = site(in: lines[..<position]) }
                return (rows, lines[position...])
            }
            let names = fields.map { CSVName($0) }
            if CSVName.axes(in: names, CSVName.accelerations) != nil {
                return (try named(names, fields, delimiter, line.number), lines[(position + 1)...])
            }
        }
        throw unknown()
    }

    // MARK: - Rows below names

    private func named(
        _ names: [CSVName], _ fields: [ArraySlice<UInt8>], _ delimiter: UInt8, _ line: Int
    ) throws(RecordingError) -> CSVLayout {
        guard let acceleration = CSVName.axes(in: names, CSVName.accelerations) else { throw unknown() }
        let axes = acceleration + (CSVName.axes(in: names, CSVName.rotations) ?? [])
        for axis in axes where names.filter({ $0.plain == names[axis].plain }).count > 1 {
            throw RecordingError(
                .malformed, path: path, place: "line \(line)",
                problem: "several columns are named \(text(Array(fields[axis])))",
                remedy: "say which by their numbers: nattro convert IN OUT.csv --map time=1,x=2,y=3,z=4")
        }
        guard let time = time(in: names) else {
            let all = fields.prefix(12).map { String(decoding: $0, as: UTF8.self) }
            throw RecordingError(
                .malformed, path: path, place: "line \(line)",
                problem: "no column is named time or timestamp (columns: \(all.joined(separator: ", ")))",
                remedy: "say which it is, or the rate: nattro convert IN OUT.csv --map time=1,x=2,y=3,z=4 or "
                    + "--map rate=100,start=…,x=1,y=2,z=3")
        }
        var layout = CSVLayout(
            time: time, axes: axes, channels: CSVLayout.channelNames(axes.count), delimiter: delimiter)
        layout.names = fields.map { String(decoding: $0, as: UTF8.self) }
        let quantities = axes.map { names[$0].quantity }
        if layout.isOwn {
            layout.factors = axes.map { _ in 1 }
        } else if quantities[..<3].allSatisfy({ $0?.kind == .acceleration }) {
            layout.factors = quantities.map { $0?.factor ?? 1 }
        }
        return layout
    }

    private func time(in names: [CSVName]) -> CSVLayout.Time? {
        if let date = names.firstIndex(where: { $0.plain == "date" }),
            let time = names.firstIndex(where: { $0.plain == "time" || $0.plain == "timeofday" })
        {
            return .columns([date, time], perSecond: nil)
        }
        let known = [
            "time", "timestamp", "datetime", "t", "unixtime", "epoch", "date", "timestampms", "timeutc", "timestamputc",
            "secondselapsed", "elapsed", "seconds", "loggingtime", "localtime", "yyyymoddhhmisssss",
        ]
        for name in known {
            if let found = names.firstIndex(where: { $0.plain == name }) {
                return .columns([found], perSecond: names[found].perSecond)
            }
        }
        return nil
    }

    // MARK: - Rows without names

    /// Time, x, y, z and, where there are more, gx, gy, gz; nil if the fields are no such row.
    private func unnamed(_ fields: [ArraySlice<UInt8>], _ delimiter: UInt8, maker: String) -> CSVLayout? {
        guard fields.count >= 4, isTime(fields[0]), fields[1...3].allSatisfy({ CSVFields.number($0) != nil }) else {
            return nil
        }
        // GENEActiv's columns after the axes are light, button and temperature.
        let six = fields.count >= 7 && maker.isEmpty && fields[4...6].allSatisfy { CSVFields.number($0) != nil }
        return CSVLayout(
            time: .columns([0], perSecond: nil), axes: Array(1...(six ? 6 : 3)),
            channels: CSVLayout.channelNames(six ? 6 : 3), delimiter: delimiter, maker: maker)
    }

    private func isTime(_ field: ArraySlice<UInt8>) -> Bool {
        let text = Substring(decoding: field, as: UTF8.self)
        return TimeStamp.seconds(text, order: .monthDay) != nil || TimeStamp.seconds(text, order: .dayMonth) != nil
    }

    private func site(in lines: ArraySlice<(number: Int, bytes: [UInt8])>) -> String {
        for line in lines {
            let fields = CSVFields.split(line.bytes, Self.delimiter(of: line.bytes))
            if fields.count >= 2, text(Array(fields[0])) == "Device Location Code" { return text(Array(fields[1])) }
        }
        return ""
    }

    // MARK: - ActiLife

    /// Ten lines of settings, perhaps a row of names, and rows of x, y, z, with or without stamps.
    private func actiLife() throws(RecordingError) -> Finding {
        let maker = "ActiLife export"
        let title = text(lines[0].bytes)
        let format = title.firstRange(of: "date format ").map { title[$0.upperBound...].prefix { $0 != " " } } ?? ""
        let day = format.firstIndex(of: "d")
        let month = format.firstIndex(of: "M")
        var dates: TimeStamp.DateOrder?
        if let day, let month { dates = day < month ? .dayMonth : .monthDay }
        guard let end = lines.dropFirst().firstIndex(where: { text($0.bytes).hasPrefix("----") }),
            let row = lines[(end + 1)...].first
        else {
            throw RecordingError(
                .noSamples, path: path, problem: "holds ActiLife's settings and no row of samples",
                remedy: "check that the export was finished")
        }
        let delimiter = Self.delimiter(of: row.bytes)
        let fields = CSVFields.split(row.bytes, delimiter)
        let names = fields.map { CSVName($0) }
        if let axes = CSVName.axes(in: names, CSVName.accelerations), let time = time(in: names) {
            var layout = CSVLayout(
                time: time, axes: axes, channels: CSVLayout.channelNames(3), delimiter: delimiter, dates: dates,
                factors: [1, 1, 1], maker: maker)
            layout.names = fields.map { String(decoding: $0, as: UTF8.self) }
            return (layout, lines[(end + 2)...])
        }
        if var layout = unnamed(fields, delimiter, maker: maker) {
            layout.dates = dates
            layout.factors = [1, 1, 1]
            return (layout, lines[(end + 1)...])
        }
        func setting(_ name: String) -> Substring {
            let line = lines[..<end].lazy.map { text($0.bytes) }.first { $0.hasPrefix(name) }
            return (line?.dropFirst(name.count) ?? "").prefix { $0 != delimiterCharacter(delimiter) }
        }
        let rate = title.firstRange(of: " at ").flatMap {
            CSVFields.number(Array(title[$0.upperBound...].prefix { $0 != " " }.utf8)[...])
        }
        let stamp = "\(setting("Start Date ")) \(setting("Start Time "))"
        guard let start = TimeStamp.seconds(stamp[...], order: dates), let rate, rate > 0, rate.isFinite else {
            throw RecordingError(
                .malformed, path: path, place: "lines 1 to 4",
                problem: "tells no start and rate that can be read (\"\(stamp)\", \"\(title)\")",
                remedy: "say them: nattro convert IN OUT.csv --map rate=100,start=2026-03-01 22:10:00,x=1,y=2,z=3")
        }
        let axes = CSVName.axes(in: names, CSVName.accelerations)
        var layout = CSVLayout(
            time: .rows(start: start, rate: Double(rate)), axes: axes ?? [0, 1, 2], channels: CSVLayout.channelNames(3),
            delimiter: delimiter, factors: [1, 1, 1], maker: maker)
        if axes != nil { layout.names = fields.map { String(decoding: $0, as: UTF8.self) } }
        return (layout, lines[(end + (axes == nil ? 1 : 2))...])
    }

    private func delimiterCharacter(_ delimiter: UInt8) -> Character { Character(UnicodeScalar(delimiter)) }

    // MARK: - What somebody says

    private func mapped(_ map: CSVMap) throws(RecordingError) -> Finding {
        var rest = lines[...].drop { $0.number <= map.skip }
        guard let first = rest.first else { throw unknown() }
        let delimiter = Self.delimiter(of: first.bytes)
        let fields = CSVFields.split(first.bytes, delimiter)
        let names = fields.map { String(decoding: $0, as: UTF8.self) }
        var usesNames = false
        func column(_ key: String) throws(RecordingError) -> Int? {
            guard let said = map.columns[key] else { return nil }
            if let number = Int(said), number >= 1 { return number - 1 }
            guard let found = names.firstIndex(of: said) else {
                throw RecordingError(
                    .malformed, path: path, place: "line \(first.number)",
                    problem: "no column is named \(said) (columns: \(names.prefix(12).joined(separator: ", ")))",
                    remedy: "name the columns of --map as they stand there, or by their numbers from 1")
            }
            usesNames = true
            return found
        }
        var axes: [Int] = []
        for key in CSVMap.accelerationAxes + CSVMap.rotationAxes {
            if let found = try column(key) { axes.append(found) }
        }
        let time: CSVLayout.Time
        if let rate = map.rate {
            time = .rows(start: map.start ?? 0, rate: rate)
        } else {
            let columns = [try column("date"), try column("time")].compactMap { $0 }
            time = .columns(columns, perSecond: nil)
        }
        var layout = CSVLayout(
            time: time, axes: axes, channels: CSVLayout.channelNames(axes.count), delimiter: delimiter,
            dates: map.dates, leg: map.leg)
        if let unit = map.unit {
            layout.factors = axes.indices.map { $0 < 3 ? unit.factor : map.rotationUnit?.factor ?? 1 }
        }
        if usesNames || axes.contains(where: { $0 >= fields.count || CSVFields.number(fields[$0]) == nil }) {
            layout.names = names
            rest = rest.dropFirst()
        }
        return (layout, rest)
    }

    // MARK: - Neither

    /// What is wrong with a text in which no row of names and no row of samples was found.
    private func unknown() -> RecordingError {
        guard let first = lines.first else {
            return RecordingError(
                .noSamples, path: path, problem: "holds no complete line", remedy: "check that the export was finished")
        }
        let fields = CSVFields.split(first.bytes, Self.delimiter(of: first.bytes))
        if fields.first.map(isTime) ?? false {
            return RecordingError(
                .malformed, path: path, place: "line \(first.number)",
                problem: "has fewer than the four columns time, x, y, z",
                remedy: "export it with those columns, separated by commas, or say what they are: "
                    + "nattro convert IN OUT.csv --map time=1,x=2,y=3,z=4")
        }
        let names = fields.prefix(12).map { String(decoding: $0.prefix(40), as: UTF8.self) }
        return RecordingError(
            .malformed, path: path, place: "line \(first.number)",
            problem: "no columns are named x, y, z or accX, accY, accZ (columns: \(names.joined(separator: ", ")))",
            remedy: "say what the columns are: nattro convert IN OUT.csv --map time=1,x=2,y=3,z=4")
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func delimiter(of line: [UInt8]) -> UInt8 {
        delimiters.first(where: line.contains) ?? UInt8(ascii: ",")
    }
}

/// The name of a column, without its unit: `Acceleration x (m/s^2)`.
struct CSVName {
    /// Letters and digits, in small letters.
    var plain: String
    /// What stands in parentheses or brackets behind the name.
    var unit: String

    init(_ field: ArraySlice<UInt8>) {
        let text = String(decoding: field, as: UTF8.self)
        let end = text.firstIndex { $0 == "(" || $0 == "[" } ?? text.endIndex
        plain = text[..<end].lowercased().filter { $0.isLetter || $0.isNumber }
        unit = text[end...].filter { !"()[]".contains($0) }
        // Physics Toolbox says the unit in the name.
        if plain.hasPrefix("gf"), plain.count == 3 { unit = "g" }
    }

    var quantity: Quantity? { Quantity(unit: unit == "d/s" ? "deg/s" : unit) }

    /// How many of the unit are a second.
    var perSecond: Double? {
        switch unit.lowercased() {
        case "s": 1
        case "ms": 1e3
        case "us", "µs": 1e6
        case "ns": 1e9
        default: nil
        }
    }

    static let accelerations = ["", "acc", "accel", "a", "accelerometer", "acceleration", "gf", "axis", "rawaccel"]
    static let rotations = ["g", "gyro", "gyr", "gyroscope", "rotation", "rotationrate", "w", "angularvelocity"]

    /// The columns of x, y and z with one of these words before or after the axis.
    static func axes(in names: [CSVName], _ words: [String]) -> [Int]? {
        for word in words {
            let found = ["x", "y", "z"].compactMap { axis in
                names.firstIndex { [word + axis, word + axis + "g", axis + word].contains($0.plain) }
            }
            if found.count == 3 { return found }
        }
        return nil
    }
}
