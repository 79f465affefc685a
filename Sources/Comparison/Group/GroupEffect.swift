// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// The effects of several people brought together, in two stages: each person's own first, then their mean and spread.
public struct GroupEffect: Hashable, Sendable {
    /// One way to estimate the spread between people.
    public struct Estimate: Hashable, Sendable {
        /// The variance between people, τ².
        public let spread: Double
        /// The mean effect.
        public let mean: Double
        /// Its standard error, taking the spread as known.
        public let standardError: Double
        /// Its standard error by Knapp and Hartung, which reads the uncertainty off the people themselves.
        public let knappHartungError: Double
        /// How many people there are.
        public let count: Int

        /// The 95 % interval by the normal distribution.
        public var normalInterval: ClosedRange<Double> {
            interval(standardError, halfWidth: StandardNormal.halfWidth95)
        }
        /// The two-sided p value by the normal distribution.
        public var normalPValue: Double { StandardNormal.twoSided(mean / standardError) }
        /// The 95 % interval by Knapp and Hartung.
        public var knappHartungInterval: ClosedRange<Double> { interval(knappHartungError, halfWidth: quantile) }
        /// The two-sided p value by Knapp and Hartung.
        public var knappHartungPValue: Double {
            StudentT.twoSided(mean / knappHartungError, degreesOfFreedom: Double(count - 1))
        }
        /// Where the effect of one more person would lie with 95 %; needs five people to mean anything.
        public var predictionInterval: ClosedRange<Double> {
            interval((spread + knappHartungError * knappHartungError).squareRoot(), halfWidth: quantile)
        }
        /// Knapp and Hartung's interval, or the normal one where that is the wider and the people agree better than chance.
        public var reportedInterval: ClosedRange<Double> {
            guard knappHartungError < standardError else { return knappHartungInterval }
            let (a, b) = (knappHartungInterval, normalInterval)
            return a.upperBound - a.lowerBound >= b.upperBound - b.lowerBound ? a : b
        }

        private var quantile: Double { StudentT.quantile(0.975, degreesOfFreedom: Double(count - 1)) }

        private func interval(_ error: Double, halfWidth: Double) -> ClosedRange<Double> {
            mean - halfWidth * error...mean + halfWidth * error
        }
    }

    /// The effect of each person, on the log scale.
    public let effects: [Double]
    /// The variance of each effect.
    public let variances: [Double]
    /// Cochran's Q: how far the people differ.
    public let q: Double
    /// The p value of Q when all people have the same effect.
    public let qPValue: Double
    /// The share of the variance between people, in percent (Higgins's I², from DerSimonian and Laird's spread).
    public let inconsistency: Double
    /// As if all people had the same effect.
    public let fixed: Estimate
    /// With DerSimonian and Laird's spread.
    public let derSimonianLaird: Estimate
    /// With the spread of the largest restricted likelihood: the one that is reported.
    public let restricted: Estimate

    /// - Precondition: two people or more, and every variance above 0.
    public init(effects: [Double], variances: [Double]) {
        precondition(
            effects.count == variances.count && effects.count >= 2,
            "\(effects.count) effects, \(variances.count) variances")
        precondition(variances.allSatisfy { $0 > 0 }, "a variance of 0 or less")
        self.effects = effects
        self.variances = variances
        let freedom = Double(effects.count - 1)
        func estimate(_ spread: Double) -> Estimate {
            let weights = variances.map { 1 / ($0 + spread) }
            let total = weights.reduce(0, +)
            let mean = zip(weights, effects).reduce(0) { $0 + $1.0 * $1.1 } / total
            let scatter = zip(weights, effects).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) }
            return Estimate(
                spread: spread, mean: mean, standardError: (1 / total).squareRoot(),
                knappHartungError: (scatter / freedom / total).squareRoot(), count: effects.count)
        }
        let fixed = estimate(0)
        let weights = variances.map { 1 / $0 }
        let total = weights.reduce(0, +)
        let q = zip(weights, effects).reduce(0) { $0 + $1.0 * ($1.1 - fixed.mean) * ($1.1 - fixed.mean) }
        let laird = max(0, (q - freedom) / (total - weights.reduce(0) { $0 + $1 * $1 } / total))
        /// The slope of the restricted log likelihood.
        func slope(_ spread: Double) -> Double {
            let weights = variances.map { 1 / ($0 + spread) }
            let total = weights.reduce(0, +)
            let mean = estimate(spread).mean
            let squares = weights.reduce(0) { $0 + $1 * $1 }
            let scatter = zip(weights, effects).reduce(0) { $0 + $1.0 * $1.0 * ($1.1 - mean) * ($1.1 - mean) }
            return (-total + squares / total + scatter) / 2
        }
        var spread = 0.0
        if slope(0) > 0 {
            var upper = max(effects.sampleVariance, 1e-9)
            while slope(upper) > 0 { upper *= 2 }
            spread = root(in: 0...upper, of: slope)
        }
        self.q = q
        qPValue = chiSquaredUpperTail(q, degreesOfFreedom: freedom)
        inconsistency = q > 0 ? max(0, (q - freedom) / q) * 100 : 0
        self.fixed = fixed
        derSimonianLaird = estimate(laird)
        restricted = estimate(spread)
    }

    /// Each person's effect drawn towards the mean of all, as far as their own nights leave it open: a borrowing, to be named so.
    public var borrowed: [Double] {
        zip(effects, variances).map {
            (restricted.spread * $0 + $1 * restricted.mean) / (restricted.spread + $1)
        }
    }
}
