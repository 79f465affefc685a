// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Why a moment of a night is, or is not, part of a periodic leg movement: which rule, which number.
struct Explanation {
    private let result: ScoreResult
    /// The moment, in ms from the start of the recording.
    private let time: Double

    /// Movements this near, in ms, are meant when none is at the moment itself.
    private static let nearness = 5000.0

    init(_ result: ScoreResult, at time: Double) {
        self.result = result
        self.time = time
    }

    /// The lines of the answer.
    var lines: [String] {
        var lines = ["\(clock(time)), \(seconds(time)) s from the start, rules \(result.rules)"]
        lines += missing
        let movements = nearMovements
        if movements.isEmpty {
            lines.append(
                "no movement within \(seconds(Self.nearness)) s: nothing rose above \(number("envelopeOn")) mg, or "
                    + "\(number("envelopeOnFloors")) times the floor, in the movement band, nor moved by "
                    + "\(number("stepOn")) mg within \(number("stepSpan")) s")
            if let nearest = result.detected.rows.min(by: {
                distance($0, result.detected) < distance($1, result.detected)
            }) {
                lines.append("the nearest detected movement: " + heading(nearest))
            }
            return lines
        }
        for movement in movements {
            lines.append(heading(movement))
            lines += measured(movement).map { "  " + $0 }
        }
        lines += combined
        return lines
    }

    // MARK: What was measured

    private var nearMovements: [[ScoreResult.Cell]] {
        let table = result.detected
        let here = table.rows.filter { distance($0, table) == 0 }
        if !here.isEmpty { return here }
        let near = table.rows.filter { distance($0, table) <= Self.nearness }
        return near.min { distance($0, table) < distance($1, table) }.map { [$0] } ?? []
    }

    private func distance(_ row: [ScoreResult.Cell], _ table: ScoreResult.Table) -> Double {
        let onset = table.number("onset_ms", row) ?? 0
        let end = onset + (table.number("duration_ms", row) ?? 0)
        return max(0, onset - time, time - end)
    }

    private func heading(_ row: [ScoreResult.Cell]) -> String {
        let table = result.detected
        let onset = table.number("onset_ms", row) ?? 0
        let leg = table.text("leg", row) == "R" ? "right" : "left"
        return "\(leg) leg, \(clock(onset)) for \(seconds(table.number("duration_ms", row) ?? 0)) s: "
            + "\(table.text("kind", row) ?? "")"
    }

    private func measured(_ row: [ScoreResult.Cell]) -> [String] {
        let table = result.detected
        func value(_ name: String, _ digits: Int = 1) -> String {
            String(format: "%.\(digits)f", table.number(name, row) ?? 0)
        }
        var lines = [
            "displacement \(value("amplitude_mg")) mg, slow \(value("slow_mg")) mg, tilt \(value("tilt_deg"))°, "
                + "lasting change \(value("lasting_deg"))°, \(table.flag("closed", row) ? "came back" : "did not come back"), "
                + "envelope \(value("envelope_mg")) mg over a floor of \(value("floor_mg", 2)) mg, "
                + "\(value("bursts", 0)) burst(s)"
        ]
        switch table.text("kind", row) {
        case "short":
            lines.append("shorter than \(number("shortest")) s (WASM 2016): no leg movement")
        case "small":
            lines.append(
                "smaller than \(number("smallestWide")) mg and, slow, than \(number("smallestSlow")) mg: no leg movement"
            )
        case "posture":
            lines.append(
                "the leg lies otherwise afterwards, by \(number("postureAngle"))° or more, or by "
                    + "\(number("postureAngleBesideAnother"))° beside another change: a change of posture, which ends a series"
            )
        case "gait":
            lines.append(
                "strides, or a movement in the same upright stretch as a walk of \(number("outingShortestWalk")) s or more: "
                    + "out of bed, which ends a series")
        case "rhythmic":
            lines.append(
                "repeats every \(value("rhythm_period_s", 2)) s (autocorrelation \(value("rhythm_height", 2)); "
                    + "\(number("rhythmHeight")) and \(number("rhythmCycles")) cycles make a train), or a train of brief taps: "
                    + "one rhythmic episode, which ends a series"
                    + (table.flag("alternates", row) ? "; it alternates with the other leg's (ALMA)" : ""))
        case "artefact":
            lines.append(
                "alike on both legs (correlation \(number("commonCorrelation")) or more) and without tilt, or an echo of the "
                    + "other leg's movement: the bed moved, no leg movement")
        default: break
        }
        return lines
    }

    // MARK: What the rules made of it

    private var combined: [String] {
        let table = result.combined
        let near = nearMovements
        let spans = near.map { row -> (Double, Double) in
            let onset = result.detected.number("onset_ms", row) ?? 0
            return (onset, onset + (result.detected.number("duration_ms", row) ?? 0))
        }
        let indices = table.rows.indices.filter { index in
            let onset = table.number("onset_ms", table.rows[index]) ?? 0
            let end = onset + (table.number("duration_ms", table.rows[index]) ?? 0)
            return spans.contains { $0.0 < end && onset < $0.1 }
        }
        return indices.flatMap { explain($0) }
    }

    private func explain(_ index: Int) -> [String] {
        let table = result.combined
        let row = table.rows[index]
        let sides = ["L": "left leg", "R": "right leg", "B": "both legs"]
        let duration = table.number("duration_ms", row) ?? 0
        var lines = [
            "as the rules see it: \(sides[table.text("side", row) ?? ""] ?? ""), \(clock(table.number("onset_ms", row) ?? 0)) "
                + "for \(seconds(duration)) s"
                + (table.number("parts", row).map { ", \(Int($0)) part(s)" } ?? "")
        ]
        if table.columns["clm"] != nil, !table.flag("clm", row) {
            lines.append("  LM, no candidate: \(whyNot(table.text("why_not", row) ?? "")); it ends the series")
            return lines
        }
        lines.append("  candidate: " + interval(table.number("imi_ms", row)))
        if let series = table.number("series", row), series > 0 {
            let size = table.rows.filter { table.number("series", $0) == series }.count
            lines.append("  PLM: one of \(size) in series \(Int(series)) (4 or more make a series)")
        } else {
            lines.append("  no PLM: " + whyNoSeries(index))
        }
        return lines
    }

    private func whyNot(_ reason: String) -> String {
        switch reason {
        case "part>10s": "a part of one leg is longer than 10 s"
        case ">4parts": "it joins more than 4 movements of single legs"
        case ">15s": "both legs together are longer than 15 s"
        default: "it holds a movement of the kind \(reason)"
        }
    }

    private func interval(_ interval: Double?) -> String {
        guard let interval else {
            return "no interval: it is the first, or a gap or a movement that is no candidate lies before it"
        }
        return "\(seconds(interval)) s after the candidate before"
    }

    /// The run of candidates that it is in, and what ends it on both sides.
    private func whyNoSeries(_ index: Int) -> String {
        let table = result.combined
        let range = result.rules.hasPrefix("wasm2016") ? 10_000.0...90_000.0 : 5_000.0...90_000.0
        func continues(_ place: Int) -> Bool {
            guard table.rows.indices.contains(place), let interval = table.number("imi_ms", table.rows[place]) else {
                return false
            }
            return range.contains(interval)
        }
        if let own = table.number("imi_ms", table.rows[index]), own < range.lowerBound {
            return "the interval is shorter than \(seconds(range.lowerBound)) s"
        }
        var (first, last) = (index, index)
        while first > 0, continues(first) { first -= 1 }
        while continues(last + 1) { last += 1 }
        let count = last - first + 1
        if count >= 4 {
            return "it began less than \(seconds(range.lowerBound)) s after another movement, so it starts no series"
        }
        return
            "\(count) in a row at \(seconds(range.lowerBound)) to \(seconds(range.upperBound)) s, and 4 make a series"
    }

    // MARK: Missing data

    private var missing: [String] {
        result.recording.legs.flatMap { leg -> [String] in
            let name = leg.leg == "R" ? "right" : "left"
            var lines = leg.gapsMs.filter { $0.count == 2 && $0[0] <= time && time < $0[1] }.map {
                "\(name) leg: a gap from \(clock($0[0])) to \(clock($0[1])); missing data, in no denominator"
            }
            lines += leg.nonwear.filter { $0.startMs <= time && time < $0.endMs }.map { stretch in
                let ripple = String(format: "%.1f", stretch.ripple)
                let cooling = stretch.coolingC.map { String(format: ", %.1f °C colder than before", $0) } ?? ""
                return stretch.verdict == "nonwear"
                    ? "\(name) leg: not worn from \(clock(stretch.startMs)) to \(clock(stretch.endMs)): no breathing or pulse "
                        + "(\(ripple) times the noise\(cooling)); treated as a gap"
                    : "\(name) leg: perhaps not worn from \(clock(stretch.startMs)) to \(clock(stretch.endMs)): no breathing or "
                        + "pulse (\(ripple) times the noise\(cooling)), nothing else to tell by; not removed"
            }
            return lines
        }
    }

    // MARK: Numbers

    private func clock(_ time: Double) -> String { NightReport.clock(result.recording.startUnix + time / 1000) }
    private func seconds(_ time: Double) -> String { (time / 1000).formatted }
    private func number(_ name: String) -> String { result.parameters[name].map(\.formatted) ?? "?" }
}
