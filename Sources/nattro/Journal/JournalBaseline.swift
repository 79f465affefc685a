// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Journal
import LegMovements
import Nights

/// How a person's own nights without magnesium vary, by the journal.
struct JournalBaseline {
    /// Read from the usable nights without magnesium before the first dose; nil with too few of them.
    let variability: NightVariability?
    /// What would make the journal's nights count; nil where nothing is amiss.
    let advice: String?

    init(_ store: JournalStore, rules: ScoringRules) throws {
        let read = try JournalNights(store, rules: rules)
        let usable = read.compared.filter { $0.isIncluded && $0.hours >= ComparedNight.fewestHours }
        guard let span = read.span, !usable.isEmpty else {
            (variability, advice) = (nil, nil)
            return
        }
        let doses = try JournalDoses(store, over: span).doses
        let firstDose = try store.doses().first { $0.value.countedMg > 0 }?.value.night
        let before = usable.filter { night in firstDose.map { night.day < $0 } ?? true }
        // A night of which nothing is declared may have been one with magnesium.
        let without = Set(doses.filter { $0.elementalMg == 0 }.map(\.night))
        let own = before.filter { without.contains($0.day) }
        variability =
            Set(own.map(\.setting)).count > 1
            ? nil
            : NightVariability(
                baseline: NightSeries(
                    days: own.map(\.day.daysSince1970), counts: own.map(\.movements), hours: own.map(\.hours)))
        let unknown = before.filter { !without.contains($0.day) }.map(\.day)
        if variability == nil, let first = unknown.first, let last = unknown.last,
            before.count >= NightVariability.fewestNights
        {
            advice =
                "the journal has \(Shown.nights(before.count)) before any dose, and of \(unknown.count) of them it is not said whether there was "
                + "magnesium; if there was none: nattro dose none --from \(first) --to \(last)"
        } else if variability == nil, Set(own.map(\.setting)).count > 1 {
            advice =
                "the journal's nights without magnesium differ in leg, place, sensor or scoring; nattro compare names them"
        } else {
            advice = nil
        }
    }
}
