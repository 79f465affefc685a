// SPDX-License-Identifier: GPL-3.0-or-later

/// The order of day and month in dates like `03/04/2026`.
public enum DateOrder: String, Hashable, Sendable, Codable, CaseIterable {
    case dmy, mdy
}

/// A date as a person writes it, perhaps with a time and an offset behind it.
struct DateText: Hashable {
    var day: CivilDay
    /// What stands behind the date, where something does.
    var time: DayTime?
    /// Seconds that the clock was ahead of universal time, where the text says so.
    var offset: Int?

    /// Why a date was not read.
    struct Problem: Error {
        var code: String
        var message: String
        var hint = ""
    }

    /// Reads `YYYY-MM-DD`, `YYYY/MM/DD`, `D Mon YYYY`, a date with a time behind it, or, where the order is known, `a/b/YYYY`.
    init(_ text: some StringProtocol, order: DateOrder?) throws(Problem) {
        let word = String(text).trimmingAround(" \t")
        guard !word.isEmpty else {
            throw Problem(code: "E_DATE", message: "no date", hint: "write it as YYYY-MM-DD")
        }
        if let (date, rest) = Self.yearFirst(word) {
            day = try Self.day(date, word)
            (time, offset) = try Self.clock(rest)
        } else if let date = Self.monthByName(word) {
            day = try Self.day(date, word)
        } else if let (first, second, year) = Self.yearLast(word) {
            guard let order else {
                throw Problem(
                    code: "E_DATE_AMBIGUOUS", message: "'\(word)': which is the day and which the month is not known",
                    hint: "put '# date_order: dmy' or '# date_order: mdy' before the header, or write YYYY-MM-DD")
            }
            day = try Self.day(order == .dmy ? (year, second, first) : (year, first, second), word)
        } else {
            throw Problem(code: "E_DATE", message: "'\(word)' is no date", hint: "write it as YYYY-MM-DD")
        }
    }

    /// The code for which a text is no date.
    static func code(_ text: String) -> String {
        do {
            _ = try DateText(text, order: nil)
            return "E_DATE"
        } catch {
            return error.code
        }
    }

    private typealias Numbers = (year: Int, month: Int, day: Int)

    private static func day(_ date: Numbers, _ word: String) throws(Problem) -> CivilDay {
        let earliest = ReferenceData.current.whole(.earliestYear)
        guard date.year >= earliest else {
            throw Problem(code: "E_DATE_RANGE", message: "'\(word)' lies before \(earliest)", hint: "check the year")
        }
        guard let day = CivilDay(year: date.year, month: date.month, day: date.day) else {
            throw Problem(
                code: "E_DATE_IMPOSSIBLE", message: "'\(word)' is not in the calendar",
                hint: "check the day and the month")
        }
        return day
    }

    /// Four digits, a dash or slash, and what stands behind the date.
    private static func yearFirst(_ word: String) -> (Numbers, Substring)? {
        let date = word.prefix { ("0"..."9").contains($0) || $0 == "-" || $0 == "/" }
        for separator in ["-", "/"] as [Character] {
            let parts = date.split(separator: separator, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0].count == 4, parts.dropFirst().allSatisfy({ (1...2).contains($0.count) })
            else { continue }
            let numbers = parts.compactMap { Digits.number($0) }
            guard numbers.count == 3 else { continue }
            let rest = word.dropFirst(date.count)
            guard rest.first.map({ "Tt \t".contains($0) }) ?? true else { return nil }
            return ((numbers[0], numbers[1], numbers[2]), rest)
        }
        return nil
    }

    /// `4 Mar 2026`, `4. March 2026`.
    private static func monthByName(_ word: String) -> Numbers? {
        let parts = word.split { $0 == " " || $0 == "\t" }
        guard parts.count == 3, parts[2].count == 4 else { return nil }
        let number = parts[0].last == "." ? parts[0].dropLast() : parts[0]
        let name = parts[1].last == "." ? parts[1].dropLast() : parts[1]
        guard number.count <= 2, let day = Digits.number(number), let month = MonthName.number(name),
            let year = Digits.number(parts[2])
        else { return nil }
        return (year, month, day)
    }

    /// Two short numbers and a year, separated by slashes, points or dashes.
    private static func yearLast(_ word: String) -> (first: Int, second: Int, year: Int)? {
        for separator in ["/", ".", "-"] as [Character] {
            let parts = word.split(separator: separator, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[2].count == 4, parts.dropLast().allSatisfy({ (1...2).contains($0.count) })
            else { continue }
            let numbers = parts.compactMap { Digits.number($0) }
            if numbers.count == 3 { return (numbers[0], numbers[1], numbers[2]) }
        }
        return nil
    }

    private static func clock(_ rest: Substring) throws(Problem) -> (DayTime?, Int?) {
        let text = rest.drop { "Tt \t".contains($0) }
        guard !text.isEmpty else {
            guard rest.isEmpty else { throw Problem(code: "E_TIME", message: "no time behind the date") }
            return (nil, nil)
        }
        if let (time, offset) = CivilStamp.timeAndOffset(text) { return (time, offset) }
        if let time = DayTime(text) { return (time, nil) }
        throw Problem(
            code: "E_TIME", message: "'\(text)' is no time", hint: "write it as 21:10 or 9:10 pm, an offset as +01:00")
    }
}
