// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Nights

/// When something was taken, as it is typed among other words: `21:10`, `yesterday 21:10`, `2026-03-04 9:10pm`; nothing is now.
struct EntryTime {
    /// The moment that counts as now.
    let now: UTCInstant
    /// The clock that the words are of.
    let clock: ZoneClock

    private(set) var day: CivilDay?
    private(set) var time: DayTime?

    /// Seconds that a time without a day may lie ahead of now before the day before is meant.
    private static let lead = 900

    init(now: UTCInstant, clock: ZoneClock) {
        self.now = now
        self.clock = clock
    }

    private var today: CivilDay { now.civil(offset: clock.offset(at: now)).day }

    /// Takes a word; false if it is neither a day nor a time.
    mutating func take(_ word: String) -> Bool {
        switch word.lowercased() {
        case "today": day = today
        case "yesterday": day = today - 1
        case "now": break
        default:
            if let day = CivilDay(word) {
                self.day = day
            } else if let time = DayTime(word) {
                self.time = time
            } else {
                return false
            }
        }
        return true
    }

    /// The day and the time that are meant: a time alone is its last occurrence, a day alone has no time.
    var meant: (day: CivilDay, time: DayTime?) {
        if let day { return (day, time) }
        guard let time else {
            let shown = now.civil(offset: clock.offset(at: now))
            return (shown.day, DayTime(hour: shown.time.seconds / 3600, minute: shown.time.seconds / 60 % 60))
        }
        return (clock.moment(today, time) - now > Self.lead ? today - 1 : today, time)
    }

    /// The computer's clock; one that the caller names instead.
    static func clock(_ name: String?) throws -> ZoneClock {
        let wanted = name ?? TimeZone.current.identifier
        if let clock = ZoneClock(wanted) ?? (name == nil ? ZoneClock("Etc/UTC") : nil) { return clock }
        throw Failure(message: "'\(wanted)' is no zone; write an IANA name, like Europe/Berlin", outcome: .wrongUsage)
    }
}
