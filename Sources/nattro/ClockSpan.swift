// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Recordings

/// A stretch of a night on the recording's clock, as it is typed: `02:10-02:40`, or `L:02:10-02:40` for one leg.
struct ClockSpan: ExpressibleByArgument {
    /// The leg that was named.
    let leg: Leg?
    private let from: ClockTime
    private let to: ClockTime

    init?(argument: String) {
        var text = argument[...]
        if let name = text.first, let leg = Leg(rawValue: name.uppercased()), text.dropFirst().first == ":" {
            self.leg = leg
            text = text.dropFirst(2)
        } else {
            leg = nil
        }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let from = ClockTime(argument: String(parts[0])),
            let to = ClockTime(argument: String(parts[1]))
        else { return nil }
        (self.from, self.to) = (from, to)
    }

    /// The next such stretch in seconds from a time on; what began at that very time counts.
    func seconds(after start: Double) -> Range<Double> {
        let first = from.instant(after: start - 0.001)
        return first - start..<to.instant(after: first) - start
    }
}
