// SPDX-License-Identifier: GPL-3.0-or-later

/// The axis of rate ratios: logarithmic, with lines at no difference and at a fifth lower.
enum RatioAxis {
    /// Beyond these a ratio says only that the nights say nothing.
    private static let limits = 0.02...50.0

    /// An axis that holds these ratios, and the lines.
    static func scale(_ ratios: [Double], _ area: PlotArea) -> Scale {
        let finite = ratios.filter { $0.isFinite && $0 > 0 } + BeforeAfter.marks
        let lowest = max(limits.lowerBound, finite.min() ?? 0.8)
        let highest = min(limits.upperBound, finite.max() ?? 1)
        return Scale(
            .logarithmic, min(0.7, lowest / 1.08)...max(1.3, highest * 1.08), from: area.left, to: area.right)
    }

    /// The lines at 0.8 and 1.
    static func marks(_ x: Scale, _ area: PlotArea, _ canvas: inout SVGCanvas) {
        for mark in BeforeAfter.marks {
            canvas.line(x(mark), area.top, x(mark), area.bottom, mark == 1 ? "reference" : "reference weak")
        }
    }

    /// An estimate with its interval; an end beyond the axis has an arrow.
    static func interval(
        estimate: Double, lower: Double?, upper: Double?, y: Double, _ x: Scale, isMain: Bool,
        _ canvas: inout SVGCanvas
    ) {
        if let lower, let upper {
            canvas.line(x(lower), y, x(upper), y, isMain ? "interval main" : "interval")
            for (end, isLow) in [(lower, true), (upper, false)] {
                let place = x(end)
                if x.contains(end) {
                    canvas.line(place, y - 5, place, y + 5, isMain ? "interval main" : "interval")
                } else {
                    let inward = isLow ? 6.0 : -6
                    canvas.polyline(
                        [(place + inward, y - 4), (place, y), (place + inward, y + 4)], "interval")
                }
            }
        }
        guard x.contains(estimate) else { return }
        canvas.circle(x(estimate), y, radius: isMain ? 6 : 4, isMain ? "estimate main" : "estimate")
    }
}
