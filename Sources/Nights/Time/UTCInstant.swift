// SPDX-License-Identifier: GPL-3.0-or-later

/// A moment in universal time, to the second.
public struct UTCInstant: Hashable, Comparable, Sendable {
    /// Seconds since 1970-01-01T00:00:00Z.
    public let secondsSince1970: Int

    /// The moment that many seconds after 1970 began.
    public init(secondsSince1970: Int) {
        self.secondsSince1970 = secondsSince1970
    }

    /// The moment at which a day begins on a clock of universal time.
    init(midnightOf day: CivilDay) {
        secondsSince1970 = day.daysSince1970 * 86_400
    }

    /// A moment written `2026-10-25T00:30:00Z`, with or without seconds, with `Z` or an offset like `+01:00`; nil for anything else.
    public init?(_ text: some StringProtocol) {
        guard let stamp = CivilStamp(text), let time = stamp.time, let offset = stamp.offset else { return nil }
        secondsSince1970 = stamp.day.daysSince1970 * 86_400 + time.seconds - offset
    }

    /// Earlier moments come first.
    public static func < (earlier: UTCInstant, later: UTCInstant) -> Bool {
        earlier.secondsSince1970 < later.secondsSince1970
    }
    /// The moment that many seconds later.
    public static func + (instant: UTCInstant, seconds: Int) -> UTCInstant {
        UTCInstant(secondsSince1970: instant.secondsSince1970 + seconds)
    }
    /// The moment that many seconds earlier.
    public static func - (instant: UTCInstant, seconds: Int) -> UTCInstant {
        UTCInstant(secondsSince1970: instant.secondsSince1970 - seconds)
    }
    /// How many seconds the first lies after the second.
    public static func - (later: UTCInstant, earlier: UTCInstant) -> Int {
        later.secondsSince1970 - earlier.secondsSince1970
    }

    /// The day and the time that a clock shows that is this many seconds ahead of universal time.
    public func civil(offset: Int) -> (day: CivilDay, time: DayTime) {
        let (days, seconds) = (secondsSince1970 + offset).dividedByDay
        return (CivilDay(daysSince1970: days), DayTime(unchecked: seconds))
    }
}

extension Int {
    /// The whole days in a number of seconds, rounded down, and the seconds that are left.
    fileprivate var dividedByDay: (days: Int, seconds: Int) {
        let days = self >= 0 ? self / 86_400 : -((86_399 - self) / 86_400)
        return (days, self - days * 86_400)
    }
}

extension UTCInstant: CustomStringConvertible {
    /// `2026-10-25T00:30:00Z`.
    public var description: String { text(offset: 0) }

    /// The moment as a clock ahead of universal time shows it, with that offset: `2026-10-25T02:30:00+02:00`.
    public func text(offset: Int) -> String {
        let (day, time) = civil(offset: offset)
        let seconds = time.seconds % 60 == 0 ? ":00" : ""
        return "\(day)T\(time)\(seconds)\(Self.offsetText(offset))"
    }

    private static func offsetText(_ offset: Int) -> String {
        if offset == 0 { return "Z" }
        let minutes = Int(offset.magnitude) / 60
        let tail = Int(offset.magnitude) % 60 == 0 ? "" : ":\(Digits.padded(Int(offset.magnitude) % 60, 2))"
        return "\(offset < 0 ? "-" : "+")\(Digits.padded(minutes / 60, 2)):\(Digits.padded(minutes % 60, 2))\(tail)"
    }
}

extension UTCInstant: Codable {
    /// Reads `"2026-10-25T00:30:00Z"`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let instant = UTCInstant(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(text)' is no moment: YYYY-MM-DDTHH:MM:SSZ")
        }
        self = instant
    }

    /// Writes `"2026-10-25T00:30:00Z"`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
