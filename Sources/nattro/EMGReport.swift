// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings

/// The results of a night's leg electromyogram: for people, as JSON, and as a table.
struct EMGReport: NightAnswer {
    let recording: EMGRecording
    let reports: [RulesReport]
    let movements: MovementNight
    let rest: Range<Double>
    let restSource: RestSource
    let sleepIsEstimated: Bool

    var start: Double { recording.start }
    var end: Double { recording.end }
    var losses: [(path: String, report: ReadingReport)] { [(recording.path, recording.report)] }

    /// EDF tells no zone.
    var zoneOffset: Int? { nil }

    func channel(of leg: Leg) -> String {
        recording.legs.first { $0.source.leg == leg }?.source.names[0] ?? ""
    }

    /// Scores a night under profiles, with the staging and events that were given, or else those that the file marks.
    init(
        _ recording: EMGRecording, under profiles: [ScoringRules], lightsOut: ClockTime?, wakeUp: ClockTime?,
        events given: NightEvents
    ) throws {
        var events = NightEvents(MarkedNight(recording.annotations, start: recording.start))
        events.hypnogram = given.hypnogram ?? events.hypnogram
        events.sleepIsEstimated = given.hypnogram != nil ? given.sleepIsEstimated : events.sleepIsEstimated
        events.arousals = given.arousals ?? events.arousals
        events.respiratory = given.respiratory ?? events.respiratory
        events.rest = given.rest ?? events.rest
        (rest, restSource) = try RestInterval.find(
            in: recording.start..<recording.end, lightsOut: lightsOut, wakeUp: wakeUp, marked: events.rest,
            estimate: nil, path: recording.path)
        var night = events.added(to: recording.movementNight)
        night.rest = TimeSpan(
            from: recording.milliseconds(rest.lowerBound), to: recording.milliseconds(rest.upperBound))
        let isEstimated = events.sleepIsEstimated
        reports = profiles.map { RulesReport(night, under: $0, sleepIsEstimated: isEstimated) }
        movements = night
        sleepIsEstimated = isEstimated
        self.recording = recording
    }

    func table(_ scored: ScoredNight) -> MovementTable {
        MovementTable(
            scored, gaps: movements.gaps,
            artefacts: recording.legs.flatMap { leg in
                leg.movements.filter { !$0.hasShape }.map { movement in
                    let onset = recording.milliseconds(movement.onset)
                    return LegMovement(
                        leg.source.leg, onset: onset, duration: max(0, recording.milliseconds(movement.offset) - onset),
                        excludedAs: .artefact)
                }
            }.filter { $0.duration >= scored.rules.minimumDuration })
    }

    var tsv: String {
        reports.enumerated().map { index, report in
            table(report.night).tsv(
                heading: index == 0, profile: reports.count > 1 ? report.night.rules.name : nil)
        }.joined()
    }

    var json: JSONValue {
        guard case .object(let members) = RulesReport.answer(reports) else { return .null }
        return .object(
            members + [
                .init("recording", recordingValue), .init("detected", detected), .init("parameters", parameters),
            ])
    }

    private var recordingValue: JSONValue {
        let legs = recording.legs.map { leg in
            JSONValue.object([
                .init("leg", .string(leg.source.leg.rawValue)),
                .init("channels", .array(leg.source.names.map { .string($0) })),
                .init("rate", .number(leg.source.rate)),
                .init("rest_peak_uv", .number(Double(leg.rest.peak))),
                .init("rest_median_uv", .number(Double(leg.rest.median))),
                .init(
                    "covered_ms",
                    .integer(Int((leg.coverage.reduce(0) { $0 + $1.upperBound - $1.lowerBound } * 1000).rounded()))),
                .init(
                    "gaps_ms",
                    .array(recording.gaps(of: leg).map { .array([.integer($0.start), .integer($0.end)]) })),
            ])
        }
        return .object([
            .init(
                "files",
                .array([
                    .object([
                        .init("path", .string(recording.path)),
                        .init("format", .string(recording.header.format.rawValue)),
                        .init("device", .string(recording.header.device)),
                    ])
                ])),
            .init("signal", .string("emg")),
            .init("start_unix", .number(start)), .init("start", .string(NightReport.clock(start))),
            .init("duration_ms", .integer(recording.milliseconds(end))),
            .init("rest_start_ms", .integer(recording.milliseconds(rest.lowerBound))),
            .init("rest_end_ms", .integer(recording.milliseconds(rest.upperBound))),
            .init("rest_source", .string(restSource.rawValue)),
            .init(
                "sleep_source", movements.hypnogram == nil ? .null : .string(sleepIsEstimated ? "estimated" : "scored")),
            .init("monolateral", .bool(recording.legs.count == 1)),
            .init("remarks", .array(recording.remarks.map { .string($0) })),
            .init("legs", .array(legs)),
        ])
    }

    private var detected: JSONValue {
        let movements = recording.legs.flatMap(\.movements).sorted { $0.onset < $1.onset }
        return .object([
            .init("columns", .array(["leg", "onset_ms", "duration_ms", "kind", "peak_uv"].map { .string($0) })),
            .init(
                "movements",
                .array(
                    movements.map { movement in
                        let onset = recording.milliseconds(movement.onset)
                        return .array([
                            .string(movement.leg.rawValue), .integer(onset),
                            .integer(recording.milliseconds(movement.offset) - onset),
                            .string(movement.hasShape ? "LM" : "artefact"),
                            .number((Double(movement.peak) * 100).rounded() / 100),
                        ])
                    })),
        ])
    }

    private var parameters: JSONValue {
        .object(
            Mirror(reflecting: recording.parameters).children.compactMap { child in
                guard let label = child.label else { return nil }
                return JSONValue.Member(label, .init((child.value as? Double) ?? recording.parameters.notch))
            })
    }

    var text: String {
        var lines = [
            "\(recording.path): \(recording.header.device.isEmpty ? "sleep study" : recording.header.device), electromyogram of the legs"
        ]
        for leg in recording.legs {
            let gaps = recording.gaps(of: leg)
            let missing = Double(gaps.reduce(0) { $0 + $1.length }) / 1000
            let covered = leg.coverage.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
            lines.append(
                "\(leg.source.leg.name) leg, \(leg.source.names.joined(separator: "-")): \(NightReport.span(covered)) from "
                    + NightReport.clock(leg.coverage.first?.lowerBound ?? start)
                    + (gaps.isEmpty
                        ? ""
                        : ", \(gaps.count) gap\(gaps.count == 1 ? "" : "s") of \(NightReport.span(missing)) in all"))
            lines.append(
                String(format: "  rest reaches %.1f µV; ", leg.rest.peak)
                    + "\(leg.movements.count(where: \.hasShape)) movements, \(leg.movements.count { !$0.hasShape }) without the shape of one"
            )
        }
        lines += recording.remarks
        if recording.legs.count == 1 {
            lines.append("one leg only: a monolateral estimate, the other leg's movements are missing")
        }
        lines.append(
            "rest interval: \(NightReport.clock(rest.lowerBound)) to \(NightReport.clock(rest.upperBound))"
                + restSource.note)
        return lines.joined(separator: "\n") + "\n" + reports.map(\.text).joined()
    }
}
