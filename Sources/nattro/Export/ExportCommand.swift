// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Journal
import LegMovements
import Recordings

/// A night in the formats of other programs.
struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a night for other programs (EDF+, CWA, CSV, TSV, BIDS, Luna), or the whole journal.",
        usage: """
            nattro export NIGHT | LEFT [RIGHT] [--edf FILE] [--cwa FILE] [--csv FILE] [--tsv FILE] [--annot FILE] [--bids FOLDER]
            nattro export --all FOLDER | --backup FILE
            """,
        discussion: """
            The night is scored as `nattro score` does it, and its samples and marks are written. Several formats may be \
            asked for at once. Each file appears whole or not at all.

            --edf is EDF+C: each leg at its nominal rate on its true time, missing samples as the digital value -32768 with \
            a channel "Valid L" or "Valid R" of 0 and a mark "Recording gap", the movements as marks. --cwa is one file a leg, \
            NIGHT_L.cwa and NIGHT_R.cwa, for GGIR, actipy and scikit-digital-health; gaps are jumps of the time. --csv and \
            --tsv are tables of movements and gaps, each with a dictionary of its columns beside it (FILE.json). --bids adds \
            the night as a session of a BIDS dataset. --annot is Luna's format, for the EDF file of the same night. For \
            samples as CSV there is `nattro convert`.

            Reviewing by hand: export --edf, edit the marks in EDFbrowser, then `nattro score LEFT [RIGHT] --movements \
            EDITED.edf --reviewed-by NAME`.

            NIGHT is a night of the journal: the date of its evening, or last. --all writes the whole journal, each table as lines \
            of JSON, each recording as it is, and a list of all with digests; `nattro import FOLDER` reads it back into a new journal \
            without loss. A backup is one SQLite file, without the recordings.
            """)

    @Argument(
        help: .init("The left leg's recording, then the right one's; or one file alone.", valueName: "recording"))
    var recordings: [String] = []

    @Option(help: .init("Write an EDF+C file.", valueName: "file"))
    var edf: String?

    @Option(help: .init("Write a CWA file for each leg, with _L or _R in its name.", valueName: "file"))
    var cwa: String?

    @Option(help: .init("Write the movements and gaps, separated by commas.", valueName: "file"))
    var csv: String?

    @Option(help: .init("Write the movements and gaps, separated by tabs.", valueName: "file"))
    var tsv: String?

    @Option(help: .init("Write the marks in the format of Luna.", valueName: "file"))
    var annot: String?

    @Option(help: .init("Add the night to a BIDS dataset.", valueName: "folder"))
    var bids: String?

    @Option(help: .init("Write the whole journal into a new folder.", valueName: "folder"))
    var all: String?

    @Option(help: .init("Write a copy of the journal's file.", valueName: "file"))
    var backup: String?

    /// Its participant is the one of the BIDS dataset too.
    @OptionGroup var journal: JournalOptions

    @Option(help: .init("Sleep stages, arousals and respiratory events of the night.", valueName: "file"))
    var events: String?

    @OptionGroup var scoring: ScoringOptions

    /// The participant's label in a dataset: letters and digits.
    private var participant: String { journal.participant ?? "01" }
    private var outputs: [String] { [edf, cwa, csv, tsv, annot].compactMap(\.self) }

    func validate() throws {
        if all != nil || backup != nil {
            guard (all == nil) != (backup == nil), recordings.isEmpty, outputs.isEmpty, bids == nil else {
                throw ValidationError("Give --all FOLDER or --backup FILE, and nothing else with it.")
            }
            return
        }
        guard !recordings.isEmpty else { throw ValidationError("Nothing to export. Give the left leg's recording.") }
        try RecordingArguments.check(recordings)
        guard !outputs.isEmpty || bids != nil else {
            throw ValidationError(
                "Say what to write: --edf FILE, --cwa FILE, --csv FILE, --tsv FILE, --annot FILE or --bids FOLDER.")
        }
        guard
            bids == nil
                || (!participant.isEmpty && participant.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
        else {
            throw ValidationError("'\(participant)' is no label of BIDS: use letters and digits alone.")
        }
        for recording in recordings where recording == "-" {
            throw ValidationError("A night is read twice to export it, and standard input only once. Name a file.")
        }
        let legFiles = cwa.map { path in Leg.allCases.map { CWAExport.path(path, $0) } } ?? []
        for output in outputs + legFiles where recordings.contains(where: { $0 == output || areSameFile($0, output) }) {
            throw ValidationError("\(output): this is the recording itself; choose another name.")
        }
        guard Set(outputs).count == outputs.count else { throw ValidationError("Two formats have the same file name.") }
    }

    func run() async throws {
        try await endingInExitCode {
            if all != nil || backup != nil {
                return try ExportAll.run(journal, all: all, backup: backup)
            }
            let nights: [NightScorer.Night]
            if let night = NightScore.names(recordings) {
                let stored = NightScore(
                    options: journal, profiles: try scoring.profiles, parameters: try scoring.parameters)
                guard scoring.lightsOut == nil, scoring.wakeUp == nil, events == nil else {
                    throw Failure(
                        message: "a night of the journal has its own limits; change them with `nattro nights set`",
                        outcome: .wrongUsage)
                }
                nights = [NightScorer.Night(try await stored.report(night))]
            } else {
                nights = try await NightScorer.nights(
                    recordings, under: scoring.profiles, parameters: scoring.parameters,
                    lightsOut: scoring.lightsOut, wakeUp: scoring.wakeUp, events: events)
            }
            guard nights.count == 1, let answer = try? nights[0].result.get() else {
                throw Failure(
                    message: "\(recordings[0]): holds \(nights.count) nights, and one is written at a time; "
                        + "say its --lights-out and --wake-up with their dates",
                    outcome: .unusableInput)
            }
            let marks = NightMarks(answer)
            var losses = answer.losses
            func note(_ clipped: Int, in path: String) {
                guard clipped > 0 else { return }
                var loss = ReadingReport()
                loss.note("values cut to the range of the format", count: clipped, at: "the samples")
                losses.append((path, loss))
            }
            if let annot { try writeFile(LunaAnnotations.text(marks), to: annot) }
            if let csv { try MovementFile.write(answer, to: csv, separator: ",") }
            if let tsv { try MovementFile.write(answer, to: tsv, separator: "\t") }
            if edf != nil || cwa != nil || bids != nil {
                guard let report = answer as? NightReport else {
                    throw Failure(
                        message: "\(recordings[0]): is an electromyogram, and only samples of sensors are written; "
                            + "its marks are with --annot, --csv or --tsv",
                        outcome: .unusableInput)
                }
                if let edf { note(try EDFExport.write(report.recorded, marks.annotations, to: edf), in: edf) }
                if let cwa {
                    for file in try CWAExport.write(report.recorded, to: cwa) { note(file.clipped, in: file.path) }
                }
                if let bids {
                    try BIDSExport(folder: bids, participant: participant, report: report, marks: marks).write()
                }
            }
            try Failure.check(losses)
        }
    }
}
