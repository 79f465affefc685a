// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Nights

/// A comparison ready to be shown.
struct ComparisonReport {
    let comparison: NightComparison
    let verdict: Verdict
    let design: DesignFile

    /// - Parameter showsHeadline: whether a sentence about the difference may be at its head.
    init(
        nights: [ComparedNight], doses: [ComparedDose], design: DesignFile, showsHeadline: Bool = true
    ) throws(ComparisonRefusal) {
        comparison = try NightComparison(nights: nights, doses: doses, design: design.design)
        verdict = Verdict(comparison, showsHeadline: showsHeadline)
        self.design = design
    }

    /// What is known of magnesium: printed with every difference.
    var evidence: [String] { ReferenceData.current.evidenceBlock }

    /// What is printed with every difference between nights that were not randomised; nil for a plan that chance drew.
    var disclaimer: String? { design.design.isRandomised ? nil : ReferenceData.current.causalDisclaimer }

    /// The phases' sensitivity, without magnesium and with; nil where doses are compared.
    var phases: (before: PhaseSummary, with: PhaseSummary)? {
        guard case .conditions(let conditions) = comparison.contrast else { return nil }
        return (conditions.before, conditions.with)
    }
}
