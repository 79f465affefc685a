// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings

/// What a study's table says of a night.
struct StudyRow {
    /// A column: what it is called, what it means, and how a night's value is found.
    private struct Column: Sendable {
        var name: String
        var description: String
        var unit: String?
        var value: @Sendable (Night) -> String

        init(_ name: String, _ description: String, unit: String? = nil, _ value: @escaping @Sendable (Night) -> String)
        {
            self.name = name
            self.description = description
            self.unit = unit
            self.value = value
        }
    }

    /// A scored night of a study.
    struct Night {
        var entry: Manifest.Entry
        /// The night: as the manifest has it, or the date of its evening.
        var name: String
        var answer: any NightAnswer
        var inputs: [String]
        /// The marks made elsewhere, beside the answer; nil where there are none.
        var review: Review?

        fileprivate var report: RulesReport { answer.reports[0] }
        fileprivate var scored: ScoredNight { report.night }
        /// The hours of rest, or of sleep under rules that know no rest, that were analysed.
        var analysedHours: Double {
            Double(scored.rest?.analysed ?? scored.sleep?.sleepTime ?? 0) / 3_600_000
        }
    }

    /// The fewest analysed hours of a usable night.
    static let fewestHours = 4.0

    /// The names of the columns.
    static var names: [String] { columns.map(\.name) }

    /// What the columns mean.
    static var dictionary: DataDictionary {
        DataDictionary(columns: columns.map { .init($0.name, $0.description, unit: $0.unit) })
    }

    /// The values of a night, in the order of the columns.
    static func values(of night: Night) -> [String] {
        columns.map { column in
            // A tab or a line's end inside a value would be another column or row.
            String(column.value(night).map { $0 == "\t" || $0.isNewline ? " " : $0 })
        }
    }

    private static func number(_ value: Double?, _ digits: Int) -> String {
        value.map { String(format: "%.\(digits)f", $0) } ?? "n/a"
    }
    private static func hours(_ time: Milliseconds?) -> String { number(time.map { Double($0) / 3_600_000 }, 4) }
    private static func clock(_ time: Double) -> String { NightReport.clock(time).replacing(" ", with: "T") }

    private static let columns: [Column] = [
        Column("participant", "The participant, as the manifest has it.") { $0.entry.participant },
        Column("night", "The night: as the manifest has it, or the date of its evening, from noon to noon.") {
            $0.name
        },
        Column("condition", "The condition, as the manifest has it; empty where it has none.") { $0.entry.condition },
        Column("site", "The body site, as the manifest has it; empty where it has none.") { $0.entry.site },
        Column("legs", "The legs that were recorded: L, R or LR.") { night in
            Leg.allCases.filter { night.answer.movements.gaps[$0] != nil }.map(\.rawValue).joined()
        },
        Column("rules", "The rule profile; indices of different profiles do not compare.") { $0.scored.rules.name },
        Column("usable", "1 with at least 4 analysed hours, else 0.") { $0.analysedHours >= fewestHours ? "1" : "0" },
        Column("start", "The first sample, on the recording's clock, ISO 8601.") { clock($0.answer.start) },
        Column("end", "The end of the last sample, on the recording's clock, ISO 8601.") { clock($0.answer.end) },
        Column("rest_start", "Where the rest interval begins, on the recording's clock.") {
            clock($0.answer.rest.lowerBound)
        },
        Column("rest_end", "Where the rest interval ends, on the recording's clock.") {
            clock($0.answer.rest.upperBound)
        },
        Column(
            "rest_source",
            "Where the rest interval is from: given in the manifest, marked in the events, estimated from stillness, or whole_recording."
        ) { $0.answer.restSource.rawValue },
        Column("sleep_source", "Where sleep and wake are from: scored, estimated from the legs, or none.") { night in
            night.answer.movements.hypnogram == nil ? "none" : night.answer.sleepIsEstimated ? "estimated" : "scored"
        },
        Column("analysed_h", "The rest interval without gaps: the denominator of plm_index and clm_index.", unit: "h") {
            hours($0.scored.rest?.analysed)
        },
        Column("gap_h", "The part of the rest interval in which every recorded leg has no data.", unit: "h") {
            hours($0.scored.missingTime)
        },
        Column("monolateral_h", "The part of it in which one of two recorded legs has no data.", unit: "h") {
            hours($0.scored.monolateralTime)
        },
        Column(
            "plm_index", "Periodic leg movements per analysed hour of rest: what nights are compared by.", unit: "1/h"
        ) {
            number($0.scored.rest?.periodic.index, 4)
        },
        Column("n_plm", "Periodic leg movements whose onset lies in the rest interval.") {
            $0.scored.rest.map { String($0.periodic.count) } ?? "n/a"
        },
        Column("clm_index", "Candidate leg movements per analysed hour of rest.", unit: "1/h") {
            number($0.scored.rest?.candidates.index, 4)
        },
        Column("n_clm", "Candidate leg movements whose onset lies in the rest interval.") {
            $0.scored.rest.map { String($0.candidates.count) } ?? "n/a"
        },
        Column("n_lm", "Leg movements of the whole recording, bilateral ones once, candidates or not.") {
            String($0.scored.movements.count)
        },
        Column("mean_plm_duration_s", "The mean duration of the periodic leg movements of rest.", unit: "s") {
            number($0.scored.rest?.periodic.meanDuration.map { $0 / 1000 }, 3)
        },
        Column("pi_ferri", "The periodicity index of Ferri et al. 2006 in the rest interval.") {
            number($0.scored.rest?.periodicity.value, 4)
        },
        Column("pi_plm_over_clm", "Periodic leg movements for each candidate in the rest interval.") {
            number($0.scored.rest?.periodicShare, 4)
        },
        Column(
            "mean_ln_imi",
            "The mean natural logarithm of the intervals, in s, that keep a series going, in the rest interval."
        ) {
            number($0.scored.rest?.logIntervals.mean, 4)
        },
        Column("sleep_h", "Sleep without gaps, by sleep_source: the denominator of plms_index.", unit: "h") {
            hours($0.scored.sleep?.sleepTime)
        },
        Column("wake_h", "Wake without gaps, by sleep_source: the denominator of plmw_index.", unit: "h") {
            hours($0.scored.sleep?.wakeTime)
        },
        Column("plms_index", "Periodic leg movements in sleep per hour of it.", unit: "1/h") {
            number($0.scored.sleep?.periodic.index, 4)
        },
        Column(
            "plmw_index", "Periodic leg movements in wake per hour of it; n/a under rules that score sleep only.",
            unit: "1/h"
        ) {
            $0.scored.rules.standard == .aasm ? "n/a" : number($0.scored.sleep?.periodicWake.index, 4)
        },
        Column(
            "plms_arousal_index",
            "Periodic leg movements in sleep with an arousal per hour of it; n/a where arousals were not scored.",
            unit: "1/h"
        ) {
            number($0.scored.sleep?.periodicArousal?.index, 4)
        },
        Column(
            "marks_plm_index",
            "The index by the marks made elsewhere, under the same rules: of rest, or of sleep under rules that score sleep only.",
            unit: "1/h"
        ) { number($0.review?.indices.marks, 4) },
        Column("plm_index_difference", "The index that nattro finds, less that of the marks.", unit: "1/h") {
            number($0.review?.indexDifference, 4)
        },
        Column("n_matched", "Movements of single legs that the marks and nattro both have.") {
            $0.review.map { String($0.agreement.matchedCount) } ?? "n/a"
        },
        Column("n_missed", "Movements that are marked and were not found.") {
            $0.review.map { String($0.agreement.missedCount) } ?? "n/a"
        },
        Column("n_extra", "Movements that were found and are not marked.") {
            $0.review.map { String($0.agreement.extraCount) } ?? "n/a"
        },
        Column("f1", "The harmonic mean of the share of marks found and of the share of found ones marked.") {
            number($0.review?.agreement.f1, 4)
        },
        Column("left_out", "What the readers left out of the recordings, and how often; empty where nothing was.") {
            night in
            night.answer.losses.flatMap(\.report.items).map { "\($0.what): \($0.count)" }.joined(separator: "; ")
        },
        Column("input_sha256", "The SHA-256 of each recording, left before right.") {
            $0.inputs.joined(separator: " ")
        },
    ]
}
