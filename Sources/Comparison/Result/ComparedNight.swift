// SPDX-License-Identifier: GPL-3.0-or-later
public import Nights

/// A night as a comparison reads it: plain values, wherever they come from.
public struct ComparedNight: Hashable, Sendable {
    /// The day of its evening.
    public var day: CivilDay
    /// Whether the sleeper lets it count.
    public var isIncluded: Bool
    /// The analysed hours of the rest interval.
    public var hours: Double
    /// The periodic limb movements in those hours.
    public var movements: Int
    /// What must be the same in all nights: leg, site, sensor, rules, parameters …, by name.
    public var setting: [String: String]
    /// What may be adjusted for, by name.
    public var covariates: [String: Double] = [:]
    /// The detector's threshold as it was in effect, in mg of acceleration.
    public var effectiveThreshold: Double?
    /// The sensor's noise floor, in mg of acceleration.
    public var noiseFloor: Double?
    /// The movements when all nights are scored at the same higher threshold.
    public var movementsAtFixedThreshold: Int?
    /// The secondary endpoints that were measured.
    public var secondary: [SecondaryEndpoint: Double] = [:]
    /// The urge to move in the evening, 0 to 10.
    public var eveningUrge: Double?
    /// The urge to move in the night, 0 to 10.
    public var nightUrge: Double?
    /// When the first symptom came, in hours after noon.
    public var firstSymptom: Double?

    /// A night without covariates and ratings.
    public init(
        day: CivilDay, isIncluded: Bool = true, hours: Double, movements: Int, setting: [String: String] = [:]
    ) {
        self.day = day
        self.isIncluded = isIncluded
        self.hours = hours
        self.movements = movements
        self.setting = setting
    }

    /// A night counts with this many analysed hours.
    public static let fewestHours = 4.0
    /// The parts of a setting that scoring decides, so that scoring again mends a difference.
    public static let scored: Set<String> = ["rules", "scoring", "parameters"]
}

/// Magnesium of one night: taken from its noon to the next.
public struct ComparedDose: Hashable, Sendable {
    /// The night it belongs to.
    public var night: CivilDay
    /// Elemental magnesium by mouth, in mg; 0 is a night declared to be without.
    public var elementalMg: Double
    /// The salt.
    public var form: String

    /// A dose by its parts.
    public init(night: CivilDay, elementalMg: Double, form: String) {
        self.night = night
        self.elementalMg = elementalMg
        self.form = form
    }
}

/// What is looked at beside the primary endpoint; adjusted together, by Holm.
public enum SecondaryEndpoint: String, Hashable, Sendable, CaseIterable {
    case periodicInWake = "plmw"
    case allMovements = "lm"
    case periodicityIndex = "periodicity_index"
    case periodicityIndexByTime = "periodicity_index_time"
    case medianInterval = "imi_median_s"
    case meanDuration = "duration_mean_s"

    /// Its name in a sentence.
    public var name: String {
        switch self {
        case .periodicInWake: "periodic movements in wake, per hour"
        case .allMovements: "all leg movements, per hour"
        case .periodicityIndex: "periodicity index"
        case .periodicityIndexByTime: "periodicity index by time"
        case .medianInterval: "median interval between movements"
        case .meanDuration: "mean duration of a movement"
        }
    }

    /// Whether it counts movements, so that hours are its exposure.
    var isCount: Bool { self == .periodicInWake || self == .allMovements }
    /// Whether conditions are set against each other as a ratio, not a difference.
    public var isRatio: Bool { self != .periodicityIndex && self != .periodicityIndexByTime }
}

/// Why a comparison, or a part of it, is not made, and what mends it.
public struct ComparisonRefusal: Error, Hashable, Sendable {
    /// Why, for a program to branch on.
    public enum Reason: String, Hashable, Sendable {
        case tooFewNights = "too_few_nights"
        case tooFewMovements = "too_few_movements"
        case mixedNights = "mixed_nights"
        case unknownDoses = "unknown_doses"
        case missingCovariate = "missing_covariate"
        case tooManyCovariates = "too_many_covariates"
        case oneDoseOnly = "one_dose_only"
        case noFit = "no_fit"
        case unusableDesign = "unusable_design"
    }

    /// Why.
    public let reason: Reason
    /// Why, in a sentence without a full stop.
    public let problem: String
    /// What to do, with the command that does it.
    public let remedy: String
    /// The part of the setting in which nights differ; nil where they do not.
    public let setting: String?
    /// The nights that are in the way; empty where it is no matter of single nights.
    public let nights: [CivilDay]

    /// A refusal by its parts.
    public init(
        reason: Reason, problem: String, remedy: String, setting: String? = nil, nights: [CivilDay] = []
    ) {
        self.reason = reason
        self.problem = problem
        self.remedy = remedy
        self.setting = setting
        self.nights = nights
    }
}

extension ComparisonRefusal: CustomStringConvertible {
    /// The problem and the remedy.
    public var description: String { "\(problem); \(remedy)" }
}
