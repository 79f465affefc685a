// SPDX-License-Identifier: GPL-3.0-or-later

/// Spans of nights with the same dose in the same forms: the steps of a titration as they were taken.
public struct DosePhases: Hashable, Sendable {
    /// The phases in the order of time.
    public let phases: [Phase]

    /// Nights of one dose.
    public struct Phase: Hashable, Sendable {
        /// The first and the last night.
        public var nights: ClosedRange<CivilDay>
        /// Elemental milligrams a night.
        public var mg: Double
        /// The forms' names in the reference data, in alphabetical order; empty where nothing was taken.
        public var forms: [String]
        /// The nights that have entries.
        public var loggedNights: [CivilDay]
        /// How much more than in the phase before; nil for the first.
        public var step: Double?
    }

    /// The phases of a log. A night without an entry is unknown: it neither ends a phase nor belongs to one, unless the log is complete there.
    public init(_ doses: [Dose], complete: ClosedRange<CivilDay>? = nil) {
        let table = NightlyDoses(doses, complete: complete)
        var phases: [Phase] = []
        for night in table.knownNights {
            let (mg, forms) = (table.mg(night) ?? 0, table.forms(night))
            if let last = phases.last, last.mg == mg, last.forms == forms {
                phases[phases.count - 1].nights = last.nights.lowerBound...night
                phases[phases.count - 1].loggedNights.append(night)
            } else {
                phases.append(
                    Phase(
                        nights: night...night, mg: mg, forms: forms, loggedNights: [night],
                        step: phases.last.map { DoseRules.tidy(mg - $0.mg) }))
            }
        }
        self.phases = phases
    }

    /// The notice that form and time cannot be told apart, where the form changed.
    func formChangeNotice() -> [Notice] {
        let taken = phases.filter { $0.mg > 0 }
        guard let (first, second) = zip(taken, taken.dropFirst()).first(where: { $0.forms != $1.forms }) else {
            return []
        }
        func names(_ phase: Phase) -> String { phase.forms.joined(separator: " + ") }
        return [
            ReferenceData.current.text("evidence.form-changed").notice(
                ["first": names(first), "second": names(second)], date: second.nights.lowerBound)
        ]
    }

    /// The nights on which something else was logged than the person's own plan says.
    public static func differences(_ doses: [Dose], from plan: [PlanStep], complete: ClosedRange<CivilDay>? = nil)
        -> [PlanDifference]
    {
        let table = NightlyDoses(doses, complete: complete)
        let steps = plan.sorted { $0.from < $1.from }
        return table.knownNights.compactMap { night in
            guard let step = steps.last(where: { $0.from <= night }), let logged = table.mg(night),
                logged != step.targetMg
            else { return nil }
            let next = steps.first { $0.from > night }
            return PlanDifference(
                night: night, loggedMg: logged, plannedMg: step.targetMg, until: next.map { $0.from - 1 })
        }
    }
}

/// A night on which something else was logged than the person's own plan says.
public struct PlanDifference: Hashable, Sendable {
    /// The night.
    public var night: CivilDay
    /// What was logged, in elemental milligrams.
    public var loggedMg: Double
    /// What was planned.
    public var plannedMg: Double
    /// The last night for which that was planned; nil if the plan has no later step.
    public var until: CivilDay?

    /// `logged 300 mg; plan 200 mg until 14 March 2026`.
    public var text: String {
        let until = until.map { " until \($0.inWords)" } ?? ""
        return FixedText.fill(
            ReferenceData.current.text("plan.difference").text,
            ["logged": "\(NumberText.text(loggedMg)) mg", "planned": "\(NumberText.text(plannedMg)) mg\(until)"])
    }
}
