// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation
import Nights

extension ComparisonReport {
    /// One page for a person: the verdict, the numbers, the tables, what else was computed, and what is known.
    var text: String {
        var left: [String] = []
        for (reason, nights) in Dictionary(grouping: comparison.leftOut, by: \.reason).sorted(by: {
            $0.key.rawValue < $1.key.rawValue
        }) {
            left.append("\(Self.words(reason)): \(nights.map { "\($0.day)" }.joined(separator: ", "))")
        }
        return text(leftOut: left)
    }

    /// The same with other words about the nights that take no part, a line each.
    func text(leftOut: [String]) -> String {
        var lines = verdict.sentences.map(\.text)
        if !comparison.notes.isEmpty { lines += ["", "To know beside it:"] + comparison.notes.map { "- \($0.text)" } }
        switch comparison.contrast {
        case .conditions(let conditions): lines += describe(conditions)
        case .doses(let doses): lines += describe(doses)
        }
        if !leftOut.isEmpty { lines += ["", "Nights left out:"] + leftOut.map { "  \($0)" } }
        lines += ["", "What is known:"] + evidence.map { "  \($0)" }
        lines += ["", "Design SHA-256: \(design.digest)"]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func words(_ reason: LeftOutNight.Reason) -> String {
        switch reason {
        case .excluded: "excluded by you"
        case .outsideDesign: "outside the planned nights"
        case .tooShort: "fewer than \(Int(ComparedNight.fewestHours)) analysed hours"
        case .noCondition: "planned under neither condition"
        }
    }

    /// Before the planned end no result is shown.
    private var showsResults: Bool { comparison.interim == nil }

    private func describe(_ comparison: ConditionComparison) -> [String] {
        let phases = [comparison.before, comparison.with]
        func row(_ name: String, _ value: (PhaseSummary) -> String?) -> [String]? {
            let values = phases.map(value)
            return values.contains { $0 != nil } ? [name] + values.map { $0 ?? "–" } : nil
        }
        var table: [[String]?] = [
            ["", "without", "with magnesium"], row("nights planned") { "\($0.planned)" },
            row("nights usable") { "\($0.usable) (\(Shown.percent($0.missingShare)) missing)" },
            row("nights compared") { "\($0.compared)" }, row("hours a night") { Shown.decimals($0.meanHours, 1) },
        ]
        if showsResults {
            table += [
                row("movements an hour, all") { Shown.decimals($0.rate, 1) },
                row("movements an hour, median night") { Shown.decimals($0.medianRate, 1) },
            ]
        }
        table += [
            row("threshold in effect, mg") { $0.medianThreshold.map { Shown.decimals($0, 1) } },
            row("noise floor, mg") { $0.medianNoise.map { Shown.decimals($0, 2) } },
        ]
        // A column of zeros was not noted.
        for name in Set(phases.flatMap(\.covariateMeans.keys)).sorted()
        where phases.contains(where: { ($0.covariateMeans[name] ?? 0) != 0 }) {
            table.append(row(name) { $0.covariateMeans[name].map { Shown.decimals($0, 1) } })
        }
        table += [
            row("urge in the evening (unblinded)") { Self.shown($0.eveningUrge) },
            row("urge in the night (unblinded)") { Self.shown($0.nightUrge) },
            row("first symptom (unblinded)") { phase in
                phase.firstSymptom.map { Self.clock(hoursAfterNoon: $0.value) + " (\($0.nights) nights)" }
            },
        ]
        var lines = ["", "The nights by phase:"] + Self.columns(table.compactMap(\.self))
        guard showsResults, comparison.refusal?.reason != .tooFewNights else { return lines }
        lines += ["", "Descriptive; none of this is the verdict:"] + Self.columns(robustness(comparison))
        if !comparison.secondary.isEmpty {
            lines += ["", "Secondary endpoints (p adjusted by Holm):"]
            lines += Self.columns(comparison.secondary.map(Self.row))
        }
        return lines
    }

    private func robustness(_ comparison: ConditionComparison) -> [[String]] {
        guard comparison.refusal == nil else { return ratesOnly(comparison) }
        var rows: [[String]] = [["", "rate ratio", "95 % interval", "p"]]
        func add(_ name: String, _ effect: MarginalisedEffect?) {
            guard let effect else { return rows.append([name, "–", "–", "–"]) }
            rows.append(Self.row(name, effect.median, effect.interval95, effect.pValue))
        }
        add("primary analysis", comparison.primary)
        add("with a linear change over the weeks", comparison.trendAdjusted)
        if comparison.atFixedThreshold != nil { add("at one higher threshold", comparison.atFixedThreshold) }
        for variant in comparison.transitions {
            add("transition of \(Shown.nights(Int(variant.value)))", variant.effect)
        }
        for variant in comparison.halfLives {
            add("half-life of \(Shown.nights(Int(variant.value))), full effect", variant.effect)
        }
        add("typical night (log rates)", comparison.logRates)
        if let test = comparison.batches {
            rows.append(["two batches a phase, t", Shown.ratio(exp(test.difference)), "–", Shown.pValue(test.pValue)])
        }
        let independent = "assumes nights are independent"
        if let effect = comparison.quasiPoisson {
            rows.append(Self.row("quasi-Poisson", effect.estimate, effect.interval95, effect.pValue) + [independent])
        }
        if let effect = comparison.negativeBinomial {
            rows.append(
                Self.row(
                    effect.shape == nil ? "negative binomial, Poisson limit" : "negative binomial", effect.estimate,
                    effect.interval95, effect.pValue) + [independent])
        }
        if let effect = comparison.neweyWest {
            rows.append(
                [
                    "Newey–West", Shown.ratio(exp(effect.estimate)), "–", Shown.pValue(effect.pValue),
                    "assumes short memory",
                ]
            )
        }
        if let shift = comparison.medianShift, let test = comparison.rankSum {
            rows.append(
                Self.row("Hodges–Lehmann, Mann–Whitney", shift.estimate, shift.interval95, test.pValue) + [independent])
        }
        if let overlap = comparison.nonoverlap {
            rows.append(
                [
                    "pairs of nights with a decrease", Shown.percent(overlap.share),
                    "\(Shown.percent(overlap.interval95.lowerBound)) to \(Shown.percent(overlap.interval95.upperBound))",
                    "–", independent,
                ])
            rows.append(
                [
                    "Tau, Tau-U, Cliff's delta",
                    [overlap.tau, overlap.tauU, overlap.cliffDelta].map { Shown.decimals($0, 2) }.joined(
                        separator: ", "),
                    "–", "–", "not interpreted",
                ])
        }
        if let test = comparison.randomisationPooled {
            rows.append(
                [
                    "order drawn at random, pooled", Shown.ratio(exp(test.observed)),
                    Self.interval(of: test), Shown.pValue(test.pValue),
                ])
        }
        if let test = comparison.randomisation {
            rows.append(
                [
                    "order drawn at random, mean log", Shown.ratio(exp(test.observed)),
                    Self.interval(of: test), Shown.pValue(test.pValue),
                ])
        }
        return rows
    }

    /// What can be said without a ratio.
    private func ratesOnly(_ comparison: ConditionComparison) -> [[String]] {
        var rows: [[String]] = []
        if let test = comparison.rankSum {
            rows.append(["Mann–Whitney, p", Shown.pValue(test.pValue), "assumes nights are independent"])
        }
        if let overlap = comparison.nonoverlap {
            rows.append(
                ["pairs of nights with a decrease", Shown.percent(overlap.share), "assumes nights are independent"])
        }
        if let test = comparison.randomisationPooled {
            rows.append(["order drawn at random, p", Shown.pValue(test.pValue)])
        }
        return rows
    }

    private func describe(_ comparison: DoseComparison) -> [String] {
        guard showsResults else { return [] }
        var rows: [[String]] = [["for each 100 mg more", "rate ratio", "95 % interval", "p"]]
        // Doses that nobody drew at random have no p value.
        let showsP = comparison.randomisation != nil
        func add(_ name: String, _ effect: MarginalisedEffect?) {
            guard let effect else { return }
            let row = Self.row(name, effect.median, effect.interval95, effect.pValue)
            rows.append(showsP ? row : row.dropLast() + ["–"])
        }
        add("the evening's dose", comparison.dose.primary)
        add("mean of seven nights", comparison.trailingWeek.primary)
        add("half-life of 3 nights", comparison.exposureHalf3.primary)
        add("declared half-life", comparison.declaredExposure?.primary)
        add("the evening's dose, with a linear change over the weeks", comparison.trendAdjusted)
        add("the evening's dose, typical night", comparison.dose.logRates)
        var lines = [
            "",
            "\(comparison.nights) nights of \(comparison.planned) planned, \(Shown.decimals(comparison.rate, 1)) movements an hour.",
            "", "Descriptive beside the verdict:",
        ]
        lines += Self.columns(rows)
        if let spearman = comparison.dose.spearman, let kendall = comparison.dose.kendall {
            lines.append(
                "  Spearman \(Shown.decimals(spearman.rho, 2)), Kendall \(Shown.decimals(kendall.tauB, 2)) (assume that nights are independent)"
            )
        }
        lines += ["", "Typical movements an hour by dose, and the nearest falling steps:"]
        lines += Self.columns(
            [["mg", "nights' mean", "steps"]]
                + comparison.steps.levels.indices.map { level in
                    [
                        Shown.decimals(comparison.steps.levels[level], 0),
                        Shown.decimals(exp(comparison.steps.means[level]), 1),
                        Shown.decimals(exp(comparison.steps.fit[level]), 1),
                    ]
                })
        return lines
    }

    private static func row(
        _ name: String, _ estimate: Double, _ interval: ClosedRange<Double>, _ p: Double
    ) -> [String] {
        [name, Shown.ratio(exp(estimate)), Self.interval(interval.lowerBound, interval.upperBound), Shown.pValue(p)]
    }

    private static func row(_ secondary: SecondaryEffect) -> [String] {
        let (effect, isRatio) = (secondary.effect, secondary.endpoint.isRatio)
        func shown(_ value: Double) -> String { Shown.decimals(isRatio ? exp(value) : value, 2) }
        return [
            secondary.endpoint.name, "\(isRatio ? "ratio" : "difference") \(shown(effect.median))",
            "\(shown(effect.interval95.lowerBound)) to \(shown(effect.interval95.upperBound))",
            Shown.pValue(secondary.adjustedPValue),
        ]
    }

    /// An interval of a ratio from its logarithms.
    private static func interval(_ lower: Double, _ upper: Double) -> String {
        "\(Shown.ratio(exp(lower))) to \(Shown.ratio(exp(upper)))"
    }

    /// The interval of a design's own test; an end that rules nothing out is open.
    private static func interval(of test: RandomisationTest) -> String {
        [test.lower95, test.upper95].map { end in
            guard let end, end.isBound else { return "unbounded" }
            return Shown.ratio(exp(end.value))
        }.joined(separator: " to ")
    }

    private static func shown(_ mean: PhaseSummary.Mean?) -> String? {
        mean.map { "\(Shown.decimals($0.value, 1)) (\($0.nights) nights)" }
    }

    private static func clock(hoursAfterNoon hours: Double) -> String {
        let minutes = (Int((hours * 60).rounded()) + 720) % 1440
        let pad = { (value: Int) in value < 10 ? "0\(value)" : "\(value)" }
        return "\(pad(minutes / 60)):\(pad(minutes % 60))"
    }

    /// Rows with their fields under each other.
    static func columns(_ rows: [[String]]) -> [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            let padded = row.enumerated().map { column, field in
                column == row.count - 1 ? field : field + String(repeating: " ", count: widths[column] - field.count)
            }
            return "  " + padded.joined(separator: "  ")
        }
    }
}
