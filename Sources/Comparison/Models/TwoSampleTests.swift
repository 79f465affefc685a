// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// A t test of two groups of values: descriptive.
public struct TwoSampleT: Hashable, Sendable {
    /// The mean of the second group less that of the first.
    public let difference: Double
    /// Difference over standard error.
    public let t: Double
    /// May be fractional (Welch and Satterthwaite).
    public let degreesOfFreedom: Double
    /// The two-sided p value.
    public var pValue: Double { StudentT.twoSided(t, degreesOfFreedom: degreesOfFreedom) }

    /// Welch's test, which lets the groups vary differently; nil with fewer than two values in a group, or no variance.
    init?(welch first: [Double], _ second: [Double]) {
        guard first.count > 1, second.count > 1 else { return nil }
        let a = first.sampleVariance / Double(first.count)
        let b = second.sampleVariance / Double(second.count)
        guard a + b > 0 else { return nil }
        difference = second.mean - first.mean
        t = difference / (a + b).squareRoot()
        degreesOfFreedom = pow(a + b, 2) / (a * a / Double(first.count - 1) + b * b / Double(second.count - 1))
    }

    /// Two batches a phase: each phase is halved in time, and the four logarithms of the pooled rates are compared.
    ///
    /// Needs no model of the memory between nights, and sees little. Nil with fewer than two nights in a phase, or a batch
    /// without movements.
    init?(batches first: NightSeries, _ second: NightSeries) {
        guard let a = Self.batches(first), let b = Self.batches(second) else { return nil }
        let pooled = (a.sampleVariance + b.sampleVariance) / 2
        guard pooled > 0 else { return nil }
        difference = b.mean - a.mean
        t = difference / pooled.squareRoot()
        degreesOfFreedom = 2
    }

    private static func batches(_ series: NightSeries) -> [Double]? {
        guard series.count > 1 else { return nil }
        let half = series.count / 2
        let rates = [series.at(Array(0..<half)), series.at(Array(half..<series.count))].map(\.pooledRate)
        return rates.allSatisfy { $0 > 0 } ? rates.map { log($0) } : nil
    }
}
