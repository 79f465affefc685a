// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation
import Nights

extension ComparisonReport {
    /// The schema of the answer in JSON.
    static let schema = "nattro.comparison/1"

    /// One object, its numbers nested and named as other tools rely on.
    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("schema", .string(Self.schema)), .init("id", JSONValue(design.id)),
            .init("design_sha256", .string(design.digest)),
        ]
        switch comparison.contrast {
        case .conditions(let conditions): members += self.members(conditions)
        case .doses(let doses): members += self.members(doses)
        }
        if let refusal = comparison.refusal {
            members += [
                .init("refuse", .string(refusal.problem)), .init("refuse_code", .string(refusal.reason.rawValue)),
                .init("refuse_remedy", .string(refusal.remedy)),
            ]
        }
        if let interim = comparison.interim {
            members.append(
                .init(
                    "interim",
                    .object([.init("passed", .integer(interim.passed)), .init("planned", .integer(interim.planned))])))
        }
        members += [
            .init("verdict", .array(verdict.sentences.map { Self.pair($0.id, $0.text) })),
            .init("notes", .array(comparison.notes.map { Self.pair($0.id, $0.text) })),
            .init(
                "left_out",
                .array(
                    comparison.leftOut.map { night in
                        .object([
                            .init("night", .string("\(night.day)")), .init("reason", .string(night.reason.rawValue)),
                        ])
                    })),
            .init("disclaimer", JSONValue(disclaimer)), .init("evidence", .array(evidence.map { .string($0) })),
            .init("reference_data", .string(ReferenceData.current.version)),
        ]
        return .object(members)
    }

    private static func pair(_ id: String, _ text: String) -> JSONValue {
        .object([.init("id", .string(id)), .init("text", .string(text))])
    }

    /// Before the planned end there is no p value.
    private func p(_ value: Double) -> JSONValue { comparison.interim == nil ? .number(value) : .null }

    private func members(_ comparison: ConditionComparison) -> [JSONValue.Member] {
        let (before, with) = (comparison.before, comparison.with)
        var members: [JSONValue.Member] = [
            .init("nA", .integer(before.compared)), .init("nB", .integer(with.compared)),
            .init("rateA", .number(before.rate)), .init("rateB", .number(with.rate)),
            .init("medA", .number(before.medianRate)), .init("medB", .number(with.medianRate)),
            .init("cvA", JSONValue(before.variation)),
        ]
        if comparison.refusal?.reason != .tooFewNights {
            members += [
                .init("primary", value(comparison.primary)), .init("trend_adjusted", value(comparison.trendAdjusted)),
                .init("mar1", value(comparison.logRates)),
                .init("mar1_unadjusted", value(comparison.logRatesUnadjusted)),
                .init("quasipoisson", value(comparison.quasiPoisson)),
                .init("newey_west", value(comparison.neweyWest)), .init("nb2", value(comparison.negativeBinomial)),
                .init(
                    "mann_whitney",
                    object(comparison.rankSum) { [.init("U_B", .number($0.u)), .init("p_exact", p($0.pValue))] }),
                .init(
                    "hodges_lehmann_ratio",
                    object(comparison.medianShift) {
                        [
                            .init("ratio", .number(exp($0.estimate))),
                            .init("lo", .number(exp($0.interval95.lowerBound))),
                            .init("hi", .number(exp($0.interval95.upperBound))),
                        ]
                    }),
                .init(
                    "nonoverlap",
                    object(comparison.nonoverlap) {
                        [
                            .init("nap", .number($0.share)), .init("se", .number($0.standardError)),
                            .init("lo", .number($0.interval95.lowerBound)),
                            .init("hi", .number($0.interval95.upperBound)), .init("tau", .number($0.tau)),
                            .init("tau_u", .number($0.tauU)),
                            .init("cliff_delta_B_minus_A", .number($0.cliffDelta)),
                        ]
                    }),
                .init("welch_log", value(comparison.welch, name: "diff")),
                .init("batch2_t", value(comparison.batches, name: "diff")),
            ]
            if let test = comparison.randomisation { members.append(.init("randomization", value(test))) }
            if let test = comparison.randomisationPooled { members.append(.init("randomization_pooled", value(test))) }
            if let test = comparison.randomisationExposure {
                members.append(.init("randomization_exposure", value(test)))
            }
            members += [
                .init("transition_strip", value(comparison.transitions, name: "transition")),
                .init("half_life_strip", value(comparison.halfLives, name: "half_life")),
                .init("at_fixed_threshold", value(comparison.atFixedThreshold)),
                .init("secondary", .array(comparison.secondary.map(value))),
            ]
        }
        members.append(.init("phases", .object([.init("A", value(before)), .init("B", value(with))])))
        return members
    }

    private func members(_ comparison: DoseComparison) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = [
            .init("n", .integer(comparison.nights)), .init("planned", .integer(comparison.planned)),
            .init("rate", .number(comparison.rate)), .init("dose", value(comparison.dose)),
            .init("exposure_half3", value(comparison.exposureHalf3)),
            .init("mean7", value(comparison.trailingWeek)),
        ]
        if let declared = comparison.declaredExposure { members.append(.init("exposure_declared", value(declared))) }
        members += [
            .init("trend_adjusted", value(comparison.trendAdjusted)),
            .init(
                "pava_decreasing",
                .object([
                    .init("levels", numbers(comparison.steps.levels)),
                    .init("mean_log", numbers(comparison.steps.means)), .init("fit", numbers(comparison.steps.fit)),
                ])),
            .init("dose_by_night", numbers(comparison.doseByNight)),
            .init("exposure_by_night", numbers(comparison.exposureByNight)),
        ]
        if let test = comparison.randomisation { members.append(.init("randomization_doses", value(test))) }
        return members
    }

    private func numbers(_ values: [Double]) -> JSONValue { .array(values.map { .number($0) }) }

    private func object<Value>(_ value: Value?, _ members: (Value) -> [JSONValue.Member]) -> JSONValue {
        value.map { .object(members($0)) } ?? .null
    }

    private func value(_ effect: MarginalisedEffect?) -> JSONValue {
        object(effect) { effect in
            let interval = effect.interval95
            let median = effect.median
            let independent = effect.components[0]
            // A one-sided test is there only where it was declared beforehand.
            let oneSided: [JSONValue.Member] =
                design.design.isOneSided ? [.init("p_one", p(effect.pValueOfDecrease))] : []
            // At the correlations 0.2, 0.4, 0.6 and 0.8, against independent nights.
            let differences = [8, 16, 24, 32].map { effect.components[$0].logDensity - independent.logDensity }
            return [
                .init("df", .integer(effect.degreesOfFreedom)), .init("mean", .number(effect.mean)),
                .init("sd", JSONValue(effect.variance?.squareRoot())), .init("median", .number(median)),
                .init("lo95", .number(interval.lowerBound)), .init("hi95", .number(interval.upperBound)),
                .init("p_two", p(effect.pValue)), .init("P_lt_1", p(effect.probability(below: 0))),
                .init("P_rr_lt_0_8", p(effect.probability(below: log(0.8)))),
                .init("P_rr_lt_0_7", p(effect.probability(below: log(0.7)))),
                .init("P_rope_0_9_1_11", p(Verdict.equality(effect))),
                .init("rho_mean", .number(effect.meanCorrelation)),
                .init("rho_mode", .number(effect.modeOfCorrelation)),
                .init("beta_rho0", .number(independent.estimate)),
                .init("se_rho0", .number(independent.standardError)), .init("logm_diff", numbers(differences)),
                .init("rr", .number(exp(median))), .init("rr_lo", .number(exp(interval.lowerBound))),
                .init("rr_hi", .number(exp(interval.upperBound))),
            ] + oneSided
        }
    }

    private func value(_ effect: QuasiPoissonEffect?) -> JSONValue {
        object(effect) {
            [
                .init("beta", .number($0.estimate)), .init("rr", .number(exp($0.estimate))),
                .init("phi", .number($0.dispersion)), .init("se", .number($0.standardError)), .init("t", .number($0.t)),
                .init("df", .integer($0.degreesOfFreedom)), .init("p", p($0.pValue)),
                .init("rr_lo", .number(exp($0.interval95.lowerBound))),
                .init("rr_hi", .number(exp($0.interval95.upperBound))),
            ]
        }
    }

    private func value(_ effect: NeweyWestEffect?) -> JSONValue {
        object(effect) {
            [
                .init("lag", .integer($0.lag)), .init("se", .number($0.standardError)), .init("t", .number($0.t)),
                .init("p", p($0.pValue)),
            ]
        }
    }

    private func value(_ effect: NegativeBinomialEffect?) -> JSONValue {
        object(effect) {
            [
                .init("theta", JSONValue($0.shape)), .init("poisson_limit", .bool($0.shape == nil)),
                .init("beta", .number($0.estimate)), .init("se", .number($0.standardError)),
                .init("p", p($0.pValue)), .init("rr", .number(exp($0.estimate))),
                .init("rr_lo", .number(exp($0.interval95.lowerBound))),
                .init("rr_hi", .number(exp($0.interval95.upperBound))), .init("loglik", .number($0.logLikelihood)),
            ]
        }
    }

    private func value(_ test: TwoSampleT?, name: String) -> JSONValue {
        object(test) {
            [
                .init(name, .number($0.difference)), .init("t", .number($0.t)),
                .init("df", .number($0.degreesOfFreedom)), .init("p", p($0.pValue)),
            ]
        }
    }

    private func value(_ test: RandomisationTest) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("assignments", .integer(Int(clamping: test.assignments))), .init("draws", JSONValue(test.draws)),
            .init("seed", test.seed.map { .integer(Int(truncatingIfNeeded: $0)) } ?? .null),
            .init("stat", .number(test.observed)), .init("p_two", p(test.pValue)),
            .init("p_less", p(test.pValueOfDecrease)), .init("p_min_two", .number(test.smallestPValue)),
        ]
        switch test.statistic {
        case .meanOfLogRates:
            members += [
                .init("ci_lo", JSONValue(test.lower95.map { exp($0.value) })),
                .init("ci_hi", JSONValue(test.upper95.map { exp($0.value) })),
                .init("ci_lo_is_bound", JSONValue(test.lower95?.isBound)),
                .init("ci_hi_is_bound", JSONValue(test.upper95?.isBound)),
            ]
        case .logOfPooledRates:
            members += [
                .init("ci_lo_log", JSONValue(test.lower95?.value)), .init("ci_hi_log", JSONValue(test.upper95?.value)),
            ]
        case .exposure, .dose: break
        }
        return .object(members)
    }

    private func value(_ variants: [ConditionComparison.Variant], name: String) -> JSONValue {
        .array(
            variants.map { variant in
                .object([
                    .init(name, .number(variant.value)), .init("nA", .integer(variant.nights[0])),
                    .init("nB", .integer(variant.nights[1])), .init("effect", value(variant.effect)),
                ])
            })
    }

    private func value(_ secondary: SecondaryEffect) -> JSONValue {
        let interval = secondary.effect.interval95
        let isRatio = secondary.endpoint.isRatio
        func shown(_ value: Double) -> JSONValue { .number(isRatio ? exp(value) : value) }
        return .object([
            .init("endpoint", .string(secondary.endpoint.rawValue)),
            .init("scale", .string(isRatio ? "ratio" : "difference")),
            .init("estimate", shown(secondary.effect.median)), .init("lo", shown(interval.lowerBound)),
            .init("hi", shown(interval.upperBound)), .init("p", p(secondary.effect.pValue)),
            .init("p_holm", p(secondary.adjustedPValue)),
        ])
    }

    private func value(_ response: DoseComparison.Response) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("spearman_rho", JSONValue(response.spearman?.rho)),
            .init("spearman_p_t", response.spearman.map { p($0.pValue) } ?? .null),
            .init("kendall_tau_b", JSONValue(response.kendall?.tauB)),
            .init("kendall_p_asym", response.kendall.map { p($0.pValue) } ?? .null),
            .init("jonckheere_s", JSONValue(response.kendall?.score)),
        ]
        if let exact = response.kendall?.exactPValue { members.append(.init("kendall_p_exact", p(exact))) }
        if let exact = response.spearman?.exactPValue { members.append(.init("spearman_p_exact_absdev", p(exact))) }
        members += [
            .init("mar1_per100mg", value(response.logRates)), .init("primary_per100mg", value(response.primary)),
        ]
        return .object(members)
    }

    private func value(_ phase: PhaseSummary) -> JSONValue {
        func mean(_ mean: PhaseSummary.Mean?) -> JSONValue {
            object(mean) { [.init("mean", .number($0.value)), .init("nights", .integer($0.nights))] }
        }
        return .object([
            .init("planned", .integer(phase.planned)), .init("usable", .integer(phase.usable)),
            .init("missing_share", .number(phase.missingShare)), .init("transition", .integer(phase.transition)),
            .init("compared", .integer(phase.compared)), .init("movements", .integer(phase.movements)),
            .init("mean_hours", .number(phase.meanHours)), .init("threshold_mg", JSONValue(phase.medianThreshold)),
            .init("noise_mg", JSONValue(phase.medianNoise)),
            .init(
                "covariates",
                .object(phase.covariateMeans.sorted { $0.key < $1.key }.map { .init($0.key, .number($0.value)) })),
            .init("urge_evening", mean(phase.eveningUrge)), .init("urge_night", mean(phase.nightUrge)),
            .init("first_symptom_h_after_noon", mean(phase.firstSymptom)),
        ])
    }
}
