// SPDX-License-Identifier: GPL-3.0-or-later
import Nights

/// Doses in words.
enum DoseText {
    /// `200 mg elemental at 21:10 (citrate)`.
    static func short(_ dose: Dose) -> String {
        var text: String
        if let mg = dose.elementalMg {
            text = mg == 0 ? "none, deliberately" : "\(milligrams(mg)) mg elemental"
        } else {
            text = "\(amount(dose)) on the skin, not counted"
        }
        if let time = dose.time.timeOfDay { text += " at \(time)" }
        let form = dose.formEntered.isEmpty ? dose.form : dose.formEntered
        if dose.elementalMg != 0, !form.isEmpty { text += " (\(form))" }
        return text
    }

    /// Milligrams to a tenth, without needless digits.
    static func milligrams(_ value: Double) -> String { ((value * 10).rounded() / 10).formatted }

    /// The amount as it was entered.
    static func amount(_ dose: Dose) -> String {
        "\(dose.amount.entered ?? dose.amount.value.formatted) \(dose.amount.unit.name)"
    }
}

extension DoseText {
    /// `may be 113.4 to 161.6 mg`, where the salt's water is not known.
    static func range(_ dose: Dose) -> String? {
        dose.elementalMgRange.map { "may be \(milligrams($0.lowerBound)) to \(milligrams($0.upperBound)) mg" }
    }
}
