// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal

/// Whether the journal is whole: SQLite's own check, and whether the recordings are where it has them.
struct JournalCheck {
    private let options: JournalOptions

    init(_ options: JournalOptions) { self.options = options }

    /// What the doctor says of it.
    var finding: Doctor.Finding {
        do {
            guard try options.exists() else {
                return Doctor.Finding(name: "journal", isGood: true, text: "none yet: the first night makes it")
            }
            let store = try options.openOnly()
            let problems = try store.integrityProblems()
            guard problems.isEmpty else {
                return Doctor.Finding(
                    name: "journal", isGood: false, text: "\(store.path) is damaged: \(problems[0])",
                    remedy: "keep the file; read your last export into a new journal: nattro import DIR --journal NEW")
            }
            let mode = try FileManager.default.attributesOfItem(atPath: store.path)[.posixPermissions] as? Int ?? 0
            guard mode & 0o077 == 0 else {
                return Doctor.Finding(
                    name: "journal", isGood: false, text: "others may read \(store.path)",
                    remedy: "chmod 600 \(store.path)")
            }
            let nights = try store.nights()
            let gone = Set(nights.flatMap(\.recordings).map { store.absolutePath($0.recording.path) }).filter {
                !FileManager.default.fileExists(atPath: $0)
            }.sorted()
            return Doctor.Finding(
                name: "journal", isGood: gone.isEmpty,
                text: "\(nights.count) nights, whole" + (gone.isEmpty ? "" : ", \(gone.count) recordings are gone"),
                remedy: gone.isEmpty ? "" : "bring back \(gone[0])" + (gone.count > 1 ? " and the others" : ""))
        } catch {
            return Doctor.Finding(
                name: "journal", isGood: false, text: "cannot be opened", remedy: JournalScoring.words(error))
        }
    }
}
