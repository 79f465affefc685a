// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Comparison
import Foundation
import Journal
import LegMovements
import Nights
import Recordings
import Reports

/// The report of a comparison.
struct ReportCompare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Nights without and with magnesium: a page for you, and pages for a clinician.",
        usage: """
            nattro report compare [--out FILE]
            nattro report compare [--before FROM..TO --with FROM..TO | --design design.json | --by-doses]
            nattro report compare --nights nights.csv --doses doses.csv --design design.json [--out FILE]
            """,
        discussion: "Nights and phases are those of nattro compare: of the journal, or of three files.")

    @OptionGroup var journal: JournalOptions

    @Option(help: .init("The nights, as CSV; - is standard input.", valueName: "file"))
    var nights: String?

    @Option(help: .init("The doses, as CSV.", valueName: "file"))
    var doses: String?

    @Option(help: .init("The design, as JSON.", valueName: "file"))
    var design: String?

    @Option(help: .init("The nights without magnesium: 2026-01-05..2026-02-01.", valueName: "from..to"))
    var before: NightSpan?

    @Option(
        name: .customLong("with"), help: .init("The nights with magnesium, after those before.", valueName: "from..to"))
    var nightsWith: NightSpan?

    @Flag(help: "Take the phases from the dose log, whatever plan the journal has.")
    var byDoses = false

    @Option(help: .init("The rules that the nights are scored by; else those of your settings.", valueName: "profile"))
    var rules: String?

    @OptionGroup var output: ReportOptions

    /// The HTML file's name where none is given.
    static let usualName = "nattro-comparison.html"

    func validate() throws {
        let ofJournal = before != nil || nightsWith != nil || byDoses || rules != nil
        if nights != nil || doses != nil {
            guard nights != nil, doses != nil, design != nil, !ofJournal else {
                throw ValidationError("Files go together: --nights, --doses and --design, or none for the journal.")
            }
        } else {
            guard (before == nil) == (nightsWith == nil) else {
                throw ValidationError("--before and --with go together.")
            }
            guard [before != nil, design != nil, byDoses].count(where: \.self) <= 1 else {
                throw ValidationError("Give the phases once: --before and --with, --design, or --by-doses.")
            }
        }
    }

    func run() async throws {
        try await endingInExitCode {
            try output.check(Self.usualName)
            if let nights, let doses, let design {
                try await report(nights: nights, doses: doses, design: design)
            } else {
                try await reportJournal()
            }
        }
    }

    // MARK: Files

    private func report(nights: String, doses: String, design: String) async throws {
        let read = try PersonFiles(nights: nights, doses: doses, design: design)
        let report = try read.report
        var surroundings = ComparisonPage.Surroundings()
        surroundings.subtitle = [report.design.id, report.dates].compactMap(\.self).joined(separator: " · ")
        surroundings.provenance = [Provenance("program", "nattro \(Nattro.version)")]
        for (name, path) in [("nights", nights), ("doses", doses)] where FileType.isRegular(path) {
            let digest = try SHA256.digest(ofFile: path).digest
            surroundings.provenance.append(
                Provenance("\(name), \(URL(filePath: path).lastPathComponent)", "SHA-256 \(digest)"))
        }
        surroundings.provenance += report.settings
        let page = ComparisonPage(
            report.comparison, nights: read.nights.nights, doses: read.doses.doses, surroundings: surroundings)
        try await output.write(
            page.document, name: Self.usualName, kind: "compare", members: [.init("comparison", report.json)])
        for row in read.rejected { complain(row.message) }
        if let refusal = report.comparison.refusal { complain("\(design): \(refusal)") }
        if !read.rejected.isEmpty || report.comparison.refusal != nil {
            throw ExitCode(Outcome.incomplete.rawValue)
        }
    }

    // MARK: The journal

    private func reportJournal() async throws {
        guard try journal.exists() else {
            throw Failure(
                message:
                    "\(journal.path(try Settings())): there is no journal yet; record a night (nattro record), name a "
                    + "journal with --journal, or give --nights, --doses and --design",
                outcome: .unusableInput)
        }
        let store = try journal.open()
        let profile = try ScoringRules.named(
            Settings().value(.rules, option: rules)?.split(separator: ",").first.map(String.init))
        let scoring = JournalScoring(store: store, profiles: [profile], now: journal.time)
        try await scoring.scoreMissing(store.nights().filter { $0.exclusion == nil })
        let comparison: JournalComparison
        do {
            comparison = try await JournalComparison(
                store: store, phases: phases, rules: profile, now: journal.time, showsProgress: true)
        } catch let refusal as ComparisonRefusal {
            throw Failure(message: "\(store.path): \(refusal)", outcome: .unusableInput)
        }
        let page = try comparison.page(store, profile)
        try await output.write(
            page.document, name: Self.usualName, kind: "compare", members: [.init("comparison", comparison.json)])
        try comparison.noteAsShown(in: store, at: journal.time)
        if let refusal = comparison.report.comparison.refusal {
            complain("\(store.path): \(refusal)")
            throw ExitCode(Outcome.incomplete.rawValue)
        }
    }

    private var phases: JournalComparison.Phases {
        get throws {
            if let before, let nightsWith { return .named(before: before.nights, with: nightsWith.nights) }
            if let design { return .design(try DesignFile(path: design)) }
            return byDoses ? .doseLog : .automatic
        }
    }
}

extension JournalComparison {
    /// The report's page of this comparison.
    func page(_ store: JournalStore, _ profile: ScoringRules) throws -> ComparisonPage {
        let study = report.comparison.design
        let compared = Set(report.comparison.nights.map(\.day))
        func isActive(_ day: CivilDay) -> Bool? {
            let index = day - study.first
            guard compared.contains(day), study.condition.indices.contains(index), !study.comparesDoses else {
                return nil
            }
            return study.condition[index]
        }
        var surroundings = ComparisonPage.Surroundings()
        surroundings.subtitle = (report.dates ?? "nights of the journal") + store.subtitle
        surroundings.notices = notices
        surroundings.confounding = confounding
        surroundings.suppressesHeadline = suppressesHeadline || !confounding.isEmpty
        surroundings.remarks = remarks.map(\.text)
        surroundings.leftOut = leftOut.map { .init(night: $0.night, reason: $0.reason) }
        surroundings.masked = masked.map { "\($0.night): \($0.text)" }
        surroundings.harms = try harms(store)
        if showsResults {
            let pictures = try JournalPictures(store, rules: rules, among: compared)
            let band = Double(profile.interval.lowerBound) / 1000...Double(profile.interval.upperBound) / 1000
            surroundings.raster = pictures.raster(isActive)
            surroundings.intervals = study.comparesDoses ? nil : pictures.intervals(isActive, band: band)
        }
        let origin =
            switch source {
            case .doseLog: "read off the dose log"
            case .file: "a design in a file"
            case .named: "as you named them"
            case .plan(let number): "plan \(number) of the journal"
            }
        surroundings.provenance =
            [Provenance("program", "nattro \(Nattro.version)"), Provenance("phases", origin)]
            + report.settings + (try inputs(store))
        return ComparisonPage(report.comparison, nights: nights, doses: doses, surroundings: surroundings)
    }

    /// One digest over those of all compared nights' recordings, in calendar order.
    private func inputs(_ store: JournalStore) throws -> [Provenance] {
        let results = try store.latestResults(rules: rules)
        let digests = report.comparison.nights.compactMap { results[$0.day]?.provenance.inputHash }
        guard !digests.isEmpty else { return [] }
        return [
            Provenance(
                "recordings of \(digests.count) nights", "SHA-256 \(SHA256.digest(of: digests.joined(separator: "\n")))"
            )
        ]
    }

    /// What the diary says of unwanted effects; nil where nobody was asked.
    private func harms(_ store: JournalStore) throws -> [String]? {
        let diary = try store.diary().map(\.value).filter { report.comparison.design.span.contains($0.night) }
        let asked = diary.compactMap(\.digestiveUpset)
        let others = diary.filter { !$0.otherEffect.isEmpty }
        guard !asked.isEmpty || !others.isEmpty else { return nil }
        let upset = asked.count { $0 > 0 }
        return (upset > 0 ? ["digestive upset on \(upset) of \(Shown.nights(asked.count))"] : [])
            + others.map { "\($0.night): \($0.otherEffect)" }
    }
}

extension ComparisonReport {
    /// The days of the nights in words; nil without nights.
    var dates: String? {
        guard let first = comparison.nights.first?.day, let last = comparison.nights.last?.day else { return nil }
        return "\(first.inWords) to \(last.inWords)"
    }

    /// The design, and what is the same in all nights.
    var settings: [Provenance] {
        let names = [
            "rules": "rules", "scoring": "scoring version", "parameters": "detector's numbers", "leg": "leg",
            "site": "site", "sensor": "sensor", "firmware": "firmware", "rate_hz": "samples a second",
            "range_g": "range, g",
        ]
        var lines = [Provenance("design", "SHA-256 \(design.digest)")]
        lines += (comparison.nights.first?.setting ?? [:]).sorted { $0.key < $1.key }.filter { !$0.value.isEmpty }.map {
            Provenance(names[$0.key] ?? $0.key, $0.value)
        }
        if let seed = comparison.design.seed { lines.append(Provenance("seed of the schedule", "\(seed)")) }
        if case .conditions(let conditions) = comparison.contrast, let test = conditions.decisiveTest {
            let draws = test.draws.map { "\($0) drawn" } ?? "all"
            lines.append(Provenance("test of the drawn order", "\(draws) of \(test.assignments) orders"))
        }
        return lines
    }
}
