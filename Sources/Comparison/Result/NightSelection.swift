// SPDX-License-Identifier: GPL-3.0-or-later
public import Nights

/// The nights of a comparison by what becomes of them.
struct NightSelection {
    /// The usable nights in calendar order.
    private(set) var usable: [ComparedNight] = []
    /// The others, with the reason.
    private(set) var leftOut: [LeftOutNight] = []
    let design: StudyDesign

    /// Sorts nights out; refuses what is never mixed.
    init(_ nights: [ComparedNight], _ design: StudyDesign) throws(ComparisonRefusal) {
        self.design = design
        guard design.nights > 0, design.condition.count == design.nights else {
            throw ComparisonRefusal(
                reason: .unusableDesign,
                problem: "the design plans \(design.nights) nights and gives a condition for \(design.condition.count)",
                remedy: "draw it again with nattro plan, or give `condition` one entry for each of `nights`")
        }
        for night in nights.sorted(by: { $0.day < $1.day }) {
            let index = night.day - design.first
            if let last = usable.last, last.day == night.day {
                throw ComparisonRefusal(
                    reason: .mixedNights, problem: "the night of \(night.day) is there twice",
                    remedy: "keep one of the two, or set include to 0 for the other")
            }
            if !night.isIncluded {
                leftOut.append(LeftOutNight(day: night.day, reason: .excluded))
            } else if !(0..<design.nights).contains(index) {
                leftOut.append(LeftOutNight(day: night.day, reason: .outsideDesign))
            } else if !(night.hours >= ComparedNight.fewestHours) {
                leftOut.append(LeftOutNight(day: night.day, reason: .tooShort))
            } else if !design.comparesDoses, design.condition[index] == nil {
                leftOut.append(LeftOutNight(day: night.day, reason: .noCondition))
            } else {
                usable.append(night)
            }
        }
        try refuseMixtures()
    }

    private func refuseMixtures() throws(ComparisonRefusal) {
        for name in Set(usable.flatMap(\.setting.keys)).sorted() {
            let groups = Dictionary(grouping: usable) { $0.setting[name] ?? "" }
            guard groups.count > 1 else { continue }
            func words(_ value: String) -> String { value.isEmpty ? "not said" : value }
            let shown = groups.keys.sorted().map(words).joined(separator: ", ")
            // What most nights are, the rest differ from; of two as many, the later ones.
            let ordered = groups.sorted { ($1.value.count, $0.value[0].day) < ($0.value.count, $1.value[0].day) }
            let others = ordered.dropFirst().map { "\(words($0.key)) on \(Self.list($0.value.map(\.day)))" }
            throw ComparisonRefusal(
                reason: .mixedNights,
                problem:
                    "the nights differ in \(name) (\(shown)), which would pass for an effect: \(others.joined(separator: "; "))",
                remedy: ComparedNight.scored.contains(name)
                    ? "score them all alike, with nattro score and one \(name)"
                    : "compare nights of one \(name): set include to 0 for the others, or nattro nights exclude NIGHT",
                setting: name, nights: ordered.dropFirst().flatMap { $0.value.map(\.day) }.sorted())
        }
    }

    /// Nights by their dates; of many the first ones, and how many more.
    private static func list(_ nights: [CivilDay]) -> String {
        let named = 7
        let shown = nights.prefix(named).map(\.description).joined(separator: ", ")
        return nights.count > named ? "\(shown) and \(nights.count - named) more" : shown
    }

    /// The planned night of a usable one, from 0.
    func index(_ night: ComparedNight) -> Int { night.day - design.first }

    /// Nights as the models read them, days counted from the design's first night.
    func series(_ nights: [ComparedNight]) -> NightSeries {
        NightSeries(days: nights.map(index), counts: nights.map(\.movements), hours: nights.map(\.hours))
    }

    /// The columns of the declared covariates for some nights, with those that never vary named and left out.
    func covariates(of nights: [ComparedNight]) throws(ComparisonRefusal) -> (columns: [[Double]], constant: [String]) {
        var columns: [[Double]] = []
        var constant: [String] = []
        for name in design.covariates {
            var column: [Double] = []
            for night in nights {
                guard let value = night.covariates[name] else {
                    throw ComparisonRefusal(
                        reason: .missingCovariate,
                        problem: "\(name) is declared as a covariate and not known for the night of \(night.day)",
                        remedy:
                            "fill it in (nattro diary \(night.day) \(name)=VALUE), or leave the night out (nattro nights exclude, or include 0)",
                        nights: [night.day])
                }
                column.append(name.hasSuffix("_mg") ? value / 100 : value)
            }
            if Set(column).count > 1 { columns.append(column) } else { constant.append(name) }
        }
        if design.adjustsForTrend { columns.append(series(nights).weeks) }
        // Two parameters more than the covariates: the constant and the effect.
        guard columns.isEmpty || 6 * (columns.count + 2) <= nights.count else {
            throw ComparisonRefusal(
                reason: .tooManyCovariates,
                problem: "\(columns.count) covariates are too many for \(nights.count) nights (six nights a parameter)",
                remedy:
                    "record more nights (nattro record); leaving a declared covariate out makes the result exploratory")
        }
        return (columns, constant)
    }
}

/// A night that takes no part, and why.
public struct LeftOutNight: Hashable, Sendable {
    /// Why a night takes no part.
    public enum Reason: String, Hashable, Sendable {
        case excluded
        case outsideDesign = "outside_design"
        case tooShort = "too_short"
        case noCondition = "no_condition"
    }

    /// The night.
    public let day: CivilDay
    /// Why.
    public let reason: Reason
}
