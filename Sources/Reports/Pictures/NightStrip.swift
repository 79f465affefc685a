// SPDX-License-Identifier: GPL-3.0-or-later
internal import Comparison

/// A whole night at a glance: the signal's envelope, movements by type, series, missing data, rest and sleep.
public struct NightStrip: Hashable, Sendable {
    /// A leg's part of the night.
    public struct LegTrace: Hashable, Sendable {
        /// The name: left leg.
        public var name: String
        /// The letter that movements carry: `L`, `R`.
        public var letter: String
        /// The lowest and highest value of each axis in each column, in g; nil where there are no data. Empty without a signal.
        public var envelope: [[ClosedRange<Float>?]]
        /// Missing data, in seconds since the Unix epoch on the recording's clock.
        public var gaps: [Range<Double>]
        /// Where nobody seems to have worn the sensor.
        public var nonwear: [Range<Double>]

        /// A leg by its parts.
        public init(
            name: String, letter: String, envelope: [[ClosedRange<Float>?]], gaps: [Range<Double>],
            nonwear: [Range<Double>]
        ) {
            self.name = name
            self.letter = letter
            self.envelope = envelope
            self.gaps = gaps
            self.nonwear = nonwear
        }
    }

    /// A movement of one leg, or of both.
    public struct Mark: Hashable, Sendable {
        /// Seconds since the Unix epoch on the recording's clock.
        public var onset: Double
        /// Seconds.
        public var duration: Double
        /// `L`, `R`, or `B` for both.
        public var leg: String
        /// `PLM`, `CLM`, `LM`, `posture`, `gait`, `rhythmic`, `artefact`.
        public var type: String
        /// The number of its series.
        public var series: Int?
        /// Seconds since the onset of the candidate before.
        public var interval: Double?

        /// A movement by its parts.
        public init(onset: Double, duration: Double, leg: String, type: String, series: Int?, interval: Double?) {
            self.onset = onset
            self.duration = duration
            self.leg = leg
            self.type = type
            self.series = series
            self.interval = interval
        }
    }

    /// A stretch of sleep or wake.
    public struct Sleep: Hashable, Sendable {
        /// Seconds since the Unix epoch on the recording's clock.
        public var span: Range<Double>
        /// Whether it is sleep.
        public var isSleep: Bool

        /// A stretch by its parts.
        public init(span: Range<Double>, isSleep: Bool) {
            self.span = span
            self.isSleep = isSleep
        }
    }

    /// The recording from its first sample to its last, in seconds since the Unix epoch on its own clock.
    public var span: Range<Double>
    /// The rest interval.
    public var rest: Range<Double>
    /// The legs, the left one first.
    public var legs: [LegTrace]
    /// The movements by onset.
    public var marks: [Mark]
    /// Sleep and wake; empty where not known.
    public var sleep: [Sleep]
    /// Whether sleep is estimated from movements, not staged.
    public var sleepIsEstimated: Bool

    /// A night by its parts.
    public init(
        span: Range<Double>, rest: Range<Double>, legs: [LegTrace], marks: [Mark], sleep: [Sleep],
        sleepIsEstimated: Bool
    ) {
        self.span = span
        self.rest = rest
        self.legs = legs
        self.marks = marks
        self.sleep = sleep
        self.sleepIsEstimated = sleepIsEstimated
    }

    private static let axisLooks = ["axis-x", "axis-y", "axis-z"]
    private static let (traceHeight, lane, space) = (74.0, 18.0, 14.0)
    /// The types that have a look of their own, with their words; the higher ones are drawn last.
    private static let types = [
        ("artefact", "artefact"), ("other", "posture, gait, rhythm"), ("lm", "other LM"), ("clm", "candidate"),
        ("plm", "periodic (PLM)"),
    ]

    static func look(_ type: String) -> String {
        switch type {
        case "PLM": "plm"
        case "CLM": "clm"
        case "LM": "lm"
        case "artefact": "artefact"
        default: "other"
        }
    }

    /// The picture; nil of an empty recording.
    public func picture(id: String = "night-strip") -> Picture? {
        guard span.upperBound > span.lowerBound else { return nil }
        let legHeight = Self.traceHeight + Self.lane + Self.space
        let lanes = 2.0
        let area = PlotArea(
            left: 86, top: 74, right: 740,
            bottom: 74 + legHeight * Double(legs.count) + lanes * (Self.lane + 4))
        var canvas = SVGCanvas(width: 760, height: area.bottom + 30)
        let x = Scale(.linear, span.lowerBound...span.upperBound, from: area.left, to: area.right)
        let inside = rest.clamped(to: span)
        canvas.rectangle(
            x: x(inside.lowerBound), y: area.top - 18,
            width: x(inside.upperBound) - x(inside.lowerBound), height: area.height + 18, "rest")
        canvas.text("rest", x: x(inside.lowerBound) + 5, y: area.top - 6, .start, "small-label")
        canvas.bottomAxis(x, area, title: "", ticks: ClockText.ticks(x.domain))
        var top = area.top
        for leg in legs {
            draw(leg, id, top, x, &canvas)
            top += legHeight
        }
        drawSeries(top, x, &canvas)
        drawSleep(top + Self.lane + 4, x, &canvas)
        legend(&canvas, id)
        return Picture(
            id: id, title: "The night", summary: summary, tables: tables, hatched: true, canvas: canvas)
    }

    private func draw(_ leg: LegTrace, _ id: String, _ top: Double, _ x: Scale, _ canvas: inout SVGCanvas) {
        let bottom = top + Self.traceHeight
        canvas.text(leg.name, x: x.start - 10, y: top + Self.traceHeight / 2 + 4, .end, "label")
        drawEnvelope(leg, top, x, &canvas)
        for gap in leg.gaps {
            canvas.hatching(
                id: id, x: x(gap.lowerBound), y: top, width: x(gap.upperBound) - x(gap.lowerBound),
                height: Self.traceHeight,
                title: "no data, \(ClockText.full(gap.lowerBound)) to \(ClockText.full(gap.upperBound))")
        }
        for stretch in leg.nonwear {
            canvas.rectangle(
                x: x(stretch.lowerBound), y: top, width: x(stretch.upperBound) - x(stretch.lowerBound),
                height: Self.traceHeight, "nonwear",
                title: "not worn, \(ClockText.short(stretch.lowerBound)) to \(ClockText.short(stretch.upperBound))")
        }
        for (look, _) in Self.types {
            let own = marks.filter { $0.leg == leg.letter && Self.look($0.type) == look }
            canvas.path(
                own.map { mark in
                    let width = max(0.9, x(mark.onset + mark.duration) - x(mark.onset))
                    let height = look == "plm" ? Self.lane : look == "clm" ? Self.lane * 0.75 : Self.lane * 0.5
                    return "M\(PlotNumber.coordinate(x(mark.onset))) \(PlotNumber.coordinate(bottom + 4))"
                        + "h\(PlotNumber.coordinate(width))v\(PlotNumber.coordinate(height))"
                        + "h-\(PlotNumber.coordinate(width))z"
                }.joined(), look)
        }
        canvas.line(x.start, bottom + 4, x.end, bottom + 4, "grid")
    }

    /// The envelope's columns as filled bands, one for each axis, in whole units of a grid of their own.
    private func drawEnvelope(_ leg: LegTrace, _ top: Double, _ x: Scale, _ canvas: inout SVGCanvas) {
        let values = leg.envelope.joined().compactMap(\.self)
        let columns = leg.envelope.first?.count ?? 0
        guard let lowest = values.map(\.lowerBound).min(), let highest = values.map(\.upperBound).max(), columns > 0
        else {
            canvas.text("no signal to show", x: x.start + 8, y: top + 20, .start, "small-label")
            return
        }
        let grid = 200.0
        let spread = Double(max(0.05, highest - lowest))
        func row(_ value: Float) -> Int { Int(((1 - Double(value - lowest) / spread) * grid).rounded()) }
        let scale = (x.end - x.start) / Double(columns)
        let transform =
            "translate(\(PlotNumber.coordinate(x.start)) \(PlotNumber.coordinate(top))) "
            + "scale(\(fixed(scale)) \(fixed(Self.traceHeight / grid)))"
        for (axis, band) in leg.envelope.enumerated() {
            var commands = ""
            var column = 0
            while column < band.count {
                guard band[column] != nil else {
                    column += 1
                    continue
                }
                let end = band[column...].firstIndex(of: nil) ?? band.count
                let stretch = band[column..<end].compactMap(\.self)
                var last = row(stretch[0].upperBound)
                commands += "M\(column) \(last)"
                for value in stretch {
                    let next = row(value.upperBound)
                    if next != last { commands += "v\(next - last)" }
                    commands += "h1"
                    last = next
                }
                for value in stretch.reversed() {
                    // A quiet column is a line, not nothing.
                    let next = max(row(value.lowerBound), row(value.upperBound) + 2)
                    if next != last { commands += "v\(next - last)" }
                    commands += "h-1"
                    last = next
                }
                commands += "z"
                column = end
            }
            canvas.path(commands, "envelope \(Self.axisLooks[axis % 3])", transform: transform)
        }
    }

    private func fixed(_ value: Double) -> String { Shown.decimals(value, 4) }

    /// The series by number, from the first onset to the end of the last movement.
    private var series: [(number: Int, span: Range<Double>, count: Int)] {
        let members = Dictionary(grouping: marks.filter { $0.series != nil }) { $0.series ?? 0 }
        return members.sorted { $0.key < $1.key }.map { number, marks in
            let start = marks.map(\.onset).min() ?? 0
            let end = marks.map { $0.onset + $0.duration }.max() ?? start
            return (number, start..<max(start, end), marks.count)
        }
    }

    private func drawSeries(_ top: Double, _ x: Scale, _ canvas: inout SVGCanvas) {
        canvas.text("series", x: x.start - 10, y: top + 13, .end, "label")
        for (number, span, count) in series {
            canvas.rectangle(
                x: x(span.lowerBound), y: top + 5, width: max(1.5, x(span.upperBound) - x(span.lowerBound)), height: 8,
                "series", title: "series \(number): \(count) movements from \(ClockText.short(span.lowerBound))")
        }
    }

    private func drawSleep(_ top: Double, _ x: Scale, _ canvas: inout SVGCanvas) {
        guard !sleep.isEmpty else { return }
        canvas.text(sleepIsEstimated ? "sleep, est." : "sleep", x: x.start - 10, y: top + 13, .end, "label")
        for stretch in sleep {
            canvas.rectangle(
                x: x(stretch.span.lowerBound), y: top + (stretch.isSleep ? 4 : 8),
                width: x(stretch.span.upperBound) - x(stretch.span.lowerBound), height: stretch.isSleep ? 10 : 2,
                stretch.isSleep ? "asleep" : "awake")
        }
    }

    private func legend(_ canvas: inout SVGCanvas, _ id: String) {
        canvas.legend(
            Self.types.reversed().map { (.box($0.0), $0.1) }, id: id, x: 86, y: 18)
        canvas.legend(
            [
                (.box("envelope axis-x"), "x"), (.box("envelope axis-y"), "y"), (.box("envelope axis-z"), "z"),
                (.hatch, "no data"), (.box("nonwear"), "not worn"), (.box("series"), "series"),
            ], id: id, x: 86, y: 40)
    }

    private var summary: String {
        let own = marks.filter { $0.leg != "B" }
        let plm = marks.count { $0.series != nil }
        let missing = legs.map { leg in "\(leg.name) \(leg.gaps.count)" }.joined(separator: ", ")
        return
            "The recording from \(ClockText.short(span.lowerBound)) to \(ClockText.short(span.upperBound)), rest from "
            + "\(ClockText.short(rest.lowerBound)) to \(ClockText.short(rest.upperBound)). For each leg the lowest and highest "
            + "acceleration of the three axes, and the movements under it: \(own.count) of single legs, and after joining the legs "
            + "\(plm) periodic movements in \(series.count) series. Stretches without data: \(missing); they are in no count and no "
            + "hour.\(sleep.isEmpty ? "" : sleepIsEstimated ? " Sleep is estimated from movements, not staged." : "")"
    }

    private var tables: [DataTable] {
        let gaps = legs.flatMap { leg in
            leg.gaps.map { (leg.name, "no data", $0) } + leg.nonwear.map { (leg.name, "not worn", $0) }
        }
        return [
            DataTable(
                "series", "Series",
                columns: [
                    .init("series", "Series"), .init("start", "From"), .init("end", "To"), .init("plm", "Movements"),
                ],
                rows: series.map {
                    [
                        .integer($0.number), .text(ClockText.full($0.span.lowerBound)),
                        .text(ClockText.full($0.span.upperBound)), .integer($0.count),
                    ]
                }),
            DataTable(
                "missing", "Missing data",
                columns: [
                    .init("leg", "Leg"), .init("kind", "Kind"), .init("start", "From"), .init("end", "To"),
                    .init("seconds", "Seconds", decimals: 1),
                ],
                rows: gaps.map { leg, kind, span in
                    [
                        .text(leg), .text(kind), .text(ClockText.full(span.lowerBound)),
                        .text(ClockText.full(span.upperBound)), .number(span.upperBound - span.lowerBound),
                    ]
                }),
            DataTable(
                "movements", "Movements",
                columns: [
                    .init("onset", "Onset, s", decimals: 3), .init("duration", "Duration, s", decimals: 3),
                    .init("leg", "Leg"), .init("type", "Type"), .init("series", "Series"),
                    .init("imi", "Interval, s", decimals: 3),
                ],
                rows: marks.map {
                    [
                        .number($0.onset - span.lowerBound), .number($0.duration), .text($0.leg), .text($0.type),
                        DataTable.Cell($0.series), DataTable.Cell($0.interval),
                    ]
                }, isShown: false),
            DataTable(
                "envelope", "Lowest and highest acceleration by column, g",
                columns: [.init("leg", "Leg"), .init("start", "From, s", decimals: 3)]
                    + ["x", "y", "z"].flatMap { axis in
                        [
                            DataTable.Column("\(axis)_low", "\(axis) low", decimals: 4),
                            DataTable.Column("\(axis)_high", "\(axis) high", decimals: 4),
                        ]
                    },
                rows: legs.flatMap { leg -> [[DataTable.Cell]] in
                    let columns = leg.envelope.first?.count ?? 0
                    let width = (span.upperBound - span.lowerBound) / Double(max(1, columns))
                    return (0..<columns).map { column in
                        [.text(leg.letter), .number(Double(column) * width)]
                            + (0..<3).flatMap { axis -> [DataTable.Cell] in
                                let value = leg.envelope.indices.contains(axis) ? leg.envelope[axis][column] : nil
                                return [
                                    DataTable.Cell(value.map { Double($0.lowerBound) }),
                                    DataTable.Cell(value.map { Double($0.upperBound) }),
                                ]
                            }
                    }
                }, isShown: false),
        ]
    }
}
