// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import LegMovements

/// Recordings or movements to series and indices, by published rules.
struct Score: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Count periodic leg movements by published rules.",
        usage: """
            nattro score LEFT [RIGHT] [--rules PROFILE,…] [--lights-out TIME] [--wake-up TIME] [--map COLUMNS] [--json | --tsv]
            nattro score STUDY.edf [--events SCORING] [--emg LEFT,RIGHT] [--notch HZ]
            nattro score LEFT [RIGHT] --movements FILE [--reviewed-by NAME]
            nattro score NIGHT | --all
            nattro score --movements FILE [--rules PROFILE,…] [--json]
            nattro score --manifest NIGHTS.tsv --out FOLDER
            """,
        discussion: """
            A recording is a night log, CWA, EDF or CSV file of one leg; a night log or EDF may hold both. The electromyograms of \
            the legs in a sleep study (EDF) are scored by the WASM's rule of 2016. Index and counts are per analysed hour of the \
            rest interval: gaps are in no denominator. NIGHT is a night of the journal: the date of its evening, or last; its \
            result is kept there, and older ones stay.

            --movements takes movements that were marked elsewhere: a list (JSON), a table (TSV, CSV), EDF+ annotations, NSRR or \
            Profusion XML, Luna .annot. Beside a recording they are scored too, and compared: F1, the index, every movement \
            (--tsv). --events takes sleep stages, arousals and respiratory events from the same formats; an EDF's own are used \
            without asking.

            A recording of more than a day gives one result for each night, from noon to noon. --manifest scores a study: a table with \
            the columns \(Manifest.columns.joined(separator: ", ")); participant and path must be there. Into FOLDER go nights.tsv (a row \
            for each participant and night), quality.tsv (each night that failed, and why), a dictionary of the columns beside each, \
            agreement.json where marks made elsewhere stand in the column movements (F1, and Bland and Altman's limits of the index), \
            and a file for each night, by which a run goes on where it was stopped and scores nothing twice.
            """)

    @Argument(
        help: .init("The left leg's recording, then the right one's; or one file alone.", valueName: "recording"))
    var recordings: [String] = []

    @Flag(help: "Score all nights of the journal anew; the old results stay.")
    var all = false

    @OptionGroup var journal: JournalOptions

    @Option(help: .init("Movements marked elsewhere; - is standard input.", valueName: "file"))
    var movements: String?

    @Option(help: .init("Who marked the movements, or reviewed them.", valueName: "name"))
    var reviewedBy: String?

    @Option(help: .init("Sleep stages, arousals and respiratory events of the night.", valueName: "file"))
    var events: String?

    @Option(help: .init("The EDF's channels of the left and the right leg's muscle.", valueName: "left,right"))
    var emg: String?

    @Option(help: .init("Take the mains out of electromyograms: 50 or 60.", valueName: "Hz"))
    var notch: Double?

    @OptionGroup var text: TextOptions

    @OptionGroup var scoring: ScoringOptions

    @Option(help: .init("A study: a table of recordings.", valueName: "file"))
    var manifest: String?

    @Option(help: .init("Where the results of a study go.", valueName: "folder"))
    var out: String?

    @Flag(help: "Answer in JSON (schema \(RulesReport.schema)).")
    var json = false

    @Flag(help: "Answer with a table of movements and gaps, tab-separated.")
    var tsv = false

    func validate() throws {
        guard !(json && tsv) else { throw ValidationError("Give --json or --tsv, not both.") }
        if all {
            guard recordings.isEmpty, movements == nil, events == nil, emg == nil, manifest == nil, out == nil,
                text.map == nil,
                scoring.lightsOut == nil, scoring.wakeUp == nil, !json, !tsv
            else {
                throw ValidationError(
                    "--all scores each night as the journal has it; give no file and no limits with it.")
            }
            return
        }
        guard (manifest == nil) == (out == nil) else {
            throw ValidationError("--manifest and --out go together: a study, and the folder for its results.")
        }
        if manifest != nil {
            guard recordings.isEmpty, movements == nil, events == nil, emg == nil, notch == nil, text.map == nil, !json,
                !tsv,
                scoring.lightsOut == nil, scoring.wakeUp == nil
            else {
                throw ValidationError(
                    "A manifest says all of each night: give --rules, --preset and --set alone with it.")
            }
            guard try scoring.profiles.count == 1 else {
                throw ValidationError("A study is scored by one profile at a time: its rows are compared.")
            }
            return
        }
        guard reviewedBy == nil || movements != nil else {
            throw ValidationError("--reviewed-by names who made the --movements; give both.")
        }
        guard notch == nil || notch == 50 || notch == 60 else { throw ValidationError("The mains have 50 or 60 Hz.") }
        if let emg {
            let names = emg.split(separator: ",", omittingEmptySubsequences: false)
            guard (1...2).contains(names.count), !names.contains(""), recordings.count == 1 else {
                throw ValidationError(
                    "--emg names the left leg's channel, a comma, and the right one's, of one EDF file.")
            }
        }
        guard text.map == nil || (!recordings.isEmpty && emg == nil && notch == nil) else {
            throw ValidationError("--map says what the columns of a recording's text are; give it with one.")
        }
        if movements != nil, recordings.isEmpty {
            guard scoring.lightsOut == nil, scoring.wakeUp == nil, events == nil else {
                throw ValidationError(
                    "A list of movements says its own \"rest\"; leave --lights-out, --wake-up and --events out.")
            }
            guard !tsv else {
                throw ValidationError("--tsv is the table of a recording; give --json with --movements.")
            }
            return
        }
        guard !recordings.isEmpty else {
            throw ValidationError("Nothing to score. Give the left leg's recording, and the right one's.")
        }
        try RecordingArguments.check(recordings)
    }

    func run() async throws {
        try await endingInExitCode {
            if let manifest, let out {
                try await score(study: manifest, into: out)
                return
            }
            let marks = try movements.map { try MarkFile(path: $0) }
            guard !recordings.isEmpty || all else {
                if let marks { try score(marks) }
                return
            }
            let stored = NightScore(
                options: journal, profiles: try scoring.profiles, parameters: try scoring.parameters)
            if all { return try await stored.scoreAll() }
            let nights: [NightScorer.Night]
            if text.map == nil, let night = NightScore.names(recordings) {
                let report = try await stored.score(
                    night, lightsOut: scoring.lightsOut, wakeUp: scoring.wakeUp)
                nights = [NightScorer.Night(report)]
            } else {
                nights = try await NightScorer.nights(
                    recordings, under: scoring.profiles, parameters: scoring.parameters, lightsOut: scoring.lightsOut,
                    wakeUp: scoring.wakeUp, events: events, emg: emg?.split(separator: ",").map(String.init) ?? [],
                    notch: notch, map: text.map)
            }
            let answers = nights.compactMap { try? $0.result.get() }
            if nights.count == 1 {
                let review = try marks.map {
                    try Review($0, by: reviewedBy, beside: answers[0], under: scoring.profiles)
                }
                try writeResult(answers[0], review)
            } else {
                guard marks == nil else {
                    throw Failure(
                        message: "\(recordings[0]): holds \(nights.count) nights, and marks are compared with one; "
                            + "say its --lights-out and --wake-up with their dates",
                        outcome: .wrongUsage)
                }
                try writeResult(nights)
            }
            let losses = answers.first.map { $0.losses + (marks?.reports(from: $0.start) ?? []) } ?? []
            let failures = nights.compactMap { night -> String? in
                guard case .failure(let failure) = night.result else { return nil }
                return "the night of \(night.evening): \(failure.message)"
            }
            for failure in failures { complain(failure) }
            try Failure.check(losses)
            if !failures.isEmpty { throw ExitCode(Outcome.incomplete.rawValue) }
        }
    }

    /// Writes one night, and what was marked in it.
    private func writeResult(_ answer: any NightAnswer, _ review: Review?) throws {
        if json {
            guard case .object(let members) = answer.json else { return }
            try nattro.writeResult("\(JSONValue.object(members + (review?.members ?? [])))\n")
        } else if tsv {
            try nattro.writeResult(review?.tsv ?? answer.tsv)
        } else {
            try nattro.writeResult(answer.text + (review?.text ?? ""))
        }
    }

    /// Writes the nights of a recording of several days.
    private func writeResult(_ nights: [NightScorer.Night]) throws {
        let scored = nights.compactMap { night in
            (try? night.result.get()).map { (name: night.evening, answer: $0) }
        }
        if json {
            let nights = scored.map { name, answer -> JSONValue in
                guard case .object(let members) = answer.json else { return .null }
                return .object([.init("night", .string(name))] + members)
            }
            let answer = JSONValue.object([
                .init("schema", .string(RulesReport.schema)), .init("nights", .array(nights)),
            ])
            try nattro.writeResult("\(answer)\n")
        } else if tsv {
            for (index, (name, answer)) in scored.enumerated() {
                let lines = answer.tsv.split(separator: "\n").enumerated().compactMap { line, text -> String? in
                    if line == 0 { return index == 0 ? "\(text)\tnight\n" : nil }
                    return "\(text)\t\(name)\n"
                }
                try nattro.writeResult(lines.joined())
            }
        } else {
            for (name, answer) in scored { try nattro.writeResult("night of \(name)\n\(answer.text)\n") }
        }
    }

    /// Scores a study.
    private func score(study manifest: String, into folder: String) async throws {
        let study = StudyScoring(folder: folder, rules: try scoring.profiles[0], parameters: try scoring.parameters)
        let outcome = try await study.run(try Manifest(path: manifest))
        try nattro.writeResult(
            "\(folder)/nights.tsv: \(outcome.nights) nights, \(outcome.failed) failed (quality.tsv says why)"
                + (outcome.kept > 0 ? ", \(outcome.kept) results kept from before" : "") + "\n"
                + (outcome.agreement?.text ?? ""))
        if outcome.failed > 0 {
            complain("\(outcome.failed) nights of \(manifest) could not be scored; see \(folder)/quality.tsv")
            throw ExitCode(outcome.nights == 0 ? Outcome.unusableInput.rawValue : Outcome.incomplete.rawValue)
        }
    }

    /// Scores marks alone.
    private func score(_ marks: MarkFile) throws {
        let night = try marks.night()
        let reports = try scoring.profiles.map {
            RulesReport(night, under: $0, sleepIsEstimated: marks.sleepIsEstimated)
        }
        if json {
            guard case .object(let members) = RulesReport.answer(reports) else { return }
            let reviewer = reviewedBy.map { [JSONValue.Member("reviewed_by", .string($0))] } ?? []
            try nattro.writeResult("\(JSONValue.object(members + reviewer))\n")
        } else {
            try nattro.writeResult(
                (reviewedBy.map { "\(marks.path): reviewed by \($0)\n" } ?? "") + reports.map(\.text).joined())
        }
        try Failure.check(marks.reports(from: marks.start ?? 0))
    }
}
