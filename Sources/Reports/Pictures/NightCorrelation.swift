// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// How nights resemble their neighbours, beyond what their phase has in common.
public struct NightCorrelation: Hashable, Sendable {
    /// A correlation of nights so many days apart.
    public struct Lag: Hashable, Sendable {
        /// The days between them.
        public let days: Int
        /// Between −1 and 1.
        public let correlation: Double
        /// The pairs of nights.
        public let pairs: Int
    }

    /// By rising distance.
    public let lags: [Lag]
    /// The nights.
    public let nights: Int
    /// The mean of the correlation of neighbours in the primary analysis; nil where there is none.
    public let modelled: Double?

    /// The furthest nights that are correlated, in days.
    static let furthest = 14
    /// Fewer pairs say nothing.
    static let fewestPairs = 5

    /// The correlations of residuals by the distance of their days; pairs of days that are missing are left out.
    ///
    /// - Parameter residuals: what is left of each night's logarithm, by its day; their mean is near 0.
    public init(_ residuals: [(day: Int, value: Double)], modelled: Double?) {
        let byDay = Dictionary(residuals.map { ($0.day, $0.value) }) { first, _ in first }
        let variance = residuals.reduce(0) { $0 + $1.value * $1.value } / Double(max(1, residuals.count))
        nights = residuals.count
        self.modelled = modelled
        guard variance > 0 else {
            lags = []
            return
        }
        lags = (1...Self.furthest).compactMap { days in
            let products = byDay.compactMap { day, value in byDay[day + days].map { value * $0 } }
            guard products.count >= Self.fewestPairs else { return nil }
            let mean = products.sorted().reduce(0, +) / Double(products.count)
            return Lag(days: days, correlation: min(1, max(-1, mean / variance)), pairs: products.count)
        }
    }

    /// The picture; nil without any lag.
    public func picture(id: String = "night-correlation") -> Picture? {
        guard !lags.isEmpty else { return nil }
        var canvas = SVGCanvas(width: 760, height: 240)
        let area = PlotArea(left: 58, top: 14, right: 748, bottom: 186)
        let x = Scale(.linear, 0.4...(Double(Self.furthest) + 0.6), from: area.left, to: area.right)
        let y = Scale(.linear, -1...1, from: area.bottom, to: area.top)
        let bound = 1.96 / Double(nights).squareRoot()
        canvas.rectangle(x: area.left, y: y(bound), width: area.width, height: y(-bound) - y(bound), "band")
        canvas.leftAxis(y, area, title: "correlation", ticks: [-1, -0.5, 0, 0.5, 1].map { ($0, PlotNumber.label($0)) })
        canvas.line(area.left, y(0), area.right, y(0), "axis")
        canvas.bottomAxis(
            x, area, title: "nights apart", ticks: (1...Self.furthest).map { (Double($0), "\($0)") }, hasGrid: false)
        for lag in lags {
            let top = min(y(0), y(lag.correlation))
            canvas.rectangle(
                x: x(Double(lag.days)) - 9, y: top, width: 18, height: abs(y(lag.correlation) - y(0)), "bar",
                title: "\(PlotNumber.fixed(lag.correlation, 2))")
        }
        let model = modelled.map {
            " The primary analysis puts the correlation of neighbours at \(PlotNumber.fixed($0, 2))."
        }
        return Picture(
            id: id, title: "How nights resemble their neighbours",
            summary:
                "Correlation of what is left of the nights' logarithms about each phase's mean, by the nights between them; the "
                + "band is where independent nights would mostly lie.\(model ?? "")",
            tables: [
                DataTable(
                    "correlations", "Correlation by distance",
                    columns: [
                        .init("nights_apart", "Nights apart"), .init("correlation", "Correlation", decimals: 2),
                        .init("pairs", "Pairs"),
                    ], rows: lags.map { [.integer($0.days), .number($0.correlation), .integer($0.pairs)] })
            ], canvas: canvas)
    }
}
