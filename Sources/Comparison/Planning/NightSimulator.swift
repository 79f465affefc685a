// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// A person's nights as chance would have them: a rate that wanders with memory, and counts around it.
package struct NightSimulator: Sendable {
    /// Movements an hour without magnesium.
    package var rate = 15.0
    /// The standard deviation of a night's rate over its mean.
    package var variation = 0.45
    /// The same with magnesium, where it differs.
    package var activeVariation: Double?
    /// The correlation of neighbouring nights.
    package var correlation = 0.0
    /// The mean rate with magnesium over that without.
    package var rateRatio = 1.0
    /// The share of nights that are missing.
    package var missingShare = 0.0
    /// The share of nights with almost no movement.
    package var nearZeroShare = 0.0

    /// What is left of the rate in a night with almost no movement.
    private static let nearZero = 0.02
    /// The hours of a night.
    private static let hours = 5.0...8.5

    /// A simulator of a person with a common rate and variation.
    package init() {}

    /// The nights of a layout, and for each of them whether it is with magnesium.
    package func nights(
        _ condition: [Bool], drawnBy draws: inout SeededDraws
    ) -> (series: NightSeries, condition: [Bool]) {
        let plain = log(1 + variation * variation)
        let active = activeVariation.map { log(1 + $0 * $0) } ?? plain
        let fresh = (1 - correlation * correlation).squareRoot()
        var (days, counts, hours, conditions): ([Int], [Int], [Double], [Bool]) = ([], [], [], [])
        var memory = draws.normal()
        for (day, isActive) in condition.enumerated() {
            if day > 0 { memory = correlation * memory + fresh * draws.normal() }
            let length = Self.hours.lowerBound + (Self.hours.upperBound - Self.hours.lowerBound) * draws.uniform()
            let variance = isActive ? active : plain
            var mean = rate * exp(variance.squareRoot() * memory - variance / 2) * (isActive ? rateRatio : 1) * length
            if nearZeroShare > 0, draws.uniform() < nearZeroShare { mean *= Self.nearZero }
            let count = draws.poisson(mean: mean)
            if missingShare > 0, draws.uniform() < missingShare { continue }
            days.append(day)
            counts.append(count)
            hours.append(length)
            conditions.append(isActive)
        }
        return (NightSeries(days: days, counts: counts, hours: hours), conditions)
    }
}

/// The order of nights without and with magnesium.
package enum NightLayout {
    /// So many nights without, then so many with.
    package static func beforeAfter(_ before: Int, _ with: Int) -> [Bool] {
        Array(repeating: false, count: before) + Array(repeating: true, count: with)
    }

    /// Without, with, without, with: so many nights of each in all.
    package static func twice(_ nights: Int) -> [Bool] {
        let (first, second) = ((nights + 1) / 2, nights / 2)
        return beforeAfter(first, first) + beforeAfter(second, second)
    }
}
