// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings

/// All that the rules need to know of a night.
public struct MovementNight: Hashable, Sendable {
    /// The movements of single legs, in any order, of any duration.
    public var movements: [LegMovement]
    /// The missing data of each leg that was recorded. A leg without a key was not recorded.
    ///
    /// Time that is missing on every recorded leg ends a series, leaves the next interval undefined and is in no
    /// denominator. Time that is missing on one of two legs is a monolateral stretch: it is reported and changes nothing.
    /// Any span counts, so give those only that are long enough to hide a movement.
    public var gaps: [Leg: [TimeSpan]]
    /// The rest interval: from lights-out to the final rising; nil where nobody said.
    public var rest: TimeSpan?
    /// Sleep and wake; nil where neither staged nor estimated.
    public var hypnogram: Hypnogram?
    /// The respiratory events; nil where not scored.
    public var respiratoryEvents: [TimeSpan]?
    /// The arousals; nil where not scored.
    public var arousals: [TimeSpan]?

    /// A night.
    public init(
        movements: [LegMovement], gaps: [Leg: [TimeSpan]], rest: TimeSpan? = nil, hypnogram: Hypnogram? = nil,
        respiratoryEvents: [TimeSpan]? = nil, arousals: [TimeSpan]? = nil
    ) {
        self.movements = movements
        self.gaps = gaps
        self.rest = rest
        self.hypnogram = hypnogram
        self.respiratoryEvents = respiratoryEvents
        self.arousals = arousals
    }

    /// The time that every recorded leg misses.
    var missing: TimeSpanSet {
        let legs = gaps.values.map { TimeSpanSet($0) }
        guard let first = legs.first else { return TimeSpanSet() }
        return legs.dropFirst().reduce(first) { $0.intersection($1) }
    }

    /// The time that some recorded leg misses.
    var partlyMissing: TimeSpanSet { TimeSpanSet(gaps.values.flatMap(\.self)) }

    /// The night under a set of rules.
    ///
    /// A movement whose onset lies in a gap belongs to the time after the gap.
    ///
    /// - Precondition: every movement is of a leg that was recorded.
    /// - Complexity: O(*n* log *n*) in movements, gaps and events together
    public func scored(under rules: ScoringRules) -> ScoredNight {
        for movement in movements {
            precondition(
                gaps[movement.leg] != nil, "a movement at \(movement.onset) ms is of a leg that was not recorded")
        }
        let missing = missing
        var singles: [LegMovement] = []
        for leg in Leg.allCases {
            singles += movements.filter { $0.leg == leg }.singleLegMovements(under: rules, cutAt: missing)
        }
        let respiratory = respiratoryEvents.map { EventWindows(respiratory: $0, rules.respiratoryWindow) }
        if rules.standard == .aasm {
            singles = singles.filter { movement in
                movement.exclusion == nil && movement.duration <= rules.maximumDuration
                    && hypnogram?.isSleep(at: movement.onset) == true
                    && respiratory?.touch(from: movement.onset, to: movement.offset) != true
            }
        }
        singles.sort { ($0.onset, $0.offset, $0.leg.rawValue) < ($1.onset, $1.offset, $1.leg.rawValue) }
        var combined =
            switch rules.combination {
            case .byOverlap(let gap, let maximumDuration, let maximumParts):
                singles.combinedByOverlap(
                    gap: gap, maximumDuration: maximumDuration, maximumParts: maximumParts,
                    maximumPart: rules.maximumDuration, cutAt: missing)
            case .byOnset(let limit):
                singles.combinedByOnset(within: limit, cutAt: missing)
            }
        let arousalWindows = arousals.map { EventWindows(arousals: $0, gap: rules.arousalGap) }
        for index in combined.indices {
            let (onset, offset) = (combined[index].onset, combined[index].offset)
            combined[index].stage = hypnogram?.stage(at: onset)
            combined[index].isSleep = hypnogram.flatMap { $0.isSleep(at: onset) }
            combined[index].isRespiratory = respiratory?.touch(from: onset, to: offset)
            combined[index].hasArousal = arousalWindows?.overlap(from: onset, to: offset)
        }
        let seriesCount = SeriesWalk.mark(&combined, under: rules)
        return ScoredNight(night: self, rules: rules, movements: combined, seriesCount: seriesCount)
    }
}
