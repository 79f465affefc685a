// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation
import Nights

/// The doses of a comparison: a dose log as `nattro dose check` reads it, or a CSV file with `taken_at` (local time), `salt`,
/// `elemental_mg` and `status`.
///
/// A dose belongs to the night in whose noon to noon it was taken. Of a status only `taken` counts; `none`, `skipped` and `missed` declare
/// that nothing was taken.
struct DoseTable {
    let doses: [ComparedDose]
    /// Rows that could not be read.
    let rejected: [RejectedRow]

    private static let largestDose = 10_000.0

    init(path: String) throws { try self.init(bytes: WholeFile.bytes(path), name: path) }

    init(bytes: [UInt8], name: String) throws {
        if let table = try? TextTable(bytes: bytes, name: name), table.columns.contains("taken_at") {
            try self.init(table)
            return
        }
        do throws(RefusedFile) {
            let now = UTCInstant(secondsSince1970: Int(Date().timeIntervalSince1970))
            self.init(try DoseLog(reading: bytes, options: .init(now: now)), name: name)
        } catch {
            throw Failure(message: error.finding.text(file: name), outcome: .unusableInput)
        }
    }

    private init(_ log: DoseLog, name: String) {
        let nights = NightlyDoses(log.doses, complete: log.complete)
        doses = nights.knownNights.map { night in
            ComparedDose(
                night: night, elementalMg: nights.mg(night) ?? 0,
                form: nights.forms(night).joined(separator: " + "))
        }
        rejected = log.rejected.map { RejectedRow(message: $0.text(file: name)) }
    }

    private init(_ table: TextTable) throws {
        try table.require(["taken_at", "elemental_mg"])
        var doses: [ComparedDose] = []
        var rejected = table.rejected
        for row in table.rows {
            func reject(_ problem: String) {
                rejected.append(RejectedRow(message: "\(table.name) line \(row.line): \(problem)"))
            }
            let text = table.field("taken_at", of: row) ?? ""
            let parts = text.split(separator: "T", maxSplits: 1)
            guard parts.count == 2, let day = CivilDay(parts[0]), let time = DayTime(parts[1]) else {
                reject("taken_at '\(text)' is no local time; write it as 2025-03-17T21:57")
                continue
            }
            let status = table.field("status", of: row) ?? "taken"
            guard ["taken", "none", "skipped", "missed"].contains(status) else {
                reject("status '\(status)' is none of taken, none, skipped, missed; correct it")
                continue
            }
            let amount = table.field("elemental_mg", of: row)
            guard let dose = amount.map({ Double($0) ?? -1 }) ?? (status == "taken" ? nil : 0),
                (0...Self.largestDose).contains(dose)
            else {
                reject("elemental_mg '\(amount ?? "")' is no number from 0 to 10000; correct it")
                continue
            }
            doses.append(
                ComparedDose(
                    night: time < .noon ? day - 1 : day, elementalMg: status == "taken" ? dose : 0,
                    form: table.field("salt", of: row) ?? "unknown"))
        }
        self.doses = doses
        self.rejected = rejected
    }
}
