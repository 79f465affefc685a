// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings
import Simulation

/// A simulated night's truth as JSON, in the shape that `Fixtures/nights/tools/f1.py` reads.
///
/// Times are in ms from the first sample of the leg that starts first: `onset_ms` true, `file_onset_ms` on the leg's own clock.
struct TruthReport {
    let truth: NightTruth
    /// The file of each leg.
    let files: [Leg: String]

    /// The version of the shape.
    static let version = 1

    var json: JSONValue {
        let settings = truth.settings
        let combined = combined
        return .object([
            .init("version", .integer(Self.version)),
            .init(
                "args",
                .object([
                    .init("seed", .integer(Int(truncatingIfNeeded: settings.seed))),
                    .init("profile", .string(settings.profile.name)),
                    .init("hours", .number(settings.duration / 3600)), .init("fs", .integer(settings.rate)),
                    .init("sensor", .string(settings.part.name)), .init("legs", .integer(settings.legs.count)),
                ])),
            .init("t0", .string(Self.clock(settings.start))),
            .init("t0_unix_ms", Self.milliseconds(settings.start)),
            .init("duration_ms", Self.milliseconds(settings.duration)),
            .init(
                "sleep",
                .object([
                    .init("epoch_ms", .integer(truth.epochLength)),
                    .init("epochs", .init(truth.epochs.map(\.rawValue))),
                    .init("wake_ms", .array(truth.wake.map(Self.pair))),
                ])),
            .init("legs", .object(truth.legs.map { .init($0.leg.rawValue, leg($0)) })),
            .init("combined", combined.json),
            .init("plms_index", .init(combined.index)),
            .init("out_of_bed_ms", .array(truth.outOfBed.map(Self.pair))),
        ])
    }

    // MARK: A leg

    private func leg(_ leg: NightTruth.LegTruth) -> JSONValue {
        let nominal = Double(truth.settings.rate)
        return .object([
            .init("file", .init(files[leg.leg])),
            .init("sensor", .string(truth.settings.part.name)),
            .init("fs_nominal", .integer(truth.settings.rate)),
            .init("fs_true", Self.rounded(leg.trueRate, 5)),
            .init("rate_error_pct", Self.rounded((leg.trueRate / nominal - 1) * 100, 4)),
            .init("rtc_ppm", Self.rounded(leg.clockDrift, 3)),
            .init("rtc_offset_ms", Self.rounded(leg.clockOffset * 1000, 3)),
            .init("first_sample_ms", Self.milliseconds(leg.firstSample)),
            .init("n_samples", .integer(leg.sampleCount)),
            .init("gaps", .array(leg.gaps.map { .object(Self.span($0)) })),
            .init(
                "nonwear",
                .array(
                    leg.nonwear.map {
                        .object(Self.span($0.span) + [.init("place", .string($0.place.rawValue))])
                    })),
            .init("lever_m", Self.rounded(leg.lever, 3)),
            .init("ring_hz", Self.rounded(leg.ringFrequency, 2)),
            .init("bias_mg", .array(leg.bias.map { Self.rounded($0 * 1000, 2) })),
            .init("gain", .array(leg.gain.map { Self.rounded($0, 4) })),
            .init(
                "movements",
                .array(
                    leg.movements.enumerated().map { .object(movement($0.element, "\(leg.leg.rawValue)\($0.offset)")) }
                )),
        ])
    }

    private func movement(_ movement: SimulatedMovement, _ identifier: String) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = [
            .init("id", .string(identifier)),
            .init("event", .integer(movement.event)),
            .init("cls", .string(movement.kind.rawValue)),
            .init("sub", .string(movement.detail)),
        ]
        members += Self.span(movement.span)
        members += [
            .init("file_onset_ms", Self.milliseconds(movement.shownSpan.lowerBound)),
            .init("file_offset_ms", Self.milliseconds(movement.shownSpan.upperBound)),
            .init("in_gap", .string(movement.recorded.rawValue)),
            .init("peak_mg", Self.rounded(movement.peak * 1000, 3)),
            .init("dyn_mg", Self.rounded(movement.acceleration * 1000, 3)),
            .init("tilt_deg", Self.rounded(movement.tilt, 3)),
            .init("shift_deg", Self.rounded(movement.lastingTilt, 3)),
        ]
        if !movement.shape.isEmpty { members.append(.init("shape", .string(movement.shape))) }
        return members
    }

    // MARK: Both legs

    /// The list under the rules, and the summaries of other choices of what could be seen.
    private var combined: (json: JSONValue, index: Double?) {
        let rules = ScoringRules.wasm2016
        let visible = truth.movementNight(where: \.isVisible).scored(under: rules)
        let choices: [(String, ScoredNight)] = [
            ("summary", visible),
            ("summary_all", truth.movementNight { _ in true }.scored(under: rules)),
            ("summary_ge1", truth.movementNight { $0.tilt >= 1 }.scored(under: rules)),
            ("summary_ge3", truth.movementNight { $0.tilt >= 3 }.scored(under: rules)),
            (
                "summary_visible_nobreak",
                truth.movementNight(breaksSeries: false, where: \.isVisible).scored(under: rules)
            ),
        ]
        let members: [JSONValue.Member] =
            [
                .init("profile", .string(rules.name)),
                .init(
                    "note",
                    .string(
                        "visible LM: tilt_deg>=1 or dyn_mg>=20; posture/gait/hft/alma are LM but not CLM (they break series); "
                            + "gaps and nonwear of all legs at once are in no denominator")),
            ] + choices.map { .init($0.0, Self.summary($0.1)) } + [
                .init("lms", .array(visible.movements.map(Self.movement)))
            ]
        return (.object(members), visible.sleep?.periodic.index)
    }

    private static func summary(_ night: ScoredNight) -> JSONValue {
        let sleep = night.sleep
        return .object([
            .init("n_lm", .integer(night.movements.count)),
            .init("n_clm", .integer(night.candidateCount)),
            .init("n_clms", .init(sleep?.candidates.count)),
            .init("n_plm", .integer(night.periodicCount)),
            .init("n_plms", .init(sleep?.periodic.count)),
            .init("n_plmw", .init(sleep?.periodicWake.count)),
            .init("n_series", .integer(night.seriesCount)),
            .init("tst_ms", .init(sleep?.sleepTime)),
            .init("tw_ms", .init(sleep?.wakeTime)),
            .init("plms_index", .init(sleep?.periodic.index)),
            .init("plmw_index", .init(sleep?.periodicWake.index)),
        ])
    }

    private static func movement(_ movement: CombinedMovement) -> JSONValue {
        .object([
            .init("onset", .integer(movement.onset)),
            .init("dur", .integer(movement.duration)),
            .init("side", .string(movement.side.rawValue)),
            .init("parts", .integer(movement.parts.count)),
            .init("clm", .bool(movement.isCandidate)),
            .init("why", .init(movement.disqualification?.label)),
            .init("imi", .init(movement.interval)),
            .init("series", .integer(movement.series ?? 0)),
            .init("short", .bool(movement.hasShortInterval)),
            .init("sleep", .init(movement.isSleep)),
        ])
    }

    // MARK: Numbers

    private static func milliseconds(_ seconds: Double) -> JSONValue { .integer(NightTruth.milliseconds(seconds)) }

    private static func span(_ span: Range<Double>) -> [JSONValue.Member] {
        [
            .init("onset_ms", milliseconds(span.lowerBound)),
            .init("offset_ms", milliseconds(span.upperBound)),
        ]
    }

    private static func pair(_ span: Range<Double>) -> JSONValue {
        .array([milliseconds(span.lowerBound), milliseconds(span.upperBound)])
    }

    private static func rounded(_ value: Double, _ digits: Int) -> JSONValue {
        let scale = pow(10, Double(digits))
        return .number((value * scale).rounded() / scale)
    }

    private static func clock(_ time: Double) -> String {
        NightReport.clock(time).replacingOccurrences(of: " ", with: "T")
    }
}
