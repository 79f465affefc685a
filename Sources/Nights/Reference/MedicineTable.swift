// SPDX-License-Identifier: GPL-3.0-or-later

/// What is known about medicines beside magnesium. It is not complete, and says so wherever it is shown.
struct MedicineTable: Sendable {
    let classes: [MedicineClass]

    /// The class of a medicine: by its name, else by the class that the person wrote.
    func classification(of medicine: Medicine) -> MedicineClass? {
        find(medicine.name) ?? find(medicine.className)
    }

    /// The class that names a medicine with the most letters: "iron infusion" is not "iron".
    private func find(_ text: String) -> MedicineClass? {
        let words = Self.words(text)
        guard !words.isEmpty else { return nil }
        let padded = " \(words) "
        var best: (length: Int, found: MedicineClass)?
        for candidate in classes {
            for name in candidate.names where padded.contains(" \(name) ") && name.count > best?.length ?? 0 {
                best = (name.count, candidate)
            }
        }
        return best?.found
    }

    /// The words of a text in lower case, with one space between them.
    static func words(_ text: String) -> String {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
    }
}

/// Medicines that behave alike beside magnesium.
struct MedicineClass: Hashable, Sendable, Decodable {
    var id: String
    /// Its name in the middle of a sentence.
    var name: String
    var names: [String]
    /// How long the medicine must at least be before magnesium, in hours; nil where no rule was found.
    var beforeHours: Double?
    /// How long the medicine must at least be after magnesium, in hours; nil where no rule was found.
    var afterHours: Double?
    /// Who asks for the spacing.
    var rule: String?
    /// The fixed text that is said once where there is no spacing.
    var text: String?
    /// Whether it is given for restless legs, so that a change of it confounds a comparison.
    var isForRestlessLegs: Bool?
    /// Whether starting or stopping it divides the nights into phases.
    var isPhaseBreak: Bool?
    var source: String

    var hasSpacing: Bool { beforeHours != nil || afterHours != nil }
}
