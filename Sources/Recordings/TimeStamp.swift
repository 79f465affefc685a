// SPDX-License-Identifier: GPL-3.0-or-later

/// Time stamps as loggers write them.
enum TimeStamp {
    /// Which comes first where a date is written with slashes.
    enum DateOrder: String, Hashable, Sendable {
        case dayMonth = "dmy"
        case monthDay = "mdy"
    }

    /// Larger numbers count ms, µs, ns since 1970 and not s: 1e11 s would be the year 5138.
    private static let unitsFrom: [(number: Double, perSecond: Double)] = [(1e17, 1e9), (1e14, 1e6), (1e11, 1e3)]
    private static let year9999 = 253_402_300_800.0

    /// Seconds since the Unix epoch of a number (s, ms, µs or ns) or of a date and time.
    ///
    /// `2026-03-01 22:10:05.250`, with `T` or a blank, with or without fraction, the year first; or `1.3.2026`, `01-Mar-2026`,
    /// and with a known order `3/1/2026`, each with `22:10:05` or `10:10:05 PM`. A zone (`Z`, `+01:00`) is read and left out of
    /// the result, which stays on the recording's own clock like that of every other format. Nil for anything else.
    static func seconds(_ text: Substring, order: DateOrder? = nil) -> Double? {
        if let number = Double(text) {
            guard number.isFinite else { return nil }
            let unit = unitsFrom.first { abs(number) > $0.number }
            let seconds = unit.map { number / $0.perSecond } ?? number
            return abs(seconds) <= year9999 ? seconds : nil
        }
        let bytes = Array(text.utf8)
        guard let gap = bytes.firstIndex(where: { $0 == UInt8(ascii: "T") || $0 == UInt8(ascii: " ") }),
            let days = days(bytes[..<gap], order), let second = secondOfDay(bytes[(gap + 1)...])
        else { return nil }
        return Double(days * 86400) + second
    }

    /// Whether the day and the month of a date with slashes cannot be told apart without an order.
    static func needsOrder(_ text: Substring) -> Bool {
        let parts = text.prefix { $0 != " " }.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0].count < 3 && parts.allSatisfy { $0.utf8.allSatisfy(isDigit) }
    }

    /// The order that a date with slashes shows by a number above 12.
    static func order(shownBy text: Substring) -> DateOrder? {
        guard needsOrder(text) else { return nil }
        let parts = text.prefix { $0 != " " }.split(separator: "/").compactMap { Int($0) }
        guard parts.count == 3 else { return nil }
        return parts[0] > 12 ? .dayMonth : parts[1] > 12 ? .monthDay : nil
    }

    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    private static func days(_ bytes: ArraySlice<UInt8>, _ order: DateOrder?) -> Int? {
        let marks = [UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: ".")]
        guard let mark = bytes.first(where: marks.contains) else { return nil }
        let parts = bytes.split(separator: mark, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        if parts[0].count == 4 {
            guard let year = digits(parts[0]), let month = digits(parts[1]), let day = digits(parts[2]) else {
                return nil
            }
            return CivilDate.daysSinceEpoch(year: year, month: month, day: day)
        }
        guard parts[2].count == 4, let year = digits(parts[2]) else { return nil }
        let name = String(decoding: parts[1], as: UTF8.self).lowercased()
        if let month = months.firstIndex(of: name), let day = digits(parts[0]) {
            return CivilDate.daysSinceEpoch(year: year, month: month + 1, day: day)
        }
        guard let first = digits(parts[0]), let second = digits(parts[1]) else { return nil }
        switch mark == UInt8(ascii: ".") ? .dayMonth : order {
        case .dayMonth: return CivilDate.daysSinceEpoch(year: year, month: second, day: first)
        case .monthDay: return CivilDate.daysSinceEpoch(year: year, month: first, day: second)
        case nil: return nil
        }
    }

    /// `22:10`, `22:10:05.250`, `10:10:05 PM`, with a zone or its name behind.
    private static func secondOfDay(_ bytes: ArraySlice<UInt8>) -> Double? {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes.endIndex >= colon + 3,
            var hour = digits(bytes[..<colon]), let minute = digits(bytes[(colon + 1)..<(colon + 3)]), hour < 24,
            minute < 60
        else { return nil }
        var rest = bytes[(colon + 3)...]
        var second = 0.0
        if rest.first == UInt8(ascii: ":") {
            // A fraction follows a point, in some exports a comma, in GENEActiv's a colon.
            let marks = [UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ":")]
            let end = rest.dropFirst().firstIndex { !isDigit($0) && !marks.contains($0) } ?? rest.endIndex
            let part = rest[rest.startIndex + 1..<end].map { isDigit($0) ? $0 : UInt8(ascii: ".") }
            guard part.count >= 2, let value = Double(String(decoding: part, as: UTF8.self)), value < 60 else {
                return nil
            }
            second = value
            rest = rest[end...]
        }
        let half = String(decoding: rest, as: UTF8.self).lowercased()
        if half == " am" || half == " pm" {
            guard (1...12).contains(hour) else { return nil }
            hour = hour % 12 + (half == " pm" ? 12 : 0)
        } else if !rest.isEmpty, !isZone(rest) {
            return nil
        }
        return Double((hour * 60 + minute) * 60) + second
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func digits(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard (1...4).contains(bytes.count) else { return nil }
        var value = 0
        for byte in bytes {
            guard isDigit(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    private static func isZone(_ bytes: ArraySlice<UInt8>) -> Bool {
        if bytes.elementsEqual([UInt8(ascii: "Z")]) { return true }
        // The zone's name may follow: `+0100 [Europe/London]`.
        let offset = bytes.prefix { $0 != UInt8(ascii: " ") }
        guard bytes.count == offset.count || bytes.last == UInt8(ascii: "]") else { return false }
        guard let sign = offset.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return false }
        let rest = offset.dropFirst().filter { $0 != UInt8(ascii: ":") }
        return (rest.count == 2 || rest.count == 4) && rest.allSatisfy(isDigit)
    }
}
