// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Every published number and every fixed text about magnesium that the product uses, each row with its source and the date it was checked.
///
/// The one data file, `reference.json`, is compiled into the program: a resource bundle would have to be installed beside a static binary.
public struct ReferenceData: Sendable {
    /// The version that every report prints.
    public let version: String
    /// The full references behind the rows' short source names.
    public let sources: [String: String]
    /// The forms of magnesium.
    public let forms: FormTable
    /// Upper levels for supplements.
    public let limits: [UpperLevel]
    /// Studies of magnesium.
    public let evidence: [Study]
    let allowances: [Allowance]
    let medicines: MedicineTable
    let labs: [LabBand]
    let kidney: [KidneyBand]
    let redFlags: [RedFlag]
    /// What was found about the absorption of forms. Never used as a multiplier.
    public let absorption: [AbsorptionFinding]
    let wording: Wording
    private let constants: [Constant: Double]
    private let texts: [String: FixedText]

    /// The data of this version of the program.
    public static let current: ReferenceData = {
        do {
            return try ReferenceData(json: PackageResources.reference_json)
        } catch {
            preconditionFailure("the reference data compiled into the program cannot be read: \(error)")
        }
    }()

    init(json: [UInt8]) throws {
        let file = try JSONDecoder().decode(File.self, from: Data(json))
        version = file.version
        sources = file.sources
        forms = FormTable(file.forms, magnesiumMolarMass: try file.constant(.magnesiumMolarMass))
        limits = file.limits
        evidence = file.evidence
        allowances = file.allowances
        medicines = MedicineTable(classes: file.medicineClasses)
        labs = file.labs
        kidney = file.kidney
        redFlags = file.redFlags
        absorption = file.absorption
        wording = file.wording
        constants = Dictionary(
            uniqueKeysWithValues: try Constant.allCases.map { ($0, try file.constant($0)) })
        texts = Dictionary(file.texts.map { ($0.id, $0) }) { first, _ in first }
    }

    /// A number that a rule needs.
    subscript(constant: Constant) -> Double { constants[constant] ?? .nan }

    /// A number that a rule needs, where it is whole.
    func whole(_ constant: Constant) -> Int { Int(self[constant]) }

    /// A fixed text by its name.
    ///
    /// - Precondition: the data has it.
    func text(_ id: String) -> FixedText {
        guard let text = texts[id] else { preconditionFailure("no text is named \(id)") }
        return text
    }

    /// The fixed texts, in no order.
    var allTexts: [FixedText] { Array(texts.values) }

    /// The US allowance of all magnesium eaten, in milligrams a day; nil where sex, age or table leave it open, and below the adult age.
    public func allowance(for profile: Profile, inYear year: Int) -> Double? {
        guard let age = profile.age(inYear: year), age >= whole(.adultAge),
            let row = allowances.first(where: { ($0.fromAge...$0.toAge).contains(age) })
        else { return nil }
        switch (profile.pregnant, profile.lactating, profile.sex) {
        case (.yes, _, .female): return row.pregnant
        case (_, .yes, .female): return row.lactating
        case (_, _, .female): return row.female
        case (_, _, .male): return row.male
        case (_, _, .unknown): return nil
        }
    }

    /// Whether a person is known to be too young for the figures of adults.
    public func isUnderAge(_ profile: Profile, inYear year: Int) -> Bool {
        profile.age(inYear: year).map { $0 < whole(.adultAge) } ?? false
    }

    /// The names of the numbers that rules need.
    enum Constant: String, CaseIterable {
        case magnesiumMolarMass = "magnesium-molar-mass"
        case magnesiumValence = "magnesium-valence"
        case basisRequiredAbove = "basis-required-above"
        case doseHighAbove = "dose-high-above"
        case doseImplausibleAbove = "dose-implausible-above"
        case possibleDuplicateWithin = "possible-duplicate-within"
        case possibleDuplicateAcrossSourcesWithin = "possible-duplicate-across-sources-within"
        case twoDosesWithin = "two-doses-within"
        case unusualTimeFrom = "unusual-time-from"
        case unusualTimeTo = "unusual-time-to"
        case unusualTimeDoses = "unusual-time-doses"
        case futureAfter = "future-after"
        case earliestYear = "earliest-year"
        case rejectedShare = "rejected-share"
        case sameEvening = "same-evening"
        case trailingNights = "trailing-nights"
        case exposureHalfLife = "exposure-half-life"
        case fadingUnknownShare = "fading-unknown-share"
        case runIn = "run-in"
        case usableNightsLeast = "usable-nights-least"
        case usableNightsComparison = "usable-nights-comparison"
        case redFlagWithin = "red-flag-within"
        case adultAge = "adult-age"
        case egfrOldAfter = "egfr-old-after"
        case retrospectiveAfter = "retrospective-after"
        case sleepShortest = "sleep-shortest"
        case sleepLongest = "sleep-longest"
        case dayFromHour = "day-from-hour"
        case eveningFromHour = "evening-from-hour"
        case patternNights = "pattern-nights"
        case digestiveNights = "digestive-nights"
        case digestiveLooseNights = "digestive-loose-nights"
        case longestCompleteSpan = "longest-complete-span"
        case serumMgdlPerMmoll = "serum-mgdl-per-mmoll"
    }

    /// The file as it is written.
    private struct File: Decodable {
        var version: String
        var sources: [String: String]
        var constants: [ConstantRow]
        var forms: [FormRow]
        var allowances: [Allowance]
        var limits: [UpperLevel]
        var medicineClasses: [MedicineClass]
        var labs: [LabBand]
        var kidney: [KidneyBand]
        var redFlags: [RedFlag]
        var absorption: [AbsorptionFinding]
        var evidence: [Study]
        var texts: [FixedText]
        var wording: Wording

        func constant(_ name: Constant) throws -> Double {
            guard let row = constants.first(where: { $0.id == name.rawValue }) else {
                throw DecodingError.keyNotFound(
                    name.rawValue.codingKey, .init(codingPath: [], debugDescription: "no constant \(name.rawValue)"))
            }
            return row.value
        }
    }

    private struct ConstantRow: Decodable {
        var id: String
        var value: Double
    }
}

extension String {
    fileprivate var codingKey: any CodingKey { NamedKey(stringValue: self) }

    private struct NamedKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
