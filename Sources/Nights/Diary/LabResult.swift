// SPDX-License-Identifier: GPL-3.0-or-later

/// One value from a laboratory.
public struct LabResult: Hashable, Sendable, Codable {
    /// When the blood was taken.
    public var date: CivilDay
    /// What was measured.
    public var test: Test
    /// The value, in ``unit``.
    public var value: Double
    /// The unit, as entered.
    public var unit: String
    /// Whether it was a morning sample without iron for 24 h before; nil if not said.
    public var isFastingIronFree: Bool?
    /// The laboratory or its assay, since assays differ; empty if not said.
    public var assay: String

    /// A value by its parts.
    public init(
        date: CivilDay, test: Test, value: Double, unit: String, isFastingIronFree: Bool? = nil, assay: String = ""
    ) {
        self.date = date
        self.test = test
        self.value = value
        self.unit = unit
        self.isFastingIronFree = isFastingIronFree
        self.assay = assay
    }

    /// What a laboratory measured.
    public enum Test: String, Hashable, Sendable, Codable, CaseIterable {
        case ferritin
        /// Transferrin saturation.
        case tsat
        case iron
        /// Total iron-binding capacity.
        case tibc
        case serumMagnesium = "serum_mg"
    }
}
