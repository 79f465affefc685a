// SPDX-License-Identifier: GPL-3.0-or-later

/// The same nights by other analyses: each a ratio with its interval.
public struct Forest: Hashable, Sendable {
    /// An analysis.
    public struct Row: Hashable, Sendable {
        /// What was done.
        public var name: String
        /// The rate ratio; nil where the analysis gives none.
        public var estimate: Double?
        /// The 95 % interval's ends; nil where it has none.
        public var lower: Double?
        /// The upper end.
        public var upper: Double?
        /// What it assumes, in a few words; empty for nothing to say.
        public var note: String
        /// Whether it is the one that the verdict rests on.
        public var isPrimary: Bool

        /// A row by its parts.
        public init(
            _ name: String, _ estimate: Double?, _ lower: Double? = nil, _ upper: Double? = nil, note: String = "",
            isPrimary: Bool = false
        ) {
            self.name = name
            self.estimate = estimate
            self.lower = lower
            self.upper = upper
            self.note = note
            self.isPrimary = isPrimary
        }
    }

    /// The analyses in the order of display.
    public var rows: [Row]
    /// What the ratio is of.
    public var axis: String

    /// Analyses.
    public init(_ rows: [Row], axis: String = "rate ratio, with magnesium to before (logarithmic)") {
        self.rows = rows
        self.axis = axis
    }

    private static let rowHeight = 24.0
    private static let (namesWidth, numbersWidth) = (262.0, 138.0)

    /// The picture; nil without rows.
    public func picture(id: String = "robustness") -> Picture? {
        guard !rows.isEmpty else { return nil }
        let area = PlotArea(
            left: Self.namesWidth, top: 20, right: 760 - Self.numbersWidth,
            bottom: 20 + Self.rowHeight * Double(rows.count) + 6)
        var canvas = SVGCanvas(width: 760, height: area.bottom + 48)
        let x = RatioAxis.scale(rows.flatMap { [$0.estimate, $0.lower, $0.upper].compactMap(\.self) }, area)
        canvas.bottomAxis(x, area, title: axis)
        RatioAxis.marks(x, area, &canvas)
        for (place, row) in rows.enumerated() {
            let y = area.top + Self.rowHeight * (Double(place) + 0.5) + 3
            canvas.text(row.name, x: area.left - 12, y: y + 4, .end, row.isPrimary ? "label strong" : "label")
            guard let estimate = row.estimate, estimate.isFinite, estimate > 0 else {
                canvas.text("–", x: area.right + 14, y: y + 4)
                continue
            }
            RatioAxis.interval(
                estimate: estimate, lower: row.lower, upper: row.upper, y: y, x, isMain: row.isPrimary, &canvas)
            canvas.text(
                Self.numbers(row, estimate), x: area.right + 14, y: y + 4, .start,
                row.isPrimary ? "label strong" : "label")
        }
        return Picture(
            id: id, title: "The same nights by other analyses",
            summary:
                "Each line is a rate ratio with its 95 % interval; the first is the one that the verdict rests on, the others are "
                + "descriptive. Lines stand at 1 (the same) and 0.8 (a fifth lower). An arrow: the interval goes on.",
            tables: [table], canvas: canvas)
    }

    private static func numbers(_ row: Row, _ estimate: Double) -> String {
        let ratio = PlotNumber.fixed(estimate, 2)
        guard let lower = row.lower, let upper = row.upper else { return ratio }
        return "\(ratio) (\(PlotNumber.fixed(lower, 2))–\(upper < 100 ? PlotNumber.fixed(upper, 2) : "> 100"))"
    }

    private var table: DataTable {
        DataTable(
            "analyses", "Rate ratios by analysis",
            columns: [
                .init("analysis", "Analysis"), .init("ratio", "Rate ratio", decimals: 2),
                .init("lower_95", "95 % from", decimals: 2), .init("upper_95", "to", decimals: 2),
                .init("note", "Assumes"),
            ],
            rows: rows.map {
                [
                    .text($0.name), DataTable.Cell($0.estimate), DataTable.Cell($0.lower), DataTable.Cell($0.upper),
                    .text($0.note),
                ]
            })
    }
}
