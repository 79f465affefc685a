// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Journal
import LegMovements
import Nights

/// `nattro score NIGHT` and `nattro score --all`: nights of the journal, whose results are kept.
struct NightScore {
    let options: JournalOptions
    let profiles: [ScoringRules]
    var parameters = DetectionParameters.standard

    /// Whether the words after a verb name a night of the journal, and no file.
    static func names(_ words: [String]) -> NightArgument? {
        guard words.count == 1, !FileManager.default.fileExists(atPath: words[0]) else { return nil }
        return NightArgument(argument: words[0])
    }

    /// Scores one night and keeps its results; gives the report.
    func score(_ night: NightArgument, lightsOut: ClockTime?, wakeUp: ClockTime?) async throws -> NightReport {
        let store = try options.open()
        let scoring = JournalScoring(store: store, profiles: profiles, parameters: parameters, now: options.time)
        return try await scoring.score(night.night(in: store), lightsOut: lightsOut, wakeUp: wakeUp).report
    }

    /// A night's report as the journal has the night; nothing is kept.
    func report(_ night: NightArgument) async throws -> NightReport {
        let store = try options.open()
        let stored = try night.night(in: store)
        let input = try NightInput(stored, diary: store.diaryNight(stored.date)?.value)
        let scoring = JournalScoring(store: store, profiles: profiles, parameters: parameters, now: options.time)
        return try await scoring.report(input, named: stored.date)
    }

    /// What `nattro score NIGHT --json` answers; nothing is kept.
    func answer(_ night: NightArgument) async throws -> ScoreResult {
        let report = try await report(night)
        return try ScoreResult(Data("\(report.json)".utf8), path: NightScorer.evening(of: report.start))
    }

    /// Scores all nights anew and says of each what its number was and is; the old results stay.
    func scoreAll() async throws {
        let store = try options.open()
        let scoring = JournalScoring(store: store, profiles: profiles, parameters: parameters, now: options.time)
        var failures = 0
        for night in try store.nights() {
            do {
                let before = try store.results(of: night.date)
                for result in try await scoring.score(night).results {
                    let old = before.last { $0.provenance.rules == result.provenance.rules }
                    let words = old.map { $0.id == result.id ? "as before" : "before \(Self.words($0))" } ?? "new"
                    try writeResult("night of \(night.date): \(Self.words(result)), \(words)\n")
                }
            } catch {
                failures += 1
                complain("the night of \(night.date) cannot be scored: \(JournalScoring.words(error))")
            }
        }
        if failures > 0 { throw ExitCode(Outcome.incomplete.rawValue) }
    }

    private static func words(_ result: StoredResult) -> String {
        "\(result.index.map { NightSummary.number($0) } ?? "undefined") PLM per analysed hour of rest "
            + "(\(result.provenance.rules), scoring version \(result.provenance.scoringVersion))"
    }
}
