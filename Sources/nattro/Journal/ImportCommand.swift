// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Journal
import LegMovements
import Nights
import Recordings

/// Recordings into the journal, or an export back into a new one.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take recordings into the journal, or read an export back.",
        usage: """
            nattro import FILE… [--left FILE] [--right FILE] [--night DATE]
            nattro import DIR
            """,
        discussion: """
            A recording is known by its bytes: importing it again changes nothing. It is of the night in which it began, from noon to \
            noon on its own clock; one of several days is of each. A copy is kept beside the journal unless you say --in-place. DIR is what \
            `nattro export --all` wrote, and the journal must be new.

            Exit codes: 0 all imported · 1 some not, named on standard error · 2 none.
            """)

    @OptionGroup var options: JournalOptions
    @Argument(help: .init("Recordings that say which leg they are of, or an export's folder.", valueName: "file"))
    var files: [String] = []
    @Option(help: .init("A recording of the left leg; may be said again.", valueName: "file"))
    var left: [String] = []
    @Option(help: .init("A recording of the right leg; may be said again.", valueName: "file"))
    var right: [String] = []
    @Option(help: .init("The night, if not the one in which the recording began.", valueName: "date"))
    var night: NightArgument?
    @Flag(help: "Leave the files where they are, and remember where.")
    var inPlace = false
    @Flag(help: "Do not score yet.")
    var noScore = false

    func validate() throws {
        guard !files.isEmpty || !left.isEmpty || !right.isEmpty else {
            throw ValidationError("Nothing to import. Name recordings, or the folder of an export.")
        }
        guard night == nil || night?.date != nil else {
            throw ValidationError("--night takes a date: 2026-11-24.")
        }
    }

    func run() async throws {
        try await endingInExitCode {
            if files.count == 1, JournalArchive.isArchive(files[0]) { return try readArchive(files[0]) }
            let store = try options.open()
            let all = files.map { ($0, nil as Leg?) } + left.map { ($0, Leg.left) } + right.map { ($0, Leg.right) }
            var nights: Set<CivilDay> = []
            var failures = 0
            for (path, leg) in all {
                do {
                    nights.formUnion(try take(path, leg, store))
                } catch {
                    failures += 1
                    complain(JournalScoring.words(error))
                }
            }
            if !noScore { failures += try await score(nights.sorted(), store) }
            if failures == all.count, nights.isEmpty { throw ExitCode(Outcome.unusableInput.rawValue) }
            if failures > 0 { throw ExitCode(Outcome.incomplete.rawValue) }
        }
    }

    /// Takes one recording in; gives the nights that it is of, where it is new.
    private func take(_ path: String, _ leg: Leg?, _ store: JournalStore) throws -> [CivilDay] {
        let survey = try RecordingSurvey(path: path)
        for item in survey.report.items {
            complain("\(path): \(item.what): \(item.count), the first at \(item.firstPlace)")
        }
        let streams = survey.header.streams
        let name = (path as NSString).lastPathComponent
        if leg != nil, streams.count > 1 {
            throw Failure(
                message: "\(path): holds both legs; import it without --left or --right", outcome: .wrongUsage)
        }
        if let leg, let own = streams.first?.leg, own != leg {
            complain("\(path): says that it is of the \(own.name) leg; counted as the \(leg.name) one, as you say")
        }
        if try store.recording(sha256: survey.sha256) == nil {
            try checkLeg(path, leg, survey, store)
        }
        let stored =
            inPlace
            ? RecordingFolder.relative(path, to: store.folder)
            : try RecordingFolder(store.recordingFolder).take(
                path, named: name, relativeTo: store.folder)
        let (nights, isNew) = try store.register(survey, at: stored, leg: leg, night: night?.date, now: options.time)
        let legs = leg.map { "\($0.name) leg" } ?? Self.legs(streams)
        let dates = nights.map(\.description).joined(separator: ", ")
        try writeResult(
            isNew
                ? "\(path): night of \(dates), \(legs)\n"
                : "\(path): is in the journal already, night of \(dates)\n")
        if isNew, nights.isEmpty {
            complain("\(path): has less than an hour of any night; say which with --night DATE")
        }
        // A cache: what fails here is made when the night is looked at.
        if isNew { try? TraceFolder(of: store).build(store.absolutePath(stored), survey.sha256) }
        return isNew ? nights : []
    }

    private static func legs(_ streams: [StreamInfo]) -> String {
        let legs = streams.compactMap(\.leg)
        guard legs.count == streams.count else {
            return "left leg, since it does not tell (else: nattro nights set NIGHT --leg FILE=right)"
        }
        return legs.count == 2 ? "both legs" : "\(legs[0].name) leg"
    }

    /// A recording that tells no leg is taken as the left one's only where no other is there.
    private func checkLeg(_ path: String, _ leg: Leg?, _ survey: RecordingSurvey, _ store: JournalStore) throws {
        guard leg == nil, survey.header.streams.count == 1, survey.header.streams[0].leg == nil else { return }
        for date in night?.date.map({ [$0] }) ?? survey.nights {
            guard
                let other = try store.night(date)?.recordings.first(where: {
                    $0.recording.start < survey.end && survey.start < $0.recording.end
                })
            else { continue }
            throw Failure(
                message: "\(path): does not say which leg, and \(other.recording.path) is of the same night; "
                    + "say --left \(path) or --right \(path)",
                outcome: .unusableInput)
        }
    }

    /// Scores nights that are new, a line each; gives how many could not be.
    private func score(_ nights: [CivilDay], _ store: JournalStore) async throws -> Int {
        let profile = try ScoringRules.named(Settings().value(.rules))
        let scoring = JournalScoring(store: store, profiles: [profile], now: options.time)
        var failures = 0
        for date in nights {
            guard let night = try store.night(date) else { continue }
            do {
                let result = try await scoring.score(night).results.first
                let index = result?.index.map { NightSummary.number($0) } ?? "undefined"
                try writeResult("night of \(date): \(index) PLM per analysed hour of rest (\(profile.name))\n")
            } catch {
                failures += 1
                complain("the night of \(date) cannot be scored: \(JournalScoring.words(error))")
            }
        }
        return failures
    }

    private func readArchive(_ folder: String) throws {
        let store = try options.openOnly()
        let outcome = try JournalArchive.read(folder, into: store, recordingsFolder: store.recordingFolder)
        try writeResult("\(store.path): \(ArchiveText.line(outcome)) read from \(folder)\n")
        try ArchiveText.check(outcome)
    }
}

/// What came of an export or of reading one, in words.
enum ArchiveText {
    static func line(_ outcome: JournalArchive.Outcome) -> String {
        func count(_ table: String, _ word: String) -> String { "\(outcome.rows[table] ?? 0) \(word)" }
        return [
            count("nights", "nights"), "\(outcome.recordings) recordings", count("results", "results"),
            count("doses", "doses"), count("diary", "diary nights"), count("changes", "logged changes"),
        ].joined(separator: ", ")
    }

    /// Names the recordings that are missing; then the command ends as incomplete.
    static func check(_ outcome: JournalArchive.Outcome) throws {
        for path in outcome.missing { complain("\(path): is gone, or another file by now; it is not in the export") }
        if !outcome.missing.isEmpty { throw ExitCode(Outcome.incomplete.rawValue) }
    }
}
