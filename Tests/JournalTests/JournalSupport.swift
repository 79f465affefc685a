// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import Nights
import TestSupport

/// Values for tests.
enum Some {
    static func day(_ text: String) -> CivilDay { CivilDay(text) ?? CivilDay(daysSince1970: 0) }

    static func dose(
        _ day: String = "2026-03-04", hour: Int = 21, mg: Double = 200, offset: Int = 3600, note: String = ""
    ) -> Dose {
        let seconds = Some.day(day).daysSince1970 * 86_400 + hour * 3600 - offset
        return Dose(
            time: DoseTime(UTCInstant(secondsSince1970: seconds), utcOffset: offset, zone: "Europe/Berlin"),
            amount: EnteredAmount(value: mg, entered: "8,2", unit: .mg, basis: .elemental), form: "citrate_anhydrous",
            formEntered: "citrate", elementalMg: mg, elementalMgRange: mg / 2...mg, product: "Sachet ä\"\n",
            withFood: false, note: note, extra: [ExtraField(name: "shop", value: "corner")])
    }

    static func result(
        count: Int = 12, version: Int = 1, rules: String = "wasm2016", analysed: Double = 20_000
    ) -> StoredResult {
        StoredResult(
            scored: 1000 + Double(count),
            provenance: StoredResult.Provenance(
                programVersion: "0.6.0", scoringVersion: version, rules: rules, parameters: "{\"envelopeOn\":6}",
                inputs: "[{\"leg\":\"L\",\"sha256\":\"ab\"}]", lightsOut: nil, wakeUp: 7.25, masks: "[]"),
            start: 0.125, duration: 28_800, rest: 600..<28_000, restSource: "estimated", legs: "LR",
            analysed: analysed, periodicCount: count, index: Double(count) / 3, band: 1.5...9.25,
            summary: "{\"n_plm\":\(count)}",
            movements: [
                StoredResult.Movement(
                    onset: 12.345, duration: 1.5, leg: "L", type: "PLM", amplitude: 0.0625, series: 1, interval: 22.25,
                    isSleep: true),
                StoredResult.Movement(onset: 30, duration: 100, leg: "R", type: "gap"),
            ])
    }

    /// Runs with a store in a new folder.
    static func withStore<T>(_ body: (JournalStore, URL) throws -> T) throws -> T {
        try Fixtures.withTemporaryFolder { folder in
            try body(JournalStore(path: folder.appending(path: "journal.sqlite").path, now: 1), folder)
        }
    }
}
