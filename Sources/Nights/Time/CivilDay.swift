// SPDX-License-Identifier: GPL-3.0-or-later
import Recordings

/// A day of the calendar, without a zone. The night of a day runs from its noon to the next day's noon.
public struct CivilDay: Hashable, Comparable, Sendable {
    /// Whole days since 1970-01-01.
    public let daysSince1970: Int

    /// The day that many days after 1970-01-01.
    public init(daysSince1970: Int) {
        self.daysSince1970 = daysSince1970
    }

    /// A day by its numbers; nil if the calendar has no such day, or the year is not in 1...9999.
    public init?(year: Int, month: Int, day: Int) {
        guard let days = CivilDate.daysSinceEpoch(year: year, month: month, day: day) else { return nil }
        daysSince1970 = days
    }

    /// A day written `YYYY-MM-DD`; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts[2].utf8.count == 2,
            let year = Digits.number(parts[0]), let month = Digits.number(parts[1]), let day = Digits.number(parts[2])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// The year.
    public var year: Int { CivilDate.date(daysSinceEpoch: daysSince1970).year }
    /// The month, 1 to 12.
    public var month: Int { CivilDate.date(daysSinceEpoch: daysSince1970).month }
    /// The day of the month, from 1.
    public var day: Int { CivilDate.date(daysSinceEpoch: daysSince1970).day }

    /// Earlier days come first.
    public static func < (earlier: CivilDay, later: CivilDay) -> Bool { earlier.daysSince1970 < later.daysSince1970 }
    /// The day that many days later.
    public static func + (day: CivilDay, days: Int) -> CivilDay { CivilDay(daysSince1970: day.daysSince1970 + days) }
    /// The day that many days earlier.
    public static func - (day: CivilDay, days: Int) -> CivilDay { CivilDay(daysSince1970: day.daysSince1970 - days) }
    /// How many days the first lies after the second.
    public static func - (later: CivilDay, earlier: CivilDay) -> Int { later.daysSince1970 - earlier.daysSince1970 }
}

extension CivilDay: CustomStringConvertible {
    /// `2026-03-08`.
    public var description: String {
        let date = CivilDate.date(daysSinceEpoch: daysSince1970)
        return "\(Digits.padded(date.year, 4))-\(Digits.padded(date.month, 2))-\(Digits.padded(date.day, 2))"
    }

    /// `8 March 2026`.
    public var inWords: String {
        let date = CivilDate.date(daysSinceEpoch: daysSince1970)
        return "\(date.day) \(MonthName.all[date.month - 1]) \(date.year)"
    }
}

extension CivilDay: Codable {
    /// Reads `"2026-03-08"`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let day = CivilDay(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no day: YYYY-MM-DD")
        }
        self = day
    }

    /// Writes `"2026-03-08"`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// The names of the months, as people and applications write them in English.
enum MonthName {
    static let all = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// The number of a month that is written out or shortened to three letters or more; nil for another word.
    static func number(_ text: some StringProtocol) -> Int? {
        let word = text.lowercased()
        guard word.count >= 3, let index = all.firstIndex(where: { $0.lowercased().hasPrefix(word) }) else {
            return nil
        }
        return index + 1
    }
}
