// SPDX-License-Identifier: GPL-3.0-or-later
public import Nights

/// One page for a clinician: what was taken, felt and counted. It describes.
public struct ClinicianPage: Sendable {
    /// What was logged, in sections.
    public var summary: ClinicianSummary
    /// Whose log, and until when: plain text.
    public var subtitle: String
    /// The nights with their doses.
    public var trend: NightTrend
    /// When in the night the movements came; nil where nothing was counted.
    public var raster: HourRaster?
    /// What it was made from, by what.
    public var provenance: [Provenance]

    /// A page by its parts.
    public init(
        summary: ClinicianSummary, subtitle: String, trend: NightTrend, raster: HourRaster?, provenance: [Provenance]
    ) {
        self.summary = summary
        self.subtitle = subtitle
        self.trend = trend
        self.raster = raster
        self.provenance = provenance
    }

    /// The report.
    public var document: ReportDocument {
        var blocks: [ReportDocument.Block] = []
        // What matters most stands before everything else.
        let first = summary.sections.first { $0.title == ClinicianSummary.firstTitle }
        blocks += (first?.lines ?? []).map { .notice($0, severity: "important") }
        blocks.append(
            .paragraph(
                "A log of magnesium and nights, as the person kept it. Leg movements were counted by an ankle sensor, which is no "
                    + "polysomnography; this is not a diagnosis, and nothing in it says what a difference came from."))
        if let picture = trend.picture() { blocks.append(.picture(picture)) }
        var evidence: [ReportDocument.Block] = []
        for section in summary.sections where section.title != ClinicianSummary.firstTitle {
            let own: [ReportDocument.Block] = [.heading(section.title), .list(section.lines)]
            if section.title == ClinicianSummary.evidenceTitle { evidence = own } else { blocks += own }
        }
        if let picture = raster?.picture() { blocks.append(.picture(picture)) }
        return ReportDocument(
            title: "For a clinician: magnesium and nights", subtitle: subtitle,
            pages: [
                .init("Log and nights", blocks),
                .init("Studies and origin", evidence + [.heading("Origin"), .table(Provenance.table(provenance))]),
            ], footer: ComparisonPage.footer)
    }
}
