// SPDX-License-Identifier: GPL-3.0-or-later

/// The person's own plan as it was read from a file: `from,target_mg_elemental,form,set_with,note`.
public struct PlanLog: Hashable, Sendable {
    /// The steps, the earliest first.
    public var steps: [PlanStep]
    /// The rows that were not read.
    public var rejected: [Finding]

    /// Reads a plan.
    public init(reading bytes: [UInt8]) throws(RefusedFile) {
        let rows = try TableRows(DelimitedTable(bytes), required: ["from", "target_mg_elemental"])
        steps = []
        rejected = []
        for row in rows.rows {
            do {
                steps.append(try Self.step(row, rows.dateOrder))
            } catch {
                rejected.append(error)
            }
        }
        steps.sort { $0.from < $1.from }
    }

    private static func step(_ row: TableRows.Row, _ order: DateOrder?) throws(Finding) -> PlanStep {
        if let problem = row.problem { throw problem }
        let from = row["from"]
        let day: CivilDay
        do {
            day = try DateText(from.text, order: order).day
        } catch {
            throw from.finding(error.code, error.message, hint: error.hint)
        }
        let target = row["target_mg_elemental"]
        guard let number = try? NumberText(target.text), number.value >= 0,
            ["", "mg"].contains(number.suffix.lowercased())
        else { throw target.finding("E_NUMBER", "'\(target.text)' is no number of milligrams") }
        var step = PlanStep(from: day, targetMg: number.value, note: row["note"].text)
        let form = row["form"]
        if !form.text.isEmpty {
            guard let match = ReferenceData.current.forms.match(form.text) else {
                throw form.finding(
                    "E_FORM_UNKNOWN", "'\(form.text)' is not in the table of forms",
                    hint: ReferenceData.current.forms.namesNearest(to: form.text).joined(separator: ", "))
            }
            step.form = match.form.id
        }
        let setWith = row["set_with"]
        if !setWith.text.isEmpty {
            guard let word = PlanStep.SetWith(rawValue: setWith.text.lowercased()) else {
                throw setWith.finding(
                    "E_VALUE", "'\(setWith.text)' in the column set_with", hint: "write provider or self")
            }
            step.setWith = word
        }
        return step
    }

    /// A plan as CSV. Reading it back gives the same steps.
    public static func csv(_ steps: [PlanStep]) -> String {
        "# nattro plan, version 1\nfrom,target_mg_elemental,form,set_with,note\n"
            + steps.map {
                DelimitedText.row([
                    $0.from.description, NumberText.text($0.targetMg), $0.form ?? "", $0.setWith?.rawValue ?? "",
                    $0.note,
                ])
            }.joined()
    }
}
