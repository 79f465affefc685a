// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// The compared nights of two conditions side by side, and the ratio of their rates.
public struct BeforeAfter: Hashable, Sendable {
    /// The nights of a condition.
    public struct Phase: Hashable, Sendable {
        /// The condition in words.
        public var name: String
        /// Each compared night's movements per hour, in calendar order.
        public var rates: [Double]
        /// All movements over all hours.
        public var mean: Double

        /// A phase by its parts.
        public init(name: String, rates: [Double], mean: Double) {
            self.name = name
            self.rates = rates
            self.mean = mean
        }
    }

    /// A rate ratio with its 95 % interval.
    public struct Ratio: Hashable, Sendable {
        /// The ratio.
        public var estimate: Double
        /// The lower end of the interval.
        public var lower: Double
        /// The upper end of the interval.
        public var upper: Double

        /// A ratio by its parts.
        public init(estimate: Double, lower: Double, upper: Double) {
            self.estimate = estimate
            self.lower = lower
            self.upper = upper
        }
    }

    /// The nights without magnesium.
    public var before: Phase
    /// The nights with magnesium.
    public var with: Phase
    /// Nil where there is none: too few nights, or movements.
    public var ratio: Ratio?

    /// Two phases and their ratio.
    public init(before: Phase, with: Phase, ratio: Ratio?) {
        self.before = before
        self.with = with
        self.ratio = ratio
    }

    /// The ratios at which lines stand: a fifth lower, and no difference.
    static let marks = [0.8, 1]

    /// The picture.
    public func picture(
        id: String = "before-after", axis: String = "rate ratio, with magnesium to before (logarithmic)"
    ) -> Picture {
        var canvas = SVGCanvas(width: 760, height: ratio == nil ? 300 : 410)
        let area = PlotArea(left: 58, top: 26, right: 748, bottom: 250)
        let rates = before.rates + with.rates + [before.mean, with.mean]
        let y = Scale(.linear, 0...(max(1, rates.max() ?? 1) * 1.08), from: area.bottom, to: area.top)
        canvas.leftAxis(y, area, title: "PLM per hour")
        canvas.line(area.left, area.bottom, area.right, area.bottom, "axis")
        for (phase, look, middle) in [
            (before, "without", area.left + area.width * 0.27), (with, "with", area.left + area.width * 0.73),
        ] {
            draw(phase, look, middle, y, &canvas)
            canvas.text(phase.name, x: middle, y: area.bottom + 20, .middle, "label")
            canvas.text(
                "\(phase.rates.count) \(phase.rates.count == 1 ? "night" : "nights")", x: middle, y: area.bottom + 37,
                .middle)
        }
        if let ratio { draw(ratio, axis, &canvas) }
        return Picture(
            id: id, title: "Before and with", summary: summary, tables: [nightTable, ratioTable], canvas: canvas)
    }

    /// Nights of nearly the same rate stand beside each other, in calendar order from the middle outwards.
    private func draw(_ phase: Phase, _ look: String, _ middle: Double, _ y: Scale, _ canvas: inout SVGCanvas) {
        let radius = phase.rates.count > 60 ? 3.0 : 4.2
        var placed: [(x: Double, y: Double)] = []
        for rate in phase.rates {
            let height = y(rate)
            var step = 0
            var place = middle
            // The nearest free place, left and right in turn.
            while step < 60 {
                let side = step % 2 == 0 ? 1.0 : -1.0
                place = middle + side * Double((step + 1) / 2) * (radius * 2 + 0.6)
                let isFree = placed.allSatisfy { hypot($0.x - place, $0.y - height) >= radius * 2 }
                if isFree { break }
                step += 1
            }
            placed.append((place, height))
            canvas.circle(place, height, radius: radius, look, title: "\(PlotNumber.fixed(rate, 1)) per hour")
        }
        guard !phase.rates.isEmpty else { return }
        let reach = max(70, (placed.map { abs($0.x - middle) }.max() ?? 0) + 16)
        canvas.line(middle - reach, y(phase.mean), middle + reach, y(phase.mean), "mean")
        canvas.text(
            PlotNumber.fixed(phase.mean, 1), x: middle + reach + 8, y: y(phase.mean) + 4, .start, "label strong")
    }

    private func draw(_ ratio: Ratio, _ axis: String, _ canvas: inout SVGCanvas) {
        let area = PlotArea(left: 58, top: 318, right: 748, bottom: 362)
        let x = RatioAxis.scale([ratio.lower, ratio.upper], area)
        canvas.bottomAxis(x, area, title: axis)
        RatioAxis.marks(x, area, &canvas)
        RatioAxis.interval(
            estimate: ratio.estimate, lower: ratio.lower, upper: ratio.upper, y: (area.top + area.bottom) / 2, x,
            isMain: true, &canvas)
    }

    /// A phase's rate in words; a phase without nights has none.
    private static func words(_ phase: Phase) -> String {
        phase.rates.isEmpty
            ? "no compared night \(phase.name)" : "\(PlotNumber.fixed(phase.mean, 1)) per hour \(phase.name)"
    }

    private var summary: String {
        var text =
            "Each dot is a compared night; the bars are all movements of a phase over all its hours: "
            + "\(Self.words(before)), \(Self.words(with))."
        if let ratio {
            text +=
                " Below, the rate ratio \(PlotNumber.fixed(ratio.estimate, 2)) with its 95 % interval, "
                + "\(PlotNumber.fixed(ratio.lower, 2)) to \(PlotNumber.fixed(ratio.upper, 2)); lines stand at 1 (the same) "
                + "and 0.8 (a fifth lower)."
        } else {
            text += " There is no rate ratio."
        }
        return text
    }

    private var nightTable: DataTable {
        DataTable(
            "nights", "The compared nights",
            columns: [.init("phase", "Phase"), .init("plm_per_hour", "PLM per hour", decimals: 1)],
            rows: [before, with].flatMap { phase in phase.rates.map { [.text(phase.name), .number($0)] } })
    }

    private var ratioTable: DataTable {
        DataTable(
            "summary", "By phase",
            columns: [
                .init("what", ""), .init("value", "Value", decimals: 2), .init("lower_95", "95 % from", decimals: 2),
                .init("upper_95", "to", decimals: 2),
            ],
            rows: [before, with].map { (phase: Phase) -> [DataTable.Cell] in
                [
                    .text("PLM per hour, \(phase.name)"), phase.rates.isEmpty ? .missing : .number(phase.mean),
                    .missing, .missing,
                ]
            }
                + (ratio.map {
                    [[.text("rate ratio"), .number($0.estimate), .number($0.lower), .number($0.upper)]]
                } ?? []))
    }
}
