// SPDX-License-Identifier: GPL-3.0-or-later
public import Nights

/// The index night by night, with the doses beneath.
public struct NightTrend: Hashable, Sendable {
    /// A night, or a day without one.
    public struct Night: Hashable, Sendable {
        /// The part that a night has in a comparison.
        public enum Part: Hashable, Sendable {
            case compared
            /// Left out after a switch.
            case transition
            /// Left out, in words: why.
            case leftOut(String)
        }

        /// The day of its evening.
        public var day: CivilDay
        /// Periodic limb movements per analysed hour; nil where the night gives none.
        public var index: Double?
        /// Whether it is a night with magnesium; nil under neither condition.
        public var isActive: Bool?
        /// Its part.
        public var part: Part
        /// Elemental milligrams; nil where nobody said, which is not none.
        public var dose: Double?

        /// A night by its parts.
        public init(day: CivilDay, index: Double?, isActive: Bool?, part: Part = .compared, dose: Double? = nil) {
            self.day = day
            self.index = index
            self.isActive = isActive
            self.part = part
            self.dose = dose
        }
    }

    /// The nights by day; days between them that are not there are gaps.
    public let nights: [Night]
    /// Stretches of days, drawn behind the nights.
    public let phases: [Phase]

    /// Days of one condition.
    public struct Phase: Hashable, Sendable {
        /// From the first to the last.
        public var days: ClosedRange<CivilDay>
        /// Whether with magnesium.
        public var isActive: Bool

        /// A phase by its parts.
        public init(days: ClosedRange<CivilDay>, isActive: Bool) {
            self.days = days
            self.isActive = isActive
        }
    }

    /// Nights in any order, one a day.
    public init(_ nights: [Night], phases: [Phase] = []) {
        self.nights = nights.sorted { $0.day < $1.day }
        self.phases = phases
    }

    /// The picture; nil without nights.
    public func picture(id: String = "nightly-index") -> Picture? {
        let days = nights.map(\.day) + phases.flatMap { [$0.days.lowerBound, $0.days.upperBound] }
        guard let first = days.min(), let last = days.max(), !nights.isEmpty else { return nil }
        let count = last - first + 1
        let hasDoses = nights.contains { ($0.dose ?? 0) > 0 }
        var canvas = SVGCanvas(width: 760, height: hasDoses ? 372 : 300)
        let area = PlotArea(left: 58, top: 40, right: 748, bottom: 232)
        let x = Scale(.linear, -0.5...(Double(count) - 0.5), from: area.left, to: area.right)
        let highest = max(1, nights.compactMap(\.index).max() ?? 1) * 1.08
        let y = Scale(.linear, 0...highest, from: area.bottom, to: area.top)
        for phase in phases {
            let start = x(Double(phase.days.lowerBound - first) - 0.5)
            let end = x(Double(phase.days.upperBound - first) + 0.5)
            canvas.rectangle(
                x: start, y: area.top, width: end - start, height: area.height,
                phase.isActive ? "with-ground" : "without-ground")
        }
        canvas.leftAxis(y, area, title: "PLM per hour")
        let bottom = hasDoses ? doses(&canvas, x, first, area) : area
        canvas.bottomAxis(
            x, bottom, title: "", ticks: SVGCanvas.dayTicks(first: first, count: count), hasGrid: false)
        let radius = count > 120 ? 2.4 : 3.8
        for night in nights {
            guard let index = night.index else { continue }
            let isHollow = night.part != .compared
            let look =
                switch night.isActive {
                case true: isHollow ? "with hollow" : "with"
                case false: isHollow ? "without hollow" : "without"
                case nil: isHollow ? "other hollow" : "other"
                }
            canvas.circle(
                x(Double(night.day - first)), y(index), radius: radius, look,
                title: "\(night.day): \(PlotNumber.fixed(index, 1)) per hour")
        }
        legend(&canvas)
        return Picture(
            id: id, title: "Night by night", summary: summary(first, last, hasDoses), tables: [table], canvas: canvas)
    }

    private func legend(_ canvas: inout SVGCanvas) {
        var entries: [(SVGCanvas.Swatch, String)] = []
        if nights.contains(where: { $0.isActive == false }) { entries.append((.dot("without"), "without magnesium")) }
        if nights.contains(where: { $0.isActive == true }) { entries.append((.dot("with"), "with magnesium")) }
        if nights.contains(where: { $0.isActive == nil }) { entries.append((.dot("other"), "night")) }
        if nights.contains(where: { $0.part != .compared && $0.index != nil }) {
            entries.append((.dot("other hollow"), "not compared (left out, or transition)"))
        }
        canvas.legend(entries, id: "nightly-index", x: 58, y: 22)
    }

    private func doses(_ canvas: inout SVGCanvas, _ x: Scale, _ first: CivilDay, _ area: PlotArea) -> PlotArea {
        let area = PlotArea(left: area.left, top: area.bottom + 26, right: area.right, bottom: area.bottom + 96)
        let highest = nights.compactMap(\.dose).max() ?? 1
        let y = Scale(.linear, 0...(highest * 1.1), from: area.bottom, to: area.top)
        canvas.leftAxis(
            y, area, title: "mg", ticks: Ticks.linear(y.domain, atMost: 4).map { ($0, PlotNumber.label($0)) })
        let width = max(1.2, (x(1) - x(0)) * 0.7)
        for night in nights {
            let middle = x(Double(night.day - first))
            guard let dose = night.dose else {
                canvas.line(middle - width / 2, area.bottom - 4, middle + width / 2, area.bottom - 4, "unknown")
                continue
            }
            guard dose > 0 else { continue }
            canvas.rectangle(
                x: middle - width / 2, y: y(dose), width: width, height: area.bottom - y(dose), "dose",
                title: "\(night.day): \(PlotNumber.label(dose)) mg")
        }
        return area
    }

    private func summary(_ first: CivilDay, _ last: CivilDay, _ hasDoses: Bool) -> String {
        let hollow = nights.count { $0.part != .compared && $0.index != nil }
        let missing = (last - first + 1) - nights.count { $0.index != nil }
        var text =
            "Each dot is a night, from \(first.inWords) to \(last.inWords): periodic limb movements per analysed hour."
        if hollow > 0 { text += " Hollow dots (\(hollow)) take no part in the comparison." }
        if missing > 0 { text += " On \(missing) of the days there is no night: the place stays empty." }
        if hasDoses {
            text += " Bars: elemental magnesium of the evening, in milligrams."
            if nights.contains(where: { $0.dose == nil }) {
                text += " A dash at the foot: nobody said what was taken, which is not none."
            }
        }
        return text
    }

    private var table: DataTable {
        DataTable(
            "nights", "Night by night",
            columns: [
                .init("night", "Night of"), .init("plm_per_hour", "PLM per hour", decimals: 1),
                .init("condition", "Condition"), .init("part", "Part in the comparison"),
                .init("elemental_mg", "Magnesium, mg"),
            ],
            rows: nights.map { night in
                let part =
                    switch night.part {
                    case .compared: "compared"
                    case .transition: "transition"
                    case .leftOut(let reason): reason
                    }
                let condition = night.isActive.map { $0 ? "with magnesium" : "without" }
                return [
                    .text("\(night.day)"), DataTable.Cell(night.index), DataTable.Cell(condition), .text(part),
                    DataTable.Cell(night.dose),
                ]
            })
    }
}
