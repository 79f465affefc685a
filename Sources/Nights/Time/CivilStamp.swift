// SPDX-License-Identifier: GPL-3.0-or-later

/// A date as it is written in a file, perhaps with a time, perhaps with an offset: `2026-03-04T21:10:00+01:00`.
struct CivilStamp: Hashable {
    let day: CivilDay
    let time: DayTime?
    /// Seconds that the clock is ahead of universal time.
    let offset: Int?

    /// Reads `YYYY-MM-DD`, then optionally `T` or a space and `HH:MM[:SS[.fraction]]`, then optionally `Z`, `+hh:mm`, `+hhmm` or `+hh`.
    init?(_ text: some StringProtocol) {
        let word = String(text)
        guard let separator = word.firstIndex(where: { $0 == "T" || $0 == "t" || $0 == " " }) else {
            guard let day = CivilDay(word) else { return nil }
            (self.day, time, offset) = (day, nil, nil)
            return
        }
        guard let day = CivilDay(word[..<separator]),
            let (time, offset) = Self.timeAndOffset(word[word.index(after: separator)...])
        else { return nil }
        (self.day, self.time, self.offset) = (day, time, offset)
    }

    /// A time of day on the 24 h clock and the offset behind it; nil if either cannot be read.
    static func timeAndOffset(_ text: Substring) -> (time: DayTime, offset: Int?)? {
        var clock = text
        var offset: Int?
        if let last = text.last, last == "Z" || last == "z" {
            offset = 0
            clock = text.dropLast()
        } else if let sign = text.lastIndex(where: { $0 == "+" || $0 == "-" }) {
            guard let seconds = Self.offset(text[sign...]) else { return nil }
            offset = seconds
            clock = text[..<sign]
        }
        while clock.last == " " { clock = clock.dropLast() }
        if let point = clock.lastIndex(of: "."), clock.distance(from: clock.startIndex, to: point) == 8 {
            guard Digits.number(clock[clock.index(after: point)...].prefix(9)) != nil else { return nil }
            clock = clock[..<point]
        }
        guard clock.utf8.allSatisfy({ $0 == 0x3A || (0x30...0x39).contains($0) }), let time = DayTime(clock) else {
            return nil
        }
        return (time, offset)
    }

    /// `+01:00`, `+0100`, `+01` or `+01:00:00`, in seconds; nil beyond 18 h, which no place has.
    private static func offset(_ text: Substring) -> Int? {
        guard let sign = text.first else { return nil }
        let digits = text.dropFirst().filter { $0 != ":" }
        guard [2, 4, 6].contains(digits.utf8.count), text.utf8.count <= 9, Digits.number(digits) != nil else {
            return nil
        }
        func part(_ index: Int) -> Int { Digits.number(digits.dropFirst(index * 2).prefix(2)) ?? 0 }
        guard part(1) < 60, part(2) < 60 else { return nil }
        let seconds = part(0) * 3600 + part(1) * 60 + part(2)
        guard seconds <= 18 * 3600 else { return nil }
        return sign == "-" ? -seconds : seconds
    }
}
