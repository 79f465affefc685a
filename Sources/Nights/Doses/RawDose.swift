// SPDX-License-Identifier: GPL-3.0-or-later

/// One entry of a dose log as it stands in its file, before anything is understood.
struct RawDose {
    /// Where the entry begins.
    var line: Int
    var column: Int
    /// The values by their columns; empty values are left out.
    private var fields: [Column: Field] = [:]
    var extra: [ExtraField] = []
    /// Whether the values of date, time and amount are what the person wrote, not what the program wrote for it.
    var isAsEntered = true
    /// What is wrong with the entry as a row or object.
    var problem: Finding?

    init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// A value and where it stands.
    struct Field {
        var text: String
        var line: Int
        var column: Int

        /// The text, unless it is what the program itself would write.
        func text(unless canonical: String?) -> String? { text == canonical ? nil : text }
    }

    subscript(column: Column) -> Field? {
        get { fields[column] }
        set { fields[column] = newValue.flatMap { $0.text.isEmpty ? nil : $0 } }
    }

    /// The text of a column; empty if there is none.
    func text(_ column: Column) -> String { fields[column]?.text ?? "" }

    func finding(_ column: Column, _ code: String, _ message: String, hint: String = "") -> Finding {
        let field = fields[column]
        return Finding(
            line: field?.line ?? line, column: field?.column ?? self.column, code: code, message: message, hint: hint)
    }

    /// The columns that the program understands.
    enum Column: String, CaseIterable {
        case date, time, amount, unit, basis, form, route, kind, product, withFood = "with_food", confirm, id, tz, note
        /// How a time or an amount was first written, where a JSON file says both.
        case dateEntered = "date_entered", timeEntered = "time_entered", amountEntered = "amount_entered"

        /// Other names for the columns of a CSV file.
        static let aliases: [String: Column] = [
            "day": .date, "datum": .date, "uhrzeit": .time, "dose": .amount, "mg": .amount, "type": .form,
        ]
    }
}
