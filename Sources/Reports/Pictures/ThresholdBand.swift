// SPDX-License-Identifier: GPL-3.0-or-later

/// How the index moves with the size below which a movement counts as too small.
public struct ThresholdBand: Hashable, Sendable {
    /// The index at one threshold.
    public struct Point: Hashable, Sendable {
        /// The threshold as a multiple of the one in effect.
        public var factor: Double
        /// The threshold in mg.
        public var threshold: Double
        /// Periodic movements in the rest interval.
        public var count: Int
        /// Per analysed hour; nil where nothing was analysed.
        public var index: Double?

        /// A point by its parts.
        public init(factor: Double, threshold: Double, count: Int, index: Double?) {
            self.factor = factor
            self.threshold = threshold
            self.count = count
            self.index = index
        }
    }

    /// The points by rising threshold.
    public var points: [Point]

    /// Points in any order.
    public init(_ points: [Point]) { self.points = points.sorted { $0.factor < $1.factor } }

    /// The picture; nil with fewer than two indices.
    public func picture(id: String = "threshold-sensitivity") -> Picture? {
        let known = points.compactMap { point in point.index.map { (point, $0) } }
        guard known.count > 1, let first = known.first?.0.threshold, let last = known.last?.0.threshold, first > 0,
            first < last, let lowest = known.map(\.1).min(), let highest = known.map(\.1).max()
        else { return nil }
        var canvas = SVGCanvas(width: 760, height: 250)
        let area = PlotArea(left: 58, top: 16, right: 748, bottom: 196)
        let x = Scale(.logarithmic, first...last, from: area.left + 20, to: area.right - 20)
        let y = Scale(.linear, 0...(max(1, highest) * 1.1), from: area.bottom, to: area.top)
        canvas.rectangle(
            x: area.left, y: y(highest), width: area.width, height: max(1, y(lowest) - y(highest)), "band")
        canvas.leftAxis(y, area, title: "PLM per hour")
        canvas.bottomAxis(
            x, area, title: "size threshold, mg (logarithmic)",
            ticks: points.map { ($0.threshold, PlotNumber.fixed($0.threshold, 0)) })
        canvas.polyline(known.map { (x($0.0.threshold), y($0.1)) }, "series-line")
        for (point, index) in known {
            canvas.circle(
                x(point.threshold), y(index), radius: point.factor == 1 ? 6 : 4,
                point.factor == 1 ? "estimate main" : "estimate", title: "\(PlotNumber.fixed(index, 1)) per hour")
        }
        return Picture(
            id: id, title: "How much the index hangs on the size threshold",
            summary:
                "The index with the size threshold at half to double: \(PlotNumber.fixed(lowest, 1)) to "
                + "\(PlotNumber.fixed(highest, 1)) per hour. The large dot is the threshold in effect.",
            tables: [
                DataTable(
                    "thresholds", "The index by size threshold",
                    columns: [
                        .init("factor", "Times the threshold", decimals: 2),
                        .init("threshold_mg", "Threshold, mg", decimals: 1),
                        .init("plm", "PLM in rest"), .init("plm_per_hour", "PLM per hour", decimals: 1),
                    ],
                    rows: points.map {
                        [.number($0.factor), .number($0.threshold), .integer($0.count), DataTable.Cell($0.index)]
                    })
            ], canvas: canvas)
    }
}
