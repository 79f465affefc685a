// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// A model of counts with a logarithmic link and the hours as exposure, fitted by maximum likelihood.
package struct LogLinearFit {
    let coefficients: [Double]
    /// The expected count of each night.
    let means: [Double]
    /// The factor of the expected information X'WX.
    let information: CholeskyFactor

    /// Fits by Fisher scoring until no coefficient moves by 1e-12.
    ///
    /// `shape` is the negative binomial's θ; without it the counts are Poisson. Nil where no maximum exists, as when all nights
    /// of a condition have no movement, or where the columns are not independent.
    package init?(
        _ matrix: ModelMatrix, counts: [Int], hours: [Double], shape: Double? = nil, from start: [Double]? = nil
    ) {
        let total = counts.reduce(0, +)
        guard total > 0, matrix.count > matrix.width else { return nil }
        var coefficients = start ?? [log(Double(total) / hours.reduce(0, +))]
        coefficients += [Double](repeating: 0, count: matrix.width - coefficients.count)
        for _ in 0..<200 {
            let means = zip(matrix.times(coefficients), hours).map { exp($0) * $1 }
            let dampings = means.map { mean in shape.map { 1 / (1 + mean / $0) } ?? 1 }
            let weights = zip(means, dampings).map { $0 * $1 }
            guard let information = CholeskyFactor(matrix.crossProduct(weights: weights), width: matrix.width) else {
                return nil
            }
            let score = matrix.crossProduct(
                (0..<counts.count).map { (Double(counts[$0]) - means[$0]) * dampings[$0] })
            let step = information.solve(score)
            let largest = step.reduce(0) { max($0, abs($1)) }
            guard largest.isFinite else { return nil }
            // A step of more than 5 on the log scale is a leap into nowhere.
            let share = min(1, 5 / largest)
            for column in 0..<matrix.width { coefficients[column] += share * step[column] }
            guard coefficients.allSatisfy({ abs($0) < 50 }) else { return nil }
            if largest < 1e-12 {
                self.coefficients = coefficients
                self.means = means
                self.information = information
                return
            }
        }
        return nil
    }

    /// The working response of the last iteration: on the log scale, one value a night, with the noise of the nights in it.
    func workingResponse(_ matrix: ModelMatrix, counts: [Int]) -> [Double] {
        zip(zip(matrix.times(coefficients), means), counts).map { $0.0 + (Double($1) - $0.1) / $0.1 }
    }
}
