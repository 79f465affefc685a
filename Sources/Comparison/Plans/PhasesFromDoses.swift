// SPDX-License-Identifier: GPL-3.0-or-later
public import Nights

extension StudyDesign {
    /// Nights without a dose, one after another, after which a phase with magnesium is taken to have ended.
    static let longestLapse = 2

    /// An open before and after, its phases read off the dose log: before the first dose, and from it on.
    ///
    /// A night before the first dose counts only where the log says that nothing was taken; a night in the log's silence is under
    /// neither condition. A lapse of up to two nights stays a night with magnesium, as it was meant. A longer one, and what follows
    /// it, is under neither condition. Every change of dose or form is a switch of its own.
    ///
    /// - Throws: a refusal that names the nights in question, where there is no dose or no declared night before it.
    public static func beforeAfter(
        readFrom doses: [ComparedDose], over nights: ClosedRange<CivilDay>, logIsComplete: Bool
    ) throws(ComparisonRefusal) -> StudyDesign {
        let count = nights.upperBound - nights.lowerBound + 1
        let taken = Dictionary(grouping: doses.filter { $0.elementalMg > 0 }, by: \.night)
        let declared = Set(doses.map(\.night))
        guard let firstDose = taken.keys.filter({ nights.contains($0) }).min() else {
            throw ComparisonRefusal(
                reason: .oneDoseOnly,
                problem: "the dose log has no dose between \(nights.lowerBound) and \(nights.upperBound)",
                remedy: "log doses as they are taken (nattro dose add)")
        }
        var condition: [Bool?] = []
        var switches: Set<Int> = []
        var lapse = 0
        var last: String?
        for index in 0..<count {
            let day = nights.lowerBound + index
            if day < firstDose {
                condition.append(logIsComplete || declared.contains(day) ? false : nil)
            } else if let night = taken[day] {
                let milligrams = night.reduce(0) { $0 + $1.elementalMg }
                let amount = "\(milligrams) \(Set(night.map(\.form)).sorted())"
                if let last, last != amount { switches.insert(index) }
                last = amount
                condition.append(lapse > longestLapse ? nil : true)
                if lapse <= longestLapse { lapse = 0 }
            } else {
                lapse += 1
                condition.append(lapse > longestLapse ? nil : true)
            }
        }
        guard firstDose > nights.lowerBound else {
            throw ComparisonRefusal(
                reason: .tooFewNights, problem: "there is no night before the first dose (\(firstDose))",
                remedy:
                    "a drawn order needs no nights before: nattro plan --draw blocks; or name the nights of both phases"
            )
        }
        guard condition.contains(false) else {
            throw ComparisonRefusal(
                reason: .unknownDoses,
                problem: "the dose log says nothing about the nights before the first dose (\(firstDose))",
                remedy:
                    "if nothing was taken, say so: nattro dose none --from \(nights.lowerBound) --to \(firstDose - 1); nothing is taken for granted",
                nights: (0..<firstDose - nights.lowerBound).map { nights.lowerBound + $0 })
        }
        var design = StudyDesign(
            kind: .beforeAfter, first: nights.lowerBound, nights: count, condition: condition)
        design.doseLogIsComplete = logIsComplete
        design.transition = defaultTransition(.beforeAfter)
        design.changes = switches
        return design
    }
}
