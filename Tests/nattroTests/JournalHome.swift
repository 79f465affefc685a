// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import Nights
import TestSupport
import Testing

/// A user's folders with a journal, for commands to be run in.
struct JournalHome {
    let folder: URL

    /// Runs a body with new folders.
    static func with<T>(_ body: (JournalHome) throws -> T) throws -> T {
        try Fixtures.withTemporaryFolder { try body(JournalHome(folder: $0)) }
    }

    var environment: [String: String] {
        [
            "XDG_DATA_HOME": folder.appending(path: "data").path,
            "XDG_CONFIG_HOME": folder.appending(path: "config").path, "TZ": "Europe/Berlin",
        ]
    }

    /// The journal's file.
    var journal: String { folder.appending(path: "data/nattro/journal.sqlite").path }

    /// A file in the home.
    func path(_ name: String) -> String { folder.appending(path: name).path }

    /// Runs a command; by default it must end with exit code 0.
    @discardableResult
    func run(
        _ arguments: String..., expecting status: Int32? = 0, environment more: [String: String] = [:],
        at location: SourceLocation = #_sourceLocation
    ) throws -> ProgramRun {
        let run = try ProgramRun(
            "nattro", arguments, environment: environment.merging(more) { $1 })
        if let status {
            #expect(run.status == status, "\(arguments): \(run.output)\(run.errors)", sourceLocation: location)
        }
        return run
    }

    /// The journal, opened beside the commands.
    func store(_ participant: String = "me") throws -> JournalStore {
        try JournalStore(path: journal, participant: participant, now: 0)
    }

    /// The nights as `nattro nights --json` has them.
    func nights(_ more: [String] = []) throws -> [[String: Any]] {
        let run = try ProgramRun("nattro", ["nights", "--json"] + more, environment: environment)
        let answer = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
        return answer?["nights"] as? [[String: Any]] ?? []
    }

    /// A simulated night of a quarter of an hour, both legs, that begins at 23:00 of a date.
    func simulate(_ name: String, date: String = "2026-01-15", hour: Int = 23) throws -> String {
        try run(
            "simulate", "--profile", "plmd", "--hours", "0.25", "--gaps", "0", "--seed", "7", "--rate", "50",
            "--format", "nightlog", "--start", "\(date)T\(hour):00", "--out", path(name))
        return path("\(name)/night.nightlog")
    }
}
