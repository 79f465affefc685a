// SPDX-License-Identifier: GPL-3.0-or-later

/// When something was taken: a moment and the clock it was read from, or only a day.
public struct DoseTime: Hashable, Sendable, Codable {
    /// The day on the local clock.
    public var day: CivilDay
    /// The moment; nil where only the day is known.
    public var instant: UTCInstant?
    /// How many seconds the local clock was ahead of universal time; nil where only the day is known.
    public var utcOffset: Int?
    /// The IANA name of the zone, like `Europe/Berlin`; nil where only an offset was given.
    public var zone: String?
    /// The date as it was entered, where that says more than ``day``; else nil.
    public var dateEntered: String?
    /// The time as it was entered, where that says more than the local time; else nil.
    public var timeEntered: String?

    /// A time by its parts.
    ///
    /// - Precondition: a moment has an offset.
    public init(
        day: CivilDay, instant: UTCInstant?, utcOffset: Int?, zone: String?, dateEntered: String? = nil,
        timeEntered: String? = nil
    ) {
        precondition((instant == nil) == (utcOffset == nil), "a moment and its offset come together")
        self.day = day
        self.instant = instant
        self.utcOffset = utcOffset
        self.zone = zone
        self.dateEntered = dateEntered
        self.timeEntered = timeEntered
    }

    /// A moment on the clock of a place.
    public init(_ instant: UTCInstant, utcOffset: Int, zone: String?) {
        self.init(day: instant.civil(offset: utcOffset).day, instant: instant, utcOffset: utcOffset, zone: zone)
    }

    /// A day whose time is not known.
    public init(onDay day: CivilDay, zone: String?) {
        self.init(day: day, instant: nil, utcOffset: nil, zone: zone)
    }

    /// The time of day on the local clock; nil where only the day is known.
    public var timeOfDay: DayTime? {
        guard let instant, let utcOffset else { return nil }
        return instant.civil(offset: utcOffset).time
    }

    /// The night of which it is a part: from noon of that day to noon of the next. A time before noon belongs to the evening before;
    /// a day without a time names its own night.
    public var night: CivilDay {
        guard let timeOfDay else { return day }
        return timeOfDay < .noon ? day - 1 : day
    }
}
