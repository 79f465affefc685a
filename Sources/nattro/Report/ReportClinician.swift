// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Journal
import LegMovements
import Nights
import Reports

/// The page for a clinician.
struct ReportClinician: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clinician",
        abstract: "A page for a clinician: magnesium, medicines, effects, laboratory values and nights.",
        usage: "nattro report clinician [--out FILE]",
        discussion: "Made from the journal. It describes; it compares nothing. Published figures stand beside the log.")

    @OptionGroup var journal: JournalOptions
    @OptionGroup var output: ReportOptions

    @Option(help: .init("The rules whose counts are shown.", valueName: "profile"))
    var rules: String?

    /// The HTML file's name where none is given.
    static let usualName = "nattro-clinician.html"

    func run() async throws {
        try await endingInExitCode {
            try output.check(Self.usualName)
            let store = try journal.open()
            let profile = try ScoringRules.named(Settings().value(.rules, option: rules))
            let page = try page(store, profile)
            let sections = page.summary.sections.map { section in
                JSONValue.object([
                    .init("title", .string(section.title)), .init("lines", .array(section.lines.map { .string($0) })),
                ])
            }
            try await output.write(
                page.document, name: Self.usualName, kind: "clinician", members: [.init("sections", .array(sections))])
        }
    }

    private func page(_ store: JournalStore, _ profile: ScoringRules) throws -> ClinicianPage {
        let log = try JournalLog(store, now: journal.time)
        let nights = try store.nights()
        let results = try store.latestResults(rules: profile.name)
        guard !nights.isEmpty || !log.log.doses.isEmpty || !log.log.diary.isEmpty else {
            throw Failure(
                message:
                    "\(store.path): has no night, no dose and no diary of participant \(store.participant.name) yet",
                outcome: .unusableInput)
        }
        let counted = nights.map { night in
            let result = results[night.date]
            let isUsable = night.exclusion == nil && result?.isUsable == true
            return ClinicianSummary.CountedNight(night: night.date, plmPerHour: isUsable ? result?.index : nil)
        }
        let doses = log.nightly
        return ClinicianPage(
            summary: ClinicianSummary(
                log.log, complete: log.complete, plan: try store.planSteps().map(\.value), nights: counted),
            subtitle: "as of \(log.log.today.inWords)\(store.subtitle)",
            trend: NightTrend(
                nights.map { night in
                    let result = results[night.date]
                    let part: NightTrend.Night.Part =
                        if let exclusion = night.exclusion {
                            .leftOut("left out: \(exclusion)")
                        } else {
                            result?.isUsable == true ? .compared : .leftOut("less than 4 h analysed")
                        }
                    let dose = doses.mg(night.date)
                    return NightTrend.Night(
                        day: night.date, index: result?.index, isActive: dose.map { $0 > 0 }, part: part, dose: dose)
                }),
            raster: try JournalPictures(store, rules: profile.name).raster { day in doses.mg(day).map { $0 > 0 } },
            provenance: provenance(store, profile, results.values.sorted { $0.start < $1.start }))
    }

    private func provenance(_ store: JournalStore, _ profile: ScoringRules, _ results: [StoredResult]) -> [Provenance] {
        func values(_ name: String, _ value: (StoredResult) -> String) -> [Provenance] {
            Set(results.map(value)).sorted().map { Provenance(name, $0) }
        }
        return [Provenance("program", "nattro \(Nattro.version)"), Provenance("rules", profile.name)]
            + values("scoring version") { "\($0.provenance.scoringVersion)" }
            + values("detector's numbers") { "SHA-256 \($0.provenance.parametersHash)" }
            + [Provenance("published figures", "nattro's reference data \(ReferenceData.current.version)")]
    }
}

/// What the journal holds beside nights, as notices and summaries read it.
struct JournalLog {
    let log: NoticeBoard.Log
    /// The longest stretch of nights for which the person declared that the log is complete; nil without one.
    let complete: ClosedRange<CivilDay>?

    /// How much magnesium belongs to each night.
    var nightly: NightlyDoses { NightlyDoses(log.doses, complete: complete) }

    init(_ store: JournalStore, now: Double) throws {
        log = try JournalComparison.log(of: store, now: now)
        // "Nothing before" is declared from long before anything was recorded.
        let days = try store.nights().map(\.date) + log.doses.map(\.night) + log.diary.map(\.night)
        guard let first = days.min(), let last = days.max() else {
            complete = nil
            return
        }
        var longest: ClosedRange<CivilDay>?
        var current: ClosedRange<CivilDay>?
        for span in try store.doseCoverage().map(\.value) where span.overlaps(first...last) {
            let span = span.clamped(to: first...last)
            if let known = current, span.lowerBound <= known.upperBound + 1 {
                current = known.lowerBound...max(known.upperBound, span.upperBound)
            } else {
                current = span
            }
            if let known = current,
                longest.map({ known.upperBound - known.lowerBound > $0.upperBound - $0.lowerBound }) ?? true
            {
                longest = known
            }
        }
        complete = longest
    }
}
