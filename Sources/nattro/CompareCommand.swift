// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Comparison
import Foundation
import Journal
import LegMovements
import Nights
import Recordings

/// Nights before and with magnesium, set against each other.
struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare the nights before and with magnesium.",
        usage: """
            nattro compare [--json]
            nattro compare [--before FROM..TO --with FROM..TO | --design design.json | --by-doses]
            nattro compare --nights nights.csv --doses doses.csv --design design.json [--json]
            nattro compare --group DIR… [--json]
            """,
        discussion: """
            By itself it compares the nights of the journal: as a plan of the journal says (nattro plan --draw keeps one), else before and \
            since the first dose of the dose log, or as you name the phases. Nights that you left out, nights with fewer than 4 analysed hours and \
            nights of which nothing is declared take no part and are named; nights that differ in leg, place, sensor or scoring are refused.

            nights.csv has a row for each night: night,include,hours,plm,leg and what else may matter. doses.csv has \
            taken_at,salt,elemental_mg,status in local time. design.json says what was planned; nattro plan writes one. With \
            --group each folder holds the three files of one person; --write makes such a folder.

            Exit codes: 0 compared · 1 only described, or rows rejected · 2 cannot be compared, and why.
            """)

    @OptionGroup var options: JournalOptions

    @Option(help: .init("The nights, as CSV; - is standard input.", valueName: "file"))
    var nights: String?

    @Option(help: .init("The doses, as CSV.", valueName: "file"))
    var doses: String?

    @Option(help: .init("The design, as JSON.", valueName: "file"))
    var design: String?

    @Option(
        parsing: .upToNextOption,
        help: .init("Folders, each with one person's nights.csv, doses.csv and design.json.", valueName: "folder"))
    var group: [String] = []

    @Option(help: .init("The nights without magnesium: 2026-01-05..2026-02-01.", valueName: "from..to"))
    var before: NightSpan?

    @Option(
        name: .customLong("with"), help: .init("The nights with magnesium, after those before.", valueName: "from..to"))
    var nightsWith: NightSpan?

    @Flag(help: "Take the phases from the dose log, whatever plan the journal has.")
    var byDoses = false

    @Option(help: .init("The rules that the nights are scored by; else those of your settings.", valueName: "profile"))
    var rules: String?

    @Option(help: .init("Also write nights.csv, doses.csv and design.json into a folder.", valueName: "folder"))
    var write: String?

    @Flag(help: "Answer in JSON (schema \(ComparisonReport.schema), of a group \(GroupReport.schema)).")
    var json = false

    /// The words that show a comparison on what comes with the project: nights without any effect, of which a rank test says more
    /// than they hold.
    static func demonstration(fixtures: URL) -> [String] {
        let folder = fixtures.appending(path: "statistics/datasets/d04_ab30_null_ar6")
        let file = { (name: String) in folder.appending(path: name).path }
        return [
            "compare", "--nights", file("nights.csv"), "--doses", file("doses.csv"), "--design", file("design.json"),
        ]
    }

    func validate() throws {
        let ofJournal = before != nil || nightsWith != nil || byDoses || rules != nil || write != nil
        if !group.isEmpty {
            guard nights == nil, doses == nil, design == nil, !ofJournal else {
                throw ValidationError("Give either --group or --nights, --doses and --design, not both.")
            }
            guard Set(group).count == group.count else {
                throw ValidationError("A folder is named twice; each person counts once.")
            }
        } else if nights != nil || doses != nil {
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
            if let nights, let doses, let design {
                try compare(nights: nights, doses: doses, design: design)
            } else if !group.isEmpty {
                try compareGroup()
            } else {
                try await compareJournal()
            }
        }
    }

    // MARK: The journal

    private func compareJournal() async throws {
        guard try options.exists() else {
            throw Failure(
                message:
                    "\(options.path(try Settings())): there is no journal yet; record a night (nattro record), name a "
                    + "journal with --journal, or give --nights, --doses and --design",
                outcome: .unusableInput)
        }
        let store = try options.open()
        let profile = try ScoringRules.named(
            Settings().value(.rules, option: rules)?.split(separator: ",").first.map(String.init))
        let scoring = JournalScoring(store: store, profiles: [profile], now: options.time)
        try await scoring.scoreMissing(store.nights().filter { $0.exclusion == nil })
        let comparison: JournalComparison
        do {
            comparison = try await JournalComparison(
                store: store, phases: phases, rules: profile, now: options.time, showsProgress: true)
        } catch let refusal as ComparisonRefusal {
            // What is urgent does not wait for a comparison.
            let board = NoticeBoard(try JournalComparison.log(of: store, now: options.time))
            let first = NoticeText.paragraphs(board.notices, upTo: .important)
            if !json, !first.isEmpty { try writeResult(first.joined(separator: "\n\n") + "\n") }
            throw Failure(message: "\(store.path): \(refusal)", outcome: .unusableInput)
        }
        if let write {
            let doses = try JournalDoses(store, over: comparison.design.design.span)
            try comparison.write(to: write, times: doses.times)
        }
        try writeResult(json ? "\(comparison.json)\n" : comparison.text)
        try comparison.noteAsShown(in: store, at: options.time)
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

    // MARK: Files

    private func compare(nights: String, doses: String, design: String) throws {
        let read = try PersonFiles(nights: nights, doses: doses, design: design)
        let report = try read.report
        try writeResult(json ? "\(report.json)\n" : report.text)
        for row in read.rejected { complain(row.message) }
        if let refusal = report.comparison.refusal { complain("\(design): \(refusal)") }
        if !read.rejected.isEmpty || report.comparison.refusal != nil {
            throw ExitCode(Outcome.incomplete.rawValue)
        }
    }

    private func compareGroup() throws {
        var members: [GroupReport.Member] = []
        var isComplete = true
        for folder in group {
            do {
                let read = try PersonFiles(folder: folder)
                let report = try read.report
                for row in read.rejected { complain(row.message) }
                isComplete = isComplete && read.rejected.isEmpty
                members.append(
                    try GroupReport.Member(report, name: URL(filePath: folder).lastPathComponent))
            } catch let failure as Failure {
                complain("\(failure.message); left out of the group")
                isComplete = false
            } catch let error as RecordingError {
                complain("\(error.description); left out of the group")
                isComplete = false
            } catch let refusal as ComparisonRefusal {
                complain("\(folder): \(refusal); left out of the group")
                isComplete = false
            }
        }
        guard !members.isEmpty else {
            throw Failure(
                message: "none of the \(group.count) folders holds a comparison; see the lines above",
                outcome: .unusableInput)
        }
        let report = GroupReport(members)
        try writeResult(json ? "\(report.json)\n" : report.text)
        if !isComplete { throw ExitCode(Outcome.incomplete.rawValue) }
    }
}

/// The three files of one person, read.
struct PersonFiles {
    let nights: ComparisonNights
    let doses: DoseTable
    let design: DesignFile
    private let name: String

    init(nights: String, doses: String, design: String) throws {
        name = nights
        self.design = try DesignFile(path: design)
        self.nights = try ComparisonNights(path: nights)
        self.doses = try DoseTable(path: doses)
    }

    /// Reads them from a folder.
    init(folder: String) throws {
        let place = URL(filePath: folder)
        func path(_ name: String) -> String { place.appending(path: name).path }
        try self.init(nights: path("nights.csv"), doses: path("doses.csv"), design: path("design.json"))
    }

    /// The rows that could not be read.
    var rejected: [RejectedRow] { nights.rejected + doses.rejected }

    var report: ComparisonReport {
        get throws {
            do {
                return try ComparisonReport(nights: nights.nights, doses: doses.doses, design: design)
            } catch {
                throw Failure(message: "\(name): \(error)", outcome: .unusableInput)
            }
        }
    }
}

/// Nights from one to another as they are typed: `2026-01-05..2026-02-01`.
struct NightSpan: ExpressibleByArgument {
    let nights: ClosedRange<CivilDay>

    init?(argument: String) {
        guard let dots = argument.firstRange(of: ".."), let first = CivilDay(argument[..<dots.lowerBound]),
            let last = CivilDay(argument[dots.upperBound...]), first <= last, last - first < 3660
        else { return nil }
        nights = first...last
    }
}
