// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// A secondary endpoint with and without magnesium.
public struct SecondaryEffect: Hashable, Sendable {
    /// What was measured.
    public let endpoint: SecondaryEndpoint
    /// The effect: of a logarithm for a ratio, else a difference.
    public let effect: MarginalisedEffect
    /// The p value, adjusted by Holm within the family.
    public fileprivate(set) var adjustedPValue: Double

    /// Every endpoint that was measured in enough of the compared nights.
    static func family(_ phases: Phases, _ covariates: [[Double]]) -> [SecondaryEffect] {
        var family: [SecondaryEffect] = []
        for endpoint in SecondaryEndpoint.allCases {
            let positions = phases.compared.indices.filter { night in
                guard let value = phases.compared[night].secondary[endpoint], value >= 0 else { return false }
                return value > 0 || endpoint.isCount || !endpoint.isRatio
            }
            let active = Set(phases.positions(true))
            let withMagnesium = positions.count { active.contains($0) }
            guard min(withMagnesium, positions.count - withMagnesium) >= ConditionComparison.fewestNights else {
                continue
            }
            let series = phases.series.at(positions)
            let values = positions.compactMap { phases.compared[$0].secondary[endpoint] }
            let matrix = ModelMatrix(
                [positions.map { active.contains($0) ? 1 : 0 }]
                    + covariates.map { column in positions.map { column[$0] } })
            let effect =
                endpoint.isCount
                ? MarginalisedEffect(
                    countsOf: NightSeries(
                        days: series.days, counts: values.map { Int(min($0, 1e9)) }, hours: series.hours), matrix)
                : MarginalisedEffect(endpoint.isRatio ? values.map { log($0) } : values, days: series.days, matrix)
            if let effect {
                family.append(
                    SecondaryEffect(endpoint: endpoint, effect: effect, adjustedPValue: effect.pValue))
            }
        }
        let adjusted = holm(family.map(\.effect.pValue))
        for index in family.indices { family[index].adjustedPValue = adjusted[index] }
        return family
    }
}

/// Holm's adjustment of the p values of one family, in their own order.
func holm(_ pValues: [Double]) -> [Double] {
    var adjusted = pValues
    var largest = 0.0
    for (rank, index) in pValues.indices.sorted(by: { pValues[$0] < pValues[$1] }).enumerated() {
        largest = max(largest, min(1, Double(pValues.count - rank) * pValues[index]))
        adjusted[index] = largest
    }
    return adjusted
}
