// SPDX-License-Identifier: GPL-3.0-or-later

/// The index hour by hour of the rest interval.
public struct HourProfile: Hashable, Sendable {
    /// An hour; the last one may be shorter.
    public struct Hour: Hashable, Sendable {
        /// When it begins, in seconds since the Unix epoch on the recording's clock.
        public var start: Double
        /// Seconds of it that were analysed.
        public var analysed: Double
        /// Periodic movements in it.
        public var periodic: Int
        /// Candidates in it.
        public var candidates: Int

        /// An hour by its parts.
        public init(start: Double, analysed: Double, periodic: Int, candidates: Int) {
            self.start = start
            self.analysed = analysed
            self.periodic = periodic
            self.candidates = candidates
        }

        /// Periodic movements per analysed hour; nil where less than a tenth of an hour was analysed.
        public var index: Double? { analysed >= 360 ? Double(periodic) * 3600 / analysed : nil }
    }

    /// The hours in order.
    public var hours: [Hour]

    /// The hours in order.
    public init(_ hours: [Hour]) { self.hours = hours }

    /// The picture; nil without an hour that was analysed.
    public func picture(id: String = "hour-profile") -> Picture? {
        guard let highest = hours.compactMap(\.index).max() else { return nil }
        var canvas = SVGCanvas(width: 760, height: 250)
        let area = PlotArea(left: 58, top: 22, right: 748, bottom: 200)
        let x = Scale(.linear, 0...Double(hours.count), from: area.left, to: area.right)
        let y = Scale(.linear, 0...(max(1, highest) * 1.12), from: area.bottom, to: area.top)
        canvas.leftAxis(y, area, title: "PLM per hour")
        canvas.bottomAxis(
            x, area, title: "hour of rest, from",
            ticks: hours.indices.map { (Double($0), ClockText.short(hours[$0].start)) }, hasGrid: false)
        for (place, hour) in hours.enumerated() {
            let start = x(Double(place))
            let width = x(Double(place) + 1) - start
            guard let index = hour.index else {
                canvas.hatching(
                    id: id, x: start + 5, y: area.top + 20, width: width - 10, height: area.height - 20,
                    title: "no data")
                continue
            }
            canvas.rectangle(
                x: start + 5, y: y(index), width: width - 10, height: area.bottom - y(index),
                hour.analysed < 1800 ? "bar weak" : "bar",
                title: "\(hour.periodic) PLM in \(PlotNumber.fixed(hour.analysed / 60, 0)) min")
            canvas.text(PlotNumber.fixed(index, 0), x: start + width / 2, y: y(index) - 5, .middle)
        }
        return Picture(
            id: id, title: "Hour by hour",
            summary:
                "Periodic movements per analysed hour in each hour of rest. A pale bar rests on less than half an hour; hatched: no "
                + "data. In many people the movements come in the first half of the night.",
            tables: [
                DataTable(
                    "hours", "Hours of rest",
                    columns: [
                        .init("start", "From"), .init("analysed_min", "Analysed, min", decimals: 1),
                        .init("plm", "PLM"), .init("clm", "Candidates"),
                        .init("plm_per_hour", "PLM per hour", decimals: 1),
                    ],
                    rows: hours.map {
                        [
                            .text(ClockText.short($0.start)), .number($0.analysed / 60), .integer($0.periodic),
                            .integer($0.candidates), DataTable.Cell($0.index),
                        ]
                    })
            ], hatched: true, canvas: canvas)
    }
}
