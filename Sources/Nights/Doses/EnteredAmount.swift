// SPDX-License-Identifier: GPL-3.0-or-later

/// How much was taken, as the person wrote it.
public struct EnteredAmount: Hashable, Sendable, Codable {
    /// The number.
    public var value: Double
    /// The number as it was written, where that differs from how the program prints it: `8,2`; else nil.
    public var entered: String?
    /// The unit of the number.
    public var unit: DoseUnit
    /// Whether the number weighs the magnesium or the whole salt; nil where that has no meaning.
    public var basis: Basis?
    /// How the basis is known.
    public var basisOrigin: BasisOrigin

    /// An amount by its parts.
    public init(
        value: Double, entered: String? = nil, unit: DoseUnit, basis: Basis?, basisOrigin: BasisOrigin = .stated
    ) {
        self.value = value
        self.entered = entered
        self.unit = unit
        self.basis = basis
        self.basisOrigin = basisOrigin
    }

    /// What a weight is the weight of.
    public enum Basis: String, Hashable, Sendable, Codable, CaseIterable {
        /// The magnesium alone.
        case elemental
        /// The whole salt.
        case compound
    }

    /// How it is known what a weight is the weight of.
    public enum BasisOrigin: String, Hashable, Sendable, Codable {
        /// The entry says it.
        case stated
        /// The file says it for all entries without their own word.
        case fileDefault
        /// Nobody says it; a small weight is taken as elemental, and the assumption is shown.
        case assumed
        /// The unit counts magnesium itself (mmol, mEq).
        case unit
        /// The product's label says it.
        case product
        /// It has no meaning: nothing taken, or on the skin.
        case none
    }
}

/// The unit of an amount.
public enum DoseUnit: Hashable, Sendable {
    case mg, g, ug, mmol, mEq
    /// On the skin only.
    case spray, ml, drop
    /// A piece of a product, under the name that its label gives it: `tablet`.
    case piece(String)

    /// The units that need no product.
    public static let plain: [DoseUnit] = [.mg, .g, .ug, .mmol, .mEq, .spray, .ml, .drop]

    /// The unit as the program writes it.
    public var name: String {
        switch self {
        case .mg: "mg"
        case .g: "g"
        case .ug: "ug"
        case .mmol: "mmol"
        case .mEq: "mEq"
        case .spray: "spray"
        case .ml: "ml"
        case .drop: "drop"
        case .piece(let name): name
        }
    }

    /// A unit that needs no product, by its name in any case; nil for another word.
    public init?(plain name: some StringProtocol) {
        switch name.lowercased() {
        case "mg", "milligram", "milligrams": self = .mg
        case "g", "gram", "grams": self = .g
        case "ug", "mcg", "µg", "μg", "microgram", "micrograms": self = .ug
        case "mmol": self = .mmol
        case "meq": self = .mEq
        case "spray", "sprays": self = .spray
        case "ml": self = .ml
        case "drop", "drops": self = .drop
        default: return nil
        }
    }

    /// Whether the unit weighs something: mg, g or µg.
    public var isMass: Bool { self == .mg || self == .g || self == .ug }
}

extension DoseUnit: Codable {
    /// Reads the unit's name; a word that is no plain unit is a piece of a product.
    public init(from decoder: any Decoder) throws {
        let name = try decoder.singleValueContainer().decode(String.self)
        self = DoseUnit(plain: name) ?? .piece(name)
    }

    /// Writes the unit's name.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}
