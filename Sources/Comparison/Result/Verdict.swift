// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// What a comparison says in words: fixed sentences, chosen by numbers, and in a fixed order.
public struct Verdict: Hashable, Sendable {
    /// A sentence, with a name for programs.
    public struct Sentence: Hashable, Sendable {
        /// The name.
        public let id: String
        /// The sentence.
        public let text: String
    }

    /// The sentences; the first is the headline.
    public private(set) var sentences: [Sentence] = []

    private mutating func say(_ id: String, _ text: String) { sentences.append(Sentence(id: id, text: text)) }
}

extension Verdict {
    /// A p value up to this is called rarer than chance.
    static let level = 0.05
    /// With this probability between 0.9 and 1/0.9 the nights are called practically the same.
    static let equivalence = 0.95
    /// The practically equal rate ratios, as logarithms.
    static let equalRange = log(0.9)...(-log(0.9))

    /// What a comparison says.
    ///
    /// - Parameter showsHeadline: whether a sentence about the difference may be at its head. It may not where a sign that needs care, or
    ///   a changed medicine, goes before it: then only what the nights cannot say is said.
    public init(_ comparison: NightComparison, showsHeadline: Bool = true) {
        if let interim = comparison.interim {
            say(
                "interim",
                "Interim, \(interim.passed) of \(interim.planned) planned nights: the plan is looked at when it is complete, and until then there is no result."
            )
        } else if let refusal = comparison.refusal {
            say(
                "refused",
                refusal.reason == .tooFewNights
                    ? "Too few nights to compare: at least \(ConditionComparison.fewestNights) usable nights in each phase are needed."
                    : "There is \(refusal.problem).")
            say("refused.remedy", "What to do: \(refusal.remedy).")
        } else if showsHeadline {
            switch comparison.contrast {
            case .conditions(let conditions): describe(conditions, comparison.design)
            case .doses(let doses): describe(doses, comparison.design)
            }
        }
        if comparison.interim == nil, comparison.refusal == nil {
            if !comparison.design.isRandomised {
                say("not_randomised", Self.notRandomised)
            } else if !comparison.design.isBlinded {
                say("not_blinded", Self.notBlinded)
            }
            say("limits", Self.limits)
        }
        say("not_a_diagnosis", Self.notADiagnosis)
    }

    private static let notRandomised =
        "Nights were not randomised or blinded; placebo response, season, other medicines and chance can produce a difference like this."
    private static let notBlinded = "You knew what you took; expectation can change sleep."
    private static let limits =
        "The nights cannot say: what a placebo would have shown, what else changed in these weeks (iron, caffeine, medicines, season), whether the dose reached the tissue, what the other leg did, how the symptoms felt, or what happens in other people."
    private static let notADiagnosis =
        "Not a diagnosis; a leg sensor is not a sleep study. Supplements, medicines, kidney disease and symptoms are for you and a clinician to discuss."
    private static let cannotTell =
        "These nights cannot tell a change from ordinary night-to-night variation."
    private static let planMore = "How many nights would: nattro plan --baseline NIGHTS."

    private mutating func describe(_ comparison: ConditionComparison, _ design: StudyDesign) {
        guard let primary = comparison.primary else {
            say("refused", "There is no rate ratio: the model has no finite fit. \(Self.cannotTell)")
            return
        }
        let interval = primary.interval95
        let subject =
            design.isRandomised ? "On the nights assigned to magnesium" : "During the magnesium nights"
        let other = design.kind == .beforeAfter ? "before" : "on the nights without"
        let numbers =
            "\(subject) your movement rate was \(Self.compared(primary.median, other)) (95 % interval \(Shown.change(exp(interval.lowerBound))) to \(Shown.change(exp(interval.upperBound))))."
        let isEarly = min(comparison.before.compared, comparison.with.compared) < ConditionComparison.fullNights
        let isOpen = interval.contains(0)
        if design.isRandomised {
            describeRandomised(comparison, design, numbers)
        } else if isOpen {
            cannotTell(primary, numbers)
        } else if Self.isDrift(primary, comparison.trendAdjusted) {
            say(
                "drift",
                "The change cannot be separated from drift: a slow change over these weeks fits the data equally well.")
            say("difference", numbers)
        } else {
            say("difference", numbers)
        }
        if isEarly {
            say(
                "early_look",
                "Early look: a comparison rests on \(ConditionComparison.fullNights) nights or more in each phase.")
        }
        if !design.isRandomised, isOpen, Self.isDrift(primary, comparison.trendAdjusted) {
            say("drift", "A slow change over these weeks fits the data equally well.")
        }
        say("how_sure", Self.howSure(primary))
    }

    private mutating func describeRandomised(
        _ comparison: ConditionComparison, _ design: StudyDesign, _ numbers: String
    ) {
        guard let test = comparison.decisiveTest, let primary = comparison.primary else {
            cannotTell(comparison.primary, numbers)
            return
        }
        if test.pValue(in: design) <= design.level {
            let direction = test.observed < 0 ? "lower" : "higher"
            say(
                "assigned",
                "Your movement rate was \(direction) on nights assigned to magnesium than chance assignment would explain; this supports an effect in you, during these weeks."
            )
            say("difference", numbers)
        } else {
            cannotTell(primary, numbers)
        }
        say(
            "design_test",
            "By the test of the drawn order itself\(design.isOneSided ? " (one-sided, as declared)" : ""), \(Shown.named(p: test.pValue(in: design))); the smallest that this schedule can give is \(Shown.pValue(test.smallestPValue))."
        )
    }

    private mutating func cannotTell(_ primary: MarginalisedEffect?, _ numbers: String) {
        if let primary, Self.equality(primary) >= Self.equivalence {
            say("similar", "The nights were similar: a difference of more than about 10 % is improbable.")
            say("difference", numbers)
        } else {
            say("cannot_tell", Self.cannotTell)
            say("difference", numbers)
            say("plan_more", Self.planMore)
        }
    }

    private mutating func describe(_ comparison: DoseComparison, _ design: StudyDesign) {
        let byEvening = design.kind == .randomisedDoses
        let response = byEvening ? comparison.dose : comparison.trailingWeek
        guard let primary = response.primary else {
            say("refused", "There is no rate ratio: the model has no finite fit. \(Self.cannotTell)")
            return
        }
        let interval = primary.interval95
        let measure = byEvening ? "in the evening's dose" : "in the mean dose of the last seven nights"
        let numbers =
            "With each 100 mg more \(measure), your movement rate was \(Shown.change(exp(primary.median))) (95 % interval \(Shown.change(exp(interval.lowerBound))) to \(Shown.change(exp(interval.upperBound))))."
        if let test = comparison.randomisation, test.pValue(in: design) <= design.level {
            let direction = test.observed < 0 ? "lower" : "higher"
            say(
                "assigned",
                "Your movement rate was \(direction) on nights assigned to more magnesium than chance assignment would explain; this supports an effect in you, during these weeks."
            )
            say("difference", numbers)
        } else if comparison.randomisation != nil || interval.contains(0) {
            cannotTell(primary, numbers)
        } else {
            if Self.isDrift(primary, comparison.trendAdjusted) {
                say(
                    "drift",
                    "The change cannot be separated from drift: a slow change over these weeks fits the data equally well."
                )
            }
            say("difference", numbers)
        }
        if let test = comparison.randomisation {
            say(
                "design_test",
                "By the test of the drawn doses exchanged between nights, \(Shown.named(p: test.pValue(in: design))).")
        }
        if comparison.nights < 2 * ConditionComparison.fullNights {
            say(
                "early_look",
                "Early look: a comparison of doses rests on \(2 * ConditionComparison.fullNights) nights or more.")
        }
        say("how_sure", Self.howSure(primary))
    }

    private static func compared(_ effect: Double, _ other: String) -> String {
        let change = Shown.change(exp(effect))
        return change == "the same" ? "the same as \(other)" : "\(change) than \(other)"
    }

    /// Whether the effect turns over, or vanishes, once a linear change over the weeks is allowed for.
    static func isDrift(_ primary: MarginalisedEffect, _ trendAdjusted: MarginalisedEffect?) -> Bool {
        guard let trendAdjusted else { return false }
        return primary.median * trendAdjusted.median <= 0
    }

    /// The probability of a rate ratio between 0.9 and 1/0.9.
    public static func equality(_ effect: MarginalisedEffect) -> Double {
        max(0, effect.probability(below: equalRange.upperBound) - effect.probability(below: equalRange.lowerBound))
    }

    private static func howSure(_ effect: MarginalisedEffect) -> String {
        let lower = effect.probability(below: 0)
        let fifth = effect.probability(below: log(0.8))
        let word =
            lower >= 0.75 ? "probably lower" : lower <= 0.25 ? "probably higher" : "about as likely lower as higher"
        return
            "How sure, from these nights alone: \(word) (\(Shown.probability(lower)) for lower at all, \(Shown.probability(fifth)) for lower by 20 % or more)."
    }
}

extension RandomisationTest {
    /// The p value that a design is judged by: two-sided, unless only a decrease was declared to count.
    func pValue(in design: StudyDesign) -> Double { design.isOneSided ? pValueOfDecrease : pValue }
}
