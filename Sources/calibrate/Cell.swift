// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison

/// One situation that is simulated many times.
struct Cell: Sendable {
    /// What is counted in a simulated study.
    enum Measure: Sendable {
        /// Two-sided p of the primary analysis at most 0.05, from the distribution at 0.
        case rejection(trend: Bool)
        /// The true effect inside the 95 % interval, from the distribution at the truth.
        case coverage(trend: Bool)
        /// Wald's p of the negative binomial model at most 0.05.
        case negativeBinomialRejection
        /// The design's own p at most 0.05; the order is drawn anew for each study.
        case designRejection(TestedAssignments)
        /// Knapp and Hartung's p at most 0.05 for the mean of so many people, whose effects spread by so much.
        case groupRejection(people: Int, spread: Double)
    }

    var name: String
    var simulator: NightSimulator
    var layout: [Bool]
    var measure: Measure
    /// The share that the published table gives, with the largest distance from it.
    var published: (share: Double, within: Double)?
    /// The bounds of the share.
    var bounds: ClosedRange<Double>
}

/// What a cell gave.
struct CellResult: Sendable {
    var cell: Cell
    var share: Double
    var replicates: Int

    /// What is wrong with it; empty if nothing is.
    var failures: [String] {
        var failures: [String] = []
        if !cell.bounds.contains(share) { failures.append("outside \(cell.bounds)") }
        if let published = cell.published, abs(share - published.share) > published.within {
            failures.append("more than \(published.within) from the published \(published.share)")
        }
        return failures
    }
}

extension Cell {
    /// Studies of one task: so many that the seeds, and with them the result, do not depend on the number of cores.
    static let batch = 100

    /// The share of studies with what is counted.
    func run(replicates: Int, seeds: [UInt64]) async -> CellResult {
        let counted = await withTaskGroup(of: Int.self) { group in
            for (index, seed) in seeds.enumerated() {
                let studies = min(Self.batch, replicates - index * Self.batch)
                group.addTask { count(studies, seed: seed) }
            }
            return await group.reduce(0, +)
        }
        return CellResult(cell: self, share: Double(counted) / Double(replicates), replicates: replicates)
    }

    private func count(_ studies: Int, seed: UInt64) -> Int {
        var draws = SeededDraws(seed: seed)
        return (0..<studies).count { _ in isCounted(&draws) }
    }

    private func isCounted(_ draws: inout SeededDraws) -> Bool {
        switch measure {
        case .rejection(let trend):
            return effect(&draws, simulator, trend).map { $0.pValue <= 0.05 } ?? false
        case .coverage(let trend):
            guard let effect = effect(&draws, simulator, trend) else { return true }
            return (0.025...0.975).contains(effect.probability(below: simulator.logRateRatio))
        case .negativeBinomialRejection:
            let (series, condition) = simulator.nights(layout, drawnBy: &draws)
            let matrix = ModelMatrix([condition.map { $0 ? 1 : 0 }])
            guard let fit = LogLinearFit(matrix, counts: series.counts, hours: series.hours),
                let effect = NegativeBinomialEffect(fit, matrix, counts: series.counts, hours: series.hours)
            else { return false }
            return effect.pValue <= 0.05
        case .designRejection(let tested):
            let index = Int(draws.uniform() * Double(tested.conditions.count))
            let layout = tested.conditions[index]
            let series = simulator.nights(layout, drawnBy: &draws).series
            let test = RandomisationTest(
                .logOfPooledRates, series, condition: layout, transition: 0, among: tested, interval: false)
            return test.map { $0.pValue <= 0.05 } ?? false
        case .groupRejection(let people, let spread):
            var person = simulator
            let effects = (0..<people).compactMap { _ in
                person.logRateRatio = spread * draws.normal()
                return effect(&draws, person, false)
            }
            let group = GroupEffect(effects: effects.map(\.mean), variances: effects.map { $0.variance ?? 1 })
            return group.restricted.knappHartungPValue <= 0.05
        }
    }

    private func effect(
        _ draws: inout SeededDraws, _ simulator: NightSimulator, _ trend: Bool
    ) -> MarginalisedEffect? {
        let (series, condition) = simulator.nights(layout, drawnBy: &draws)
        let columns = [condition.map { $0 ? 1.0 : 0 }] + (trend ? [series.weeks] : [])
        return MarginalisedEffect(countsOf: series, ModelMatrix(columns))
    }
}
