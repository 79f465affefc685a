// SPDX-License-Identifier: GPL-3.0-or-later
internal import Nights

/// What nights, doses and a design say together: numbers, tables, notes, and the sentences that the numbers choose.
public struct NightComparison: Hashable, Sendable {
    /// Two conditions, or several doses.
    public enum Contrast: Hashable, Sendable {
        case conditions(ConditionComparison)
        case doses(DoseComparison)
    }

    /// What was planned.
    public let design: StudyDesign
    /// The usable nights in calendar order.
    public let nights: [ComparedNight]
    /// The nights that take no part.
    public let leftOut: [LeftOutNight]
    /// The comparison.
    public let contrast: Contrast
    /// What a reader must know beside the numbers, in a fixed order.
    public let notes: [ComparisonNote]
    /// How far a plan is that may not be looked at yet: until then there is no p value and no verdict.
    public let interim: Interim?

    /// A look before the planned end.
    public struct Interim: Hashable, Sendable {
        /// The planned nights that have passed.
        public let passed: Int
        /// The planned nights.
        public let planned: Int
    }

    /// Compares nights.
    ///
    /// Throws where nights cannot be compared at all. A comparison that can only describe carries its refusal in itself.
    public init(
        nights: [ComparedNight], doses: [ComparedDose], design: StudyDesign
    ) throws(ComparisonRefusal) {
        let selection = try NightSelection(nights, design)
        var notes: [ComparisonNote] = []
        self.design = design
        self.nights = selection.usable
        leftOut = selection.leftOut
        if design.comparesDoses {
            contrast = .doses(try DoseComparison(selection, doses, notes: &notes))
        } else {
            let comparison = try ConditionComparison(selection, notes: &notes)
            contrast = .conditions(comparison)
            notes += ComparisonNote.about(comparison, selection, doses)
        }
        interim = Self.interim(nights, design)
        self.notes = notes
    }

    /// Why there is no rate ratio; nil where there is one.
    public var refusal: ComparisonRefusal? {
        switch contrast {
        case .conditions(let comparison): comparison.refusal
        case .doses(let comparison): comparison.refusal
        }
    }

    private static func interim(_ nights: [ComparedNight], _ design: StudyDesign) -> Interim? {
        guard case .after(let looks) = design.looks else { return nil }
        let passed = min(design.nights, max(0, (nights.map(\.day).max() ?? design.first) - design.first + 1))
        return looks.contains(passed) || passed >= design.nights ? nil : Interim(passed: passed, planned: design.nights)
    }
}
