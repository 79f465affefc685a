// SPDX-License-Identifier: GPL-3.0-or-later
// Writes into a journal without end, and says after each entry that it is kept: `journal-writer JOURNAL PREFIX`.
// The tests kill it at any moment.
import Foundation
import Journal
import Nights

let arguments = CommandLine.arguments
guard arguments.count == 3, let day = CivilDay("2026-03-04") else {
    FileHandle.standardError.write(Data("usage: journal-writer JOURNAL PREFIX\n".utf8))
    exit(64)
}

/// A dose whose note tells it from every other.
func dose(_ note: String) -> Dose {
    Dose(
        time: DoseTime(onDay: day, zone: "Europe/Berlin"),
        amount: EnteredAmount(value: 200, unit: .mg, basis: .elemental), form: "citrate_anhydrous", elementalMg: 200,
        note: note)
}

/// A result with as many movements as a restless night has: a transaction of many pages.
func result(_ number: Int) -> StoredResult {
    StoredResult(
        scored: Double(number),
        provenance: StoredResult.Provenance(
            programVersion: "test", scoringVersion: 1, rules: "wasm2016", parameters: "{}", inputs: "[]",
            lightsOut: nil, wakeUp: nil, masks: "[]"),
        start: 0, duration: 28_800, rest: 0..<28_800, restSource: "estimated", legs: "LR", analysed: 28_800,
        periodicCount: number, index: Double(number) / 8, band: nil,
        summary: "{\"writer\":\"\(arguments[2])-\(number)\"}",
        movements: (0..<800).map {
            StoredResult.Movement(
                onset: Double($0) * 30, duration: 2, leg: "L", type: "PLM", amplitude: 0.05, series: 1)
        })
}

do {
    let store = try JournalStore(path: arguments[1], now: 0)
    var number = 0
    while true {
        number += 1
        let name = "\(arguments[2])-\(number)"
        if number % 10 == 0 {
            try store.keep(result(number), of: day)
        } else {
            try store.add([dose(name)], "dose add", at: Double(number))
        }
        FileHandle.standardOutput.write(Data("\(name)\n".utf8))
    }
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
