// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// An effect on the log scale with the correlation between nights integrated out.
///
/// For each correlation of a grid the nights are whitened by their distance on the calendar and fitted by least squares; the
/// effect's distribution is the mixture of the Student t distributions, weighted by the restricted likelihood under a uniform
/// prior on the correlation. Nothing is drawn at random.
public struct MarginalisedEffect: Hashable, Sendable {
    /// What one correlation of the grid gives.
    public struct Component: Hashable, Sendable {
        /// The correlation of neighbouring nights.
        public let correlation: Double
        /// The estimate of the effect.
        public let estimate: Double
        /// Its standard error.
        public let standardError: Double
        /// The logarithm of the restricted likelihood, up to a constant.
        public let logDensity: Double
        /// The probability of this correlation.
        public fileprivate(set) var weight: Double
    }

    /// Nights less parameters.
    public let degreesOfFreedom: Int
    /// By rising correlation, from 0 to 0.95.
    public let components: [Component]

    /// The number of correlations.
    static let gridCount = 39
    /// The largest correlation.
    static let largestCorrelation = 0.95

    /// The effect in counts: a ratio of mean rates. Nil where counts have no finite fit, or the columns are not independent.
    package init?(countsOf series: NightSeries, _ matrix: ModelMatrix) {
        guard let fit = LogLinearFit(matrix, counts: series.counts, hours: series.hours) else { return nil }
        self.init(fit.workingResponse(matrix, counts: series.counts), days: series.days, matrix)
    }

    /// The effect of a column in any response; nil where the columns are not independent, or explain the response without rest.
    init?(_ response: [Double], days: [Int], _ matrix: ModelMatrix, of column: Int = ModelMatrix.effect) {
        let (count, width) = (matrix.count, matrix.width)
        precondition(response.count == count && days.count == count, "\(response.count) values for \(count) nights")
        guard count > width else { return nil }
        let rest = Double(count - width)
        let spread = response.sampleVariance * Double(count - 1)
        var components: [Component] = []
        components.reserveCapacity(Self.gridCount)
        var whitened = matrix.rows
        var target = response
        for step in 0..<Self.gridCount {
            let correlation = Self.largestCorrelation * Double(step) / Double(Self.gridCount - 1)
            var logScales = 0.0
            if correlation > 0 {
                for night in 1..<count {
                    let gap = days[night] - days[night - 1]
                    let carried = gap == 1 ? correlation : pow(correlation, Double(gap))
                    let scale = 1 / (1 - carried * carried).squareRoot()
                    logScales += log(scale)
                    for term in 0..<width {
                        let place = night * width + term
                        whitened[place] = (matrix.rows[place] - carried * matrix.rows[place - width]) * scale
                    }
                    target[night] = (response[night] - carried * response[night - 1]) * scale
                }
            }
            var product = [Double](repeating: 0, count: width * width)
            var right = [Double](repeating: 0, count: width)
            for night in 0..<count {
                for row in 0..<width {
                    let value = whitened[night * width + row]
                    right[row] += value * target[night]
                    for term in 0...row { product[row * width + term] += value * whitened[night * width + term] }
                }
            }
            for row in 0..<width {
                for term in 0..<row { product[term * width + row] = product[row * width + term] }
            }
            guard let factor = CholeskyFactor(product, width: width) else { return nil }
            let coefficients = factor.solve(right)
            var squares = 0.0
            for night in 0..<count {
                var residual = target[night]
                for term in 0..<width { residual -= whitened[night * width + term] * coefficients[term] }
                squares += residual * residual
            }
            guard squares > 1e-20 * max(spread, 1e-20) else { return nil }
            let variance = squares / rest * factor.inverseColumn(column)[column]
            components.append(
                Component(
                    correlation: correlation, estimate: coefficients[column],
                    standardError: variance.squareRoot(),
                    logDensity: logScales - factor.logDeterminant / 2 - rest / 2 * log(squares), weight: 0))
        }
        let largest = components.reduce(-Double.infinity) { max($0, $1.logDensity) }
        var total = 0.0
        for index in components.indices {
            components[index].weight = exp(components[index].logDensity - largest)
            total += components[index].weight
        }
        for index in components.indices { components[index].weight /= total }
        degreesOfFreedom = count - width
        self.components = components
    }
}

extension MarginalisedEffect {
    /// The probability that the effect is below a value.
    public func probability(below value: Double) -> Double {
        components.reduce(0) {
            $0 + $1.weight
                * StudentT.lowerTail(
                    (value - $1.estimate) / $1.standardError, degreesOfFreedom: Double(degreesOfFreedom))
        }
    }

    /// The probability that the effect is above a value, summed by itself so that a small one keeps its digits.
    public func probability(above value: Double) -> Double {
        components.reduce(0) {
            $0 + $1.weight
                * StudentT.upperTail(
                    (value - $1.estimate) / $1.standardError, degreesOfFreedom: Double(degreesOfFreedom))
        }
    }

    /// The two-sided p value of no effect.
    public var pValue: Double { min(1, 2 * min(probability(below: 0), probability(above: 0))) }

    /// The one-sided p value of no decrease.
    public var pValueOfDecrease: Double { probability(above: 0) }

    /// The value below which lies this probability, by bisection to 1e-12.
    public func quantile(_ probability: Double) -> Double {
        var width = components.reduce(0) { max($0, $1.standardError) }
        var lower = mean - width
        var upper = mean + width
        while self.probability(below: lower) > probability {
            width *= 2
            lower -= width
        }
        while self.probability(below: upper) < probability {
            width *= 2
            upper += width
        }
        while upper - lower > 1e-12 {
            let middle = (lower + upper) / 2
            if middle <= lower || middle >= upper { break }
            if self.probability(below: middle) < probability { lower = middle } else { upper = middle }
        }
        return (lower + upper) / 2
    }

    /// The mean of the effect.
    public var mean: Double { components.reduce(0) { $0 + $1.weight * $1.estimate } }

    /// The variance of the effect; nil with two degrees of freedom or fewer.
    public var variance: Double? {
        guard degreesOfFreedom > 2 else { return nil }
        let freedom = Double(degreesOfFreedom)
        let mean = mean
        return components.reduce(0) {
            let offset = $1.estimate - mean
            return $0 + $1.weight * ($1.standardError * $1.standardError * freedom / (freedom - 2) + offset * offset)
        }
    }

    /// The effect with half the probability on either side.
    public var median: Double { quantile(0.5) }

    /// The interval that holds 95 % of the probability, as much above it as below.
    public var interval95: ClosedRange<Double> { quantile(0.025)...quantile(0.975) }

    /// The mean of the correlation between neighbouring nights.
    public var meanCorrelation: Double { components.reduce(0) { $0 + $1.weight * $1.correlation } }

    /// The most probable correlation of the grid.
    public var modeOfCorrelation: Double {
        components.max { $0.logDensity < $1.logDensity }?.correlation ?? 0
    }
}
