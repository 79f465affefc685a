// SPDX-License-Identifier: GPL-3.0-or-later
internal import Nights

/// Something that a reader must know beside the numbers: a name for programs, a fixed sentence for people.
public struct ComparisonNote: Hashable, Sendable {
    /// The name.
    public let id: String
    /// The sentence.
    public let text: String

    init(_ id: String, _ text: String) {
        self.id = id
        self.text = text
    }
}

extension ComparisonNote {
    static func constantCovariate(_ name: String) -> ComparisonNote {
        ComparisonNote("covariate.constant", "\(name) was the same on all nights, so it is not adjusted for.")
    }

    static let unusableSchedule = ComparisonNote(
        "schedule.not_allowed",
        "The nights' conditions are not among those that the declared schedule could have drawn, so the design gives no test."
    )

    static func coarseSchedule(_ allowed: AllowedAssignments) -> ComparisonNote {
        ComparisonNote(
            "schedule.coarse",
            "The schedule has \(allowed.count) possible orders, so no result could give a p value below "
                + "\(Shown.pValue(allowed.smallestPValue)): it can never reach 0.05.")
    }

    /// The notes on a comparison of two conditions.
    static func about(
        _ comparison: ConditionComparison, _ selection: NightSelection, _ doses: [ComparedDose]
    ) -> [ComparisonNote] {
        missingness(comparison) + variation(comparison) + thresholds(comparison) + regression(selection)
            + adherence(selection, doses)
            + urge(comparison) + undeclaredDoses(selection, doses)
    }

    private static func missingness(_ comparison: ConditionComparison) -> [ComparisonNote] {
        var notes: [ComparisonNote] = []
        let (before, with) = (comparison.before.missingShare, comparison.with.missingShare)
        if max(before, with) > 0.2 {
            notes.append(
                ComparisonNote(
                    "missing.many",
                    "More than 20 % of the planned nights of a phase are missing (without magnesium \(Shown.percent(before)), with \(Shown.percent(with))); if nights went missing for a reason, the comparison may mislead."
                ))
        }
        if abs(before - with) > 0.15 {
            notes.append(
                ComparisonNote(
                    "missing.unequal",
                    "The shares of missing nights differ by more than 15 points between the phases (without magnesium \(Shown.percent(before)), with \(Shown.percent(with)))."
                ))
        }
        return notes
    }

    private static func variation(_ comparison: ConditionComparison) -> [ComparisonNote] {
        guard comparison.primary != nil, let a = comparison.before.variation, let b = comparison.with.variation,
            max(a, b) >= 2 * min(a, b)
        else { return [] }
        return [
            ComparisonNote(
                "variation.differs",
                "The nights of one phase varied at least twice as much as those of the other. In simulations of such nights a difference turned up where there was none in 3 to 10 of 100 comparisons, where 5 are meant."
            )
        ]
    }

    private static func thresholds(_ comparison: ConditionComparison) -> [ComparisonNote] {
        guard let threshold = comparison.higherThreshold, let a = comparison.before.medianThreshold,
            let b = comparison.with.medianThreshold
        else { return [] }
        let higher = Shown.decimals(threshold, 1)
        let difference =
            "The detector's threshold in effect differed by more than 20 % between the phases (median \(Shown.decimals(a, 1)) mg without magnesium, \(Shown.decimals(b, 1)) mg with), so the counts are not on one scale."
        return [
            comparison.atFixedThreshold == nil
                ? ComparisonNote(
                    "threshold.differs",
                    difference
                        + " Score all nights again at the higher threshold, \(higher) mg (nattro score --set envelopeOn=\(higher) --set envelopeOnFloors=0), and give both counts."
                )
                : ComparisonNote(
                    "threshold.rescored",
                    difference + " The result with all nights at the higher threshold, \(higher) mg, stands beside it.")
        ]
    }

    private static func regression(_ selection: NightSelection) -> [ComparisonNote] {
        let design = selection.design
        let start = design.condition.firstIndex(of: true) ?? 0
        let rates = selection.usable.prefix { selection.index($0) < start }.map { Double($0.movements) / $0.hours }
        let last = Array(rates.suffix(7))
        let isBadSpell =
            rates.count > 7 && !design.isRandomised
            && last.mean > rates.mean + 0.5 * rates.sampleVariance.squareRoot()
        guard isBadSpell || design.followedBadSpell else { return [] }
        return [
            ComparisonNote(
                "regression_to_the_mean",
                "The nights just before the start were worse than the nights before them. After a bad spell nights tend to get better by themselves: in simulations without any effect, such a start alone looked like 10 to 11 % fewer movements."
            )
        ]
    }

    private static func adherence(_ selection: NightSelection, _ doses: [ComparedDose]) -> [ComparisonNote] {
        guard !doses.isEmpty else { return [] }
        let taken = Set(doses.filter { $0.elementalMg > 0 }.map(\.night))
        let declared = Set(doses.map(\.night))
        let active = { (night: ComparedNight) in selection.design.condition[selection.index(night)] == true }
        // What a silent log leaves open is no difference from the plan.
        let isKnown = { (night: ComparedNight) in selection.design.doseLogIsComplete || declared.contains(night.day) }
        let without = selection.usable.count { active($0) && isKnown($0) && !taken.contains($0.day) }
        let with = selection.usable.count { !active($0) && taken.contains($0.day) }
        guard without + with > 0 else { return [] }
        return [
            ComparisonNote(
                "adherence",
                "The dose log differs from the plan: \(without) of the nights with magnesium have no dose, \(with) of those without have one. Nights are compared as planned."
            )
        ]
    }

    private static func undeclaredDoses(_ selection: NightSelection, _ doses: [ComparedDose]) -> [ComparisonNote] {
        guard !selection.design.doseLogIsComplete else { return [] }
        let declared = Set(doses.map(\.night))
        let unknown = selection.usable.filter {
            selection.design.condition[selection.index($0)] == false && !declared.contains($0.day)
        }.map(\.day)
        guard let first = unknown.first, let last = unknown.last else { return [] }
        // One command says it of all of them where no dose lies between them.
        let isOneStretch = !doses.contains { $0.elementalMg > 0 && (first...last).contains($0.night) }
        let dates = isOneStretch ? " --from \(first) --to \(last)" : ""
        return [
            ComparisonNote(
                "doses.unknown",
                "For \(unknown.count) nights without magnesium the dose log says nothing, and it is not declared complete. If nothing was taken, say so with nattro dose none\(dates); nothing is taken for granted."
            )
        ]
    }

    private static func urge(_ comparison: ConditionComparison) -> [ComparisonNote] {
        let pairs = [
            (comparison.before.eveningUrge, comparison.with.eveningUrge),
            (comparison.before.nightUrge, comparison.with.nightUrge),
        ]
        let counts = comparison.with.rate - comparison.before.rate
        let disagrees = pairs.contains { before, with in
            guard let before, let with else { return false }
            return (with.value - before.value) * counts < 0
        }
        return disagrees
            ? [
                ComparisonNote(
                    "urge.disagrees",
                    "The rated urge and the counted movements did not go the same way. They are different things: counts do not measure the urge, and the ratings were made knowing what was taken."
                )
            ] : []
    }
}
