// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// How often each interval between candidate movements occurs, on a logarithmic axis.
public struct IntervalPicture: Hashable, Sendable {
    /// Intervals that belong together.
    public struct Group: Hashable, Sendable {
        /// The name: the night, without magnesium, with magnesium.
        public var name: String
        /// The intervals from onset to onset, in seconds.
        public var intervals: [Double]
        /// Whether they are of nights with magnesium.
        public var isActive: Bool

        /// A group by its parts.
        public init(name: String, intervals: [Double], isActive: Bool = false) {
            self.name = name
            self.intervals = intervals
            self.isActive = isActive
        }
    }

    /// One group, or two that are set against each other.
    public var groups: [Group]
    /// The intervals that keep a series going, in seconds.
    public var band: ClosedRange<Double>

    /// Groups of intervals, and what keeps a series going under the rules.
    public init(_ groups: [Group], band: ClosedRange<Double> = 10...90) {
        self.groups = groups
        self.band = band
    }

    /// The axis' ends, in seconds.
    static let ends = 1.0...1000.0
    /// The bins to a power of ten.
    static let binsPerDecade = 15
    static var binCount: Int { binsPerDecade * 3 }

    /// Where a bin begins; the last index is its end.
    static func edge(_ bin: Int) -> Double { pow(10, Double(bin) / Double(binsPerDecade)) }

    /// The intervals by bin; those outside the ends are in none.
    static func counts(_ intervals: [Double]) -> [Int] {
        var counts = [Int](repeating: 0, count: binCount)
        for interval in intervals where ends.contains(interval) {
            let bin = Int((log10(interval) * Double(binsPerDecade) + 1e-9).rounded(.down))
            counts[min(bin, binCount - 1)] += 1
        }
        return counts
    }

    /// The picture; nil without any interval.
    public func picture(id: String = "intervals") -> Picture? {
        guard groups.contains(where: { !$0.intervals.isEmpty }) else { return nil }
        let isShare = groups.count > 1
        let bins = groups.map { group in
            let counts = Self.counts(group.intervals)
            let scale = isShare ? 100 / Double(max(1, group.intervals.count)) : 1
            return counts.map { Double($0) * scale }
        }
        var canvas = SVGCanvas(width: 760, height: 290)
        let area = PlotArea(left: 58, top: isShare ? 40 : 22, right: 738, bottom: 238)
        let x = Scale(.logarithmic, Self.ends, from: area.left, to: area.right)
        let y = Scale(.linear, 0...(max(1, bins.joined().max() ?? 1) * 1.08), from: area.bottom, to: area.top)
        canvas.rectangle(
            x: x(band.lowerBound), y: area.top, width: x(band.upperBound) - x(band.lowerBound), height: area.height,
            "band")
        canvas.text(
            "\(PlotNumber.label(band.lowerBound))–\(PlotNumber.label(band.upperBound)) s",
            x: (x(band.lowerBound) + x(band.upperBound)) / 2, y: area.top - 5, .middle, "small-label")
        canvas.leftAxis(y, area, title: isShare ? "% of intervals" : "intervals")
        canvas.bottomAxis(
            x, area, title: "interval from onset to onset, s (logarithmic)",
            ticks: [1, 2, 5, 10, 20, 50, 90, 200, 500, 1000].map { ($0, PlotNumber.label($0)) }, hasGrid: false)
        for (group, values) in zip(groups, bins) {
            if isShare {
                var points: [(x: Double, y: Double)] = [(x(Self.edge(0)), y(0))]
                for (bin, value) in values.enumerated() {
                    points += [(x(Self.edge(bin)), y(value)), (x(Self.edge(bin + 1)), y(value))]
                }
                canvas.polyline(points, group.isActive ? "step with-line" : "step without-line")
            } else {
                for (bin, value) in values.enumerated() where value > 0 {
                    let start = x(Self.edge(bin))
                    canvas.rectangle(
                        x: start + 0.5, y: y(value), width: x(Self.edge(bin + 1)) - start - 1,
                        height: area.bottom - y(value), "bar",
                        title:
                            "\(PlotNumber.fixed(Self.edge(bin), 1)) to \(PlotNumber.fixed(Self.edge(bin + 1), 1)) s: \(Int(value))"
                    )
                }
            }
        }
        if isShare {
            canvas.legend(
                groups.map {
                    (.line($0.isActive ? "step with-line" : "step without-line"), "\($0.name) (\($0.intervals.count))")
                },
                id: id, x: 58, y: 22)
        }
        return Picture(
            id: id, title: "Intervals between movements",
            summary: summary, tables: [table(bins.map { $0 }, isShare)], canvas: canvas)
    }

    private var summary: String {
        let inside = groups.map { group in
            let count = group.intervals.count { band.contains($0) }
            return "\(count) of \(group.intervals.count)\(groups.count > 1 ? " \(group.name)" : "")"
        }.joined(separator: ", ")
        return "How far apart candidate movements begin. Between \(PlotNumber.label(band.lowerBound)) and "
            + "\(PlotNumber.label(band.upperBound)) s, which keeps a series going, lie \(inside). Periodic movements make a hump there."
    }

    private func table(_ bins: [[Double]], _ isShare: Bool) -> DataTable {
        DataTable(
            "bins", "Intervals by length",
            columns: [.init("from_s", "From, s", decimals: 2), .init("to_s", "to, s", decimals: 2)]
                + groups.enumerated().map { index, group in
                    .init(
                        groups.count == 1 ? "intervals" : "group_\(index + 1)",
                        group.name + (isShare ? ", %" : ""), decimals: isShare ? 1 : 0)
                },
            rows: (0..<Self.binCount).filter { bin in bins.contains { $0[bin] > 0 } }.map { bin in
                [.number(Self.edge(bin)), .number(Self.edge(bin + 1))] + bins.map { .number($0[bin]) }
            })
    }
}
