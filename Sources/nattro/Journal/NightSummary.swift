// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation
import Journal
import Nights
import Recordings

/// A night of the journal in at most eight lines.
struct NightSummary {
    let store: JournalStore
    let night: StoredNight
    let result: StoredResult

    /// Usable nights that make a comparison.
    static let nightsForComparison = 14

    /// The lines.
    func lines() throws -> [String] {
        let end = result.start + result.duration
        let name = store.participant.name == JournalStore.Participant.defaultName ? "" : ", \(store.participant.name)"
        var lines = [
            "night of \(night.date)\(name): \(Self.hours(result.duration)) h recorded, "
                + "\(Self.clock(result.start)) to \(Self.clock(end))",
            gaps, worn,
        ]
        lines += result.legs.map { leg($0) }
        lines += [index, try doses(), try count()]
        return lines
    }

    private func rows(_ type: String) -> [StoredResult.Movement] { result.movements.filter { $0.type == type } }

    private var gaps: String {
        let gaps = rows("gap")
        guard !gaps.isEmpty else { return "gaps: none" }
        let total = gaps.reduce(0) { $0 + $1.duration }
        return "gaps: \(gaps.count), \(Self.span(total)) in all; missing data are in no count and no hour"
    }

    private var worn: String {
        let off = rows("nonwear").reduce(0) { $0 + $1.duration } / Double(max(1, result.legs.count))
        return off == 0
            ? "worn: all the time, as far as the sensor tells" : "not worn: \(Self.span(off)), treated as a gap"
    }

    private func leg(_ letter: Character) -> String {
        let own = result.movements.filter { $0.leg == String(letter) }
        let movements = own.count { ["LM", "CLM", "PLM"].contains($0.type) }
        return "\(letter == "R" ? "right" : "left") leg: \(movements) leg movements, "
            + "\(own.count { $0.type == "PLM" }) of them in periodic series"
    }

    private var index: String {
        guard let index = result.index else { return "PLM index: undefined, nothing of the rest was analysed" }
        var text = "PLM index: \(Self.number(index)) per hour in \(Self.hours(result.analysed)) h of rest analysed"
        if let band = result.band {
            text +=
                " (\(Self.number(band.lowerBound)) to \(Self.number(band.upperBound)) with the size threshold at "
                + "double to half)"
        }
        return text + ", \(result.provenance.rules)"
    }

    private func doses() throws -> String {
        let doses = try store.doses(from: night.date, to: night.date)
        guard doses.isEmpty else {
            return "magnesium: " + doses.map { DoseText.short($0.value) }.joined(separator: "; ")
        }
        let isDeclared = try store.doseCoverage().contains { $0.value.contains(night.date) }
        return isDeclared
            ? "magnesium: none, as you declared"
            : "magnesium: nothing logged, which is unknown: nattro dose add …, or nattro dose none --night \(night.date)"
    }

    /// Which night it is of its phase: by the plan that the journal keeps, else before the first dose, or since.
    private func count() throws -> String {
        let firstDose = try store.doses().first { $0.value.countedMg > 0 }?.value.night
        let latest = try store.latestResults(rules: result.provenance.rules)
        let usable = try store.nights().filter { other in
            other.exclusion == nil && latest[other.date]?.isUsable == true && other.date <= night.date
        }.map(\.date)
        if let exclusion = night.exclusion { return "left out of comparisons: \(exclusion)" }
        let missing = result.isUsable ? nil : "not counted: less than 4 h analysed; "
        if let plan = try plan, let planned = try Self.count(in: plan, night.date, usable) {
            return (missing ?? "") + planned
        }
        let isBefore = firstDose.map { night.date < $0 } ?? true
        let count = usable.count { date in (firstDose.map { date < $0 } ?? true) == isBefore }
        let phase = isBefore ? "without magnesium so far" : "since the first magnesium"
        return missing.map { "\($0)\(count) of \(Self.nightsForComparison) nights \(phase)" }
            ?? "night \(count) of \(Self.nightsForComparison) \(phase)"
    }

    /// The latest plan of the journal that has this night.
    private var plan: StudyDesign? {
        get throws {
            try store.designs().reversed().lazy.compactMap { entry in
                // A plan that cannot be read is named by the comparison.
                try? DesignFile(json: Data(entry.value.utf8), name: "plan \(entry.id)").design
            }.first { $0.span.contains(night.date) && !$0.comparesDoses }
        }
    }

    private static func count(in plan: StudyDesign, _ date: CivilDay, _ usable: [CivilDay]) throws -> String? {
        guard let condition = plan.condition[date - plan.first] else { return "under neither condition of the plan" }
        let same = plan.condition.indices.filter { plan.condition[$0] == condition }.map { plan.first + $0 }
        let done = Set(same).intersection(usable).count
        return "night \(done) of \(same.count) planned \(condition ? "with" : "without") magnesium"
    }

    /// What to do next, a line.
    func nextStep() throws -> String {
        let date = night.date
        if result.restSource != "given" {
            return "next: say when the light went out: nattro nights set \(date) --lights-out 23:10 --wake-up 06:40"
        }
        let isUnknown =
            try store.doses(from: date, to: date).isEmpty
            && !store.doseCoverage().contains { $0.value.contains(date) }
        if isUnknown { return "next: nattro dose add 200mg citrate 21:10, or nattro dose none --night \(date)" }
        if try store.diaryNight(date) == nil { return "next: nattro diary \(date) urge=4" }
        return "next: nattro record --until 07:00"
    }

    // MARK: Numbers

    static func number(_ value: Double) -> String { String(format: "%.1f", value) }
    static func hours(_ seconds: Double) -> String { String(format: "%.2f", seconds / 3600) }
    private static func span(_ seconds: Double) -> String {
        seconds < 60 ? String(format: "%.1f s", seconds) : String(format: "%.1f min", seconds / 60)
    }
    private static func clock(_ time: Double) -> String { String(NightReport.clock(time).suffix(8).prefix(5)) }
}
