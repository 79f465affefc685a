// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Recordings

/// A time of day or a date and time on the recording's clock, as it is typed: `23:10`, `2026-11-24T23:10`.
struct ClockTime: ExpressibleByArgument {
    /// Seconds since midnight; nil for a full date.
    private let timeOfDay: Double?
    /// Seconds since the Unix epoch on the recording's clock; nil for a time of day.
    private let instant: Double?

    /// Whether it has a date.
    var isDated: Bool { instant != nil }

    private static let day = 86_400.0

    /// A moment in seconds since the Unix epoch on the recording's clock.
    init(instant: Double) { (timeOfDay, self.instant) = (nil, instant) }

    init?(argument: String) {
        if let seconds = Self.seconds(argument[...]) {
            (timeOfDay, instant) = (seconds, nil)
        } else if let separator = argument.firstIndex(where: { $0 == "T" || $0 == " " }),
            let date = Self.midnight(argument[..<separator]),
            let seconds = Self.seconds(argument[argument.index(after: separator)...])
        {
            (timeOfDay, instant) = (nil, date + seconds)
        } else {
            return nil
        }
    }

    /// The instant that is meant, nearest to a time.
    func instant(nearest time: Double) -> Double {
        guard let timeOfDay else { return instant ?? time }
        let midnight = (time / Self.day).rounded(.down) * Self.day
        let candidates = [-1.0, 0, 1].map { midnight + $0 * Self.day + timeOfDay }
        return candidates.min { abs($0 - time) < abs($1 - time) } ?? time
    }

    /// The first instant that is meant after a time.
    func instant(after time: Double) -> Double {
        guard let timeOfDay else { return instant ?? time }
        let midnight = (time / Self.day).rounded(.down) * Self.day
        let today = midnight + timeOfDay
        return today > time ? today : today + Self.day
    }

    /// `23:10` or `23:10:30`.
    private static func seconds(_ text: Substring) -> Double? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isNumber) }) else {
            return nil
        }
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == parts.count, numbers[0] < 24, numbers.dropFirst().allSatisfy({ $0 < 60 }) else {
            return nil
        }
        return Double(numbers[0] * 3600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0))
    }

    private static func midnight(_ text: Substring) -> Double? {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3 else { return nil }
        return CivilDate.daysSinceEpoch(year: parts[0], month: parts[1], day: parts[2]).map { Double($0) * day }
    }
}
