// SPDX-License-Identifier: GPL-3.0-or-later
public import Nights

/// When in the night the movements come, over weeks: a row for each night, a column for each ten minutes of the clock.
public struct HourRaster: Hashable, Sendable {
    /// A night.
    public struct Night: Hashable, Sendable {
        /// The day of its evening.
        public var day: CivilDay
        /// Whether it is a night with magnesium; nil under neither condition.
        public var isActive: Bool?
        /// Periodic movements in each ten minutes from noon to noon; nil where nothing was analysed.
        public var counts: [Int?]

        /// A night by its parts.
        ///
        /// - Precondition: a day has ``HourRaster/columnsPerDay`` stretches of ten minutes.
        public init(day: CivilDay, isActive: Bool?, counts: [Int?]) {
            precondition(counts.count == HourRaster.columnsPerDay, "\(counts.count) stretches of ten minutes")
            self.day = day
            self.isActive = isActive
            self.counts = counts
        }

        /// A night from its movements.
        ///
        /// - Parameters:
        ///   - analysed: what was analysed, in seconds since the Unix epoch on a local clock, in order and apart.
        ///   - onsets: where its periodic movements begin, on the same clock.
        public init(day: CivilDay, isActive: Bool?, analysed: [Range<Double>], onsets: [Double]) {
            let noon = Double(day.daysSince1970) * 86_400 + 43_200
            let length = HourRaster.columnLength
            var counts = [Int?](repeating: nil, count: HourRaster.columnsPerDay)
            for column in counts.indices {
                let start = noon + Double(column) * length
                let covered = analysed.reduce(0) {
                    $0 + max(0, min($1.upperBound, start + length) - max($1.lowerBound, start))
                }
                // Less than half of ten minutes would look calmer than it was.
                if covered >= length / 2 { counts[column] = 0 }
            }
            for onset in onsets {
                let column = Int(((onset - noon) / length).rounded(.down))
                if counts.indices.contains(column) { counts[column]? += 1 }
            }
            self.init(day: day, isActive: isActive, counts: counts)
        }
    }

    /// Seconds of a column.
    static let columnLength = 600.0
    /// The columns from noon to noon.
    public static let columnsPerDay = 144

    /// The nights by day.
    public let nights: [Night]

    /// Nights in any order, one a day.
    public init(_ nights: [Night]) { self.nights = nights.sorted { $0.day < $1.day } }

    /// The lowest count of each colour.
    static let levels = [0, 1, 3, 6, 10, 15]

    private static func look(_ count: Int) -> String {
        "heat\((levels.lastIndex { $0 <= count } ?? 0))"
    }

    /// The picture; nil where nothing was analysed.
    public func picture(id: String = "hour-raster") -> Picture? {
        let used = nights.flatMap { night in night.counts.indices.filter { night.counts[$0] != nil } }
        guard let first = used.min(), let last = used.max(), let firstDay = nights.first?.day,
            let lastDay = nights.last?.day
        else { return nil }
        // Whole hours.
        let (start, end) = (first / 6 * 6, min(Self.columnsPerDay, (last / 6 + 1) * 6))
        let days = lastDay - firstDay + 1
        let row = days > 90 ? 4.0 : days > 40 ? 7 : 12
        let area = PlotArea(left: 78, top: 40, right: 748, bottom: 40 + row * Double(days))
        var canvas = SVGCanvas(width: 760, height: area.bottom + 44)
        let x = Scale(.linear, Double(start)...Double(end), from: area.left, to: area.right)
        let byDay = Dictionary(nights.map { ($0.day - firstDay, $0) }) { first, _ in first }
        for day in 0..<days {
            let y = area.top + row * Double(day)
            guard let night = byDay[day] else { continue }
            if let isActive = night.isActive {
                canvas.rectangle(x: area.left - 8, y: y, width: 5, height: row, isActive ? "with" : "without")
            }
            // Neighbouring columns of one colour are one rectangle.
            var column = start
            while column < end {
                guard let count = night.counts[column] else {
                    column += 1
                    continue
                }
                let look = Self.look(count)
                var next = column + 1
                while next < end, let other = night.counts[next], Self.look(other) == look { next += 1 }
                canvas.rectangle(
                    x: x(Double(column)), y: y, width: x(Double(next)) - x(Double(column)),
                    height: row - (row > 6 ? 1 : 0.4), look)
                column = next
            }
        }
        let step = max(1, Int((14 / row).rounded(.up)))
        let labelled = [1, 2, 7, 14, 28].first { $0 >= step } ?? 28
        for day in stride(from: 0, to: days, by: labelled) {
            canvas.text(
                (firstDay + day).inShort, x: area.left - 14, y: area.top + row * (Double(day) + 0.5) + 4, .end)
        }
        canvas.bottomAxis(
            x, area, title: "",
            ticks: stride(from: start, through: end, by: 6).map { (Double($0), "\((12 + $0 / 6) % 24):00") },
            hasGrid: false)
        legend(&canvas, id)
        return Picture(
            id: id, title: "When in the night",
            summary:
                "Each row is a night, each field ten minutes: the darker (in the dark: the brighter), the more periodic movements "
                + "began in it. Empty places were not analysed.",
            tables: [hourTable, table], canvas: canvas)
    }

    private func legend(_ canvas: inout SVGCanvas, _ id: String) {
        let words = Self.levels.indices.map { index -> String in
            let low = Self.levels[index]
            guard index + 1 < Self.levels.count else { return "\(low) or more" }
            let high = Self.levels[index + 1] - 1
            return low == high ? "\(low)" : "\(low)–\(high)"
        }
        var entries: [(SVGCanvas.Swatch, String)] = words.enumerated().map { (.box("heat\($0)"), $1) }
        if nights.contains(where: { $0.isActive != nil }) {
            entries += [(.box("without"), "without"), (.box("with"), "with magnesium")]
        }
        canvas.text("PLM in 10 min", x: 78, y: 22, .start, "legend")
        canvas.legend(entries, id: id, x: 168, y: 22)
    }

    private var hourTable: DataTable {
        let hours = (0..<24).filter { hour in
            nights.contains { night in night.counts[hour * 6..<hour * 6 + 6].contains { $0 != nil } }
        }
        return DataTable(
            "hours", "Periodic movements by hour of the clock (as far as analysed)",
            columns: [.init("night", "Night of")]
                + hours.map { .init("h\((12 + $0) % 24)", "\((12 + $0) % 24):00") },
            rows: nights.map { night in
                [.text("\(night.day)")]
                    + hours.map { hour in
                        let counts = night.counts[hour * 6..<hour * 6 + 6].compactMap(\.self)
                        return counts.isEmpty ? .missing : .integer(counts.reduce(0, +))
                    }
            })
    }

    private var table: DataTable {
        let used = (0..<Self.columnsPerDay).filter { column in nights.contains { $0.counts[column] != nil } }
        func clock(_ column: Int) -> String { ClockText.short(43_200 + Double(column) * Self.columnLength) }
        return DataTable(
            "ten_minutes", "Periodic movements in ten minutes",
            columns: [.init("night", "Night of")]
                + used.map { .init("t\(clock($0).replacing(":", with: ""))", clock($0)) },
            rows: nights.map { night in
                [.text("\(night.day)")] + used.map { DataTable.Cell(night.counts[$0]) }
            }, isShown: false)
    }
}
