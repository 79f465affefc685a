// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// How much of the doses so far is at work in a night, three ways.
public enum Exposure {
    /// The share that is left from night to night decays with a half-life; it begins at 0, and in the long run equals the dose.
    public static func exponential(_ doses: [Double], halfLife: Double) -> [Double] {
        guard halfLife > 0 else { return doses }
        let kept = exp2(-1 / halfLife)
        var level = 0.0
        return doses.map { dose in
            level = kept * level + (1 - kept) * dose
            return level
        }
    }

    /// The mean of the seven nights that end with each night; before the seventh, of those there are.
    public static func trailingWeek(_ doses: [Double]) -> [Double] {
        doses.indices.map { Array(doses[max(0, $0 - 6)...$0]).mean }
    }
}
