// SPDX-License-Identifier: GPL-3.0-or-later
internal import Nights

/// The nights set against their doses.
public struct DoseComparison: Hashable, Sendable {
    /// How the nights go with one measure of the dose.
    public struct Response: Hashable, Sendable {
        /// Of the rates; nil where the dose never varies.
        public let spearman: SpearmanCorrelation?
        /// Of the rates.
        public let kendall: KendallCorrelation?
        /// The primary analysis: the logarithm of the rate ratio for each 100 mg more.
        public let primary: MarginalisedEffect?
        /// The same engine on the logarithms of the rates.
        public let logRates: MarginalisedEffect?

        init(_ doses: [Double], _ series: NightSeries, _ covariates: [[Double]], hasRatio: Bool) {
            spearman = SpearmanCorrelation(doses, series.rates)
            kendall = KendallCorrelation(doses, series.rates)
            let matrix = ModelMatrix([doses.map { $0 / 100 }] + covariates)
            primary = hasRatio ? MarginalisedEffect(countsOf: series, matrix) : nil
            logRates = MarginalisedEffect(series.logRates, days: series.days, matrix)
        }
    }

    /// The compared nights.
    public let nights: Int
    /// The nights that the design planned.
    public let planned: Int
    /// All movements over all hours.
    public let rate: Double
    /// The dose of each compared night, in mg.
    public let doseByNight: [Double]
    /// The exposure of each compared night with a half-life of three nights, in mg.
    public let exposureByNight: [Double]
    /// By the dose of the same evening.
    public let dose: Response
    /// By the exposure with a half-life of three nights.
    public let exposureHalf3: Response
    /// By the mean of the seven nights up to each night.
    public let trailingWeek: Response
    /// By the exposure with the declared half-life.
    public let declaredExposure: Response?
    /// The same-evening slope with a linear change over the weeks.
    public let trendAdjusted: MarginalisedEffect?
    /// The nights' mean log rates by dose, and the falling steps nearest to them.
    public let steps: FallingSteps
    /// The test of the doses exchanged between nights, where they were drawn at random.
    public let randomisation: RandomisationTest?
    /// Why there is no rate ratio.
    public let refusal: ComparisonRefusal?
}

extension DoseComparison {
    /// Compares the usable nights of a design with several doses.
    init(_ selection: NightSelection, _ doses: [ComparedDose], notes: inout [ComparisonNote]) throws(ComparisonRefusal)
    {
        let design = selection.design
        let planned = try Self.plannedDoses(doses, design)
        let usable = selection.usable
        guard usable.count >= ConditionComparison.fewestNights else {
            throw ComparisonRefusal(
                reason: .tooFewNights, problem: "fewer than \(ConditionComparison.fewestNights) usable nights",
                remedy: "record more nights (nattro record); nattro plan says how many it takes")
        }
        let series = selection.series(usable)
        func atNights(_ values: [Double]) -> [Double] { series.days.map { values[$0] } }
        let doseByNight = atNights(planned)
        guard Set(doseByNight).count > 1 else {
            throw ComparisonRefusal(
                reason: .oneDoseOnly, problem: "every usable night has the same dose (\(doseByNight[0]) mg)",
                remedy: "record nights with another dose or none, and log it (nattro dose add, nattro dose none)")
        }
        let (covariates, constant) = try selection.covariates(of: usable)
        notes += constant.map { ComparisonNote.constantCovariate($0) }
        let movements = series.counts.reduce(0, +)
        let hasRatio = movements >= ConditionComparison.fewestMovements
        refusal =
            hasRatio
            ? nil
            : ComparisonRefusal(
                reason: .tooFewMovements,
                problem:
                    "no rate ratio: fewer than \(ConditionComparison.fewestMovements) movements in all nights",
                remedy: "record more nights (nattro record)")
        nights = usable.count
        self.planned = design.nights
        rate = series.pooledRate
        self.doseByNight = doseByNight
        exposureByNight = atNights(Exposure.exponential(planned, halfLife: 3))
        func response(_ doses: [Double]) -> Response { Response(doses, series, covariates, hasRatio: hasRatio) }
        dose = response(doseByNight)
        exposureHalf3 = response(exposureByNight)
        trailingWeek = response(atNights(Exposure.trailingWeek(planned)))
        declaredExposure = design.halfLife.map { response(atNights(Exposure.exponential(planned, halfLife: $0))) }
        trendAdjusted =
            hasRatio
            ? MarginalisedEffect(countsOf: series, ModelMatrix([doseByNight.map { $0 / 100 }, series.weeks])) : nil
        steps = FallingSteps(doses: doseByNight, values: series.logRates)
        randomisation =
            design.kind == .randomisedDoses
            ? RandomisationTest(doses: doseByNight, series, seed: design.seed ?? 0) : nil
    }

    /// The dose of every planned night; a night without an entry is none only where the log is complete.
    private static func plannedDoses(
        _ doses: [ComparedDose], _ design: StudyDesign
    ) throws(ComparisonRefusal) -> [Double] {
        var planned = [Double?](repeating: design.doseLogIsComplete ? 0 : nil, count: design.nights)
        for dose in doses {
            let index = dose.night - design.first
            if planned.indices.contains(index) { planned[index] = (planned[index] ?? 0) + dose.elementalMg }
        }
        if let unknown = planned.firstIndex(of: nil) {
            throw ComparisonRefusal(
                reason: .unknownDoses,
                problem:
                    "the dose log says nothing about the night of \(design.first + unknown), and is not declared complete",
                remedy: "say so with nattro dose none, or enter the dose with nattro dose add")
        }
        return planned.compactMap(\.self)
    }
}
