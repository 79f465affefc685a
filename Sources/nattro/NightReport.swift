// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings

/// A recorded night's results: for people, as JSON, and as a table.
struct NightReport: NightAnswer {
    let recorded: RecordedNight
    let reports: [RulesReport]
    let rest: Range<Double>
    /// Where the rest interval is from.
    let restSource: RestSource
    /// The stretches that the person declared to be no data, leg by leg.
    let masks: [Leg: [Range<Double>]]

    /// What the rules were given.
    let movements: MovementNight
    let sleepIsEstimated: Bool

    /// The index as the size threshold moves.
    let sensitivity: [SensitivityPoint]

    /// The primary index at another size threshold.
    struct SensitivityPoint {
        var factor: Double
        var wide: Double
        var slow: Double
        var periodicCount: Int
        var index: Double?
    }

    /// The factors that the size threshold is moved by: from half to double.
    private static let factors = [0.5, 0.71, 1, 1.41, 2]

    private var night: DetectedNight { recorded.night }

    var start: Double { night.start }
    var end: Double { night.end }
    var losses: [(path: String, report: ReadingReport)] { recorded.files.map { ($0.path, $0.report) } }

    var zoneOffset: Int? {
        recorded.files.lazy.compactMap { $0.header.metadata["zone offset"].flatMap { Int($0) } }.first
    }
    func channel(of leg: Leg) -> String { EDFExport.channel(of: leg) }

    private static let day = 86_400.0

    /// Scores a night under profiles, with the staging and events that were given.
    init(
        _ recorded: RecordedNight, under profiles: [ScoringRules], lightsOut: ClockTime?, wakeUp: ClockTime?,
        masks: [Leg: [Range<Double>]] = [:], events: NightEvents = NightEvents(), isOneOfSeveral: Bool = false
    ) throws {
        let night = recorded.night
        let isGiven = lightsOut != nil || wakeUp != nil || events.rest != nil
        (rest, restSource) = try RestInterval.find(
            in: night.start..<night.end, lightsOut: lightsOut, wakeUp: wakeUp, marked: events.rest,
            estimate: isGiven ? nil : night.estimatedRest(),
            isOneOfSeveral: isOneOfSeveral, path: recorded.files.map(\.path).joined(separator: ", "))
        let masks = masks.mapValues { spans in
            spans.map { $0.clamped(to: night.start..<night.end) }.filter { !$0.isEmpty }
        }
        self.masks = masks
        let movements = events.added(to: night.movementNight(rest: rest, masks: masks))
        let sleepIsEstimated = events.hypnogram == nil || events.sleepIsEstimated
        reports = profiles.map { RulesReport(movements, under: $0, sleepIsEstimated: sleepIsEstimated) }
        self.movements = movements
        self.sleepIsEstimated = sleepIsEstimated
        self.recorded = recorded
        let rest = rest
        let rules = profiles.first { $0.standard == .wasm } ?? .wasm2016
        sensitivity = Self.factors.map { factor in
            let moved = night.withSizeThreshold(times: factor)
            let scored = moved.movementNight(rest: rest, masks: masks).scored(under: rules)
            return SensitivityPoint(
                factor: factor, wide: moved.parameters.smallestWide, slow: moved.parameters.smallestSlow,
                periodicCount: scored.rest?.periodic.count ?? 0, index: scored.rest?.periodic.index)
        }
    }

    /// The answer of `--json`.
    var json: JSONValue {
        guard case .object(let members) = RulesReport.answer(reports) else { return .null }
        return .object(
            members + [
                .init("recording", recording), .init("detected", detected), .init("size_sensitivity", band),
                .init("parameters", parameters),
            ])
    }

    private var recording: JSONValue {
        let files = recorded.files.map { file in
            JSONValue.object([
                .init("path", .string(file.path)),
                .init("format", .string(file.header.format.rawValue)),
                .init("device", .string(file.header.device)),
                .init("serial", .string(file.header.serial)),
                .init("site", .string(file.header.site)),
                .init(
                    "left_out",
                    .array(
                        file.report.items.map {
                            .object([
                                .init("what", .string($0.what)), .init("count", .integer($0.count)),
                                .init("first", .string($0.firstPlace)),
                            ])
                        })),
            ])
        }
        let legs = night.legs.map { result in
            let gaps = night.gaps(of: result)
            let kinds = Dictionary(grouping: result.movements, by: \.kind)
            return JSONValue.object([
                .init("leg", .string(result.leg.rawValue)),
                .init("covered_ms", .integer(milliseconds(result.coverage))),
                .init("gaps_ms", .array(gaps.map(span))),
                .init("nonwear", nonwear(result)),
                .init("masks_ms", .array((masks[result.leg] ?? []).map(span))),
                .init(
                    "detected",
                    .object(
                        DetectedMovement.Kind.allCases.map {
                            .init($0.rawValue, .integer(kinds[$0]?.count ?? 0))
                        })),
            ])
        }
        return .object([
            .init("files", .array(files)),
            .init("start_unix", .number(night.start)),
            .init("start", .string(Self.clock(night.start))),
            .init("duration_ms", .integer(night.milliseconds(night.end))),
            .init("rest_start_ms", .integer(night.milliseconds(rest.lowerBound))),
            .init("rest_end_ms", .integer(night.milliseconds(rest.upperBound))),
            .init("rest_source", .string(restSource.rawValue)),
            .init("sleep_source", .string(sleepIsEstimated ? "estimated" : "scored")),
            .init("sleep_epoch_ms", .init(reports.first?.hypnogram?.epochLength)),
            .init("sleep_epochs_rle", sleepRuns),
            .init("monolateral", .bool(night.legs.count == 1)),
            .init("legs", .array(legs)),
        ])
    }

    private func span(_ stretch: Range<Double>) -> JSONValue {
        .array([
            .integer(night.milliseconds(stretch.lowerBound)), .integer(night.milliseconds(stretch.upperBound)),
        ])
    }

    private func nonwear(_ result: DetectedNight.LegResult) -> JSONValue {
        .array(
            result.nonwear.map {
                .object([
                    .init("start_ms", .integer(night.milliseconds($0.span.lowerBound))),
                    .init("end_ms", .integer(night.milliseconds($0.span.upperBound))),
                    .init("verdict", .string($0.verdict.rawValue)), .init("ripple", Self.rounded($0.ripple)),
                    .init("cooling_c", $0.cooling.map(Self.rounded) ?? .null),
                ])
            })
    }

    /// Sleep (1), wake (0) and unscored (-1) minutes from the start of the recording, run by run.
    private var sleepRuns: JSONValue {
        guard let hypnogram = reports.first?.hypnogram else { return .null }
        return .array(
            hypnogram.runs.map {
                .array([.integer($0.stage.rawValue), .integer($0.span.length / hypnogram.epochLength)])
            })
    }

    private func milliseconds(_ stretches: [Range<Double>]) -> Int {
        Int((stretches.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } * 1000).rounded())
    }

    /// The columns of `detected`: times in ms from the start, accelerations in mg, angles in degrees.
    private static let detectedColumns = [
        "leg", "onset_ms", "duration_ms", "kind", "amplitude_mg", "slow_mg", "envelope_mg", "floor_mg", "tilt_deg",
        "lasting_deg", "closed", "bursts", "rhythm_height", "rhythm_period_s", "alternates",
    ]

    /// Every movement that was detected, the too short and too small ones among them, with what was measured.
    private var detected: JSONValue {
        let movements = night.legs.flatMap(\.movements).sorted { $0.onset < $1.onset }
        return .object([
            .init("columns", .array(Self.detectedColumns.map { .string($0) })),
            .init(
                "movements",
                .array(
                    movements.map { movement in
                        let onset = night.milliseconds(movement.onset)
                        return .array([
                            .string(movement.leg.rawValue), .integer(onset),
                            .integer(night.milliseconds(movement.offset) - onset), .string(movement.kind.rawValue),
                            Self.rounded(movement.amplitude), Self.rounded(movement.slowAmplitude),
                            Self.rounded(movement.envelopePeak), Self.rounded(movement.floor),
                            Self.rounded(movement.tilt),
                            Self.rounded(movement.lastingAngle), .bool(movement.isClosed),
                            .integer(movement.burstCount),
                            Self.rounded(movement.rhythmHeight), Self.rounded(movement.rhythmPeriod),
                            .bool(movement.alternates),
                        ])
                    })),
        ])
    }

    /// Three decimals: a thousandth of a mg or degree is below what any sensor tells.
    private static func rounded(_ value: Float) -> JSONValue { .number((Double(value) * 1000).rounded() / 1000) }

    private var band: JSONValue {
        .array(
            sensitivity.map {
                .object([
                    .init("factor", .number($0.factor)), .init("smallest_wide_mg", .number($0.wide)),
                    .init("smallest_slow_mg", .number($0.slow)), .init("n_plm_rest", .integer($0.periodicCount)),
                    .init("plm_index", .init($0.index)),
                ])
            })
    }

    private var parameters: JSONValue {
        .object(
            Mirror(reflecting: night.parameters).children.compactMap { child in
                guard let label = child.label, let value = child.value as? Double else { return nil }
                return JSONValue.Member(label, .number(value))
            })
    }

    func table(_ scored: ScoredNight) -> MovementTable {
        MovementTable(night, scored, masks: masks)
    }

    /// The answer of `--tsv`: one profile, or several under each other with a column that names them.
    var tsv: String {
        reports.enumerated().map { index, report in
            table(report.night).tsv(
                heading: index == 0, profile: reports.count > 1 ? report.night.rules.name : nil)
        }.joined()
    }

    /// The night in a few lines, for people.
    var text: String {
        var lines = recorded.files.map { file in
            let header = file.header
            let sensor = [header.device, header.serial].filter { !$0.isEmpty }.joined(separator: " ")
            return "\(file.path): \(sensor.isEmpty ? header.format.rawValue : sensor)"
                + (header.site.isEmpty ? "" : ", \(header.site)")
        }
        for result in night.legs {
            let gaps = night.gaps(of: result)
            let missing = gaps.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }
            var line =
                "\(result.leg.name) leg: \(Self.span(result.coverage.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }))"
            line += " from \(Self.clock(result.start))"
            if !gaps.isEmpty {
                line += ", \(gaps.count) gap\(gaps.count == 1 ? "" : "s") of \(Self.span(missing)) in all"
            }
            let kinds = Dictionary(grouping: result.movements, by: \.kind)
            let shown: [(DetectedMovement.Kind, String)] = [
                (.legMovement, "leg movements"), (.posture, "posture changes"), (.gait, "out of bed"),
                (.rhythmic, "rhythmic trains"), (.artefact, "bed motions or echoes"),
            ]
            let counts = shown.compactMap { kind, words in kinds[kind].map { "\($0.count) \(words)" } }
            lines.append(line)
            for stretch in result.nonwear {
                let when = "\(Self.clock(stretch.span.lowerBound)) to \(Self.clock(stretch.span.upperBound))"
                lines.append(
                    stretch.verdict == .nonwear
                        ? "  not worn from \(when): treated as a gap"
                        : "  perhaps not worn from \(when): no breathing or pulse is seen; not removed")
            }
            for mask in masks[result.leg] ?? [] {
                lines.append("  masked from \(Self.clock(mask.lowerBound)) to \(Self.clock(mask.upperBound)): a gap")
            }
            lines.append("  " + (counts.isEmpty ? "no movement" : counts.joined(separator: ", ")))
        }
        if night.legs.count == 1, recorded.files[0].header.streams[0].leg == nil {
            lines.append("the file does not say which leg: counted as the left one")
        }
        if night.legs.count == 1 {
            lines.append("one leg only: a monolateral estimate, the other leg's movements are missing")
        }
        lines.append(
            "rest interval: \(Self.clock(rest.lowerBound)) to \(Self.clock(rest.upperBound))"
                + restSource.note)
        let indices = sensitivity.compactMap(\.index)
        var band = ""
        if let lowest = indices.min(), let highest = indices.max() {
            band = String(
                format: "with the size threshold at half to double (%.0f to %.0f mg): %.1f to %.1f per hour\n",
                sensitivity[0].wide, sensitivity[sensitivity.count - 1].wide, lowest, highest)
        }
        return lines.joined(separator: "\n") + "\n" + reports.map(\.text).joined() + band
    }

    /// A duration in the unit that suits it.
    static func span(_ seconds: Double) -> String {
        seconds < 600 ? String(format: "%.1f s", seconds) : String(format: "%.2f h", seconds / 3600)
    }

    /// Date and time on the recording's clock.
    static func clock(_ time: Double) -> String {
        let second = Int(time.rounded(.down))
        let days = Int((time / day).rounded(.down))
        let date = CivilDate.date(daysSinceEpoch: days)
        let rest = second - days * 86_400
        return String(
            format: "%04d-%02d-%02d %02d:%02d:%02d", date.year, date.month, date.day, rest / 3600, rest / 60 % 60,
            rest % 60)
    }
}
