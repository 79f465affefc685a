// SPDX-License-Identifier: GPL-3.0-or-later

/// The entries of a log beside each other and beside the nights: drops what is there twice, and names what looks odd.
struct DoseComparison {
    /// An entry and what was found about it.
    struct Item {
        var entry: DoseLog.Entry
        var warnings: [Finding]
    }

    private(set) var items: [Item]
    private(set) var rejected: [Finding] = []
    private let reference = ReferenceData.current

    init(_ items: [Item], bedtimes: [CivilDay: DoseLog.Bedtime]) {
        self.items = items
        dropDuplicates()
        warnOfNeighbours()
        warnOfUntimedTwins()
        warnOfUnusualTimes()
        warnOfDosesDuringNights(bedtimes)
    }

    /// How much of which form. On the skin nothing is known in milligrams, so what was written is compared.
    private struct SameAmount: Hashable {
        var form: String
        var route: Dose.Route
        var millionths: Int
        var unit: DoseUnit
        var id: String

        init(_ dose: Dose) {
            form = dose.form
            route = dose.route
            unit = dose.elementalMg == nil ? dose.amount.unit : .mg
            millionths = Int(exactly: ((dose.elementalMg ?? dose.amount.value) * 1e6).rounded()) ?? .max
            id = dose.id
        }
    }

    private mutating func dropDuplicates() {
        struct Sameness: Hashable {
            var instant: UTCInstant
            var amount: SameAmount
        }
        var first: [Sameness: Int] = [:]
        items.removeAll { item in
            guard let instant = item.entry.dose.instant else { return false }
            let key = Sameness(instant: instant, amount: SameAmount(item.entry.dose))
            guard let line = first[key] else {
                first[key] = item.entry.line
                return false
            }
            rejected.append(
                Finding(
                    line: item.entry.line, column: item.entry.column, code: "E_DUPLICATE_OF_LINE_\(line)",
                    message: "the same dose at the same time as in line \(line)",
                    hint: "if it was taken twice, give each an id"))
            return true
        }
    }

    /// Names pairs that are close in time: the same amount within minutes, or two supplements within hours.
    private mutating func warnOfNeighbours() {
        let sameWithin = reference.whole(.possibleDuplicateWithin) * 60
        let twoWithin = reference.whole(.twoDosesWithin) * 3600
        let timed = items.indices.compactMap { index in
            items[index].entry.dose.instant.map { (instant: $0, index: index) }
        }
        .sorted { ($0.instant, $0.index) < ($1.instant, $1.index) }
        var oldest = 0
        for (place, later) in timed.enumerated() {
            while later.instant - timed[oldest].instant > twoWithin { oldest += 1 }
            let dose = items[later.index].entry.dose
            let near = timed[max(oldest, place - Self.mostNeighbours)..<place].reversed()
            if !dose.isZero,
                let earlier = near.first(where: {
                    later.instant - $0.instant <= sameWithin
                        && SameAmount(items[$0.index].entry.dose) == SameAmount(dose)
                })
            {
                warn(
                    later.index, "W_POSSIBLE_DUPLICATE",
                    "the same amount as in line \(items[earlier.index].entry.line), \((later.instant - earlier.instant) / 60) min apart"
                )
            }
            if dose.isSupplementDose, let earlier = near.first(where: { items[$0.index].entry.dose.isSupplementDose }) {
                warn(
                    later.index, "W_TWO_WITHIN_6H",
                    "\(Elapsed.text(seconds: later.instant - earlier.instant)) after the dose in line \(items[earlier.index].entry.line)"
                )
            }
        }
    }

    /// How many earlier entries are looked at for one: enough for any person, and a bound for a file of thousands in one hour.
    private static let mostNeighbours = 100

    /// Names entries of one day that are the same, and whose times are not known.
    private mutating func warnOfUntimedTwins() {
        struct Key: Hashable {
            var day: CivilDay
            var amount: SameAmount
        }
        var first: [Key: Int] = [:]
        for (index, item) in items.enumerated() where item.entry.dose.instant == nil && !item.entry.dose.isZero {
            let key = Key(day: item.entry.dose.time.day, amount: SameAmount(item.entry.dose))
            if let line = first[key] {
                warn(
                    index, "W_POSSIBLE_DUPLICATE",
                    "the same amount on the same day as in line \(line), both without a time")
            } else {
                first[key] = item.entry.line
            }
        }
    }

    /// Names times that are half a day away from the usual one: AM and PM are the commonest mistake of diaries.
    private mutating func warnOfUnusualTimes() {
        // Counted from noon, so that the evening and the time after midnight lie together.
        func sinceNoon(_ time: DayTime) -> Int { (time.seconds + 43_200) % 86_400 }
        let sorted = items.compactMap { $0.entry.dose.time.timeOfDay.map(sinceNoon) }.sorted()
        guard sorted.count >= reference.whole(.unusualTimeDoses) else { return }
        let median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        let unusual = reference.whole(.unusualTimeFrom) * 3600...reference.whole(.unusualTimeTo) * 3600
        for (index, item) in items.enumerated() {
            guard let time = item.entry.dose.time.timeOfDay else { continue }
            let apart = abs(sinceNoon(time) - median)
            guard unusual.contains(min(apart, 86_400 - apart)) else { continue }
            let other = DayTime(unchecked: sinceNoon(time))
            warn(index, "W_TIME_UNUSUAL", "\(time) is half a day from the usual time; did you mean \(other)?")
        }
    }

    private mutating func warnOfDosesDuringNights(_ bedtimes: [CivilDay: DoseLog.Bedtime]) {
        for (index, item) in items.enumerated() where !item.entry.dose.isZero {
            guard let instant = item.entry.dose.instant, let bedtime = bedtimes[item.entry.dose.night],
                instant > bedtime.lightsOut, bedtime.wakeUp.map({ instant < $0 }) ?? true
            else { continue }
            warn(
                index, "W_DURING_NIGHT",
                "after lights-out: not part of what was taken before this night, but of the mean and of later nights")
        }
    }

    private mutating func warn(_ index: Int, _ code: String, _ message: String) {
        let entry = items[index].entry
        items[index].warnings.append(Finding(line: entry.line, column: entry.column, code: code, message: message))
    }
}

extension Dose {
    /// Whether it says that nothing was taken.
    public var isZero: Bool { amount.value == 0 }

    /// Whether it is magnesium by mouth as a supplement.
    var isSupplementDose: Bool { kind == .supplement && countedMg > 0 }
}

/// A length of time in words.
enum Elapsed {
    /// `1 h 05`, or `12 min` below an hour.
    static func text(seconds: Int) -> String {
        let minutes = seconds / 60
        return minutes < 60 ? "\(minutes) min" : hours(seconds: seconds)
    }

    /// `1 h 00`, `0 h 12`.
    static func hours(seconds: Int) -> String {
        let minutes = seconds / 60
        return "\(minutes / 60) h \(Digits.padded(minutes % 60, 2))"
    }
}
