// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings

/// A recorded night's results: for people, as JSON, and as a table.
struct NightReport {
    let recorded: RecordedNight
    let reports: [RulesReport]
    let rest: Range<Double>
    /// Whether the rest interval was said, or is the whole recording.
    let restIsGiven: Bool

    private var night: DetectedNight { recorded.night }

    private static let day = 86_400.0
    /// The longest rest interval, in seconds: a year. One wrong time stamp makes a longer one, with more hours than fit anywhere.
    private static let longestRest = 366 * day

    /// Scores a night under profiles.
    init(_ recorded: RecordedNight, under profiles: [ScoringRules], lightsOut: ClockTime?, wakeUp: ClockTime?) throws {
        let night = recorded.night
        let start = lightsOut?.instant(nearest: night.start) ?? night.start
        let end = wakeUp?.instant(after: max(start, night.start)) ?? night.end
        guard start < end, start < night.end, end > night.start else {
            throw Failure(
                message:
                    "the rest interval from \(Self.clock(start)) to \(Self.clock(end)) lies outside of the recording "
                    + "(\(Self.clock(night.start)) to \(Self.clock(night.end))); check --lights-out and --wake-up",
                outcome: .wrongUsage)
        }
        // A time of day is never this far off: a date was mistyped.
        guard night.start - start < Self.day, end - night.end < Self.day else {
            throw Failure(
                message:
                    "the rest interval from \(Self.clock(start)) to \(Self.clock(end)) reaches more than a day beyond "
                    + "the recording (\(Self.clock(night.start)) to \(Self.clock(night.end))); check --lights-out and --wake-up",
                outcome: .wrongUsage)
        }
        rest = (start..<end).clamped(to: night.start..<night.end)
        guard rest.upperBound - rest.lowerBound < Self.longestRest else {
            throw Failure(
                message: "\(recorded.files.map(\.path).joined(separator: ", ")): lasts from \(Self.clock(night.start)) "
                    + "to \(Self.clock(night.end)), and no night is that long; "
                    + "check its time stamps, or say --lights-out and --wake-up with their dates",
                outcome: .unusableInput)
        }
        restIsGiven = lightsOut != nil || wakeUp != nil
        let movements = night.movementNight(rest: rest)
        reports = profiles.map { RulesReport(movements, under: $0) }
        self.recorded = recorded
    }

    /// The answer of `--json`.
    var json: JSONValue {
        guard case .object(let members) = RulesReport.answer(reports) else { return .null }
        return .object(members + [.init("recording", recording), .init("parameters", parameters)])
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
                .init(
                    "gaps_ms",
                    .array(
                        gaps.map {
                            .array([
                                .integer(night.milliseconds($0.lowerBound)),
                                .integer(night.milliseconds($0.upperBound)),
                            ])
                        })),
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
            .init("rest_is_given", .bool(restIsGiven)),
            .init("monolateral", .bool(night.legs.count == 1)),
            .init("legs", .array(legs)),
        ])
    }

    private func milliseconds(_ stretches: [Range<Double>]) -> Int {
        Int((stretches.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } * 1000).rounded())
    }

    private var parameters: JSONValue {
        .object(
            Mirror(reflecting: night.parameters).children.compactMap { child in
                guard let label = child.label, let value = child.value as? Double else { return nil }
                return JSONValue.Member(label, .number(value))
            })
    }

    /// The answer of `--tsv`: one profile, or several under each other with a column that names them.
    var tsv: String {
        reports.enumerated().map { index, report in
            MovementTable(night, report.night).tsv(
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
                + (restIsGiven ? "" : ", the whole recording (say --lights-out and --wake-up)"))
        return lines.joined(separator: "\n") + "\n" + reports.map(\.text).joined()
    }

    private static func span(_ seconds: Double) -> String {
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
