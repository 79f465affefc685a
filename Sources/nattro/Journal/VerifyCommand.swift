// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Journal
import LegMovements
import Nights

/// The same numbers from the same recordings once more.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Score nights once more from where their results are from, and get the same numbers.",
        discussion: """
            Each night's latest result of each profile is made again from the recordings by their digests, with the rules, parameters, limits \
            and masks that it keeps. Within one scoring version all counts and indices must be equal.

            Exit codes: 0 all equal · 1 another scoring version gives other numbers, shown · 2 a recording is gone · \
            5 not equal, or a recording is not the one that was imported.
            """)
    static let schema = "nattro-verify/1"

    @OptionGroup var options: JournalOptions
    @Argument(help: .init("Nights; all if none is named.", valueName: "night"))
    var nights: [NightArgument] = []
    @Flag(help: "Answer in JSON (schema \(schema)).")
    var json = false

    /// What came of one result.
    private struct Check {
        enum Verdict: String {
            case equal
            /// The scoring version is another one.
            case otherVersion = "other_version"
            case unequal
            case changedRecording = "changed_recording"
            case missingRecording = "missing_recording"
        }

        var night: CivilDay
        var result: StoredResult
        var again: StoredResult?
        var verdict: Verdict
        var problem = ""

        var outcome: Outcome {
            switch verdict {
            case .equal: .done
            case .otherVersion: .incomplete
            case .missingRecording: .unusableInput
            case .unequal, .changedRecording: .verificationFailed
            }
        }
    }

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            let chosen = nights.isEmpty ? try store.nights() : try nights.map { try $0.night(in: store) }
            var checks: [Check] = []
            for night in chosen {
                let latest = Dictionary(
                    grouping: try store.results(of: night.date), by: \.provenance.rules
                ).values.compactMap(\.last).sorted { $0.provenance.rules < $1.provenance.rules }
                for result in latest { checks.append(try await check(result, of: night.date, in: store)) }
            }
            if json {
                try writeResult("\(Self.json(checks))\n")
            } else if checks.isEmpty {
                try writeResult("no result to verify\n")
            } else {
                try writeResult(checks.map { Self.line($0) + "\n" }.joined())
            }
            // 5 before 2 before 1: the worst is what a script must see.
            let worst = checks.map(\.outcome.rawValue).max() ?? 0
            if worst != 0 { throw ExitCode(worst) }
        }
    }

    private func check(_ result: StoredResult, of night: CivilDay, in store: JournalStore) async throws -> Check {
        let provenance = result.provenance
        let input = try NightInput(provenance)
        let parameters = try JSONDecoder().decode(DetectionParameters.self, from: Data(provenance.parameters.utf8))
        let scoring = JournalScoring(
            store: store, profiles: [try .named(provenance.rules)], parameters: parameters, now: options.time)
        do {
            let report = try await scoring.report(input, named: night, checksDigests: true)
            let again = try scoring.results(report, input)[0]
            let isEqual = again.summary == result.summary && again.index == result.index
            let isSameVersion = provenance.scoringVersion == ScoringVersion.current
            return Check(
                night: night, result: result, again: again,
                verdict: isEqual ? .equal : isSameVersion ? .unequal : .otherVersion)
        } catch let error as JournalError where error.reason == .damaged {
            return Check(night: night, result: result, verdict: .changedRecording, problem: error.description)
        } catch {
            return Check(
                night: night, result: result, verdict: .missingRecording, problem: JournalScoring.words(error))
        }
    }

    private static func index(_ result: StoredResult?) -> String {
        result?.index.map { String($0) } ?? "undefined"
    }

    private static func line(_ check: Check) -> String {
        let name = "night of \(check.night), \(check.result.provenance.rules)"
        let version = check.result.provenance.scoringVersion
        return switch check.verdict {
        case .equal: "\(name): equal, \(index(check.result)) PLM per analysed hour of rest"
        case .unequal:
            "\(name): NOT EQUAL within scoring version \(version): kept \(index(check.result)), now \(index(check.again))"
        case .otherVersion:
            "\(name): scoring version \(version) gave \(index(check.result)), version \(ScoringVersion.current) gives "
                + "\(index(check.again)); nattro score --all keeps the new one beside it"
        case .changedRecording, .missingRecording: "\(name): cannot be verified: \(check.problem)"
        }
    }

    private static func json(_ checks: [Check]) -> JSONValue {
        .object([
            .init("schema", .string(schema)), .init("scoring_version", .integer(ScoringVersion.current)),
            .init(
                "results",
                .array(
                    checks.map { check in
                        .object([
                            .init("night", .string(check.night.description)),
                            .init("rules", .string(check.result.provenance.rules)),
                            .init("verdict", .string(check.verdict.rawValue)),
                            .init("scoring_version", .integer(check.result.provenance.scoringVersion)),
                            .init("kept_plm_index", .init(check.result.index)),
                            .init("plm_index", .init(check.again?.index)),
                            .init("problem", .string(check.problem)),
                        ])
                    })),
        ])
    }
}
