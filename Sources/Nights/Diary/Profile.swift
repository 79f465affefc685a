// SPDX-License-Identifier: GPL-3.0-or-later

/// What the person said about themselves, as far as published figures depend on it.
public struct Profile: Hashable, Sendable, Codable {
    /// The zone of the home clock, by its IANA name; nil if not said.
    public var zone: String?
    /// The year of birth; nil if not said.
    public var birthYear: Int?
    /// The sex that published figures go by.
    public var sex: Sex
    /// Whether pregnant.
    public var pregnant: Answer
    /// Whether breast-feeding.
    public var lactating: Answer
    /// What is known about the kidneys.
    public var kidney: Kidney
    /// Laboratory values.
    public var labs: [LabResult]
    /// Whose upper levels are shown.
    public var limitsRegion: LimitsRegion

    /// A profile by its parts; without any, one about which nothing is known.
    public init(
        zone: String? = nil, birthYear: Int? = nil, sex: Sex = .unknown, pregnant: Answer = .unknown,
        lactating: Answer = .unknown, kidney: Kidney = Kidney(), labs: [LabResult] = [],
        limitsRegion: LimitsRegion = .both
    ) {
        self.zone = zone
        self.birthYear = birthYear
        self.sex = sex
        self.pregnant = pregnant
        self.lactating = lactating
        self.kidney = kidney
        self.labs = labs
        self.limitsRegion = limitsRegion
    }

    /// The age reached in a year; nil if the year of birth is not known.
    public func age(inYear year: Int) -> Int? { birthYear.map { year - $0 } }

    /// The sex that published figures go by.
    public enum Sex: String, Hashable, Sendable, Codable, CaseIterable {
        case female, male, unknown
    }

    /// An answer to a question that may be left open.
    public enum Answer: String, Hashable, Sendable, Codable, CaseIterable {
        case yes, no, unknown
    }

    /// Whose upper levels are shown.
    public enum LimitsRegion: String, Hashable, Sendable, Codable, CaseIterable {
        case us, eu, both
    }

    /// What is known about the kidneys.
    public struct Kidney: Hashable, Sendable, Codable {
        /// Whether there is a kidney condition.
        public var condition: Answer
        /// The estimated glomerular filtration rate in mL/min/1.73 m²; nil if not known.
        public var egfr: Double?
        /// When that was measured.
        public var egfrDate: CivilDay?
        /// Whether on dialysis.
        public var dialysis: Answer

        /// What is known; without any, nothing.
        public init(
            condition: Answer = .unknown, egfr: Double? = nil, egfrDate: CivilDay? = nil, dialysis: Answer = .unknown
        ) {
            self.condition = condition
            self.egfr = egfr
            self.egfrDate = egfrDate
            self.dialysis = dialysis
        }
    }
}
