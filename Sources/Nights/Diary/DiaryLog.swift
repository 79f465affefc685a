// SPDX-License-Identifier: GPL-3.0-or-later

/// A diary as it was read from a file, one row a night.
public struct DiaryLog: Hashable, Sendable {
    /// The IANA name of the file's zone; nil if it says none.
    public var zone: String?
    /// The nights in the order of the file.
    public var nights: [DiaryNight]
    /// Rows that were not read, and cells that were left aside in rows that were.
    public var rejected: [Finding]
    /// What looks odd.
    public var warnings: [Finding]

    /// A diary that comes from no file.
    public init(zone: String?, nights: [DiaryNight]) {
        self.zone = zone
        self.nights = nights
        rejected = []
        warnings = []
    }

    /// Reads a diary. A bad cell costs itself; a row without a night costs itself.
    public init(reading bytes: [UInt8]) throws(RefusedFile) {
        let table = try DelimitedTable(bytes)
        self.init(zone: try table.zone()?.name, nights: [])
        guard let nightColumn = table.header.firstIndex(where: { ["night", "date"].contains($0.text) }) else {
            throw RefusedFile(line: table.headerLine, "E_COLUMN_MISSING", "no column is named night")
        }
        let columns = table.header.map { cell in DiaryColumn.all.first { $0.name == cell.text } }
        var lines: [CivilDay: Int] = [:]
        for row in table.rows where !row.isComment {
            if let problem = row.problem {
                rejected.append(problem)
                continue
            }
            let cell =
                nightColumn < row.cells.count ? row.cells[nightColumn] : .init(text: "", line: row.line, column: 1)
            guard let day = CivilDay(cell.text) else {
                rejected.append(
                    cell.finding(
                        cell.text.isEmpty ? "E_DATE" : DateText.code(cell.text),
                        "'\(cell.text)' is no night: YYYY-MM-DD"))
                continue
            }
            if let line = lines[day] {
                rejected.append(
                    cell.finding("E_DUPLICATE_OF_LINE_\(line)", "the night of \(day) is in line \(line) too"))
                continue
            }
            lines[day] = row.line
            var night = DiaryNight(night: day)
            for (index, cell) in row.cells.prefix(columns.count).enumerated()
            where index != nightColumn && !cell.text.isEmpty {
                if let column = columns[index] {
                    if let problem = column.read(&night, cell.text) {
                        rejected.append(cell.finding(problem.code, "\(column.name): \(problem.message)"))
                    }
                } else {
                    night.extra.append(ExtraField(name: table.header[index].text, value: cell.text))
                }
            }
            check(night, cell)
            nights.append(night)
        }
    }

    private mutating func check(_ night: DiaryNight, _ cell: DelimitedTable.Cell) {
        let reference = ReferenceData.current
        if let seconds = night.secondsInBed {
            let usual = reference.whole(.sleepShortest) * 3600...reference.whole(.sleepLongest) * 3600
            if !usual.contains(seconds) {
                warnings.append(
                    cell.finding(
                        "W_SLEEP_SPAN",
                        "\(Elapsed.hours(seconds: seconds)) from lights-out to waking up; are both times right?"))
            }
        }
        for tag in night.redFlags where reference.redFlag(tag) == nil {
            let known = reference.redFlags.compactMap(\.words.first).joined(separator: ", ")
            warnings.append(cell.finding("W_RED_FLAG_UNKNOWN", "'\(tag)' is none of: \(known)"))
        }
    }

    /// The diary as CSV. Reading it back gives the same nights.
    public var csv: String {
        let extraNames = nights.reduce(into: [String]()) { names, night in
            for field in night.extra where !names.contains(field.name) { names.append(field.name) }
        }
        var text = "# nattro diary, version 1\n"
        if let zone { text += "# tz: \(zone)\n" }
        text += DelimitedText.row(["night"] + DiaryColumn.all.map(\.name) + extraNames)
        for night in nights {
            text += DelimitedText.row(
                [night.night.description] + DiaryColumn.all.map { $0.write(night) }
                    + extraNames.map { name in night.extra.first { $0.name == name }?.value ?? "" })
        }
        return text
    }

    /// When the person was in bed, by night, on the clock of a place.
    public func bedtimes(_ clock: ZoneClock) -> [CivilDay: DoseLog.Bedtime] {
        Dictionary(nights.compactMap { night in night.bedtime(clock).map { (night.night, $0) } }) { first, _ in first }
    }
}

extension DiaryNight {
    /// When the person was in bed, on the clock of a place; nil without lights-out.
    public func bedtime(_ clock: ZoneClock) -> DoseLog.Bedtime? {
        guard let lightsOut else { return nil }
        let day = lightsOut < .noon ? night + 1 : night
        let lights = clock.moment(day, lightsOut)
        let wake = wakeUp.map { clock.moment($0 <= lightsOut ? day + 1 : day, $0) }
        return DoseLog.Bedtime(lightsOut: lights, wakeUp: wake)
    }

    /// Seconds from lights-out to waking up, by the clock; nil unless both are known.
    var secondsInBed: Int? {
        guard let lightsOut, let wakeUp else { return nil }
        let seconds = wakeUp.seconds - lightsOut.seconds
        return seconds <= 0 ? seconds + 86_400 : seconds
    }

    /// Whether the row was filled in so late after the night that memory may have changed it; nil if that is not known.
    public func isRetrospective(_ clock: ZoneClock) -> Bool? {
        guard let enteredAt, let wakeUp = bedtime(clock)?.wakeUp else { return nil }
        return enteredAt - wakeUp > ReferenceData.current.whole(.retrospectiveAfter) * 3600
    }
}

extension ReferenceData {
    /// The sign that a person's word in the diary means; nil if the list does not have it.
    func redFlag(_ tag: String) -> RedFlag? {
        let words = MedicineTable.words(tag)
        if let flag = redFlags.first(where: { $0.words.contains(words) }) { return flag }
        let padded = " \(words) "
        return redFlags.first { flag in flag.words.contains { padded.contains(" \($0) ") } }
    }
}

extension DelimitedTable {
    /// The zone that the file names; nil if it names none.
    func zone() throws(RefusedFile) -> ZoneClock? {
        guard let item = metadata.first(where: { $0.name == "tz" }) else { return nil }
        guard let clock = ZoneClock(item.value) else {
            throw RefusedFile(
                line: item.line, "E_TZ_UNKNOWN", "'\(item.value)' is no zone",
                hint: "write an IANA name, like Europe/Berlin")
        }
        return clock
    }
}

extension DelimitedTable.Cell {
    func finding(_ code: String, _ message: String, hint: String = "") -> Finding {
        Finding(line: line, column: column, code: code, message: message, hint: hint)
    }
}
