// SPDX-License-Identifier: GPL-3.0-or-later
public import Comparison
internal import Glibc
public import Nights

/// The report of a comparison: a page for the person, and pages for a clinician.
public struct ComparisonPage: Sendable {
    /// What nights, doses and design say together.
    public var comparison: NightComparison
    /// All nights that were given, those that take no part among them.
    public var nights: [ComparedNight]
    /// The doses that were given.
    public var doses: [ComparedDose]
    /// What is known beside the numbers.
    public var surroundings: Surroundings

    /// What a journal knows beside the numbers of a comparison; files alone know less.
    public struct Surroundings: Sendable {
        /// Who or what is compared: plain text.
        public var subtitle = ""
        /// What the log shows beside published figures, what matters most first.
        public var notices: [Notice] = []
        /// Whether no sentence about a difference may stand at the head: a sign that needs care, the kidneys, or a changed medicine
        /// goes before it.
        public var suppressesHeadline = false
        /// What changed beside magnesium inside the compared nights.
        public var confounding: [Notice] = []
        /// What a reader must know of the nights, a sentence each.
        public var remarks: [String] = []
        /// The nights that take no part, and why; nil to say what the comparison itself left out.
        public var leftOut: [LeftOut]?
        /// The stretches of compared nights that count as gaps, a line each.
        public var masked: [String] = []
        /// When in the night the movements came.
        public var raster: HourRaster?
        /// How far apart they were, by condition.
        public var intervals: IntervalPicture?
        /// What was logged as an unwanted effect, a line each; nil where nobody was asked.
        public var harms: [String]?
        /// What the numbers were made from, by what: names and values.
        public var provenance: [Provenance] = []

        /// A night that takes no part.
        public struct LeftOut: Hashable, Sendable {
            /// The night.
            public var night: CivilDay
            /// Why, in words.
            public var reason: String

            /// A night by its parts.
            public init(night: CivilDay, reason: String) {
                self.night = night
                self.reason = reason
            }
        }

        /// Nothing known beside the numbers.
        public init() {}
    }

    /// A report of a comparison.
    public init(
        _ comparison: NightComparison, nights: [ComparedNight], doses: [ComparedDose],
        surroundings: Surroundings = Surroundings()
    ) {
        self.comparison = comparison
        self.nights = nights.sorted { $0.day < $1.day }
        self.doses = doses
        self.surroundings = surroundings
    }

    /// The report.
    public var document: ReportDocument {
        ReportDocument(
            title: "Nights with and without magnesium", subtitle: surroundings.subtitle,
            pages: [
                .init("For you", personBlocks), .init("For a clinician", clinicianBlocks),
                .init("Checklist and origin", checklistBlocks),
            ],
            footer: Self.footer)
    }

    static let footer =
        "Not a diagnosis. A leg sensor is not a sleep study: it sees fewer movements than electrodes on the muscle, and the other "
        + "leg's only where it is worn on both. Made by nattro, offline; nothing was sent anywhere."

    var design: StudyDesign { comparison.design }
    /// Before the planned end no result is shown.
    var showsResults: Bool { comparison.interim == nil }

    var conditions: ConditionComparison? {
        if case .conditions(let conditions) = comparison.contrast { conditions } else { nil }
    }

    var doseComparison: DoseComparison? {
        if case .doses(let doses) = comparison.contrast { doses } else { nil }
    }

    /// What the nights without magnesium are called.
    var beforeName: String { design.kind == .beforeAfter ? "before magnesium" : "without magnesium" }
    var ratioAxis: String {
        "rate ratio, with magnesium to \(design.kind == .beforeAfter ? "before" : "without") (logarithmic)"
    }

    // MARK: The person's page

    private var personBlocks: [ReportDocument.Block] {
        let sentences = Verdict(comparison, showsHeadline: !surroundings.suppressesHeadline).sentences
        func said(_ ids: String...) -> [String] { sentences.filter { ids.contains($0.id) }.map(\.text) }
        var blocks: [ReportDocument.Block] =
            (surroundings.notices.filter { $0.severity <= .important } + surroundings.confounding).map(Self.block)
        if surroundings.suppressesHeadline {
            blocks.append(.paragraph("What stands above comes first. The nights themselves are on the next page."))
        } else {
            if let headline = sentences.first { blocks.append(.headline(headline.text)) }
            let rest = sentences.dropFirst().filter {
                ["difference", "drift", "early_look", "design_test"].contains($0.id)
            }
            blocks += rest.map { .paragraph($0.text) }
            if showsResults, let picture = mainPicture { blocks.append(.picture(picture)) }
            let sure = said("how_sure").map(Self.withoutLead) + (showsResults ? robustnessLines : [])
            if !sure.isEmpty { blocks += [.heading("How sure")] + [.list(sure)] }
        }
        let beside = comparison.notes.map(\.text) + surroundings.remarks
        if !beside.isEmpty { blocks += [.heading("To know beside it"), .list(beside)] }
        let limits = said("not_randomised", "not_blinded", "limits", "not_a_diagnosis")
        if !limits.isEmpty { blocks += [.heading("What these nights cannot say"), .list(limits)] }
        blocks += [.heading("Next"), .list(said("plan_more", "refused.remedy") + nextSteps)]
        return blocks
    }

    /// The sentence without the words that the heading above it has.
    private static func withoutLead(_ sentence: String) -> String {
        let lead = "How sure, from these nights alone: "
        guard sentence.hasPrefix(lead) else { return sentence }
        return "From these nights alone: \(sentence.dropFirst(lead.count))"
    }

    static func block(_ notice: Notice) -> ReportDocument.Block {
        .notice(
            (notice.date.map { "\($0.inWords): " } ?? "") + notice.text, severity: notice.severity.rawValue)
    }

    /// The two lines that a person is shown of all the other analyses.
    private var robustnessLines: [String] {
        var lines: [String] = []
        if let adjusted = conditions?.trendAdjusted ?? doseComparison?.trendAdjusted {
            let interval = adjusted.interval95
            lines.append(
                "If a steady change over the weeks is allowed for, the rate ratio is \(Self.ratio(adjusted.median)) "
                    + "(95 % interval \(Self.ratio(interval.lowerBound)) to \(Self.ratio(interval.upperBound))).")
        }
        if let variants = conditions?.transitions {
            let ratios = variants.compactMap { variant in
                variant.effect.map { "\(Self.ratio($0.median)) with \(Int(variant.value))" }
            }
            if !ratios.isEmpty {
                lines.append(
                    "The first nights after a switch may be left out; the rate ratio is then, by nights left out: "
                        + ratios.joined(separator: ", ") + ".")
            }
        }
        return lines
    }

    static func ratio(_ logarithm: Double) -> String { Shown.ratio(exp(logarithm)) }

    private var nextSteps: [String] {
        var lines: [String] = []
        if let conditions, comparison.interim == nil {
            let full = ConditionComparison.fullNights
            let missing = [(conditions.before, "without"), (conditions.with, "with")].compactMap { phase, name in
                phase.compared < full ? "\(Shown.nights(full - phase.compared)) \(name) magnesium" : nil
            }
            if !missing.isEmpty {
                lines.append("Still wanting for a comparison: \(missing.joined(separator: " and ")).")
            }
        }
        if let interim = comparison.interim {
            lines.append("Record on: \(Shown.nights(interim.planned - interim.passed)) of the plan are to come.")
        }
        lines.append(
            "The pages behind this one hold what a clinician may ask for. Doses, medicines and symptoms are for the two of you to discuss."
        )
        return lines
    }

    private var mainPicture: Picture? {
        if let conditions {
            let ratio = conditions.primary.map { primary in
                let interval = primary.interval95
                return BeforeAfter.Ratio(
                    estimate: exp(primary.median), lower: exp(interval.lowerBound), upper: exp(interval.upperBound))
            }
            func phase(_ summary: PhaseSummary, _ name: String) -> BeforeAfter.Phase {
                let rates = comparedNights(summary.isActive).map { Double($0.movements) / $0.hours }
                return BeforeAfter.Phase(name: name, rates: rates, mean: summary.rate)
            }
            return BeforeAfter(
                before: phase(conditions.before, beforeName), with: phase(conditions.with, "with magnesium"),
                ratio: ratio
            ).picture(axis: ratioAxis)
        }
        return doseResponse
    }

    /// The nights by the evening's dose.
    var doseResponse: Picture? {
        guard let doseComparison else { return nil }
        let steps = doseComparison.steps
        return DoseResponse(
            zip(doseComparison.doseByNight, comparison.nights).map {
                DoseResponse.Night(dose: $0, rate: Double($1.movements) / $1.hours)
            },
            steps: steps.levels.indices.map {
                DoseResponse.Step(dose: steps.levels[$0], mean: exp(steps.means[$0]), fit: exp(steps.fit[$0]))
            }
        ).picture()
    }
}

extension ComparisonPage {
    /// Whether each planned night lies in a transition.
    private var isTransition: [Bool] {
        design.comparesDoses
            ? [] : StudyDesign.isTransition(design.condition, changes: design.changes, nights: design.transition ?? 0)
    }

    func index(_ night: ComparedNight) -> Int { night.day - design.first }

    /// Whether a night is planned with magnesium; nil under neither condition, and outside the plan.
    func isActive(_ night: ComparedNight) -> Bool? {
        let index = index(night)
        return !design.comparesDoses && design.condition.indices.contains(index) ? design.condition[index] : nil
    }

    /// The compared nights of a condition.
    func comparedNights(_ active: Bool) -> [ComparedNight] {
        let skipped = isTransition
        return comparison.nights.filter { isActive($0) == active && !skipped[index($0)] }
    }

    /// Night by night, with doses.
    var trend: Picture? {
        let skipped = isTransition
        let reasons = Dictionary(comparison.leftOut.map { ($0.day, Self.words($0.reason)) }) { first, _ in first }
        var dosesByNight: [CivilDay: Double] = [:]
        for dose in doses { dosesByNight[dose.night, default: 0] += dose.elementalMg }
        let shown = nights.map { night -> NightTrend.Night in
            let part: NightTrend.Night.Part =
                if let reason = reasons[night.day] {
                    .leftOut(reason)
                } else if skipped.indices.contains(index(night)), skipped[index(night)] {
                    .transition
                } else {
                    .compared
                }
            let isPlanned = (0..<design.nights).contains(index(night))
            return NightTrend.Night(
                day: night.day, index: night.hours > 0 ? Double(night.movements) / night.hours : nil,
                isActive: isActive(night), part: part,
                dose: dosesByNight[night.day] ?? (design.doseLogIsComplete && isPlanned ? 0 : nil))
        }
        return NightTrend(shown, phases: phases).picture()
    }

    private var phases: [NightTrend.Phase] {
        guard !design.comparesDoses else { return [] }
        var phases: [NightTrend.Phase] = []
        for (night, condition) in design.condition.enumerated() {
            guard let condition else { continue }
            let day = design.first + night
            if let last = phases.last, last.isActive == condition, last.days.upperBound + 1 == day {
                phases[phases.count - 1].days = last.days.lowerBound...day
            } else {
                phases.append(NightTrend.Phase(days: day...day, isActive: condition))
            }
        }
        return phases
    }

    static func words(_ reason: LeftOutNight.Reason) -> String {
        switch reason {
        case .excluded: "excluded by you"
        case .outsideDesign: "outside the planned nights"
        case .tooShort: "fewer than \(Int(ComparedNight.fewestHours)) analysed hours"
        case .noCondition: "planned under neither condition"
        }
    }
}
