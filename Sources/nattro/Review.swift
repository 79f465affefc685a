// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings

/// A night's movements as a person or another program marked them, beside nattro's own result on the recording.
///
/// The marks are scored under the same rules, over the same data: the recording's gaps, and its rest interval, sleep and events where
/// the marks have none of their own.
struct Review {
    /// The file of the marks.
    let path: String
    /// Who marked or reviewed them; nil where nobody said.
    let reviewer: String?
    /// The marks under each profile.
    let reports: [RulesReport]
    /// How the movements agree: the marks are the reference.
    let agreement: MovementAgreement
    /// The index of each hour by the marks and by nattro, under the first profile.
    let hours: BlandAltman
    private let automatic: RulesReport

    /// Scores marks on a recording.
    init(_ marks: MarkFile, by reviewer: String?, beside answer: any NightAnswer, under profiles: [ScoringRules]) throws
    {
        let legs = Leg.allCases.filter { answer.movements.gaps[$0] != nil }
        var night = try marks.night(inRecordingFrom: answer.start, to: answer.end, legs: legs)
        night.movements.removeAll { !legs.contains($0.leg) }
        night.gaps = answer.movements.gaps
        night.rest = night.rest ?? answer.movements.rest
        night.respiratoryEvents = night.respiratoryEvents ?? answer.movements.respiratoryEvents
        night.arousals = night.arousals ?? answer.movements.arousals
        let ownSleep = night.hypnogram != nil
        night.hypnogram = night.hypnogram ?? answer.movements.hypnogram
        let isEstimated = ownSleep ? marks.sleepIsEstimated : answer.sleepIsEstimated
        reports = profiles.map { RulesReport(night, under: $0, sleepIsEstimated: isEstimated) }
        agreement = MovementAgreement(reference: night, test: answer.movements)
        automatic = answer.reports[0]
        hours = BlandAltman(
            zip(reports[0].night.hours, automatic.night.hours).compactMap { marked, found in
                guard marked.span == found.span, let first = marked.periodicIndex, let second = found.periodicIndex
                else {
                    return nil
                }
                return (first, second)
            })
        path = marks.path
        self.reviewer = reviewer
    }

    /// The indices that are compared: of the rest interval, or of sleep under rules that score sleep only.
    var indices: (name: String, marks: Double?, found: Double?) {
        reports[0].night.rules.standard == .wasm
            ? ("plm_index", reports[0].night.rest?.periodic.index, automatic.night.rest?.periodic.index)
            : ("plms_index", reports[0].night.sleep?.periodic.index, automatic.night.sleep?.periodic.index)
    }

    /// The index that nattro finds, less that of the marks, per hour; nil where either is undefined.
    var indexDifference: Double? {
        let compared = indices
        return compared.marks.flatMap { marks in compared.found.map { $0 - marks } }
    }

    /// What goes beside the automatic result in the answer of `--json`.
    var members: [JSONValue.Member] {
        guard case .object(let scored) = RulesReport.answer(reports) else { return [] }
        let source = [JSONValue.Member("file", .string(path)), .init("reviewed_by", .init(reviewer))]
        let compared = indices
        let index = JSONValue.object([
            .init("name", .string(compared.name)), .init("marks", .init(compared.marks)),
            .init("automatic", .init(compared.found)), .init("difference", .init(indexDifference)),
        ])
        let blandAltman = JSONValue.object([
            .init("unit", .string("hours of the night")), .init("count", .integer(hours.count)),
            .init("bias", .init(hours.bias)), .init("sd", .init(hours.standardDeviation)),
            .init("lower", .init(hours.limits?.lowerBound)), .init("upper", .init(hours.limits?.upperBound)),
        ])
        return [
            .init("reviewed", .object(source + scored.filter { $0.name != "schema" })),
            .init(
                "comparison",
                .object([
                    .init("f1", .init(agreement.f1)), .init("precision", .init(agreement.precision)),
                    .init("recall", .init(agreement.recall)), .init("matched", .integer(agreement.matchedCount)),
                    .init("missed", .integer(agreement.missedCount)), .init("extra", .integer(agreement.extraCount)),
                    .init("median_onset_difference_ms", .init(agreement.medianShift)), .init("index", index),
                    .init("bland_altman", blandAltman),
                    .init("columns", .array(Self.columns.map { .string($0) })),
                    .init("events", .array(rows.map { .array($0) })),
                ])),
        ]
    }

    /// The columns of the table of events: times in ms from the start of the recording.
    static let columns = [
        "leg", "verdict", "marked_onset_ms", "marked_duration_ms", "onset_ms", "duration_ms", "onset_difference_ms",
    ]

    private var rows: [[JSONValue]] {
        agreement.pairs.map { pair in
            [
                .string(pair.leg.rawValue), .string(Self.verdict(pair)), .init(pair.reference?.onset),
                .init(pair.reference?.duration), .init(pair.test?.onset), .init(pair.test?.duration), .init(pair.shift),
            ]
        }
    }

    private static func verdict(_ pair: MovementAgreement.Pair) -> String {
        pair.test == nil ? "missed" : pair.reference == nil ? "extra" : "matched"
    }

    /// The table of events for `--tsv`.
    var tsv: String {
        ([Self.columns]
            + rows.map { row in
                row.map { value in
                    switch value {
                    case .string(let text): text
                    case .null: ""
                    default: value.description
                    }
                }
            }).map { $0.joined(separator: "\t") + "\n" }.joined()
    }

    /// What people read below the automatic result.
    var text: String {
        func number(_ value: Double?, _ digits: Int = 1) -> String {
            value.map { String(format: "%.\(digits)f", $0) } ?? "undefined"
        }
        var text = "\n\(path): marks" + (reviewer.map { ", reviewed by \($0)" } ?? "") + "\n"
        text += reports.map(\.text).joined()
        text +=
            "\nnattro beside the marks: \(agreement.matchedCount) movements in both, \(agreement.missedCount) marked and not found, "
        text += "\(agreement.extraCount) found and not marked; F1 \(number(agreement.f1, 3))\n"
        let compared = indices
        text += "index \(number(compared.found)) by nattro, \(number(compared.marks)) by the marks\n"
        if let limits = hours.limits {
            text += "hour by hour nattro counts \(number(hours.bias)) more per hour; 95 % of \(hours.count) hours from "
            text += "\(number(limits.lowerBound)) to \(number(limits.upperBound))\n"
        }
        return text
    }
}
