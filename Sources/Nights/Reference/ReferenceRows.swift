// SPDX-License-Identifier: GPL-3.0-or-later

/// A published upper level for magnesium from supplements and medicines.
public struct UpperLevel: Hashable, Sendable, Decodable {
    /// Whose it is: `us` or `eu`.
    public var region: Profile.LimitsRegion
    /// Milligrams a day.
    public var mgPerDay: Double
    /// The short name of its source.
    public var source: String
}

/// A study of magnesium, as every report of a difference shows it.
public struct Study: Hashable, Sendable, Decodable {
    /// A short name.
    public var id: String
    /// How it was done.
    public var design: String
    /// How many took part; nil for a review that does not say.
    public var participants: Int?
    /// What was given.
    public var magnesium: String
    /// The elemental milligrams that it may have been: two where the basis is not clear.
    public var doseMg: [Double]
    /// What was seen.
    public var outcome: String
    /// What weakens it.
    public var limits: String
    /// The short name of its source.
    public var source: String
}

/// What one study or text found about the absorption of a form.
public struct AbsorptionFinding: Hashable, Sendable, Decodable {
    /// The form's name in the reference data.
    public var form: String
    /// What was found.
    public var finding: String
    /// How strong that evidence is.
    public var strength: String
    /// The lowest share absorbed, in per cent, where one was given.
    public var lowPercent: Double?
    /// The highest share absorbed, in per cent, where one was given.
    public var highPercent: Double?
    /// The short name of its source.
    public var source: String
}

/// Recommended intakes of all magnesium, food and supplements together, of an age group.
struct Allowance: Decodable {
    var fromAge: Int
    var toAge: Int
    var male: Double
    var female: Double
    var pregnant: Double?
    var lactating: Double?
}

/// A range of a laboratory value about which guidelines say something; without a test, what to say when nothing was entered.
struct LabBand: Decodable {
    var id: String
    var test: LabResult.Test?
    var above: Double?
    var atMost: Double?
    var below: Double?
    var severity: Notice.Severity
    var text: String
    var source: String

    func contains(_ value: Double) -> Bool {
        value > above ?? -.infinity && value <= atMost ?? .infinity && value < below ?? .infinity
    }
}

/// What is said about the kidneys: a range of the filtration rate, or an answer of the profile.
struct KidneyBand: Decodable {
    var id: String
    var below: Double?
    var severity: Notice.Severity
    var text: String
    var source: String
}

/// A sign that needs care at once.
struct RedFlag: Decodable {
    var id: String
    /// What people write for it.
    var words: [String]
    /// How a notice names it.
    var text: String
    var source: String
}

/// A text that is printed as it stands, but for the named values in braces.
struct FixedText: Decodable {
    var id: String
    var severity: Notice.Severity
    var text: String
    var source: String
}

/// The words that no text of the product may have.
struct Wording: Decodable {
    var banned: [String]
    var bannedOutsideEvidence: [String]
    var bannedWithoutStatistically: [String]
    var approved: [String]
}
