// SPDX-License-Identifier: GPL-3.0-or-later

/// Time stamps as loggers write them.
enum TimeStamp {
    /// Numbers above this are milliseconds since 1970, not seconds: 1e11 s would be the year 5138.
    private static let millisecondsFrom = 1e11

    /// Seconds since the Unix epoch of a number (seconds or milliseconds) or of an ISO 8601 date and time.
    ///
    /// `2026-03-01 22:10:05.250`, with `T` or a blank, with or without fraction; a zone (`Z`, `+01:00`) is read and left out of
    /// the result, which stays on the recording's own clock like that of every other format. Nil for anything else.
    static func seconds(_ text: Substring) -> Double? {
        if let number = Double(text) {
            guard number.isFinite else { return nil }
            let seconds = abs(number) > millisecondsFrom ? number / 1000 : number
            return abs(seconds) <= 253_402_300_800 ? seconds : nil  // the year 9999
        }
        let bytes = Array(text.utf8)
        guard bytes.count >= 16, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " "), bytes[13] == UInt8(ascii: ":"),
            let year = digits(bytes[0..<4]), let month = digits(bytes[5..<7]), let day = digits(bytes[8..<10]),
            let hour = digits(bytes[11..<13]), let minute = digits(bytes[14..<16]), hour < 24, minute < 60,
            let days = CivilDate.daysSinceEpoch(year: year, month: month, day: day)
        else { return nil }
        var seconds = 0.0
        var rest = bytes[16...]
        if rest.first == UInt8(ascii: ":") {
            // A fraction follows a point, in some exports a comma, in GENEActiv's a colon.
            let marks = [UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ":")]
            let end = rest.dropFirst().firstIndex { !isDigit($0) && !marks.contains($0) } ?? rest.endIndex
            let part = rest[rest.startIndex + 1..<end].map { isDigit($0) ? $0 : UInt8(ascii: ".") }
            guard part.count >= 2, let value = Double(String(decoding: part, as: UTF8.self)), value < 60 else {
                return nil
            }
            seconds = value
            rest = rest[end...]
        }
        guard rest.isEmpty || isZone(rest) else { return nil }
        return Double(((days * 24 + hour) * 60 + minute) * 60) + seconds
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func digits(_ bytes: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for byte in bytes {
            guard isDigit(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    private static func isZone(_ bytes: ArraySlice<UInt8>) -> Bool {
        if bytes.elementsEqual([UInt8(ascii: "Z")]) { return true }
        guard let sign = bytes.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return false }
        let rest = bytes.dropFirst().filter { $0 != UInt8(ascii: ":") }
        return (rest.count == 2 || rest.count == 4) && rest.allSatisfy(isDigit)
    }
}
