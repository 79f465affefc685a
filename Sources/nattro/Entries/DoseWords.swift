// SPDX-License-Identifier: GPL-3.0-or-later
import Nights

/// A dose as it is typed, in any order: `200mg citrate 21:10`, `2 MagCitrate yesterday 22:00`, `1350 mg compound glycinate`.
///
/// The words become a row of a dose log, and the rules of dose logs read it: what holds for a file holds for the command.
struct DoseWords {
    var amount: String?
    var unit = ""
    var basis = ""
    var route = ""
    var kind = ""
    /// The form or the product.
    var name: [String] = []
    var time: EntryTime

    init(_ words: [String], time: EntryTime) throws {
        self.time = time
        for (index, word) in words.enumerated() {
            let lower = word.lowercased()
            if self.time.take(word) { continue }
            if amount == nil, word.first?.isNumber == true || word.first == "-" || word.first == "." {
                amount = word
            } else if amount != nil, unit.isEmpty, index > 0, words[index - 1] == amount, DoseUnit(plain: lower) != nil
            {
                unit = word
            } else if EnteredAmount.Basis(rawValue: lower) != nil {
                basis = lower
            } else if Dose.Route(rawValue: lower) != nil {
                route = lower
            } else if Dose.Kind(rawValue: lower) != nil {
                kind = lower
            } else {
                name.append(word)
            }
        }
        guard amount != nil else {
            throw Failure(
                message: "no amount among '\(words.joined(separator: " "))'; write it like 200mg citrate 21:10",
                outcome: .wrongUsage)
        }
    }

    /// The row's values by column, given what products are known.
    func row(products: [Product], confirmed: Bool, note: String) -> [(name: String, value: String)] {
        let (day, clock) = time.meant
        let words = name.joined(separator: " ")
        // `2 MagCitrate`, and `2 tablets MagCitrate`.
        let product = products.first { product in
            [[product.name], [product.unit, product.name], [product.unit + "s", product.name]].contains { known in
                known.map { $0.lowercased() } == name.map { $0.lowercased() }
            }
        }
        let number = amount ?? ""
        let hasUnit = !unit.isEmpty || number.last.map { $0.isLetter || $0 == "µ" } == true
        return [
            ("date", day.description), ("time", clock?.description ?? ""), ("amount", number),
            ("unit", product != nil && !hasUnit ? product?.unit ?? "" : unit), ("basis", basis),
            ("form", product == nil ? words : ""), ("route", route), ("kind", kind),
            ("product", product?.name ?? ""), ("confirm", confirmed ? "yes" : ""), ("note", note),
        ]
    }
}

/// Rows of a file as the readers of files take them.
enum EntryRows {
    /// A table of one row in the zone of a clock.
    static func csv(_ row: [(name: String, value: String)], zone: String?) -> [UInt8] {
        var text = zone.map { "# tz: \($0)\n" } ?? ""
        text += row.map { quoted($0.name) }.joined(separator: ",") + "\n"
        text += row.map { quoted($0.value) }.joined(separator: ",") + "\n"
        return Array(text.utf8)
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        // By code point: a quotation mark with a combining accent is one character to Swift, and a quotation mark to the reader.
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\"\""
            case "\n", "\r": quoted += " "
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
