// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Journal
import LegMovements
import Nights
import Recordings

/// The nights of the journal.
struct NightsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nights",
        abstract: "List the nights; leave one out, mask a stretch, say what you know of it.",
        discussion: """
            A night is named by the date of its evening: from noon to noon. What you decide is logged with your reason and can be taken \
            back with `nattro nights undo`.
            """,
        subcommands: [
            NightsList.self, NightsExclude.self, NightsInclude.self, NightsMask.self, NightsSet.self, NightsUndo.self,
            NightsLog.self,
        ],
        defaultSubcommand: NightsList.self)
}

/// All nights in a table.
struct NightsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the nights.")
    static let schema = "nattro-nights/1"

    @OptionGroup var options: JournalOptions
    @Option(help: .init("The rules whose index is shown.", valueName: "profile"))
    var rules: String?
    @Flag(help: "Answer in JSON (schema \(schema)).")
    var json = false

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            let profile = try ScoringRules.named(Settings().value(.rules, option: rules))
            let nights = try store.nights()
            try await JournalScoring(store: store, profiles: [profile], now: options.time).scoreMissing(nights)
            let table = try NightTable(store, nights, rules: profile.name)
            try writeResult(json ? "\(table.json)\n" : table.text)
        }
    }
}

/// Nights with their results and doses, for people and as JSON.
struct NightTable {
    /// One night.
    struct Row {
        var night: StoredNight
        var result: StoredResult?
        /// The counted elemental milligrams of the night; nil where nothing is known.
        var milligrams: Double?

        /// Why it does not count in a comparison; empty where it does.
        var state: String {
            if let exclusion = night.exclusion {
                return "left out: \(exclusion)"
                    + (night.isExcludedAfterComparison ? " (after a comparison was seen)" : "")
            }
            guard let result else { return "not scored" }
            return result.isUsable ? "" : "less than 4 h analysed"
        }
    }

    let rules: String
    let rows: [Row]

    init(_ store: JournalStore, _ nights: [StoredNight], rules: String) throws {
        self.rules = rules
        let results = try store.latestResults(rules: rules)
        let doses = Dictionary(grouping: try store.doses(), by: \.value.night)
        let coverage = try store.doseCoverage().map(\.value)
        rows = nights.map { night in
            let own = doses[night.date].map { $0.reduce(0) { $0 + $1.value.countedMg } }
            return Row(
                night: night, result: results[night.date],
                milligrams: own ?? (coverage.contains { $0.contains(night.date) } ? 0 : nil))
        }
    }

    /// A line for each night.
    var text: String {
        guard !rows.isEmpty else { return "no night yet: nattro record --until 07:00, or nattro import FILE\n" }
        var lines = ["night       legs  hours  analysed  PLM/h        mg  remarks"]
        for row in rows {
            let result = row.result
            let columns = [
                row.night.date.description, Self.left(result?.legs ?? "–", 4),
                Self.right(result.map { NightSummary.hours($0.duration) } ?? "–", 5),
                Self.right(result.map { NightSummary.hours($0.analysed) } ?? "–", 8),
                Self.right(result?.index.map { NightSummary.number($0) } ?? "–", 5),
                Self.right(row.milligrams.map { DoseText.milligrams($0) } ?? "unknown", 8), row.state,
            ]
            lines.append(columns.joined(separator: "  ").trimmingSuffix(" "))
        }
        return lines.joined(separator: "\n") + "\n(\(rules); mg: elemental magnesium by mouth that counts)\n"
    }

    private static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// The same for programs.
    var json: JSONValue {
        .object([
            .init("schema", .string(NightsList.schema)), .init("rules", .string(rules)),
            .init("nights", .array(rows.map(Self.json))),
        ])
    }

    private static func json(_ row: Row) -> JSONValue {
        let result = row.result
        return .object([
            .init("night", .string(row.night.date.description)),
            .init("legs", .init(result?.legs)), .init("duration_s", .init(result?.duration)),
            .init("start", .init(result.map { NightReport.clock($0.start) })),
            .init("rest_start", .init(result.map { NightReport.clock($0.rest.lowerBound) })),
            .init("rest_end", .init(result.map { NightReport.clock($0.rest.upperBound) })),
            .init("rest_source", .init(result?.restSource)), .init("analysed_s", .init(result?.analysed)),
            .init("n_plm_rest", .init(result?.periodicCount)), .init("plm_index", .init(result?.index)),
            .init("threshold_mg", .init(result?.effectiveThreshold)), .init("noise_mg", .init(result?.noiseFloor)),
            .init("usable", .bool(row.night.exclusion == nil && result?.isUsable == true)),
            .init("exclusion", .init(row.night.exclusion)),
            .init("excluded_after_comparison", .bool(row.night.isExcludedAfterComparison)),
            .init("site", .init(row.night.site)), .init("elemental_mg", .init(row.milligrams)),
            .init("scoring_version", .init(result?.provenance.scoringVersion)),
            .init("program_version", .init(result?.provenance.programVersion)),
            .init("parameters_hash", .init(result?.provenance.parametersHash)),
            .init("input_hash", .init(result?.provenance.inputHash)),
            .init(
                "recordings",
                .array(
                    row.night.recordings.map { part in
                        .object([
                            .init("path", .string(part.recording.path)),
                            .init("sha256", .string(part.recording.sha256)),
                            .init("device", .string(part.recording.device)),
                            .init("serial", .string(part.recording.serial)),
                            .init(
                                "legs",
                                .array(
                                    part.recording.streams.map { stream in
                                        .init(
                                            part.leg(of: stream, isOnly: part.recording.streams.count == 1)?.rawValue)
                                    })),
                        ])
                    })),
            .init(
                "masks",
                .array(
                    row.night.masks.map {
                        .object([
                            .init("from", .string(NightReport.clock($0.span.lowerBound))),
                            .init("to", .string(NightReport.clock($0.span.upperBound))),
                            .init("leg", .init($0.leg?.rawValue)), .init("reason", .string($0.reason)),
                        ])
                    })),
        ])
    }
}

extension String {
    /// The text without the characters that it ends with.
    func trimmingSuffix(_ character: Character) -> String {
        var text = self[...]
        while text.last == character { text.removeLast() }
        return String(text)
    }
}

extension ScoringRules {
    /// The profile of a name; the usual one without a name.
    static func named(_ name: String?) throws -> ScoringRules {
        guard let name else { return .wasm2016 }
        guard let profile = profiles.first(where: { $0.name == name }) else {
            throw Failure(
                message: "there are no rules '\(name)'; known: \(profiles.map(\.name).joined(separator: ", "))",
                outcome: .wrongUsage)
        }
        return profile
    }
}
