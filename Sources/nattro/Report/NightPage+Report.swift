// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings
import Reports

/// A night's report as a page.
struct NightPageMaker {
    let answer: any NightAnswer
    /// The envelopes of the legs whose signal can be read.
    var envelopes: [Leg: SignalEnvelope] = [:]
    /// Of whom, and which night: plain text.
    var subtitle: String
    /// Magnesium of the evening, in words.
    var magnesium: String?
    /// What the numbers were made from, beside program and rules.
    var inputs: [Provenance] = []

    private var start: Double { answer.start }
    private func time(_ milliseconds: Milliseconds) -> Double { start + Double(milliseconds) / 1000 }

    /// The page; an answer has one profile or more.
    func page() throws -> NightPage {
        let main = answer.reports.first { $0.night.rules.standard == .wasm } ?? answer.reports[0]
        return NightPage(
            subtitle: subtitle, analysed: Double(main.night.rest?.analysed ?? 0) / 1000,
            results: answer.reports.map(result), isMonolateral: answer.movements.gaps.count == 1,
            magnesium: magnesium, remarks: remarks(main.night), strip: strip(main), hours: hours(main.night),
            intervals: intervals(main.night), thresholds: thresholds, provenance: try provenance())
    }

    // MARK: Pictures

    private func strip(_ report: RulesReport) -> NightStrip {
        let rows = answer.table(report.night).rows
        func spans(_ type: String, _ leg: Leg) -> [Range<Double>] {
            rows.filter { $0.type == type && $0.leg == leg.rawValue }.map {
                start + $0.onset..<start + $0.onset + $0.duration
            }
        }
        let legs = answer.movements.gaps.keys.sorted { $0.rawValue < $1.rawValue }
        return NightStrip(
            span: start..<answer.end, rest: answer.rest,
            legs: legs.map { leg in
                NightStrip.LegTrace(
                    name: "\(leg.name) leg", letter: leg.rawValue, envelope: envelopes[leg]?.axes ?? [],
                    gaps: spans("gap", leg), nonwear: spans("nonwear", leg))
            },
            marks: rows.filter { $0.type != "gap" && $0.type != "nonwear" }.map {
                NightStrip.Mark(
                    onset: start + $0.onset, duration: $0.duration, leg: $0.leg, type: $0.type, series: $0.series,
                    interval: $0.interval)
            },
            sleep: (report.hypnogram?.runs ?? []).compactMap { run in
                run.stage.isSleep.map {
                    NightStrip.Sleep(span: time(run.span.start)..<time(run.span.end), isSleep: $0)
                }
            }, sleepIsEstimated: answer.sleepIsEstimated)
    }

    private func hours(_ night: ScoredNight) -> HourProfile {
        HourProfile(
            night.hours.map {
                HourProfile.Hour(
                    start: time($0.span.start), analysed: Double($0.analysed) / 1000, periodic: $0.periodicCount,
                    candidates: $0.candidateCount)
            })
    }

    private func intervals(_ night: ScoredNight) -> IntervalPicture {
        let interval = night.rules.interval
        return IntervalPicture(
            [
                .init(
                    name: "intervals",
                    intervals: night.movements.compactMap { movement in
                        movement.isCandidate ? movement.interval.map { Double($0) / 1000 } : nil
                    })
            ], band: Double(interval.lowerBound) / 1000...Double(interval.upperBound) / 1000)
    }

    private var thresholds: ThresholdBand {
        ThresholdBand(
            ((answer as? NightReport)?.sensitivity ?? []).map {
                ThresholdBand.Point(factor: $0.factor, threshold: $0.wide, count: $0.periodicCount, index: $0.index)
            })
    }

    // MARK: Words

    private func remarks(_ night: ScoredNight) -> [String] {
        var lines: [String] = []
        switch answer.restSource {
        case .given, .marked: break
        case .estimated:
            lines.append("When the rest began and ended is estimated from the movements: nobody said so.")
        case .wholeRecording:
            lines.append("The whole recording counts as rest: nobody said when the light went out.")
        }
        if let missing = night.missingTime, missing > 0 {
            lines.append("\(Self.hours(missing)) h of the rest have no data and are in no hour.")
        }
        if let single = night.monolateralTime, single >= 60_000 {
            lines.append("\(Self.hours(single)) h of the rest have data of one leg alone.")
        }
        for (path, report) in answer.losses {
            for item in report.items {
                lines.append("\(Self.name(path)): \(item.what): \(item.count), the first at \(item.firstPlace)")
            }
        }
        return lines
    }

    private static func hours(_ time: Milliseconds) -> String { String(format: "%.2f", Double(time) / 3_600_000) }
    private static func name(_ path: String) -> String { URL(filePath: path).lastPathComponent }

    private func result(_ report: RulesReport) -> NightPage.Result {
        let night = report.night
        func rate(_ value: Double?) -> String { value.map { String(format: "%.1f", $0) } ?? "undefined" }
        var counts: [Provenance] = []
        if let rest = night.rest {
            counts += [
                Provenance("PLM per analysed hour of rest", rate(rest.periodic.index)),
                Provenance("analysed rest, h", Self.hours(rest.analysed)),
                Provenance("PLM in rest", "\(rest.periodic.count)"),
                Provenance("candidates in rest, per hour", rate(rest.candidates.index)),
                Provenance("mean duration of a PLM, s", rate(rest.periodic.meanDuration.map { $0 / 1000 })),
                Provenance(
                    "PLM for each candidate", rest.periodicShare.map { String(format: "%.2f", $0) } ?? "undefined"),
                Provenance(
                    "periodicity index (Ferri), intervals in rest",
                    "\(rest.periodicity.periodicCount) of \(rest.periodicity.count)"),
            ]
        }
        counts += [
            Provenance("leg movements, legs joined", "\(night.movements.count)"),
            Provenance("candidates", "\(night.candidateCount)"),
            Provenance("PLM in all", "\(night.periodicCount) in \(night.seriesCount) series"),
        ]
        if let sleep = night.sleep {
            let kind = report.sleepIsEstimated ? "estimated" : "scored"
            counts += [
                Provenance("PLMS index (\(kind) sleep, \(Self.hours(sleep.sleepTime)) h)", rate(sleep.periodic.index)),
                Provenance("PLMW index (\(Self.hours(sleep.wakeTime)) h awake)", rate(sleep.periodicWake.index)),
            ]
        } else {
            counts.append(Provenance("index of sleep", "none: sleep was neither staged nor estimated"))
        }
        if let rhythm = report.periodicity {
            counts.append(Provenance("candidates repeat most at, s", rate(Double(rhythm.lag) / 1000)))
        }
        return NightPage.Result(
            rules: night.rules.name, periodic: night.rest?.periodic.count ?? 0, index: night.rest?.periodic.index,
            counts: counts)
    }

    private func provenance() throws -> [Provenance] {
        var lines = [
            Provenance("program", "nattro \(Nattro.version)"),
            Provenance("scoring version", "\(ScoringVersion.current)"),
            Provenance("rules", answer.reports.map(\.night.rules.name).joined(separator: ", ")),
        ]
        if let report = answer as? NightReport {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            let parameters = String(decoding: try encoder.encode(report.recorded.night.parameters), as: UTF8.self)
            lines.append(Provenance("detector's numbers", "SHA-256 \(SHA256.digest(of: parameters))"))
            for file in report.recorded.files {
                let header = file.header
                let sensor = [header.device, header.serial, header.firmware, header.site].filter { !$0.isEmpty }
                lines.append(
                    Provenance(
                        "recording", ([Self.name(file.path), header.format.rawValue] + sensor).joined(separator: ", ")))
            }
        }
        return lines + inputs
    }
}
