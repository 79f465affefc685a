// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Journal
import Nights

/// Doses from a file.
struct DoseImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Read a dose log, CSV or JSON, into the journal.",
        discussion: """
            What is in the journal already is not read twice. With --dry-run nothing is kept, and what was understood is shown.

            Exit codes: 0 all read · 1 some rows not, named on standard error · 2 the file cannot be read.
            """)

    @OptionGroup var options: JournalOptions
    @Argument(help: .init("The file; - is standard input.", valueName: "file"))
    var file: String
    @Flag(help: "Show what would be kept, and keep nothing.")
    var dryRun = false
    @Flag(help: "A warning rejects a row too.")
    var strict = false
    @Flag(help: "Keep what could be read even if more than a fifth of the rows was not.")
    var acceptRejects = false

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            let entry = try DoseEntry(store, options, zone: "Etc/UTC")
            let log = try entry.read(WholeFile.bytes(file), isStrict: strict)
            for finding in log.rejected + log.warnings { complain(finding.text(file: file)) }
            if log.needsAcceptance, !acceptRejects, !dryRun {
                throw Failure(
                    message: "\(file): more than a fifth of the rows could not be read, so nothing was kept; "
                        + "mend them, or say --accept-rejects",
                    outcome: .unusableInput)
            }
            let known = Set(try store.doses().map(\.value))
            let new = log.doses.filter { !known.contains($0) }
            for dose in dryRun ? new : [] {
                try writeResult("would keep: \(DoseText.short(dose)), night of \(dose.night)\n")
            }
            if !dryRun {
                try store.add(new, "dose import \(file)", at: options.time)
                let coverage = try store.doseCoverage().map(\.value)
                if let complete = log.complete, !coverage.contains(complete) {
                    try store.declareComplete(complete, "dose import \(file)", at: options.time)
                }
            }
            try writeResult(
                "\(file): \(log.doses.count) doses read, \(new.count) new, \(log.rejected.count) rows rejected\n")
            if !log.rejected.isEmpty { throw ExitCode(Outcome.incomplete.rawValue) }
        }
    }
}
