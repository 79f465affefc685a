// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Journal
import LegMovements

/// What `nattro` alone says: last night, and the next step.
struct LastNight: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "last", abstract: "Show last night in eight lines, and the next step (nattro alone does the same)."
    )

    @OptionGroup var options: JournalOptions

    func run() async throws {
        try await endingInExitCode {
            guard try options.exists() else { return try writeResult(Self.welcome) }
            let store = try options.open()
            let nights = try store.nights()
            let profile = try ScoringRules.named(Settings().value(.rules))
            try await JournalScoring(store: store, profiles: [profile], now: options.time).scoreMissing(nights)
            guard let night = nights.last else { return try writeResult(Self.welcome) }
            guard let result = try store.results(of: night.date, rules: profile.name, withMovements: true).last else {
                return try writeResult(
                    "the night of \(night.date) has no result yet\nnext: nattro score \(night.date)\n")
            }
            let summary = NightSummary(store: store, night: night, result: result)
            try writeResult((try summary.lines() + [summary.nextStep()]).joined(separator: "\n") + "\n")
        }
    }

    private static let welcome = """
        no night yet
        next: nattro doctor (is all ready?), then nattro record --until 07:00
        with recordings of another sensor: nattro import FILE…; without any: nattro demo; all verbs: nattro --help

        """
}
