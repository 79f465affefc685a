// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// Overdispersed counts without memory between nights: descriptive.
public struct QuasiPoissonEffect: Hashable, Sendable {
    /// The logarithm of the rate ratio.
    public let estimate: Double
    /// How many times the variance exceeds the mean.
    public let dispersion: Double
    /// The standard error of the estimate.
    public let standardError: Double
    /// Nights less parameters.
    public let degreesOfFreedom: Int

    /// Estimate over standard error.
    public var t: Double { estimate / standardError }
    /// The two-sided p value, as if nights were independent.
    public var pValue: Double { StudentT.twoSided(t, degreesOfFreedom: Double(degreesOfFreedom)) }
    /// The 95 % interval of the logarithm of the rate ratio.
    public var interval95: ClosedRange<Double> {
        let half = StudentT.quantile(0.975, degreesOfFreedom: Double(degreesOfFreedom)) * standardError
        return estimate - half...estimate + half
    }

    init(_ fit: LogLinearFit, _ matrix: ModelMatrix, counts: [Int]) {
        degreesOfFreedom = counts.count - matrix.width
        dispersion =
            zip(counts, fit.means).reduce(0) { $0 + pow(Double($1.0) - $1.1, 2) / $1.1 } / Double(degreesOfFreedom)
        estimate = fit.coefficients[ModelMatrix.effect]
        standardError =
            (dispersion * fit.information.inverseColumn(ModelMatrix.effect)[ModelMatrix.effect]).squareRoot()
    }
}

/// The Poisson estimate with Newey and West's standard error of short memory: descriptive.
public struct NeweyWestEffect: Hashable, Sendable {
    /// The largest lag, in nights of the list.
    public let lag: Int
    /// The logarithm of the rate ratio.
    public let estimate: Double
    /// The standard error of the estimate.
    public let standardError: Double
    /// Nights less parameters.
    public let degreesOfFreedom: Int

    /// Estimate over standard error.
    public var t: Double { estimate / standardError }
    /// The two-sided p value.
    public var pValue: Double { StudentT.twoSided(t, degreesOfFreedom: Double(degreesOfFreedom)) }

    init(_ fit: LogLinearFit, _ matrix: ModelMatrix, counts: [Int]) {
        let (count, width) = (counts.count, matrix.width)
        degreesOfFreedom = count - width
        lag = Int(4 * pow(Double(count) / 100, 2.0 / 9))
        estimate = fit.coefficients[ModelMatrix.effect]
        // What each night adds to the estimate's error: its score times the effect's row of the inverse information.
        let bread = fit.information.inverseColumn(ModelMatrix.effect)
        let parts = (0..<count).map { night in
            let residual = Double(counts[night]) - fit.means[night]
            return residual * (0..<width).reduce(0) { $0 + bread[$1] * matrix.rows[night * width + $1] }
        }
        var variance = parts.reduce(0) { $0 + $1 * $1 }
        for distance in stride(from: 1, through: min(lag, count - 1), by: 1) {
            let weight = 1 - Double(distance) / Double(lag + 1)
            variance += 2 * weight * zip(parts, parts.dropFirst(distance)).reduce(0) { $0 + $1.0 * $1.1 }
        }
        standardError = (variance * Double(count) / Double(degreesOfFreedom)).squareRoot()
    }
}

/// Negative binomial counts (NB2) without memory between nights: descriptive.
public struct NegativeBinomialEffect: Hashable, Sendable {
    /// The shape θ: the variance is μ + μ²/θ. Nil at the Poisson limit, where the counts vary no more than by chance.
    public let shape: Double?
    /// The logarithm of the rate ratio.
    public let estimate: Double
    /// The standard error of the estimate.
    public let standardError: Double
    /// The logarithm of the likelihood.
    public let logLikelihood: Double
    /// All coefficients, the constant first.
    let coefficients: [Double]

    /// Above this the counts are called Poisson.
    static let poissonLimit = 2e4

    /// The two-sided p value by Wald's test, as if nights were independent.
    public var pValue: Double { StandardNormal.twoSided(estimate / standardError) }
    /// The 95 % interval of the logarithm of the rate ratio.
    public var interval95: ClosedRange<Double> {
        let half = StandardNormal.halfWidth95 * standardError
        return estimate - half...estimate + half
    }

    /// Fits θ and the coefficients in turn until neither moves; nil where the Poisson fit has no maximum.
    package init?(_ poisson: LogLinearFit, _ matrix: ModelMatrix, counts: [Int], hours: [Double]) {
        var fit = poisson
        var shape: Double? = nil
        for _ in 0..<200 {
            let next = Self.shape(counts, means: fit.means)
            guard
                let refit = LogLinearFit(matrix, counts: counts, hours: hours, shape: next, from: fit.coefficients)
            else { return nil }
            let moved = zip(refit.coefficients, fit.coefficients).reduce(0) { max($0, abs($1.0 - $1.1)) }
            let shapeMoved = abs(1 / (next ?? .infinity) - 1 / (shape ?? .infinity))
            fit = refit
            shape = next
            if moved < 1e-11, shapeMoved < 1e-11 { break }
        }
        self.shape = shape
        coefficients = fit.coefficients
        estimate = fit.coefficients[ModelMatrix.effect]
        standardError = fit.information.inverseColumn(ModelMatrix.effect)[ModelMatrix.effect].squareRoot()
        logLikelihood = Self.logLikelihood(counts, means: fit.means, shape: shape)
    }

    /// The most likely θ for given means; nil at the Poisson limit.
    private static func shape(_ counts: [Int], means: [Double]) -> Double? {
        func slope(_ logShape: Double) -> Double {
            let shape = exp(logShape)
            return zip(counts, means).reduce(0) { sum, night in
                let (count, mean) = (Double(night.0), night.1)
                return sum + digamma(count + shape) - digamma(shape) + log(shape / (shape + mean)) + 1
                    - (count + shape) / (mean + shape)
            }
        }
        // The slope is positive below the maximum and negative above it; both go to 0 for large θ, hence the limit first.
        let upper = log(poissonLimit)
        guard slope(upper) < 0 else { return nil }
        var lower = log(1e-4)
        while slope(lower) <= 0 {
            lower -= 5
            guard lower > -60 else { return exp(lower) }
        }
        return exp(root(in: lower...upper, of: slope))
    }

    private static func logLikelihood(_ counts: [Int], means: [Double], shape: Double?) -> Double {
        zip(counts, means).reduce(0) { sum, night in
            let (count, mean) = (Double(night.0), night.1)
            guard let shape else { return sum + count * log(mean) - mean - logGamma(count + 1) }
            return sum + logGamma(count + shape) - logGamma(shape) - logGamma(count + 1)
                + shape * log(shape / (shape + mean)) + count * log(mean / (shape + mean))
        }
    }
}
