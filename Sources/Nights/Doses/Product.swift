// SPDX-License-Identifier: GPL-3.0-or-later

/// A product, as its label describes it; asked once, so that later `2 MagCitrate` is enough.
public struct Product: Hashable, Sendable, Codable {
    /// The name by which the person calls it.
    public var name: String
    /// The form's name in the reference data.
    public var form: String
    /// The form as it was entered.
    public var formEntered: String
    /// What one piece is called: `tablet`, `capsule`, `sachet`.
    public var unit: String
    /// What the label says of one piece, in milligrams.
    public var labelMg: Double
    /// Whether that weighs the magnesium or the whole salt.
    public var basis: EnteredAmount.Basis
    /// The milligrams of magnesium in one piece.
    public var elementalMgPerUnit: Double
    /// The milligrams that it may hold where the salt's water or composition is not known; nil where it is.
    public var elementalMgRange: ClosedRange<Double>?

    /// A product by its parts.
    public init(
        name: String, form: String, formEntered: String? = nil, unit: String = "piece", labelMg: Double,
        basis: EnteredAmount.Basis, elementalMgPerUnit: Double, elementalMgRange: ClosedRange<Double>? = nil
    ) {
        self.name = name
        self.form = form
        self.formEntered = formEntered ?? form
        self.unit = unit
        self.labelMg = labelMg
        self.basis = basis
        self.elementalMgPerUnit = elementalMgPerUnit
        self.elementalMgRange = elementalMgRange
    }
}
