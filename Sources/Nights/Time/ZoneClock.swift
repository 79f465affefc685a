// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The clock of a place: what it shows at a moment, and when it shows a time.
public struct ZoneClock: Hashable, Sendable {
    /// The IANA name of the zone, as it was given.
    public let name: String
    private let zone: TimeZone

    /// The clock of a zone; nil if the name is not one of the IANA database.
    public init?(_ name: some StringProtocol) {
        let name = String(name)
        // Foundation also takes "GMT+2", which IANA does not, and whose sign people read both ways.
        guard !name.hasPrefix("GMT+"), !name.hasPrefix("GMT-"), let zone = TimeZone(identifier: name) else {
            return nil
        }
        self.name = name
        self.zone = zone
    }

    /// How many seconds the clock is ahead of universal time at a moment.
    public func offset(at instant: UTCInstant) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.secondsSince1970)))
    }

    /// A moment on this clock.
    public func time(_ instant: UTCInstant) -> DoseTime {
        DoseTime(instant, utcOffset: offset(at: instant), zone: name)
    }

    /// When the clock shows a time on a day.
    public func moments(_ day: CivilDay, _ time: DayTime) -> Moments {
        let local = UTCInstant(midnightOf: day) + time.seconds
        // A change of the clock lies between the offsets of the day before and the day after, if it lies near at all.
        let (before, after) = (offset(at: local - 86_400), offset(at: local + 86_400))
        let (early, late) = (local - before, local - after)
        switch (offset(at: early) == before, offset(at: late) == after) {
        case (true, true) where early != late: return .twice(min(early, late), max(early, late))
        case (true, _): return .once(early)
        case (false, true): return .once(late)
        // The clock jumped over the time: with the offset from before the jump it is as far behind the jump as it should be.
        case (false, false): return .never(early)
        }
    }

    /// The moment at which the clock first shows a time on a day; where it jumps over it, the time moved forward by the jump.
    public func moment(_ day: CivilDay, _ time: DayTime) -> UTCInstant {
        switch moments(day, time) {
        case .once(let moment), .never(let moment), .twice(let moment, _): moment
        }
    }

    /// How long a night of noon to noon is, in seconds: 23, 24 or 25 h.
    public func length(ofNight night: CivilDay) -> Int { moment(night + 1, .noon) - moment(night, .noon) }

    /// How often a clock shows a time on a day.
    public enum Moments: Hashable, Sendable {
        /// Once.
        case once(UTCInstant)
        /// Not at all, since the clock is put forward over it; the moment as far behind as the clock jumps.
        case never(UTCInstant)
        /// Twice, since the clock is put back.
        case twice(UTCInstant, UTCInstant)
    }
}
