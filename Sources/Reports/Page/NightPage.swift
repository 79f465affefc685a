// SPDX-License-Identifier: GPL-3.0-or-later
internal import Comparison
internal import Nights

/// The report of a night: what was counted, when, and how much of it hangs on what.
public struct NightPage: Sendable {
    /// The result under a profile of rules.
    public struct Result: Hashable, Sendable {
        /// The profile's name: `wasm2016`.
        public var rules: String
        /// Periodic movements in the rest interval.
        public var periodic: Int
        /// Per analysed hour; nil where nothing was analysed.
        public var index: Double?
        /// All that was counted: names and values, as they are shown.
        public var counts: [Provenance]

        /// A result by its parts.
        public init(rules: String, periodic: Int, index: Double?, counts: [Provenance]) {
            self.rules = rules
            self.periodic = periodic
            self.index = index
            self.counts = counts
        }
    }

    /// Whose night, and which: plain text.
    public var subtitle: String
    /// Seconds of rest that were analysed.
    public var analysed: Double
    /// The results, the first of them the one that is meant.
    public var results: [Result]
    /// Whether one leg alone was recorded.
    public var isMonolateral: Bool
    /// Magnesium of the evening, in words; nil where nobody asked.
    public var magnesium: String?
    /// What a reader must know: where the rest interval is from, what was left out, a line each.
    public var remarks: [String]
    /// The night at a glance.
    public var strip: NightStrip
    /// The index hour by hour.
    public var hours: HourProfile
    /// The intervals between candidates.
    public var intervals: IntervalPicture
    /// The index by size threshold.
    public var thresholds: ThresholdBand
    /// What it was made from, by what.
    public var provenance: [Provenance]

    /// A night by its parts.
    public init(
        subtitle: String, analysed: Double, results: [Result], isMonolateral: Bool, magnesium: String? = nil,
        remarks: [String], strip: NightStrip, hours: HourProfile, intervals: IntervalPicture,
        thresholds: ThresholdBand, provenance: [Provenance]
    ) {
        self.subtitle = subtitle
        self.analysed = analysed
        self.results = results
        self.isMonolateral = isMonolateral
        self.magnesium = magnesium
        self.remarks = remarks
        self.strip = strip
        self.hours = hours
        self.intervals = intervals
        self.thresholds = thresholds
        self.provenance = provenance
    }

    /// The report.
    public var document: ReportDocument {
        ReportDocument(
            title: "One night of leg movements", subtitle: subtitle,
            pages: [.init("The night", nightBlocks), .init("Numbers and origin", numberBlocks)],
            footer: ComparisonPage.footer)
    }

    private var headline: String {
        guard let result = results.first, let index = result.index else {
            return "Nothing of this night's rest could be analysed."
        }
        return
            "\(PlotNumber.fixed(index, 1)) periodic limb movements per hour, in \(PlotNumber.fixed(analysed / 3600, 1)) analysed hours of rest."
    }

    private var nightBlocks: [ReportDocument.Block] {
        var blocks: [ReportDocument.Block] = [.headline(headline)]
        var lines = [magnesium.map { "Magnesium: \($0)" }].compactMap(\.self)
        if isMonolateral {
            lines.append("One leg alone was recorded: the other leg's movements are missing from the count.")
        }
        lines += remarks
        if !lines.isEmpty { blocks.append(.list(lines)) }
        blocks += [strip.picture(), hours.picture(), intervals.picture(), thresholds.picture()].compactMap { picture in
            picture.map { .picture($0) }
        }
        blocks += [
            .heading("What one night cannot say"),
            .list([
                "Nights differ: a single one says little about the next.",
                "Sleep was not measured here unless somebody staged it; hours are hours of rest.",
                "Counts do not measure the urge to move, and they are not a diagnosis.",
            ]),
        ]
        return blocks
    }

    private var numberBlocks: [ReportDocument.Block] {
        [.heading("Numbers")]
            + results.enumerated().map { place, result in
                .table(
                    DataTable(
                        place == 0 ? "counts" : "counts-\(place + 1)", "Counted under the rules \(result.rules)",
                        columns: [.init("what", "What"), .init("value", "Value")],
                        rows: result.counts.map { [.text($0.name), .text($0.value)] }))
            } + [.heading("Origin"), .table(Provenance.table(provenance))]
    }
}
