// SPDX-License-Identifier: GPL-3.0-or-later

/// A time of day on a clock, to the second, without a zone.
public struct DayTime: Hashable, Comparable, Sendable {
    /// Seconds since midnight, below 86,400.
    public let seconds: Int

    /// A time by its seconds since midnight; nil outside one day.
    public init?(seconds: Int) {
        guard (0..<86_400).contains(seconds) else { return nil }
        self.seconds = seconds
    }

    /// A time by its numbers; nil if no clock shows it.
    public init?(hour: Int, minute: Int, second: Int = 0) {
        guard (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second) else { return nil }
        seconds = hour * 3600 + minute * 60 + second
    }

    /// A time written `21:10`, `9:10`, `21:10:30`, `9:10 pm` or `9:10pm`; nil for anything else.
    public init?(_ text: some StringProtocol) {
        var word = String(text).lowercased()
        var afternoon: Bool?
        for (suffix, isAfternoon) in [("am", false), ("pm", true), ("a.m.", false), ("p.m.", true)]
        where word.hasSuffix(suffix) {
            afternoon = isAfternoon
            word.removeLast(suffix.count)
            while word.hasSuffix(" ") { word.removeLast() }
        }
        let parts = word.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), (1...2).contains(parts[0].utf8.count),
            parts.dropFirst().allSatisfy({ $0.utf8.count == 2 })
        else { return nil }
        let numbers = parts.compactMap { Digits.number($0) }
        guard numbers.count == parts.count else { return nil }
        var hour = numbers[0]
        if let afternoon {
            guard (1...12).contains(hour) else { return nil }
            hour = hour % 12 + (afternoon ? 12 : 0)
        }
        self.init(hour: hour, minute: numbers[1], second: numbers.count == 3 ? numbers[2] : 0)
    }

    /// Earlier times come first.
    public static func < (earlier: DayTime, later: DayTime) -> Bool { earlier.seconds < later.seconds }

    /// Midday, where one night's day ends and the next begins.
    public static let noon = DayTime(unchecked: 43_200)
    static let midnight = DayTime(unchecked: 0)

    init(unchecked seconds: Int) {
        self.seconds = seconds
    }
}

extension DayTime: CustomStringConvertible {
    /// `21:10`, or `21:10:30` where there are seconds.
    public var description: String {
        let minutes = "\(Digits.padded(seconds / 3600, 2)):\(Digits.padded(seconds / 60 % 60, 2))"
        return seconds % 60 == 0 ? minutes : "\(minutes):\(Digits.padded(seconds % 60, 2))"
    }
}

extension DayTime: Codable {
    /// Reads `"21:10"`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let time = DayTime(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no time: HH:MM")
        }
        self = time
    }

    /// Writes `"21:10"`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
