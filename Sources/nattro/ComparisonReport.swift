// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison

/// A comparison ready to be shown.
struct ComparisonReport {
    let comparison: NightComparison
    let verdict: Verdict
    let design: DesignFile

    init(nights: [ComparedNight], doses: [ComparedDose], design: DesignFile) throws(ComparisonRefusal) {
        comparison = try NightComparison(nights: nights, doses: doses, design: design.design)
        verdict = Verdict(comparison)
        self.design = design
    }
}
