// SPDX-License-Identifier: GPL-3.0-or-later

/// The nights by their dose, and the falling steps nearest to them.
public struct DoseResponse: Hashable, Sendable {
    /// A night.
    public struct Night: Hashable, Sendable {
        /// The dose or exposure in elemental milligrams.
        public var dose: Double
        /// Movements per hour.
        public var rate: Double

        /// A night by its parts.
        public init(dose: Double, rate: Double) {
            self.dose = dose
            self.rate = rate
        }
    }

    /// A step of the isotonic fit (pool adjacent violators).
    public struct Step: Hashable, Sendable {
        /// The dose.
        public var dose: Double
        /// The typical night of that dose: the exponential of the mean logarithm.
        public var mean: Double
        /// The fit.
        public var fit: Double

        /// A step by its parts.
        public init(dose: Double, mean: Double, fit: Double) {
            self.dose = dose
            self.mean = mean
            self.fit = fit
        }
    }

    /// The nights.
    public var nights: [Night]
    /// The steps by rising dose; empty for a scatter alone.
    public var steps: [Step]
    /// What the horizontal axis is.
    public var axis: String

    /// Nights with their steps.
    public init(_ nights: [Night], steps: [Step], axis: String = "elemental magnesium of the evening, mg") {
        self.nights = nights
        self.steps = steps.sorted { $0.dose < $1.dose }
        self.axis = axis
    }

    /// The picture; nil without nights.
    public func picture(id: String = "dose-response", title: String = "Nights by dose") -> Picture? {
        guard let highestDose = nights.map(\.dose).max(), let highest = nights.map(\.rate).max() else { return nil }
        var canvas = SVGCanvas(width: 760, height: 330)
        let area = PlotArea(left: 58, top: 40, right: 748, bottom: 278)
        let reach = max(50, highestDose)
        let x = Scale(.linear, (-0.05 * reach)...(1.05 * reach), from: area.left, to: area.right)
        let y = Scale(.linear, 0...(max(1, highest) * 1.08), from: area.bottom, to: area.top)
        canvas.leftAxis(y, area, title: "PLM per hour")
        canvas.bottomAxis(
            x, area, title: axis,
            ticks: Ticks.linear(0...(1.05 * reach), atMost: 8).map { ($0, PlotNumber.label($0)) })
        var seen: [Double: Int] = [:]
        for night in nights {
            let rank = seen[night.dose, default: 0]
            seen[night.dose] = rank + 1
            // Nights of one dose are spread a little, so that each is seen.
            let shift = Double((rank + 1) / 2) * (rank % 2 == 0 ? 1 : -1)
            canvas.circle(
                x(night.dose) + min(14, max(-14, shift * 2.2)), y(night.rate), radius: 3.8,
                night.dose > 0 ? "with" : "without",
                title: "\(PlotNumber.label(night.dose)) mg: \(PlotNumber.fixed(night.rate, 1)) per hour")
        }
        if !steps.isEmpty {
            var points: [(x: Double, y: Double)] = []
            for (place, step) in steps.enumerated() {
                let start = place == 0 ? x.domain.lowerBound : (steps[place - 1].dose + step.dose) / 2
                let end = place == steps.count - 1 ? x.domain.upperBound : (step.dose + steps[place + 1].dose) / 2
                points += [(x(start), y(step.fit)), (x(end), y(step.fit))]
                canvas.line(x(step.dose) - 8, y(step.mean), x(step.dose) + 8, y(step.mean), "mean")
            }
            canvas.polyline(points, "fit")
        }
        canvas.legend(
            [(.dot("without"), "no magnesium"), (.dot("with"), "with magnesium")]
                + (steps.isEmpty
                    ? []
                    : [(.line("mean"), "typical night of a dose"), (.line("fit"), "falling steps (isotonic fit)")]),
            id: id, x: 58, y: 22)
        let tables =
            [
                DataTable(
                    "nights", "Nights by dose",
                    columns: [
                        .init("mg", "Magnesium, mg", decimals: 0), .init("plm_per_hour", "PLM per hour", decimals: 1),
                    ],
                    rows: nights.map { [.number($0.dose), .number($0.rate)] })
            ]
            + (steps.isEmpty
                ? []
                : [
                    DataTable(
                        "steps", "Typical night by dose, and the nearest falling steps",
                        columns: [
                            .init("mg", "Magnesium, mg"), .init("typical", "Typical night, PLM per hour", decimals: 1),
                            .init("fit", "Step, PLM per hour", decimals: 1),
                        ], rows: steps.map { [.number($0.dose), .number($0.mean), .number($0.fit)] })
                ])
        return Picture(
            id: id, title: title,
            summary: "Each dot is a night by its magnesium."
                + (steps.isEmpty
                    ? ""
                    : " The line goes down in steps, or stays: of all such lines it is the nearest to the nights. It assumes that "
                        + "more magnesium never goes with more movements; it does not test it."),
            tables: tables, canvas: canvas)
    }
}
