// SPDX-License-Identifier: GPL-3.0-or-later

extension DoseImport {
    /// Reads another program's table, or a dose log: the program is recognised by its columns.
    public init(table bytes: [UInt8], _ options: Options) throws(RefusedFile) {
        let first = bytes.drop { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }.first
        if first == 0x7B {
            self = try Self.doseLog(bytes, options)
            return
        }
        let table = try DelimitedTable(bytes)
        let names = Set(table.header.map(\.text))
        if !options.map.isEmpty {
            self = try Self.mapped(table, options)
        } else if names.isSuperset(of: ["day", "food name", "amount"]) {
            self = try Self.cronometerServings(table, options)
        } else if names.isSuperset(of: ["date", "energy (kcal)"]) {
            self = try Self.cronometerDaily(table, options)
        } else if names.isSuperset(of: ["date", "category", "rating/amount"]) {
            self = try Self.bearable(table, options)
        } else if names.isSuperset(of: ["date", "meal", "calories"]) {
            throw RefusedFile(
                line: table.headerLine, "E_NO_MAGNESIUM",
                "this is MyFitnessPal's nutrition summary, which has no column for magnesium",
                hint: "enter doses with nattro dose add, or use another program's export")
        } else {
            self = try Self.doseLog(bytes, options)
        }
        warnOfTwinsAcrossSources()
    }

    /// A key for a row without a name of its own: its content, and how many rows before it had the same.
    private static func contentKey(_ parts: [String], _ seen: inout [String: Int]) -> String {
        let content = parts.joined(separator: "|")
        let number = seen[content, default: 0]
        seen[content] = number + 1
        return number == 0 ? content : "\(content)|\(number)"
    }

    // MARK: nattro's own log

    private static func doseLog(_ bytes: [UInt8], _ options: Options) throws(RefusedFile) -> DoseImport {
        let log = try DoseLog(reading: bytes, options: .init(now: options.now, products: options.products))
        return DoseImport(.doseLog, log)
    }

    private init(_ format: Format, _ log: DoseLog) {
        self.init(format)
        rejected = log.rejected
        warnings = log.warnings
        var seen: [String: Int] = [:]
        items = log.entries.map { entry in
            let dose = entry.dose
            let when = dose.instant?.description ?? dose.time.day.description
            let key = Self.contentKey(
                [
                    "log", when, NumberText.text(dose.amount.value), dose.amount.unit.name, dose.form,
                    dose.route.rawValue,
                    dose.id,
                ], &seen)
            return Item(number: entry.line, source: dose.product, dose: dose, key: key, needsKind: false)
        }
    }

    // MARK: Any columns, as the person maps them

    /// Words for a dose that was due and left out.
    private static let leftOut: Set = ["skipped", "missed", "not taken", "no"]

    private static func mapped(_ table: DelimitedTable, _ options: Options) throws(RefusedFile) -> DoseImport {
        var names: [(ours: RawDose.Column?, place: Int?, constant: String)] = []
        for (ours, theirs) in options.map.sorted(by: { $0.key < $1.key }) {
            let alias = ["taken": "date", "status": "status"][ours] ?? ours
            let column = RawDose.Column(rawValue: alias) ?? RawDose.Column.aliases[alias]
            guard column != nil || alias == "status" else {
                throw RefusedFile(
                    "E_COLUMN_MISSING", "'\(ours)' is no column of a dose log",
                    hint: "map date (or taken), time, amount, unit, basis, form, route, kind, product, status, note")
            }
            if theirs.hasPrefix("=") {
                names.append((column, nil, String(theirs.dropFirst())))
            } else if let place = table.header.firstIndex(where: { $0.text == theirs.lowercased() }) {
                names.append((column, place, ""))
            } else {
                throw RefusedFile(
                    line: table.headerLine, "E_COLUMN_MISSING", "no column is named '\(theirs)'",
                    hint: "the columns are \(table.header.map(\.text).joined(separator: ", "))")
            }
        }
        var rules = DoseRules(
            zone: try table.zone() ?? options.clock, dateOrder: options.dateOrder, defaultBasis: options.defaultBasis,
            products: options.products, now: options.now)
        rules.columnUnit = nil
        var log = DoseLog(zone: rules.zone?.name, doses: [])
        var items: [DoseComparison.Item] = []
        for row in table.rows where !row.isComment {
            var raw = RawDose(line: row.line, column: row.cells.first?.column ?? 1)
            raw.problem = row.problem
            var isLeftOut = false
            for (column, place, constant) in names {
                let cell = place.flatMap { $0 < row.cells.count ? row.cells[$0] : nil }
                let text = place == nil ? constant : cell?.text ?? ""
                if let column {
                    raw[column] = .init(text: text, line: cell?.line ?? row.line, column: cell?.column ?? 1)
                } else if leftOut.contains(text.lowercased()) {
                    isLeftOut = true
                }
            }
            if isLeftOut { raw[.amount] = .init(text: "0", line: row.line, column: raw[.amount]?.column ?? 1) }
            do {
                let (dose, found) = try rules.dose(from: raw)
                items.append(.init(entry: .init(line: raw.line, column: raw.column, dose: dose), warnings: found))
            } catch {
                log.rejected.append(error)
            }
        }
        let comparison = DoseComparison(items, bedtimes: [:])
        log.entries = comparison.items.map(\.entry)
        log.warnings = comparison.items.flatMap(\.warnings)
        log.rejected = (log.rejected + comparison.rejected).sorted { $0.line < $1.line }
        return DoseImport(.mapped, log)
    }

    // MARK: Cronometer

    private static func cronometerServings(_ table: DelimitedTable, _ options: Options) throws(RefusedFile)
        -> DoseImport
    {
        var result = DoseImport(.cronometerServings)
        let rows = try TableRows(table, required: ["day", "food name", "magnesium (mg)"])
        var seen: [String: Int] = [:]
        for row in rows.rows {
            if let problem = row.problem {
                result.rejected.append(problem)
                continue
            }
            let (cell, food, time) = (row["magnesium (mg)"], row["food name"].text, row["time"])
            // Blank is not recorded, which is not zero.
            guard !cell.text.isEmpty else { continue }
            guard let mg = result.number(cell) else { continue }
            guard let day = result.day(row["day"]) else { continue }
            guard mg > 0 else { continue }
            var when = DoseTime(onDay: day, zone: options.clock.name)
            if !time.text.isEmpty {
                guard let clockTime = DayTime(time.text) else {
                    result.rejected.append(time.finding("E_TIME", "'\(time.text)' is no time of a clock"))
                    continue
                }
                when = options.clock.time(options.clock.moment(day, clockTime))
            }
            let key = contentKey(
                ["cronometer", day.description, time.text, food, row["amount"].text, NumberText.text(mg)], &seen)
            result.add(
                mg: mg, at: when, source: food, product: food, number: row.raw.line, key: key,
                entered: EnteredAmount(value: mg, unit: .mg, basis: .elemental, basisOrigin: .unit), options)
        }
        return result
    }

    private static func cronometerDaily(_ table: DelimitedTable, _ options: Options) throws(RefusedFile) -> DoseImport {
        var result = DoseImport(.cronometerDaily)
        let rows = try TableRows(table, required: ["date", "magnesium (mg)"])
        for row in rows.rows {
            if let problem = row.problem {
                result.rejected.append(problem)
                continue
            }
            guard let day = result.day(row["date"]) else { continue }
            let completed = row["completed"]
            if FlagText.value(completed.text) == false && !options.includesIncomplete {
                result.warnings.append(
                    completed.finding(
                        "W_INCOMPLETE_DAY", "\(day) was not marked complete, and is left out",
                        hint: "--include-incomplete keeps it"))
                continue
            }
            var intake = DailyIntake(day: day, key: "cronometer-day|\(day)")
            func value(_ name: String) -> Double? { row[name].text.isEmpty ? nil : result.number(row[name]) }
            intake.magnesiumMg = value("magnesium (mg)")
            intake.caffeineMg = value("caffeine (mg)")
            intake.alcoholG = value("alcohol (g)")
            result.intakes.append(intake)
        }
        return result
    }

    // MARK: Bearable

    private static func bearable(_ table: DelimitedTable, _ options: Options) throws(RefusedFile) -> DoseImport {
        var result = DoseImport(.bearable)
        var seen: [String: Int] = [:]
        for row in try TableRows(table, required: ["date", "category", "detail"]).rows {
            if let problem = row.problem {
                result.rejected.append(problem)
                continue
            }
            let category = row["category"].text
            let words = [row["detail"].text, row["rating/amount"].text, row["notes"].text].filter { !$0.isEmpty }
            if category.lowercased().hasPrefix("medic") {
                result.unmapped.append(
                    row["category"].finding(
                        "W_UNMAPPED",
                        "\(row["date"].text) \(row["time of day"].text): \(words.joined(separator: ", "))",
                        hint: "enter it with nattro dose add or nattro medicine add"))
                continue
            }
            guard ["symptom", "symptoms", "sleep"].contains(category.lowercased()) else { continue }
            let date = row["date formatted"].text.isEmpty ? row["date"] : row["date formatted"]
            guard let day = result.day(date) else { continue }
            let key = contentKey(["bearable", day.description, row["time of day"].text, category] + words, &seen)
            result.observations.append(
                Observation(
                    number: row.raw.line, day: day, timeOfDay: row["time of day"].text, category: category,
                    rating: row["rating/amount"].text, detail: row["detail"].text, key: key))
        }
        return result
    }

    // MARK: Cells

    private mutating func number(_ cell: DelimitedTable.Cell) -> Double? {
        if let number = try? NumberText(cell.text), number.suffix.isEmpty || number.suffix == "mg", number.value >= 0 {
            return number.value
        }
        rejected.append(cell.finding("E_NUMBER", "'\(cell.text)' is no number from 0 up"))
        return nil
    }

    private mutating func day(_ cell: DelimitedTable.Cell) -> CivilDay? {
        do {
            return try DateText(Self.withoutOrdinal(cell.text), order: nil).day
        } catch {
            rejected.append(cell.finding(error.code, error.message, hint: error.hint))
            return nil
        }
    }

    /// `8th Dec 2021` as `8 Dec 2021`.
    private static func withoutOrdinal(_ text: String) -> String {
        guard let space = text.firstIndex(of: " ") else { return text }
        let number = text[..<space]
        let digits = number.prefix { ("0"..."9").contains($0) }
        guard ["st", "nd", "rd", "th"].contains(number.dropFirst(digits.count).lowercased()) else { return text }
        return String(digits) + String(text[space...])
    }
}
