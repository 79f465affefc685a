// SPDX-License-Identifier: GPL-3.0-or-later
internal import Nights

/// The nights with magnesium set against those without.
public struct ConditionComparison: Hashable, Sendable {
    /// The nights without magnesium.
    public let before: PhaseSummary
    /// The nights with magnesium.
    public let with: PhaseSummary
    /// The primary analysis; nil where it was refused.
    public let primary: MarginalisedEffect?
    /// The same with a linear change over the weeks, without covariates.
    public let trendAdjusted: MarginalisedEffect?
    /// The same engine on the logarithms of the rates: the typical night.
    public let logRates: MarginalisedEffect?
    /// The same without the declared covariates; nil where none was declared.
    public let logRatesUnadjusted: MarginalisedEffect?
    /// The primary analysis of the nights scored at one higher threshold, where they were.
    public let atFixedThreshold: MarginalisedEffect?
    /// The primary analysis under other transitions, by nights left out.
    public let transitions: [Variant]
    /// The primary analysis of what is left of the effect, by half-life in nights.
    public let halfLives: [Variant]
    /// Two batches a phase.
    public let batches: TwoSampleT?
    /// Overdispersed counts, nights independent.
    public let quasiPoisson: QuasiPoissonEffect?
    /// Negative binomial counts, nights independent.
    public let negativeBinomial: NegativeBinomialEffect?
    /// Short memory.
    public let neweyWest: NeweyWestEffect?
    /// Mann and Whitney's test of the rates.
    public let rankSum: RankSum?
    /// Hodges and Lehmann's shift of the log rates.
    public let medianShift: MedianShift?
    /// How often a night with magnesium is below one without.
    public let nonoverlap: Nonoverlap?
    /// Welch's test of the log rates.
    public let welch: TwoSampleT?
    /// The design's own test of the means of log rates.
    public let randomisation: RandomisationTest?
    /// The design's own test of the pooled rates: the one that a randomised plan is judged by.
    public let randomisationPooled: RandomisationTest?
    /// The design's own test with the declared half-life, which then takes that place.
    public let randomisationExposure: RandomisationTest?
    /// The secondary endpoints, Holm-adjusted.
    public let secondary: [SecondaryEffect]
    /// Why there is no rate ratio.
    public let refusal: ComparisonRefusal?

    /// The primary analysis with one number of the plan changed.
    public struct Variant: Hashable, Sendable {
        /// The number: nights of transition, or of half-life.
        public let value: Double
        /// The nights compared without and with magnesium.
        public let nights: [Int]
        /// The effect; nil with fewer than five nights in a phase.
        public let effect: MarginalisedEffect?
    }

    /// Below this many nights in a phase it is only described.
    public static let fewestNights = 5
    /// Below this many nights in a phase it is an early look.
    public static let fullNights = 14
    /// Below this many movements in a phase there is no ratio.
    public static let fewestMovements = 10
}

extension ConditionComparison {
    /// Compares the usable nights of a design with two conditions.
    init(_ selection: NightSelection, notes: inout [ComparisonNote]) throws(ComparisonRefusal) {
        let design = selection.design
        let phases = Phases(selection, transition: design.transition ?? 0)
        before = phases.summary(false)
        with = phases.summary(true)
        refusal = Self.refusal(before, with)
        let variants = refusal == nil
        transitions =
            variants
            ? design.shownTransitions.map { transition in
                let phases = Phases(selection, transition: transition)
                return Variant(
                    value: Double(transition), nights: phases.counts,
                    effect: phases.isEnough ? MarginalisedEffect(countsOf: phases.series, phases.matrix()) : nil)
            } : []
        guard refusal?.reason != .tooFewNights else {
            (primary, trendAdjusted, logRates, logRatesUnadjusted, atFixedThreshold) = (nil, nil, nil, nil, nil)
            (batches, quasiPoisson, negativeBinomial, neweyWest) = (nil, nil, nil, nil)
            (rankSum, medianShift, nonoverlap, welch) = (nil, nil, nil, nil)
            (randomisation, randomisationPooled, randomisationExposure) = (nil, nil, nil)
            (halfLives, secondary) = ([], [])
            return
        }
        let (columns, constant) = try selection.covariates(of: phases.compared)
        notes += constant.map { ComparisonNote.constantCovariate($0) }
        let series = phases.series
        let matrix = phases.matrix(columns)
        let (first, second) = (series.at(phases.positions(false)), series.at(phases.positions(true)))
        let poisson = variants ? LogLinearFit(matrix, counts: series.counts, hours: series.hours) : nil
        primary = variants ? MarginalisedEffect(countsOf: series, matrix) : nil
        trendAdjusted = variants ? MarginalisedEffect(countsOf: series, phases.matrix([series.weeks])) : nil
        logRates = MarginalisedEffect(series.logRates, days: series.days, matrix)
        logRatesUnadjusted =
            columns.isEmpty ? nil : MarginalisedEffect(series.logRates, days: series.days, phases.matrix())
        atFixedThreshold = variants ? Self.atFixedThreshold(phases, matrix) : nil
        halfLives = variants ? Self.halfLives(phases, columns) : []
        batches = variants ? TwoSampleT(batches: first, second) : nil
        quasiPoisson = poisson.map { QuasiPoissonEffect($0, matrix, counts: series.counts) }
        neweyWest = poisson.map { NeweyWestEffect($0, matrix, counts: series.counts) }
        negativeBinomial = poisson.flatMap {
            NegativeBinomialEffect($0, matrix, counts: series.counts, hours: series.hours)
        }
        rankSum = RankSum(first.rates, second.rates)
        medianShift = MedianShift(first.logRates, second.logRates)
        nonoverlap = Nonoverlap(first.rates, second.rates)
        welch = TwoSampleT(welch: first.logRates, second.logRates)
        secondary = SecondaryEffect.family(phases, columns)
        let tests = Self.randomisationTests(selection, notes: &notes)
        (randomisation, randomisationPooled, randomisationExposure) = (tests.means, tests.pooled, tests.exposure)
    }

    /// The medians of the threshold may differ by this share of the lower one.
    private static let largestThresholdDifference = 0.2

    /// The higher of the phases' median thresholds, in mg to a tenth, where they differ by more than 20 %; else nil.
    ///
    /// The counts are then not on one scale, and all nights are to be scored again at this threshold.
    public var higherThreshold: Double? {
        guard let a = before.medianThreshold, let b = with.medianThreshold, min(a, b) > 0,
            max(a, b) / min(a, b) > 1 + Self.largestThresholdDifference
        else { return nil }
        return (max(a, b) * 10).rounded() / 10
    }

    /// The test that a randomised design is judged by.
    public var decisiveTest: RandomisationTest? { randomisationExposure ?? randomisationPooled }

    private static func refusal(_ before: PhaseSummary, _ with: PhaseSummary) -> ComparisonRefusal? {
        let fewest = min(before.compared, with.compared)
        guard fewest >= fewestNights else {
            return ComparisonRefusal(
                reason: .tooFewNights, problem: "fewer than \(fewestNights) nights in a phase",
                remedy: "record more nights (nattro record); nattro plan says how many it takes")
        }
        let (least, name) =
            before.movements <= with.movements ? (before.movements, "without") : (with.movements, "with")
        guard least >= fewestMovements else {
            return ComparisonRefusal(
                reason: .tooFewMovements,
                problem: least == 0
                    ? "no rate ratio: no movement in the phase \(name) magnesium"
                    : "no rate ratio: fewer than \(fewestMovements) movements in the phase \(name) magnesium",
                remedy: "record more nights (nattro record), or read the nights' own rates and the rank test")
        }
        return nil
    }

    private static func atFixedThreshold(_ phases: Phases, _ matrix: ModelMatrix) -> MarginalisedEffect? {
        let counts = phases.compared.compactMap(\.movementsAtFixedThreshold)
        guard counts.count == phases.compared.count else { return nil }
        let series = phases.series
        return MarginalisedEffect(
            countsOf: NightSeries(days: series.days, counts: counts, hours: series.hours), matrix)
    }

    private static func halfLives(_ phases: Phases, _ columns: [[Double]]) -> [Variant] {
        let condition = phases.selection.design.condition.map { $0 == true ? 1.0 : 0 }
        let declared = phases.selection.design.halfLife
        return Set([0, 1, 3, 7] + (declared.map { [$0] } ?? [])).sorted().map { halfLife in
            let exposure = Exposure.exponential(condition, halfLife: halfLife)
            let series = phases.series
            return Variant(
                value: halfLife, nights: phases.counts,
                effect: MarginalisedEffect(
                    countsOf: series, ModelMatrix([series.days.map { exposure[$0] }] + columns)))
        }
    }

    private static func randomisationTests(
        _ selection: NightSelection, notes: inout [ComparisonNote]
    ) -> (means: RandomisationTest?, pooled: RandomisationTest?, exposure: RandomisationTest?) {
        let design = selection.design
        guard design.isRandomised, let allowed = AllowedAssignments(design.kind, nights: design.nights) else {
            if design.isRandomised { notes.append(.unusableSchedule) }
            return (nil, nil, nil)
        }
        let condition = design.condition.map { $0 == true }
        guard design.condition.allSatisfy({ $0 != nil }), allowed.contains(condition) else {
            notes.append(.unusableSchedule)
            return (nil, nil, nil)
        }
        if allowed.smallestPValue > 0.05 { notes.append(.coarseSchedule(allowed)) }
        let tested = TestedAssignments(allowed, seed: design.seed ?? 0)
        let series = selection.series(selection.usable)
        func test(_ statistic: RandomisationTest.Statistic) -> RandomisationTest? {
            RandomisationTest(
                statistic, series, condition: condition, transition: design.transition ?? 0, among: tested)
        }
        return (
            test(.meanOfLogRates), test(.logOfPooledRates),
            design.halfLife.flatMap { test(.exposure(halfLife: $0)) }
        )
    }
}

/// The usable nights by condition, with a transition left out.
struct Phases {
    let selection: NightSelection
    /// The nights that are compared, in calendar order.
    let compared: [ComparedNight]
    private let isActive: [Bool]

    init(_ selection: NightSelection, transition: Int) {
        self.selection = selection
        let skipped = StudyDesign.isTransition(
            selection.design.condition, changes: selection.design.changes, nights: transition)
        compared = selection.usable.filter { !skipped[selection.index($0)] }
        isActive = compared.map { selection.design.condition[selection.index($0)] == true }
    }

    var series: NightSeries { selection.series(compared) }

    /// The nights without and with magnesium.
    var counts: [Int] { [positions(false).count, positions(true).count] }

    var isEnough: Bool { counts.allSatisfy { $0 >= ConditionComparison.fewestNights } }

    func positions(_ active: Bool) -> [Int] { isActive.indices.filter { isActive[$0] == active } }

    /// The condition, and what is adjusted for.
    func matrix(_ columns: [[Double]] = []) -> ModelMatrix { ModelMatrix([isActive.map { $0 ? 1 : 0 }] + columns) }

    func summary(_ active: Bool) -> PhaseSummary {
        let design = selection.design
        return PhaseSummary(
            isActive: active, planned: design.condition.count { $0 == active },
            usable: selection.usable.filter { design.condition[selection.index($0)] == active },
            compared: positions(active).map { compared[$0] })
    }
}

extension NightSeries {
    /// The weeks since the mean of all nights.
    package var weeks: [Double] {
        let days = days.map { Double($0) }
        let mean = days.mean
        return days.map { ($0 - mean) / 7 }
    }
}
