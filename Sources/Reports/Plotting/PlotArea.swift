// SPDX-License-Identifier: GPL-3.0-or-later
internal import Nights

/// The rectangle between a picture's axes, in its units.
struct PlotArea: Hashable {
    var left: Double
    var top: Double
    var right: Double
    var bottom: Double

    var width: Double { right - left }
    var height: Double { bottom - top }
}

extension SVGCanvas {
    /// The axis at the bottom: lines across the area and labels below it.
    mutating func bottomAxis(
        _ scale: Scale, _ area: PlotArea, title: String, ticks: [(Double, String)]? = nil, hasGrid: Bool = true
    ) {
        for (value, label) in ticks ?? scale.ticks.map({ ($0, PlotNumber.label($0)) }) {
            let x = scale(value)
            if hasGrid { line(x, area.top, x, area.bottom, "grid") }
            line(x, area.bottom, x, area.bottom + 4, "axis")
            text(label, x: x, y: area.bottom + 18, .middle)
        }
        line(area.left, area.bottom, area.right, area.bottom, "axis")
        if !title.isEmpty {
            text(title, x: (area.left + area.right) / 2, y: area.bottom + 36, .middle, "axis-title")
        }
    }

    /// The axis at the left: lines across the area and labels beside it.
    mutating func leftAxis(_ scale: Scale, _ area: PlotArea, title: String, ticks: [(Double, String)]? = nil) {
        for (value, label) in ticks ?? scale.ticks.map({ ($0, PlotNumber.label($0)) }) {
            let y = scale(value)
            line(area.left, y, area.right, y, "grid")
            text(label, x: area.left - 8, y: y + 4, .end)
        }
        if !title.isEmpty { uprightText(title, x: area.left - 42, y: (area.top + area.bottom) / 2) }
    }

    /// The days of an axis of nights, counted from the first, with at most so many labels.
    static func dayTicks(first: CivilDay, count: Int, atMost most: Int = 9) -> [(Double, String)] {
        let steps = [1, 2, 7, 14, 28, 56, 91, 182, 364]
        let step = steps.first { (count - 1) / $0 + 1 <= most } ?? max(1, count / most)
        return stride(from: 0, to: count, by: step).map { (Double($0), (first + $0).inShort) }
    }
}

extension CivilDay {
    /// The day and the month: `3 Mar`.
    var inShort: String { "\(day) \(Self.months[(month - 1) % 12])" }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

/// A moment of a night as a clock shows it.
enum ClockText {
    /// Hours and minutes of seconds since the Unix epoch on a local clock: `23:05`.
    static func short(_ time: Double) -> String {
        let minutes = Int((time / 60).rounded(.down))
        let ofDay = ((minutes % 1440) + 1440) % 1440
        return two(ofDay / 60) + ":" + two(ofDay % 60)
    }

    /// Hours, minutes and seconds: `23:05:09`.
    static func full(_ time: Double) -> String {
        let seconds = Int(time.rounded(.down))
        return short(time) + ":" + two(((seconds % 60) + 60) % 60)
    }

    /// Ticks at full hours, or at parts of an hour where the span is short.
    static func ticks(_ span: ClosedRange<Double>) -> [(Double, String)] {
        let length = span.upperBound - span.lowerBound
        let step =
            [300.0, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400].first { length / $0 <= 12 } ?? 172_800
        let first = (span.lowerBound / step).rounded(.up) * step
        return stride(from: first, through: span.upperBound, by: step).map { ($0, short($0)) }
    }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
