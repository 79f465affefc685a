// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc
internal import LegMovements

/// How a person's nights vary by themselves: what a plan is computed from.
public struct NightVariability: Hashable, Sendable {
    /// Movements an hour.
    public let rate: Double
    /// The standard deviation of a night's rate over its mean, without the counts' own chance.
    public let variation: Double
    /// Correlations of neighbouring nights.
    public let correlations: [Double]
    /// The probabilities.
    public let weights: [Double]
    /// The nights it was read from; 0 for the assumed one.
    public let nights: Int

    /// From this many nights on a person's own nights are used.
    public static let fewestNights = 7

    /// An assumed variability.
    public init(rate: Double = 15, variation: Double = 0.45, correlation: Double = 0.2) {
        self.rate = rate
        self.variation = variation
        correlations = [correlation]
        weights = [1]
        nights = 0
    }

    /// A person's own, from nights under one condition; nil with too few nights, or none that vary.
    public init?(baseline series: NightSeries) {
        guard series.count >= Self.fewestNights, series.pooledRate > 0 else { return nil }
        let matrix = ModelMatrix(constantOf: series.count)
        guard let fit = LogLinearFit(matrix, counts: series.counts, hours: series.hours),
            let memory = MarginalisedEffect(
                fit.workingResponse(matrix, counts: series.counts), days: series.days, matrix, of: 0)
        else { return nil }
        let rates = series.rates
        let total = rates.sampleVariance / (rates.mean * rates.mean)
        // Poisson counts vary by 1 / expected count of their own, which the simulation adds again.
        let chance = fit.means.map { 1 / $0 }.mean
        rate = series.pooledRate
        variation = max(0.05, max(0, total - chance).squareRoot())
        correlations = memory.components.map(\.correlation)
        weights = memory.components.map(\.weight)
        nights = series.count
    }
}

/// How often the primary analysis would find a change, by simulating it.
public struct PowerEstimate: Hashable, Sendable {
    /// The share of simulated studies with a two-sided p of 0.05 or less.
    public let power: Double
    /// How many were simulated.
    public let replicates: Int

    /// The standard error of the share by the simulation's own chance.
    public var standardError: Double { (power * (1 - power) / Double(replicates)).squareRoot() }
}

/// A plan's simulations: the layout, the person, and how often to repeat.
public struct PowerSimulation: Sendable {
    /// Whether each night is with magnesium.
    public var condition: [Bool]
    /// The person.
    public var variability: NightVariability
    /// How many studies are simulated.
    public var replicates: Int
    /// The seed of the draws.
    public var seed: UInt64

    /// The generator's name.
    public static let generator = SeededDraws.name
    /// The power that a plan aims at.
    public static let target = 0.8

    /// A simulation by its parts.
    public init(condition: [Bool], variability: NightVariability, replicates: Int, seed: UInt64) {
        precondition(replicates > 0, "\(replicates) replicates")
        self.condition = condition
        self.variability = variability
        self.replicates = replicates
        self.seed = seed
    }

    /// The studies of one task: so many that the seeds, and with them the result, do not depend on the number of cores.
    private static let batch = 100

    /// The power for a rate ratio.
    public func power(rateRatio: Double) async -> PowerEstimate {
        var generator = SplitMix64(seed: seed)
        let found = await withTaskGroup(of: Int.self) { group in
            for start in stride(from: 0, to: replicates, by: Self.batch) {
                let (batchSeed, count) = (generator.next(), min(Self.batch, replicates - start))
                group.addTask { countFound(rateRatio: rateRatio, count: count, seed: batchSeed) }
            }
            return await group.reduce(0, +)
        }
        return PowerEstimate(power: Double(found) / Double(replicates), replicates: replicates)
    }

    /// The smallest decrease, in whole percent, that would be found with the power aimed at; nil if not even 95 %.
    public func smallestDecrease() async -> Int? {
        guard await power(rateRatio: 0.05).power >= Self.target else { return nil }
        var (missed, found) = (0, 95)
        while found - missed > 1 {
            let middle = (found + missed) / 2
            if await power(rateRatio: 1 - Double(middle) / 100).power >= Self.target {
                found = middle
            } else {
                missed = middle
            }
        }
        return found
    }

    private func countFound(rateRatio: Double, count: Int, seed: UInt64) -> Int {
        var draws = SeededDraws(seed: seed)
        var simulator = NightSimulator()
        simulator.rate = variability.rate
        simulator.variation = variability.variation
        simulator.rateRatio = rateRatio
        var found = 0
        for _ in 0..<count {
            simulator.correlation = correlation(at: draws.uniform())
            let (series, condition) = simulator.nights(condition, drawnBy: &draws)
            let matrix = ModelMatrix([condition.map { $0 ? 1 : 0 }])
            if let effect = MarginalisedEffect(countsOf: series, matrix), effect.pValue <= Verdict.level { found += 1 }
        }
        return found
    }

    private func correlation(at share: Double) -> Double {
        var sum = 0.0
        for (correlation, weight) in zip(variability.correlations, variability.weights) {
            sum += weight
            if share < sum { return correlation }
        }
        return variability.correlations.last ?? 0
    }
}

/// The power by a formula that knows the correlation: above what the analysis reaches, which has to learn it.
public enum PowerFormula {
    /// The power of generalised least squares, and the effect's standard error.
    ///
    /// - Parameter condition: Whether each night, one after another, is with magnesium.
    public static func upperBound(
        condition: [Bool], variation: Double, correlation: Double, rateRatio: Double
    ) -> (standardError: Double, power: Double)? {
        let count = condition.count
        guard count > 2 else { return nil }
        // The precision of a stationary AR(1), whitened row by row.
        let matrix = ModelMatrix([condition.map { $0 ? 1 : 0 }])
        var product = [Double](repeating: 0, count: 4)
        let scale = 1 / (1 - correlation * correlation).squareRoot()
        for night in 0..<count {
            let row = (0..<2).map { column in
                night == 0
                    ? matrix.rows[column]
                    : (matrix.rows[night * 2 + column] - correlation * matrix.rows[night * 2 - 2 + column]) * scale
            }
            for a in 0..<2 { for b in 0..<2 { product[a * 2 + b] += row[a] * row[b] } }
        }
        guard let factor = CholeskyFactor(product, width: 2) else { return nil }
        let variance = log(1 + variation * variation) * factor.inverseColumn(ModelMatrix.effect)[ModelMatrix.effect]
        let error = variance.squareRoot()
        let freedom = Double(count - 2)
        let critical = StudentT.quantile(0.975, degreesOfFreedom: freedom)
        let noncentrality = log(rateRatio) / error
        let power =
            1 - NoncentralT.lowerTail(critical, degreesOfFreedom: freedom, noncentrality: noncentrality)
            + NoncentralT.lowerTail(-critical, degreesOfFreedom: freedom, noncentrality: noncentrality)
        return (error, power)
    }
}
