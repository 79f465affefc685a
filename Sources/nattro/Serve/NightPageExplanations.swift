// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import LegMovements
import Nights
import Recordings

/// A night read once more, for what a result does not keep: what was measured of each movement, and the estimate of sleep.
struct NightReading: Sendable {
    let result: ScoreResult
    /// Runs of epochs in ms from the start of the night, with the number of their stage; null where nothing tells.
    let sleep: JSONValue

    init(_ report: NightReport, path: String) throws {
        // The very text that `nattro score --json` answers: what is explained is what was said.
        result = try ScoreResult(Data("\(report.json)".utf8), path: path)
        let runs = report.reports.first?.hypnogram?.runs.map { run -> JSONValue in
            .array([.integer(run.span.start), .integer(run.span.end), .integer(run.stage.rawValue)])
        }
        sleep = .object([
            .init("source", .string(report.sleepIsEstimated ? "estimated" : "scored")),
            .init("runs_ms", runs.map { .array($0) } ?? .null),
        ])
    }

    /// How long the night is, in ms.
    var duration: String { result.recording.durationMs.formatted }

    /// The lines of `nattro explain`.
    func explanation(at time: Double) -> JSONValue {
        .object([
            .init("at_ms", .number(time)),
            .init("lines", .array(Explanation(result, at: time).lines.map { .string($0) })),
        ])
    }
}

/// Reads nights once more when a reason is asked for, and keeps the last ones: the same question twice reads nothing.
actor NightExplanations {
    private let store: JournalStore
    /// The nights read last, the latest at the end; a reading under way is waited for by all who ask.
    private var readings: [(result: Int, reading: Task<NightReading, any Error>)] = []

    private static let mostKept = 2

    init(store: JournalStore) { self.store = store }

    /// The night that a result was made from, read as it was then.
    func reading(of result: StoredResult) async throws -> NightReading {
        let id = result.id ?? -1
        if let known = readings.firstIndex(where: { $0.result == id }) {
            let kept = readings.remove(at: known)
            readings.append(kept)
            return try await kept.reading.value
        }
        let store = store
        let task = Task.detached { try await Self.read(result, store) }
        readings.append((id, task))
        if readings.count > Self.mostKept { readings.removeFirst() }
        do {
            return try await task.value
        } catch {
            // What failed may succeed later: a file that is brought back.
            readings.removeAll { $0.result == id }
            throw error
        }
    }

    private static func read(_ result: StoredResult, _ store: JournalStore) async throws -> NightReading {
        let date = CivilDay(nightAtLocal: result.start)
        let scoring = JournalScoring(
            store: store, profiles: [try ScoringRules.named(result.provenance.rules)],
            parameters: try JSONDecoder().decode(
                DetectionParameters.self, from: Data(result.provenance.parameters.utf8)),
            now: 0)
        return try NightReading(
            try await scoring.report(NightInput(result.provenance), named: date), path: "night of \(date)")
    }
}
