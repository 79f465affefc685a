// SPDX-License-Identifier: GPL-3.0-or-later

/// How much magnesium belongs to each night: what was swallowed, and not as food. A night without an entry is unknown, unless the log
/// declares that it is complete there.
public struct NightlyDoses: Hashable, Sendable {
    private var sums: [CivilDay: Double] = [:]
    private var byForm: [CivilDay: [String: Double]] = [:]
    private let complete: ClosedRange<CivilDay>?

    /// The nights of a log.
    public init(_ doses: [Dose], complete: ClosedRange<CivilDay>? = nil) {
        self.complete = complete
        // Magnesium on the skin alone says nothing about what was swallowed.
        for dose in doses where dose.route == .oral && dose.kind != .food {
            sums[dose.night, default: 0] += dose.countedMg
            if dose.countedMg > 0 { byForm[dose.night, default: [:]][dose.form, default: 0] += dose.countedMg }
        }
        sums = sums.mapValues(DoseRules.tidy)
    }

    /// The elemental milligrams of a night, noon to noon; nil where it is unknown.
    public func mg(_ night: CivilDay) -> Double? {
        sums[night] ?? (complete?.contains(night) == true ? 0 : nil)
    }

    /// The milligrams of each form in a night.
    public func mgByForm(_ night: CivilDay) -> [String: Double] { byForm[night] ?? [:] }

    /// The forms of a night in alphabetical order.
    public func forms(_ night: CivilDay) -> [String] { (byForm[night] ?? [:]).keys.sorted() }

    /// The nights that are known, the earliest first.
    public var knownNights: [CivilDay] {
        var nights = Set(sums.keys)
        if let complete {
            for night in complete.lowerBound.daysSince1970...complete.upperBound.daysSince1970 {
                nights.insert(CivilDay(daysSince1970: night))
            }
        }
        return nights.sorted()
    }
}
