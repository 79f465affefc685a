// SPDX-License-Identifier: GPL-3.0-or-later
import Journal

/// The whole journal as plain files: `nattro export --all` and `--backup`.
enum ExportAll {
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
