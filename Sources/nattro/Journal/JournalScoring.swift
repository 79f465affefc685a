// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import LegMovements
import Nights
import Recordings

/// Scores nights of the journal, and keeps the results beside the older ones.
struct JournalScoring {
    let store: JournalStore
    var profiles = [ScoringRules.wasm2016]
    var parameters = DetectionParameters.standard
    /// The time, in seconds since the Unix epoch.
    let now: Double

    /// A night scored anew.
    struct Scored {
        var report: NightReport
        /// A result for each profile, as it is kept.
        var results: [StoredResult]
    }

    /// Scores a night as the journal has it now, or with other limits of rest.
    func score(
        _ night: StoredNight, lightsOut: ClockTime? = nil, wakeUp: ClockTime? = nil
    ) async throws -> Scored {
        var input = try NightInput(night, diary: store.diaryNight(night.date)?.value)
        let start = night.recordings.map(\.recording.start).min() ?? 0
        if let lightsOut { input.lightsOut = lightsOut.instant(nearest: input.lightsOut ?? start) }
        if let wakeUp { input.wakeUp = wakeUp.instant(after: max(input.lightsOut ?? start, start)) }
        let report = try await report(input, named: night.date)
        let results = try results(report, input).map { try store.keep($0, of: night.date) }
        return Scored(report: report, results: results)
    }

    /// A night's report from its input; nothing is kept.
    func report(_ input: NightInput, named night: CivilDay, checksDigests: Bool = false) async throws -> NightReport {
        let legs = try input.legs(in: store, checksDigests: checksDigests)
        let recorded = try await RecordedNight(legs: legs, parameters: parameters)
        do {
            return try NightReport(
                recorded, under: profiles, lightsOut: input.lightsOut.map(ClockTime.init(instant:)),
                wakeUp: input.wakeUp.map(ClockTime.init(instant:)), masks: input.masksByLeg)
        } catch let failure as Failure {
            // Said in the diary or by `nights set`, not by an option.
            throw Failure(message: "night of \(night): \(failure.message)", outcome: failure.outcome)
        }
    }

    /// What is kept of a report: a result for each profile.
    func results(_ report: NightReport, _ input: NightInput) throws -> [StoredResult] {
        let night = report.recorded.night
        let indices = report.sensitivity.compactMap(\.index)
        var sensitivity: [String: StoredResult.Sensitivity] = [:]
        for leg in night.legs {
            sensitivity[leg.leg.rawValue] = night.sensitivity(of: leg, in: report.rest).map {
                StoredResult.Sensitivity(floor: $0.floor, threshold: $0.threshold)
            }
        }
        return try report.reports.map { profile in
            let rest = profile.night.rest
            let table = MovementTable(night, profile.night, masks: report.masks)
            return StoredResult(
                scored: now,
                provenance: try input.provenance(rules: profile.night.rules, parameters: night.parameters),
                start: night.start, duration: night.end - night.start, rest: report.rest,
                restSource: report.restSource.rawValue, legs: night.legs.map(\.leg.rawValue).sorted().joined(),
                analysed: Double(rest?.analysed ?? 0) / 1000, periodicCount: rest?.periodic.count ?? 0,
                index: rest?.periodic.index, band: indices.min().flatMap { low in indices.max().map { low...$0 } },
                summary: profile.summary.description,
                movements: table.rows.map {
                    StoredResult.Movement(
                        onset: $0.onset, duration: $0.duration, leg: $0.leg, type: $0.type, amplitude: $0.amplitude,
                        series: $0.series, interval: $0.interval, isSleep: $0.isSleep)
                }, sensitivity: sensitivity)
        }
    }

    /// The nights without a result under the first profile that were made from what the journal has now.
    func unscored(_ nights: [StoredNight]) throws -> [StoredNight] {
        let latest = try store.latestResults(rules: profiles[0].name)
        return nights.filter { latest[$0.date] == nil && !$0.recordings.isEmpty }
    }

    /// Scores the nights that never were; what cannot be scored is named on standard error.
    func scoreMissing(_ nights: [StoredNight]) async throws {
        for night in try unscored(nights) {
            do {
                _ = try await score(night)
            } catch {
                complain("the night of \(night.date) cannot be scored: \(Self.words(error))")
            }
        }
    }

    /// An error in words for a list of several nights.
    static func words(_ error: any Error) -> String { (error as? Failure)?.message ?? "\(error)" }
}
