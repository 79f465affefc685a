// SPDX-License-Identifier: GPL-3.0-or-later

/// Magnesium that was taken once, or deliberately not taken: what was entered, word for word, and what it means in elemental milligrams.
public struct Dose: Hashable, Sendable, Codable {
    /// When it was taken.
    public var time: DoseTime
    /// How much, as it was entered.
    public var amount: EnteredAmount
    /// The form's name in the reference data: `citrate_anhydrous`, `oxide`, `unknown`.
    public var form: String
    /// The form as it was entered: `magnesium citrate`.
    public var formEntered: String
    /// How it was taken.
    public var route: Route
    /// What it was.
    public var kind: Kind
    /// The milligrams of magnesium in it; nil on the skin, where no amount is known.
    public var elementalMg: Double?
    /// The milligrams that it may have held where the salt's water or composition is not known; nil where it is.
    public var elementalMgRange: ClosedRange<Double>?
    /// The product's name, as entered; empty if none.
    public var product: String
    /// Whether it was taken with food; nil if not said.
    public var withFood: Bool?
    /// Whether the person confirmed an amount that looked implausible.
    public var isConfirmed: Bool
    /// The entry's own name in its file, which tells apart two equal doses of one minute; empty if none.
    public var id: String
    /// What the person noted; empty if nothing.
    public var note: String
    /// The columns or keys that the program does not know, kept word for word in their order.
    public var extra: [ExtraField]

    /// A dose by its parts.
    public init(
        time: DoseTime, amount: EnteredAmount, form: String, formEntered: String? = nil, route: Route = .oral,
        kind: Kind = .supplement, elementalMg: Double?, elementalMgRange: ClosedRange<Double>? = nil,
        product: String = "", withFood: Bool? = nil, isConfirmed: Bool = false, id: String = "", note: String = "",
        extra: [ExtraField] = []
    ) {
        self.time = time
        self.amount = amount
        self.form = form
        self.formEntered = formEntered ?? form
        self.route = route
        self.kind = kind
        self.elementalMg = elementalMg
        self.elementalMgRange = elementalMgRange
        self.product = product
        self.withFood = withFood
        self.isConfirmed = isConfirmed
        self.id = id
        self.note = note
        self.extra = extra
    }

    /// The night to which it belongs: noon to noon, local civil time.
    public var night: CivilDay { time.night }
    /// The moment it was taken; nil where only the day is known.
    public var instant: UTCInstant? { time.instant }

    /// The milligrams that count in exposure, limits and spacing: by mouth, and not as food; else 0.
    public var countedMg: Double { route == .oral && kind != .food ? elementalMg ?? 0 : 0 }

    /// How a dose was taken. Only what goes through the mouth is counted.
    public enum Route: String, Hashable, Sendable, Codable, CaseIterable {
        case oral, topical, iv, other
    }

    /// What a dose was.
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case supplement, medicine, food
    }
}

/// A column or key of a file that the program keeps without understanding it.
public struct ExtraField: Hashable, Sendable, Codable {
    /// The column's or key's name.
    public var name: String
    /// Its text.
    public var value: String
    /// Whether the text is JSON: a number, a list, an object. Else it is a text.
    public var isJSON: Bool

    /// A field by its name and text.
    public init(name: String, value: String, isJSON: Bool = false) {
        self.name = name
        self.value = value
        self.isJSON = isJSON
    }
}
