// SPDX-License-Identifier: GPL-3.0-or-later

/// A dose log's file, taken apart: what it says of itself, and its entries before anything is understood.
struct DoseSource {
    var rules = DoseRules(now: UTCInstant(secondsSince1970: 0))
    var complete: ClosedRange<CivilDay>?
    var doses: [RawDose] = []
    var extra: [ExtraField] = []
    var warnings: [Finding] = []

    /// The version of the format that is read and written.
    static let version = 1
    static let schema = "nattro.doses/\(version)"

    // MARK: CSV

    init(csv bytes: [UInt8]) throws(RefusedFile) {
        let table = try DelimitedTable(bytes)
        try readMetadata(of: table)
        let columns = try Self.columns(of: table)
        let amountName = columns.first { $0.value == .amount }.map { table.header[$0.key].text }
        if amountName == "mg" { rules.columnUnit = .mg }
        for row in table.rows {
            var raw = RawDose(line: row.line, column: row.cells.first?.column ?? 1)
            if row.isComment {
                warnings.append(
                    Finding(line: row.line, column: 1, code: "W_COMMENT_SKIPPED", message: "a comment below the header")
                )
                continue
            }
            raw.problem = row.problem
            for (index, cell) in row.cells.prefix(table.header.count).enumerated() {
                if let column = columns[index] {
                    raw[column] = .init(text: cell.text, line: cell.line, column: cell.column)
                } else if !cell.text.isEmpty {
                    raw.extra.append(ExtraField(name: table.header[index].text, value: cell.text))
                }
            }
            doses.append(raw)
        }
    }

    private mutating func readMetadata(of table: DelimitedTable) throws(RefusedFile) {
        var days: [String: CivilDay] = [:]
        for item in table.metadata {
            switch item.name {
            case "tz": try setZone(item.value, line: item.line, column: 1)
            case "date_order": rules.dateOrder = setting(item.value, item.name, line: item.line, column: 1)
            case "default_basis": rules.defaultBasis = setting(item.value, item.name, line: item.line, column: 1)
            case "complete_from", "complete_to":
                days[item.name] = day(item.value, item.name, line: item.line, column: 1)
            default: extra.append(ExtraField(name: item.name, value: item.value))
            }
        }
        for comment in table.comments {
            let words = comment.lowercased().split { " ,".contains($0) }
            if words.starts(with: ["nattro", "dose", "log", "version"]), words.count == 5, words[4] != "\(Self.version)"
            {
                throw RefusedFile(
                    "E_VERSION", "the file is of version \(words[4]); version \(Self.version) is read",
                    hint: "a later nattro may read it")
            }
        }
        setComplete(days, line: table.headerLine)
    }

    /// Which column of a table is which, by its place.
    private static func columns(of table: DelimitedTable) throws(RefusedFile) -> [Int: RawDose.Column] {
        var columns: [Int: RawDose.Column] = [:]
        func taken(_ column: RawDose.Column) -> Bool { columns.values.contains(column) }
        for (index, cell) in table.header.enumerated() {
            guard let column = RawDose.Column(rawValue: cell.text),
                ![.dateEntered, .timeEntered, .amountEntered].contains(column)
            else { continue }
            guard !taken(column) else {
                throw RefusedFile(
                    line: cell.line, column: cell.column, "E_COLUMN_TWICE", "two columns are named \(cell.text)",
                    hint: "rename one of them")
            }
            columns[index] = column
        }
        for (index, cell) in table.header.enumerated() where columns[index] == nil {
            if let column = RawDose.Column.aliases[cell.text], !taken(column) { columns[index] = column }
        }
        for column in [.date, .amount, .form] as [RawDose.Column] where !taken(column) {
            throw RefusedFile(
                line: table.headerLine, "E_COLUMN_MISSING", "no column is named \(column.rawValue)",
                hint: "the columns are date, time, amount, unit, basis, form, route, kind, product, with_food, note")
        }
        return columns
    }

    // MARK: JSON

    init(json bytes: [UInt8]) throws(RefusedFile) {
        let document = try JSONText(parsing: bytes)
        guard case .object(let members) = document.value else {
            throw RefusedFile("E_JSON", "no object", hint: "a dose log is {\"schema\":\"\(Self.schema)\",…}")
        }
        guard document["schema"]?.string == Self.schema else {
            let place = document["schema"] ?? document
            throw RefusedFile(
                line: place.line, column: place.column, "E_VERSION", "the schema is not \(Self.schema)",
                hint: "write \"schema\":\"\(Self.schema)\"")
        }
        var days: [String: CivilDay] = [:]
        var list: [JSONText]?
        for member in members where member.value.value != .null {
            let (name, value) = (member.name, member.value)
            let text = value.string ?? value.description
            switch name {
            case "schema": break
            case "tz": try setZone(text, line: value.line, column: value.column)
            case "date_order": rules.dateOrder = setting(text, name, line: value.line, column: value.column)
            case "default_basis": rules.defaultBasis = setting(text, name, line: value.line, column: value.column)
            case "complete_from", "complete_to": days[name] = day(text, name, line: value.line, column: value.column)
            case "doses":
                if case .array(let values) = value.value { list = values }
            default: extra.append(ExtraField(value, name: name))
            }
        }
        setComplete(days, line: document.line)
        guard let list else {
            throw RefusedFile("E_JSON", "no list named doses", hint: "write \"doses\":[…]")
        }
        doses = list.map(Self.rawDose)
    }

    private static func rawDose(_ entry: JSONText) -> RawDose {
        var raw = RawDose(line: entry.line, column: entry.column)
        raw.isAsEntered = false
        guard case .object(let members) = entry.value else {
            raw.problem = raw.finding(.date, "E_STRUCTURE", "an entry that is no object")
            return raw
        }
        for member in members where member.value.value != .null {
            guard let column = member.name == "at" ? .date : RawDose.Column(rawValue: member.name) else {
                raw.extra.append(ExtraField(member.value, name: member.name))
                continue
            }
            var field = RawDose.Field(text: "", line: member.value.line, column: member.value.column)
            switch (column, member.value.value) {
            case (.amount, .number(let digits)): field.text = digits
            case (.withFood, .bool(let flag)), (.confirm, .bool(let flag)): field.text = flag ? "yes" : "no"
            case (.id, .number(let digits)): field.text = digits
            case (.amount, .string(let text)):
                raw[column] = field
                raw.problem = Finding(
                    line: field.line, column: field.column, code: "E_NUMBER", message: "\"\(text)\" is no JSON number",
                    hint: "write it without quotes")
            case (_, .string(let text)): field.text = text
            default:
                raw.problem = Finding(
                    line: field.line, column: field.column, code: "E_STRUCTURE",
                    message: "\(member.name) is no \(column == .amount ? "number" : "text")")
            }
            raw[column] = field
        }
        return raw
    }

    // MARK: What both say of themselves

    private mutating func setZone(_ name: String, line: Int, column: Int) throws(RefusedFile) {
        guard let clock = ZoneClock(name) else {
            throw RefusedFile(
                line: line, column: column, "E_TZ_UNKNOWN", "'\(name)' is no zone",
                hint: "write an IANA name, like Europe/Berlin")
        }
        rules.zone = clock
    }

    private mutating func setting<Word: RawRepresentable & CaseIterable>(
        _ text: String, _ name: String, line: Int, column: Int
    ) -> Word? where Word.RawValue == String {
        if let word = Word(rawValue: text.lowercased()) { return word }
        let known = Word.allCases.map(\.rawValue).joined(separator: " or ")
        warnings.append(
            Finding(
                line: line, column: column, code: "W_METADATA", message: "\(name) is '\(text)', and is left aside",
                hint: "write \(known)"))
        return nil
    }

    private mutating func day(_ text: String, _ name: String, line: Int, column: Int) -> CivilDay? {
        if let day = CivilDay(text) { return day }
        warnings.append(
            Finding(
                line: line, column: column, code: "W_METADATA", message: "\(name) is '\(text)', and is left aside",
                hint: "write YYYY-MM-DD"))
        return nil
    }

    private mutating func setComplete(_ days: [String: CivilDay], line: Int) {
        switch (days["complete_from"], days["complete_to"]) {
        case (let from?, let to?) where (0...rules.reference.whole(.longestCompleteSpan)).contains(to - from):
            complete = from...to
        case (nil, nil): break
        default:
            warnings.append(
                Finding(
                    line: line, column: 1, code: "W_METADATA",
                    message: "complete_from and complete_to are no span of days, and are left aside",
                    hint: "give both, the earlier first"))
        }
    }
}

extension ExtraField {
    /// A member of a JSON object that the program does not know.
    init(_ value: JSONText, name: String) {
        if let text = value.string {
            self.init(name: name, value: text)
        } else {
            self.init(name: name, value: value.description, isJSON: true)
        }
    }

    /// The field as a member of a JSON object.
    var json: JSONText.Member {
        if isJSON, let parsed = try? JSONText(parsing: Array(value.utf8)) { return .init(name: name, value: parsed) }
        return .init(name: name, value: JSONText(.string(value)))
    }
}
