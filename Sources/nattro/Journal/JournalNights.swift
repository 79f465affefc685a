// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation
import Journal
import LegMovements
import Nights
import Recordings

/// The nights of a journal as a comparison reads them.
struct JournalNights {
    /// The nights with a result, by date; those that the person excluded are not included.
    let compared: [ComparedNight]
    /// The latest result of each night.
    let results: [CivilDay: StoredResult]
    private let stored: [CivilDay: StoredNight]
    private let unscored: [JournalComparison.LeftOut]

    init(_ store: JournalStore, rules: ScoringRules) throws {
        let nights = try store.nights()
        let results = try store.latestResults(rules: rules.name)
        let diary = Dictionary(try store.diary().map { ($0.value.night, $0.value) }) { first, _ in first }
        self.results = results
        stored = Dictionary(nights.map { ($0.date, $0) }) { first, _ in first }
        compared = try nights.compactMap { night in
            guard let result = results[night.date] else { return nil }
            return try ComparedNight(
                night, result, diary[night.date], movements: store.movements(of: result), rules: rules)
        }
        unscored = nights.filter { results[$0.date] == nil }.map { night in
            JournalComparison.LeftOut(
                night: night.date, id: night.exclusion == nil ? "not_scored" : "excluded",
                reason: night.exclusion.map { Self.words(exclusion: $0, night) }
                    ?? "no result under \(rules.name) (nattro score \(night.date) --rules \(rules.name))")
        }
    }

    /// From the first night to the last; nil without any.
    var span: ClosedRange<CivilDay>? {
        compared.map(\.day).min().flatMap { first in compared.map(\.day).max().map { first...$0 } }
    }

    /// How many nights were left out after a comparison had been seen.
    var excludedAfterwards: Int { stored.values.count { $0.isExcludedAfterComparison } }

    private static func words(exclusion: String, _ night: StoredNight) -> String {
        "left out: \(exclusion)\(night.isExcludedAfterComparison ? " (after a comparison was seen)" : "")"
    }

    /// The nights that take no part, by date, each with its reason.
    func leftOut(by comparison: NightComparison) -> [JournalComparison.LeftOut] {
        let others = comparison.leftOut.map { night in
            let hours = results[night.day].map { Shown.decimals($0.analysed / 3600, 1) } ?? "0"
            let reason =
                switch night.reason {
                case .excluded:
                    stored[night.day].flatMap { stored in
                        stored.exclusion.map { Self.words(exclusion: $0, stored) }
                    } ?? "left out"
                case .tooShort: "\(hours) hours analysed, fewer than \(Int(ComparedNight.fewestHours))"
                case .noCondition: "under neither phase"
                case .outsideDesign: "outside of the phases"
                }
            return JournalComparison.LeftOut(night: night.day, id: night.reason.rawValue, reason: reason)
        }
        return (others + unscored).sorted { $0.night < $1.night }
    }

    /// The masked stretches of compared nights.
    func masked(among nights: [ComparedNight]) -> [JournalComparison.Masked] {
        nights.flatMap { night in
            (stored[night.day]?.masks ?? []).map { mask in
                let times = [mask.span.lowerBound, mask.span.upperBound].map { NightReport.clock($0).suffix(8) }
                let leg = mask.leg.map { ", \($0.name) leg" } ?? ""
                return JournalComparison.Masked(
                    night: night.day, text: "\(times[0]) to \(times[1])\(leg): \(mask.reason)")
            }
        }
    }

    /// A refusal with the commands that mend it in a journal.
    func inWordsOfTheJournal(_ refusal: ComparisonRefusal) -> ComparisonRefusal {
        guard let setting = refusal.setting, let first = refusal.nights.first else { return refusal }
        let exclude = "nattro nights exclude \(first) --reason \"another \(setting)\""
        let others = refusal.nights.count > 1 ? ", and so on" : ""
        let remedy =
            switch setting {
            case "rules", "scoring", "parameters":
                "score them all alike: nattro score --all"
                    + (setting == "rules" ? " --rules \(results[first]?.provenance.rules ?? "")" : "")
            case "site":
                "say where it was worn (nattro nights set \(first) --site PLACE\(others)), or \(exclude)\(others)"
            case "leg":
                "if the leg was told wrongly, nattro nights set \(first) --leg FILE=right; else \(exclude)\(others)"
            default: "leave the others out: \(exclude)\(others)"
            }
        return ComparisonRefusal(
            reason: refusal.reason, problem: refusal.problem, remedy: remedy, setting: setting, nights: refusal.nights)
    }
}

extension ComparedNight {
    /// A night of the journal with its result, and what the diary says of it.
    init(
        _ night: StoredNight, _ result: StoredResult, _ diary: DiaryNight?, movements: [StoredResult.Movement],
        rules: ScoringRules
    ) throws {
        self.init(
            day: night.date, isIncluded: night.exclusion == nil, hours: result.analysed / 3600,
            movements: result.periodicCount, setting: try Self.setting(night, result))
        effectiveThreshold = result.effectiveThreshold
        noiseFloor = result.noiseFloor
        secondary = try RestMeasures(result, movements).endpoints
        guard let diary else { return }
        eveningUrge = diary.urgeEvening.map(Double.init)
        nightUrge = diary.urgeNight.map(Double.init)
        if case .at(let time) = diary.firstSymptom { firstSymptom = Double((time.seconds + 43_200) % 86_400) / 3600 }
        covariates = diary.covariates
    }

    /// What must be the same in all nights: by whom and what it was scored, where it was worn, and with which sensors.
    private static func setting(_ night: StoredNight, _ result: StoredResult) throws -> [String: String] {
        var setting = [
            "leg": result.legs, "rules": result.provenance.rules,
            "scoring": "\(result.provenance.scoringVersion)",
            // As many letters of the digest as tell any two apart.
            "parameters": String(result.provenance.parametersHash.prefix(16)),
        ]
        let digests = Set(try NightInput(result.provenance).parts.map(\.sha256))
        let parts = night.recordings.map(\.recording)
        let used = parts.filter { digests.contains($0.sha256) }
        let recordings = used.isEmpty ? parts : used
        func joined(_ values: [String]) -> String? {
            let unique = Set(values.filter { !$0.isEmpty }).sorted()
            return unique.isEmpty ? nil : unique.joined(separator: " + ")
        }
        setting["site"] = night.site ?? joined(recordings.map(\.site))
        setting["sensor"] = joined(recordings.map(\.device))
        setting["firmware"] = joined(recordings.map(\.firmware))
        setting["rate_hz"] = joined(recordings.flatMap(\.streams).filter { $0.rate > 0 }.map(\.rate.formatted))
        setting["range_g"] = joined(recordings.flatMap(\.streams).filter { $0.range > 0 }.map(\.range.formatted))
        return setting
    }
}

extension DiaryNight {
    /// What may be adjusted for, by the names of the diary's columns; what is not known is not there.
    var covariates: [String: Double] {
        func flag(_ value: Bool?) -> Double? { value.map { $0 ? 1 : 0 } }
        return [
            "caffeine_mg": caffeineMg, "alcohol_units": alcoholUnits, "nicotine": flag(nicotine),
            "exercise_min": exerciseMinutes, "antihistamine": flag(antihistamine),
            "rls_med_changed": flag(rlsMedicineChanged), "other_med_changed": flag(otherMedicineChanged),
            "illness": flag(illness), "travel_tz": flag(travel), "bed_partner_or_pet": flag(bedPartnerOrPet),
            "unusual_day": flag(unusualDay),
        ].compactMapValues(\.self)
    }
}
