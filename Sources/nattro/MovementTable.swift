// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings

/// A night's movements and gaps as a table: one row for each movement of a single leg, one more for each of both legs.
///
/// Times are in seconds from the start of the recording, which is the first sample of the earlier leg; the amplitude is the
/// largest displacement from the rest level, in g.
struct MovementTable {
    /// The columns that other programs rely on.
    static let columns = ["onset", "duration", "leg", "type", "amplitude", "series", "imi", "sleep"]

    /// One row.
    struct Row {
        var onset: Double
        var duration: Double
        var leg: String
        var type: String
        var amplitude: Double?
        var series: Int?
        var interval: Double?
        var isSleep: Bool?
    }

    let rows: [Row]

    /// The rows of a night under a profile, by onset; a stretch that was masked is a gap.
    init(_ night: DetectedNight, _ scored: ScoredNight, masks: [Leg: [Range<Double>]] = [:]) {
        var rows: [Row] = []
        for movement in scored.movements { rows += Self.rows(movement) { Self.amplitude(of: $0, night) } }
        for movement in night.movements where movement.kind == .artefact {
            rows.append(
                Row(
                    onset: movement.onset - night.start, duration: movement.duration, leg: movement.leg.rawValue,
                    type: movement.kind.rawValue, amplitude: Double(movement.amplitude) / 1000))
        }
        for result in night.legs {
            rows += (night.gaps(of: result) + (masks[result.leg] ?? [])).map { gap in
                Row(
                    onset: gap.lowerBound - night.start, duration: gap.upperBound - gap.lowerBound,
                    leg: result.leg.rawValue, type: "gap")
            }
        }
        for result in night.legs {
            rows += result.nonwear.filter { $0.verdict == .nonwear }.map { stretch in
                Row(
                    onset: stretch.span.lowerBound - night.start,
                    duration: stretch.span.upperBound - stretch.span.lowerBound, leg: result.leg.rawValue,
                    type: "nonwear")
            }
        }
        self.rows = Self.sorted(rows)
    }

    /// The rows of a night whose movements have no amplitude in g.
    init(_ scored: ScoredNight, gaps: [Leg: [TimeSpan]], artefacts: [LegMovement]) {
        var rows: [Row] = []
        for movement in scored.movements { rows += Self.rows(movement) { _ in nil } }
        rows += artefacts.map { movement in
            Row(
                onset: Double(movement.onset) / 1000, duration: Double(movement.duration) / 1000,
                leg: movement.leg.rawValue, type: LegMovement.Exclusion.artefact.rawValue)
        }
        for leg in Leg.allCases {
            rows += (gaps[leg] ?? []).map { gap in
                Row(
                    onset: Double(gap.start) / 1000, duration: Double(gap.length) / 1000, leg: leg.rawValue,
                    type: "gap")
            }
        }
        self.rows = Self.sorted(rows)
    }

    /// By onset; a bilateral movement's own row comes after those of its legs.
    private static func sorted(_ rows: [Row]) -> [Row] {
        rows.enumerated().sorted { ($0.element.onset, $0.offset) < ($1.element.onset, $1.offset) }.map(\.element)
    }

    private static func rows(_ movement: CombinedMovement, amplitude: (LegMovement) -> Double?) -> [Row] {
        let type = movement.isPeriodic ? "PLM" : movement.isCandidate ? "CLM" : "LM"
        let isBilateral = movement.side == .bilateral
        func row(_ onset: Milliseconds, _ duration: Milliseconds, _ leg: String, _ type: String, _ amplitude: Double?)
            -> Row
        {
            Row(
                onset: Double(onset) / 1000, duration: Double(duration) / 1000, leg: leg, type: type,
                amplitude: amplitude, isSleep: movement.isSleep)
        }
        var parts = movement.parts.map { part in
            row(
                part.onset, part.duration, part.leg.rawValue, part.exclusion?.rawValue ?? type,
                amplitude(part))
        }
        if isBilateral {
            let largest = parts.compactMap(\.amplitude).max()
            parts.append(row(movement.onset, movement.duration, "B", type, largest))
        }
        parts[parts.count - 1].series = movement.series
        parts[parts.count - 1].interval = movement.interval.map { Double($0) / 1000 }
        return parts
    }

    /// The largest amplitude, in g, of the detected movements that a single-leg movement was made of.
    private static func amplitude(of part: LegMovement, _ night: DetectedNight) -> Double? {
        guard let result = night.legs.first(where: { $0.leg == part.leg }) else { return nil }
        let movements = result.movements
        let first = movements.partitionIndex { night.milliseconds($0.offset) > part.onset }
        var largest: Float?
        for movement in movements[first...] {
            if night.milliseconds(movement.onset) >= part.offset { break }
            largest = max(largest ?? 0, movement.amplitude)
        }
        return largest.map { Double($0) / 1000 }
    }

    /// The rows as texts, in the order of ``columns``.
    var fields: [[String]] {
        rows.map { row in
            [
                String(format: "%.3f", row.onset), String(format: "%.3f", row.duration), row.leg, row.type,
                row.amplitude.map { String(format: "%.4f", $0) } ?? "", row.series.map(String.init) ?? "",
                row.interval.map { String(format: "%.3f", $0) } ?? "", row.isSleep.map { $0 ? "1" : "0" } ?? "",
            ]
        }
    }

    /// The table as tab-separated values.
    func tsv(heading: Bool = true, profile: String? = nil) -> String {
        var text = ""
        if heading {
            text = (Self.columns + (profile == nil ? [] : ["rules"])).joined(separator: "\t") + "\n"
        }
        for var fields in fields {
            if let profile { fields.append(profile) }
            text += fields.joined(separator: "\t") + "\n"
        }
        return text
    }
}
