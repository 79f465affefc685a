// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation

/// The bounds that the statistics must keep.
struct Bounds: Sendable {
    var name: String
    var nullCell: Double
    var nullCellOfSmallCorrelation: Double
    var nullMean: ClosedRange<Double>
    /// The largest distance of a null cell from the published table.
    var published: Double
    var coverage: Double
    var coverageOfSmallCorrelation: Double
    var power: Double
    /// Where one phase varies twice as much and neighbouring nights are very alike.
    var unequalVariation: Double
    var group: ClosedRange<Double>

    /// For 2000 studies a cell.
    static let full = Bounds(
        name: "full", nullCell: 0.09, nullCellOfSmallCorrelation: 0.075, nullMean: 0.025...0.055, published: 0.022,
        coverage: 0.915, coverageOfSmallCorrelation: 0.94, power: 0.05, unequalVariation: 0.12,
        group: 0.03...0.09)
    /// For 400 studies a cell, whose own chance is larger.
    static let wide = Bounds(
        name: "wide", nullCell: 0.115, nullCellOfSmallCorrelation: 0.1, nullMean: 0.02...0.06, published: 0.05,
        coverage: 0.9, coverageOfSmallCorrelation: 0.9, power: 0.09, unequalVariation: 0.15,
        group: 0.02...0.1)
}

/// All situations of the gate, by section.
struct Gate {
    struct Section {
        var title: String
        var cells: [Cell]
    }

    let bounds: Bounds
    let sections: [Section]

    /// The published sizes of the primary analysis, mean over variation and family, by nights a phase and correlation.
    private static let published: [Int: [Double: Double]] = [
        7: [0: 0.015, 0.2: 0.028, 0.4: 0.043, 0.6: 0.061], 14: [0: 0.018, 0.2: 0.028, 0.4: 0.045, 0.6: 0.067],
        30: [0: 0.029, 0.2: 0.042, 0.4: 0.054, 0.6: 0.067],
    ]

    static let nullTitle = "Size without any effect"
    static let controlTitle = "Negative control: the negative binomial model under the same bounds"

    init(_ bounds: Bounds, replicates: Int) {
        self.bounds = bounds
        sections = [
            Section(title: Self.nullTitle, cells: Self.null(bounds, .rejection(trend: false))),
            Section(title: Self.controlTitle, cells: Self.null(bounds, .negativeBinomialRejection, nights: [14])),
            Section(title: "Size in awkward nights", cells: Self.awkward(bounds)),
            Section(title: "Size of the design's own test", cells: Self.designs(replicates)),
            Section(title: "Power at a rate ratio of 0.7, variation 0.45", cells: Self.power(bounds)),
            Section(title: "Coverage of the 95 % interval at a rate ratio of 0.7", cells: Self.coverage(bounds)),
            Section(title: "Size of the group mean", cells: [Self.group(bounds)]),
        ]
    }

    private static func simulator(
        variation: Double = 0.45, correlation: Double, rateRatio: Double = 1
    ) -> NightSimulator {
        var simulator = NightSimulator()
        simulator.variation = variation
        simulator.correlation = correlation
        simulator.rateRatio = rateRatio
        return simulator
    }

    private static func null(_ bounds: Bounds, _ measure: Cell.Measure, nights: [Int] = [7, 14, 30]) -> [Cell] {
        nights.flatMap { nights in
            [0, 0.2, 0.4, 0.6].flatMap { correlation in
                [0.35, 0.6].map { variation in
                    Cell(
                        name: "\(nights)+\(nights), rho \(correlation), variation \(variation)",
                        simulator: simulator(variation: variation, correlation: correlation),
                        layout: NightLayout.beforeAfter(nights, nights), measure: measure,
                        published: published[nights]?[correlation].map { ($0, bounds.published) },
                        bounds: 0...(correlation <= 0.4 ? bounds.nullCellOfSmallCorrelation : bounds.nullCell))
                }
            }
        }
    }

    private static func awkward(_ bounds: Bounds) -> [Cell] {
        let kinds: [(String, (inout NightSimulator) -> Void)] = [
            ("30 % of nights missing", { $0.missingShare = 0.3 }), ("10 movements a night", { $0.rate = 10 / 6.75 }),
            ("12 % of nights near zero", { $0.nearZeroShare = 0.12 }),
            (
                "twice the variation with magnesium",
                {
                    $0.variation = 0.4; $0.activeVariation = 0.8
                }
            ),
        ]
        return kinds.flatMap { name, change in
            [0, 0.3, 0.6].map { correlation in
                var simulator = simulator(correlation: correlation)
                change(&simulator)
                // The method's own limit, not this program's: an independent simulation of 20,000 such studies gives 0.10.
                let isKnownLimit = simulator.activeVariation != nil && correlation == 0.6
                return Cell(
                    name: "14+14, \(name), rho \(correlation)", simulator: simulator,
                    layout: NightLayout.beforeAfter(14, 14), measure: .rejection(trend: false),
                    bounds: 0...(isKnownLimit ? bounds.unequalVariation : bounds.nullCell))
            }
        }
    }

    private static func designs(_ replicates: Int) -> [Cell] {
        let error = (0.05 * 0.95 / Double(replicates)).squareRoot()
        let largest = 0.05 + 3.5 * error
        // What 70 orders give is known to be near 0.029; the chance of fewer studies comes on top.
        let eight = 0.015 * max(1, (2000 / Double(replicates)).squareRoot())
        let designs: [(String, StudyDesign.Kind, Int, ClosedRange<Double>)] = [
            ("7 pairs of 2 nights", .randomisedPairs(pairs: 7, blockNights: 2), 28, 0...largest),
            (
                "12 blocks of 5 nights, runs up to 2",
                .randomisedBlocks(blocks: 12, blockNights: 5, active: 6, longestRun: 2), 60, 0...largest
            ),
            (
                "10 blocks of 7 nights", .randomisedBlocks(blocks: 10, blockNights: 7, active: 5, longestRun: nil), 70,
                0...largest
            ),
            (
                "8 blocks of 4 nights (70 orders)",
                .randomisedBlocks(blocks: 8, blockNights: 4, active: 4, longestRun: nil), 32,
                max(0, 0.029 - eight)...(0.029 + eight)
            ),
            (
                "8 blocks of 4 nights, runs up to 2 (34 orders)",
                .randomisedBlocks(blocks: 8, blockNights: 4, active: 4, longestRun: 2), 32, 0...0
            ),
        ]
        return designs.compactMap { name, kind, nights, bounds in
            guard let allowed = AllowedAssignments(kind, nights: nights) else { return nil }
            return Cell(
                name: name, simulator: simulator(correlation: 0.3), layout: [],
                measure: .designRejection(TestedAssignments(allowed, seed: 0)), bounds: bounds)
        }
    }

    private static func power(_ bounds: Bounds) -> [Cell] {
        let cells: [(String, [Bool], Double, Double)] = [
            ("28+28, rho 0.2", NightLayout.beforeAfter(28, 28), 0.2, 0.59),
            ("twice 14+14, rho 0.2", NightLayout.twice(28), 0.2, 0.65),
            ("42+42, rho 0", NightLayout.beforeAfter(42, 42), 0, 0.91),
        ]
        return cells.map { name, layout, correlation, published in
            Cell(
                name: name, simulator: simulator(correlation: correlation, rateRatio: 0.7), layout: layout,
                measure: .rejection(trend: false), published: (published, bounds.power), bounds: 0...1)
        }
    }

    private static func coverage(_ bounds: Bounds) -> [Cell] {
        let layouts: [(String, (Int) -> [Bool], Bool)] = [
            ("before and after", { NightLayout.beforeAfter($0, $0) }, false),
            ("before and after, with trend", { NightLayout.beforeAfter($0, $0) }, true),
            ("before and after twice", { NightLayout.twice($0) }, false),
        ]
        return layouts.flatMap { name, layout, trend in
            [7, 14, 30].flatMap { nights in
                [0, 0.3, 0.6].map { correlation in
                    Cell(
                        name: "\(name), \(nights) nights a phase, rho \(correlation)",
                        simulator: simulator(correlation: correlation, rateRatio: 0.7), layout: layout(nights),
                        measure: .coverage(trend: trend),
                        bounds: (correlation <= 0.3 ? bounds.coverageOfSmallCorrelation : bounds.coverage)...1)
                }
            }
        }
    }

    private static func group(_ bounds: Bounds) -> Cell {
        Cell(
            name: "8 people of 14+14 nights, spread 0.2, rho 0.3", simulator: simulator(correlation: 0.3),
            layout: NightLayout.beforeAfter(14, 14), measure: .groupRejection(people: 8, spread: 0.2),
            bounds: bounds.group)
    }
}

extension NightSimulator {
    /// The logarithm of the rate ratio.
    var logRateRatio: Double {
        get { log(rateRatio) }
        set { rateRatio = exp(newValue) }
    }
}
