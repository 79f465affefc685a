// SPDX-License-Identifier: GPL-3.0-or-later
import LegMovements

/// A scored night as JSON, with the names of a movement list's expected results.
struct RulesReport {
    /// The version of the answer's shape.
    static let schema = "nattro-score/1"

    /// The night under one profile.
    let night: ScoredNight
    /// Sleep and wake as they were given or estimated.
    let hypnogram: Hypnogram?
    /// Whether sleep and wake are estimated from the movements themselves.
    let sleepIsEstimated: Bool
    /// The rhythm of the candidates; nil where there is none, and under rules that score sleep only.
    let periodicity: TrainPeriodicity?

    /// Scores a night under a profile.
    init(_ night: MovementNight, under rules: ScoringRules, sleepIsEstimated: Bool = false) {
        self.sleepIsEstimated = sleepIsEstimated
        self.night = night.scored(under: rules)
        hypnogram = night.hypnogram
        periodicity = rules.standard == .aasm ? nil : self.night.trainPeriodicity()
    }

    /// The answer for one profile, or for several by their names.
    static func answer(_ reports: [RulesReport]) -> JSONValue {
        let schema = JSONValue.Member("schema", .string(schema))
        if let report = reports.first, reports.count == 1 {
            return .object([schema, .init("rules", .string(report.night.rules.name))] + report.members)
        }
        let profiles = reports.map { JSONValue.Member($0.night.rules.name, .object($0.members)) }
        return .object([schema, .init("profiles", .object(profiles))])
    }

    /// The columns, the movements and the summary.
    var members: [JSONValue.Member] {
        let columns = night.rules.standard == .aasm ? Self.aasmColumns : Self.wasmColumns
        return [
            .init("columns", .array(columns.map { .string($0.name) })),
            .init("lms", .array(night.movements.map { movement in .array(columns.map { $0.value(movement) }) })),
            .init("summary", summary),
        ]
    }

    /// All counts and indices by name.
    var summary: JSONValue { .object(night.rules.standard == .aasm ? aasmSummary : wasmSummary) }

    private struct Column: Sendable {
        var name: String
        var value: @Sendable (CombinedMovement) -> JSONValue
    }

    private static let wasmColumns = [
        Column(name: "onset_ms") { .integer($0.onset) },
        Column(name: "duration_ms") { .integer($0.duration) },
        Column(name: "side") { .string($0.side.rawValue) },
        Column(name: "parts") { .integer($0.parts.count) },
        Column(name: "clm") { .bool($0.isCandidate) },
        Column(name: "why_not") { .init($0.disqualification?.label) },
        Column(name: "imi_ms") { .init($0.interval) },
        Column(name: "short_interval") { .bool($0.hasShortInterval) },
        Column(name: "series") { .integer($0.series ?? 0) },
        Column(name: "sleep") { .init($0.isSleep) },
        Column(name: "resp") { .init($0.isRespiratory) },
        Column(name: "arousal") { .init($0.hasArousal) },
    ]

    private static let aasmColumns = [
        Column(name: "onset_ms") { .integer($0.onset) },
        Column(name: "duration_ms") { .integer($0.duration) },
        Column(name: "side") { .string($0.side.rawValue) },
        Column(name: "series") { .integer($0.series ?? 0) },
    ]
}

extension CombinedMovement.Disqualification {
    /// The word for it in a movement list's expected results.
    var label: String {
        switch self {
        case .excluded(let exclusion): exclusion.rawValue
        case .longPart: "part>10s"
        case .manyParts: ">4parts"
        case .long: ">15s"
        }
    }
}
