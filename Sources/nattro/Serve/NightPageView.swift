// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import LegMovements
import Nights
import Recordings

/// A night as its page shows it: the journal's result, and no scoring.
struct NightView {
    let store: JournalStore
    let night: StoredNight
    /// The latest result under the rules, or else under any; nil where the night was never scored.
    let result: StoredResult?
    /// The streams that it is drawn from; nil where there is none of a leg.
    let trace: NightTrace?

    static let schema = "nattro-night/1"

    init(store: JournalStore, night: StoredNight, rules: ScoringRules, withMovements: Bool = true) throws {
        self.store = store
        self.night = night
        let results = try store.results(of: night.date)
        let latest = results.last { $0.provenance.rules == rules.name } ?? results.last
        result = try latest.flatMap { latest in
            withMovements
                ? try store.results(of: night.date, rules: latest.provenance.rules, withMovements: true).last : latest
        }
        trace = try? NightTrace(
            latest.map { try NightInput($0.provenance) }
                ?? NightInput(night, diary: store.diaryNight(night.date)?.value),
            start: latest?.start ?? night.recordings.map(\.recording.start).min() ?? 0, in: store)
    }

    /// The first sample, in seconds since the Unix epoch on the recording's clock.
    var start: Double { result?.start ?? night.recordings.map(\.recording.start).min() ?? 0 }
    /// Seconds to the end of the last sample.
    var duration: Double {
        result?.duration ?? (night.recordings.map(\.recording.end).max() ?? 0) - start
    }
    /// Seconds to add to UTC for the night's local time, where a recording tells.
    var zoneOffset: Int? { night.recordings.lazy.compactMap(\.recording.zoneOffset).first }

    /// What brings a result.
    var nextStep: String { "nattro score \(night.date)" }

    /// The columns of a movement: times in ms from the start of the night.
    private static let columns = [
        "onset_ms", "duration_ms", "leg", "type", "amplitude_mg", "series", "imi_ms", "sleep",
    ]

    /// What the page asks for.
    var json: String {
        var members: [JSONValue.Member] = [
            .init("schema", .string(Self.schema)), .init("night", .string(night.date.description)),
            .init("start_unix", .number(start)), .init("start", .string(NightReport.clock(start))),
            .init("end", .string(NightReport.clock(start + duration))),
            .init("duration_ms", .number((duration * 1000).rounded())), .init("zone_offset_s", .init(zoneOffset)),
            .init(
                "legs", .array(Leg.allCases.filter { trace?.legs[$0] != nil }.map { .string($0.rawValue) })),
            .init("exclusion", .init(night.exclusion)),
        ]
        guard let result else {
            members.append(.init("result", .null))
            members.append(.init("next_step", .string(nextStep)))
            return JSONValue.object(members).description
        }
        members += [
            .init("rest_ms", span(result.rest.lowerBound - start, result.rest.upperBound - result.rest.lowerBound)),
            .init("rest_source", .string(result.restSource)), .init("gaps_ms", stretches("gap", result)),
            .init("nonwear_ms", stretches("nonwear", result)),
            .init("masks", .array(night.masks.map(mask))),
            .init("columns", .array(Self.columns.map { .string($0) })),
            .init("movements", .array(result.movements.filter { !Self.isMissing($0) }.map(row))),
            .init(
                "result",
                .object([
                    .init("rules", .string(result.provenance.rules)),
                    .init("scoring_version", .integer(result.provenance.scoringVersion)),
                    .init("plm_index", .init(result.index)), .init("periodic", .integer(result.periodicCount)),
                    .init("analysed_ms", .number((result.analysed * 1000).rounded())),
                    .init(
                        "band", result.band.map { .array([.number($0.lowerBound), .number($0.upperBound)]) } ?? .null),
                ])),
        ]
        // The summary is JSON already, as it was kept.
        return String(JSONValue.object(members).description.dropLast()) + ",\"summary\":\(result.summary)}"
    }

    private static func isMissing(_ movement: StoredResult.Movement) -> Bool {
        movement.type == "gap" || movement.type == "nonwear"
    }

    private func milliseconds(_ seconds: Double) -> JSONValue { .number((seconds * 1000).rounded()) }

    private func span(_ onset: Double, _ duration: Double) -> JSONValue {
        .array([milliseconds(onset), milliseconds(onset + duration)])
    }

    private func stretches(_ type: String, _ result: StoredResult) -> JSONValue {
        .object(
            Leg.allCases.map { leg in
                .init(
                    leg.rawValue,
                    .array(
                        result.movements.filter { $0.type == type && $0.leg == leg.rawValue }.map {
                            span($0.onset, $0.duration)
                        }))
            })
    }

    private func mask(_ mask: StoredNight.Mask) -> JSONValue {
        .object([
            .init("span_ms", span(mask.span.lowerBound - start, mask.span.upperBound - mask.span.lowerBound)),
            .init("leg", .init(mask.leg?.rawValue)), .init("reason", .string(mask.reason)),
        ])
    }

    private func row(_ movement: StoredResult.Movement) -> JSONValue {
        .array([
            milliseconds(movement.onset), milliseconds(movement.duration), .string(movement.leg),
            .string(movement.type), movement.amplitude.map { .number(($0 * 10_000).rounded() / 10) } ?? .null,
            .init(movement.series), movement.interval.map(milliseconds) ?? .null, .init(movement.isSleep),
        ])
    }
}
