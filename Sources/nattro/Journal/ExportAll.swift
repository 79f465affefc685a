// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Journal

/// The whole journal as plain files.
struct ExportAll: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the whole journal as plain files, raw recordings and log of changes included.",
        usage: """
            nattro export --all DIR
            nattro export --backup FILE
            """,
        discussion: """
            DIR holds each table as lines of JSON, each recording as it is, and a list of all with digests; `nattro import DIR` reads it back \
            into a new journal without loss. It holds every participant. A backup is one SQLite file, without the recordings.
            """)

    @OptionGroup var options: JournalOptions
    @Option(help: .init("Write all of it into a new folder.", valueName: "folder"))
    var all: String?
    @Option(help: .init("Write a copy of the journal's file.", valueName: "file"))
    var backup: String?

    func validate() throws {
        guard (all == nil) != (backup == nil) else { throw ValidationError("Give --all DIR or --backup FILE.") }
    }

    func run() async throws {
        try await endingInExitCode { try Self.run(options, all: all, backup: backup) }
    }

    /// Writes what was asked for.
    static func run(_ options: JournalOptions, all: String?, backup: String?) throws {
        guard try options.exists() else {
            throw Failure(
                message: "\(options.path(try Settings())): there is no journal yet; name one with --journal",
                outcome: .unusableInput)
        }
        let store = try options.open()
        if let backup {
            try store.backUp(to: backup)
            try writeResult("\(backup): a copy of \(store.path), without the recordings\n")
        }
        if let all {
            let outcome = try JournalArchive.write(store, to: all, programVersion: Nattro.version)
            try writeResult("\(all): \(ArchiveText.line(outcome)) written\n")
            try ArchiveText.check(outcome)
        }
    }
}
