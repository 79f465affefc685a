// SPDX-License-Identifier: GPL-3.0-or-later

/// A night under a set of rules: its movements, and what they add up to.
public struct ScoredNight: Hashable, Sendable {
    /// The rules.
    public let rules: ScoringRules
    /// The movements after the legs are joined, by onset.
    ///
    /// Under the AASM's rules those that count as leg movements; without sleep and wake these are none.
    public let movements: [CombinedMovement]
    /// The number of series.
    public let seriesCount: Int
    /// Counts and indices of sleep; nil without sleep and wake.
    public let sleep: SleepSummary?
    /// Counts and indices of the rest interval; nil without one, and under rules that score sleep only.
    public let rest: RestSummary?
    /// The intervals of all candidates.
    public let intervals: IntervalHistogram
    /// The hours of the rest interval, or else of the epochs; empty without either.
    public let hours: [HourlyCount]
    /// The time that every recorded leg misses, within the rest interval or else the epochs; nil without either.
    public let missingTime: Milliseconds?
    /// The time that one of two recorded legs misses, within the rest interval or else the epochs; nil without either.
    public let monolateralTime: Milliseconds?
    /// The rest interval as given.
    let restSpan: TimeSpan?

    init(night: MovementNight, rules: ScoringRules, movements: [CombinedMovement], seriesCount: Int) {
        self.rules = rules
        self.movements = movements
        self.seriesCount = seriesCount
        restSpan = night.rest
        let missing = night.missing
        sleep = night.hypnogram.map { hypnogram in
            SleepSummary(
                movements, under: rules, in: hypnogram, missing: missing, arousalsScored: night.arousals != nil,
                respirationScored: night.respiratoryEvents != nil)
        }
        rest =
            rules.standard == .aasm
            ? nil : night.rest.map { RestSummary(movements, under: rules, in: $0, missing: missing) }
        intervals = IntervalHistogram(movements)
        let observed = night.rest ?? night.hypnogram?.span
        hours = observed.map { HourlyCount.profile(of: movements, in: $0, missing: missing) } ?? []
        missingTime = observed.map { missing.length(in: $0) }
        monolateralTime = observed.map { night.partlyMissing.length(in: $0) - missing.length(in: $0) }
    }

    /// The movements that may be part of a series.
    public var candidateCount: Int { movements.count(where: \.isCandidate) }
    /// The movements that are part of a series.
    public var periodicCount: Int { movements.count(where: \.isPeriodic) }
    /// The candidates with too short an interval before them.
    public var shortIntervalCount: Int { movements.count { $0.isCandidate && $0.hasShortInterval } }
    /// The candidates with neither a short interval nor a series.
    public var isolatedCount: Int { movements.count(where: \.isIsolated) }
}
