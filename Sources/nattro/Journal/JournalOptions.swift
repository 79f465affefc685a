// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Journal
import Nights

/// What all commands on the journal share.
struct JournalOptions: ParsableArguments {
    @Option(
        help: .init(
            "The journal's file. By default nattro/journal.sqlite in the user's data folder.", valueName: "file"))
    var journal: String?
    @Option(help: .init("Whose entries: by default \(JournalStore.Participant.defaultName).", valueName: "name"))
    var participant: String?
    /// For tests: the time that counts as now.
    @Option(help: .hidden)
    var now: MomentArgument?

    /// The time, in seconds since the Unix epoch.
    var time: Double { now.map { Double($0.instant.secondsSince1970) } ?? Date().timeIntervalSince1970 }

    /// The journal's file by option, environment and configuration file.
    func path(_ settings: Settings) -> String { settings.value(.journal, option: journal) ?? UserFolders.journal }

    /// Whether there is a journal already.
    func exists() throws -> Bool { FileManager.default.fileExists(atPath: try path(Settings())) }

    /// Opens the journal, makes it where there is none, and takes in what a crash left behind.
    func open() throws -> JournalStore {
        let store = try openOnly()
        Orphans(store, now: time).register()
        return store
    }

    /// Opens the journal alone.
    func openOnly() throws -> JournalStore {
        let settings = try Settings()
        let path = path(settings)
        if path == UserFolders.journal { try UserFolders.make(UserFolders.data) }
        let name = settings.value(.participant, option: participant) ?? JournalStore.Participant.defaultName
        guard JournalStore.Participant.isValid(name: name) else {
            throw Failure(
                message: "'\(name)' is no participant's name; use letters, digits, '.', '_' and '-'",
                outcome: .wrongUsage)
        }
        return try JournalStore(path: path, participant: name, now: time)
    }
}

/// A moment as it is typed: `2026-11-24T21:10:00Z`.
struct MomentArgument: ExpressibleByArgument {
    let instant: UTCInstant

    init?(argument: String) {
        guard let instant = UTCInstant(argument) else { return nil }
        self.instant = instant
    }
}

/// A night as it is typed: the date of its evening, or `last`.
struct NightArgument: ExpressibleByArgument {
    /// The date; nil for the last night.
    let date: CivilDay?

    init?(argument: String) {
        if argument == "last" {
            date = nil
        } else {
            guard let date = CivilDay(argument) else { return nil }
            self.date = date
        }
    }

    /// The night that is meant.
    func night(in store: JournalStore) throws -> StoredNight {
        if let date {
            guard let night = try store.night(date) else { throw store.missing(date) }
            return night
        }
        guard let last = try store.nights().last else {
            throw Failure(
                message: "\(store.path): has no night of participant \(store.participant.name) yet; "
                    + "record one, or import a recording: nattro import FILE",
                outcome: .unusableInput)
        }
        return last
    }
}
