// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings

/// A night's movements and gaps as a table in a file of its own, with a data dictionary beside it.
enum MovementFile {
    /// Writes `path` and its dictionary.
    ///
    /// - Parameter separator: a comma or a tab; no field holds either.
    static func write(_ answer: any NightAnswer, to path: String, separator: String) throws {
        var text = (["time"] + MovementTable.columns + ["rules"]).joined(separator: separator) + "\n"
        for scored in answer.reports.map(\.night) {
            let table = answer.table(scored)
            for (row, fields) in zip(table.rows, table.fields) {
                text +=
                    ([answer.timeStamp(answer.start + row.onset)] + fields + [scored.rules.name])
                    .joined(separator: separator) + "\n"
            }
        }
        try writeFile(text, to: path)
        try writeFile(DataDictionary.movements.json, to: DataDictionary.path(beside: path))
    }
}

/// Writes a text as a whole file, or none.
func writeFile(_ text: String, to path: String) throws {
    var file = try OutputFile(path: path)
    try file.write(text.utf8)
    try file.finish()
}
