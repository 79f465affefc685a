// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Journal
import Nights

/// Doses from a file.
struct DoseImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Read a dose log, or another program's export, into the journal.",
        discussion: """
            What is in the journal already is not read twice. With --dry-run nothing is kept, and what was understood is shown.

            Read are nattro's own dose logs (CSV, JSON), Apple Health's export.xml or the zip that holds it, Cronometer's servings and \
            daily summary, Bearable's export, and any other table with --map, like \
            --map 'taken=Taken At,amount=Dose,unit==mg,form=Salt': ours=theirs, and == for a value of every row.

            Days of Cronometer's summary and what Bearable observed are no doses: caffeine, alcohol, the day's magnesium from everything and \
            the observations in their own words go to the diary, beside what you wrote there.

            Food trackers do not say what is food and what a supplement: until --kind says so, it is kept as food, which is not counted.

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

    @OptionGroup var exported: ExportOptions

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            let products = try store.products().map(\.value)
            let now = UTCInstant(secondsSince1970: Int(options.time))
            switch try ExportFile(file, try exported.reading(now: now, products: products)) {
            case .export(let found, let records): try keep(found, records, in: store)
            case .log(let bytes): try keep(bytes, in: store)
            }
        }
    }

    /// Keeps what was understood of another program's export.
    private func keep(_ found: ImportedDoses, _ records: Int?, in store: JournalStore) throws {
        let known = Set(try store.doses().map(\.value.id))
        let new = found.items.filter { !known.contains($0.key) }
        let pages = found.pages(beside: try store.diary().map(\.value))
        let report = ImportReport(file: file, found: found, records: records, new: new.count, pages: pages.count)
        for line in report.complaints { complain(line) }
        if !dryRun {
            try store.add(new.map(\.dose), "dose import \(file)", at: options.time)
            if !pages.isEmpty { try store.keep(pages, "diary import \(file)", at: options.time) }
        }
        try writeResult(exported.json ? "\(report.json)\n" : report.text(isDryRun: dryRun))
        if !found.rejected.isEmpty { throw ExitCode(Outcome.incomplete.rawValue) }
    }

    /// Keeps a dose log.
    private func keep(_ bytes: [UInt8], in store: JournalStore) throws {
        let entry = try DoseEntry(store, options, zone: "Etc/UTC")
        let log = try entry.read(bytes, isStrict: strict)
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
