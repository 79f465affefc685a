// SPDX-License-Identifier: GPL-3.0-or-later

/// Whole numbers as dates and times write them.
enum Digits {
    /// The number that ASCII digits alone spell; nil with a sign, a space, other digits, or more than nine of them.
    static func number(_ text: some StringProtocol) -> Int? {
        let bytes = text.utf8
        guard (1...9).contains(bytes.count), bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }

    /// A number with zeros before it.
    static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number.magnitude)
        let zeros = String(repeating: "0", count: max(0, width - digits.count))
        return (number < 0 ? "-" : "") + zeros + digits
    }
}
