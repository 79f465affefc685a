// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation

/// What layouts of so many nights could show.
struct PowerForecast {
    /// One layout.
    struct Row {
        var name: String
        var nights: Int
        /// The smallest decrease in percent that is found with 80 %; nil if none is.
        var smallestDecrease: Int?
        /// For the decrease that was asked for.
        var power: PowerEstimate
        /// By the formula, which knows the correlation.
        var upperBound: Double?
    }

    /// Where the variability is from.
    enum Origin: String {
        case assumed, journal, file
    }

    let variability: NightVariability
    let origin: Origin
    let decrease: Double
    let rows: [Row]
    /// The first layout in which that decrease is found with 80 %; nil if none up to the longest is.
    let enough: (name: String, power: PowerEstimate)?
    private let seed: UInt64

    /// The layouts shown in any case: nights before, and with.
    private static let usual = [(14, 14), (28, 28), (42, 42)]
    /// Where those do not suffice, these are tried in turn.
    private static let longer = [56, 70, 84, 112, 140, 182]

    init(
        variability: NightVariability, origin: Origin, nights: Int?, decrease: Double, replicates: Int, seed: UInt64
    ) async throws {
        self.variability = variability
        self.origin = origin
        self.decrease = decrease
        self.seed = seed
        var layouts = Self.usual
        if let nights, !layouts.contains(where: { $0 + $1 == nights }) {
            layouts.insert((nights / 2, nights - nights / 2), at: 0)
        }
        let correlation = zip(variability.correlations, variability.weights).reduce(0) { $0 + $1.0 * $1.1 }
        var rows: [Row] = []
        for (before, with) in layouts {
            let condition = Array(repeating: false, count: before) + Array(repeating: true, count: with)
            let simulation = PowerSimulation(
                condition: condition, variability: variability, replicates: replicates, seed: seed)
            rows.append(
                Row(
                    name: "\(before)+\(with)", nights: before + with,
                    smallestDecrease: await simulation.smallestDecrease(),
                    power: await simulation.power(rateRatio: 1 - decrease),
                    upperBound: PowerFormula.upperBound(
                        condition: condition, variation: variability.variation, correlation: correlation,
                        rateRatio: 1 - decrease)?.power))
        }
        self.rows = rows
        let smallest = rows.filter { $0.power.power >= PowerSimulation.target }.min { $0.nights < $1.nights }
        var enough = smallest.map { ($0.name, $0.power) }
        for nights in Self.longer where enough == nil {
            let simulation = PowerSimulation(
                condition: (0..<2 * nights).map { $0 >= nights }, variability: variability, replicates: replicates,
                seed: seed)
            let power = await simulation.power(rateRatio: 1 - decrease)
            if power.power >= PowerSimulation.target { enough = ("\(nights)+\(nights)", power) }
        }
        self.enough = enough
    }

    var json: JSONValue {
        .object([
            .init("schema", .string("nattro.plan/1")),
            .init("variation", .number(variability.variation)), .init("rate", .number(variability.rate)),
            .init("baseline_source", .string(origin.rawValue)),
            .init("baseline_nights", .integer(variability.nights)), .init("decrease", .number(decrease)),
            .init("generator", .string(PowerSimulation.generator)),
            .init("seed", .integer(Int(truncatingIfNeeded: seed))),
            .init("enough", JSONValue(enough?.name)),
            .init(
                "layouts",
                .array(
                    rows.map { row in
                        .object([
                            .init("layout", .string(row.name)), .init("nights", .integer(row.nights)),
                            .init("smallest_decrease_percent", JSONValue(row.smallestDecrease)),
                            .init("power", .number(row.power.power)),
                            .init("power_se", .number(row.power.standardError)),
                            .init("replicates", .integer(row.power.replicates)),
                            .init("power_upper_bound", JSONValue(row.upperBound)),
                        ])
                    })),
        ])
    }

    var text: String {
        let source =
            switch origin {
            case .journal: "your own \(variability.nights) nights without magnesium in the journal"
            case .file: "your own \(variability.nights) nights"
            case .assumed: "an assumption: neither the journal nor a --baseline has 7 usable nights without magnesium"
            }
        let asked = Shown.percent(decrease)
        var lines = [
            "Nights vary by \(Shown.percent(variability.variation)) around their mean (\(source)).", "",
            "The smallest decrease that such nights would show with a chance of 80 %:",
        ]
        lines += ComparisonReport.columns(
            [["nights before + with", "smallest decrease", "chance to find \(asked)", "upper bound by formula"]]
                + rows.map { row in
                    [
                        row.name, row.smallestDecrease.map { "\($0) %" } ?? "none",
                        "\(Shown.percent(row.power.power)) ± \(Shown.decimals(196 * row.power.standardError, 0))",
                        row.upperBound.map(Shown.percent) ?? "–",
                    ]
                })
        lines += [
            "",
            enough.map {
                "To find a decrease of \(asked) with a chance of 80 %: \($0.name) nights (simulated: \(Shown.percent($0.power.power)))."
            }
                ?? "Not even \(Self.longer.last ?? 0) nights in each phase find a decrease of \(asked) with a chance of 80 %.",
            "Nights in transition come on top: 14 after the start in an open before and after, 3 after each switch of a drawn order.",
            "A drawn order can say more than before and after: nattro plan --draw blocks --blocks 8 --block-nights 7.",
            "Simulated \(rows.first?.power.replicates ?? 0) times with the analysis itself (\(PowerSimulation.generator), seed \(seed)).",
        ]
        return lines.joined(separator: "\n") + "\n"
    }
}
