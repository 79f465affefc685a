// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Journal
import Nights

/// The doses of a journal as a comparison reads them: one for each night that is known.
struct JournalDoses {
    /// One for each night with an entry, or declared to be without, by date.
    let doses: [ComparedDose]
    /// When the first dose of a night was taken, where the clock time is known.
    let times: [CivilDay: DayTime]
    private let span: ClosedRange<CivilDay>
    private let coverage: [ClosedRange<CivilDay>]

    /// The doses of these nights.
    init(_ store: JournalStore, over span: ClosedRange<CivilDay>) throws {
        self.span = span
        coverage = try store.doseCoverage().map(\.value)
        let entries = try store.doses(from: span.lowerBound, to: span.upperBound).map(\.value)
        let nightly = NightlyDoses(entries)
        var doses: [ComparedDose] = []
        var times: [CivilDay: DayTime] = [:]
        for night in Self.nights(span) {
            if let mg = nightly.mg(night) {
                doses.append(
                    ComparedDose(
                        night: night, elementalMg: mg,
                        form: mg > 0 ? nightly.forms(night).joined(separator: " + ") : "none"))
                times[night] = entries.first { $0.night == night && $0.countedMg > 0 }?.time.timeOfDay
            } else if coverage.contains(where: { $0.contains(night) }) {
                doses.append(ComparedDose(night: night, elementalMg: 0, form: "none"))
            }
        }
        self.doses = doses
        self.times = times
    }

    /// The same over these nights too.
    func covering(_ other: ClosedRange<CivilDay>, in store: JournalStore) throws -> JournalDoses {
        let wider = min(span.lowerBound, other.lowerBound)...max(span.upperBound, other.upperBound)
        return wider == span ? self : try JournalDoses(store, over: wider)
    }

    private static func nights(_ span: ClosedRange<CivilDay>) -> [CivilDay] {
        (0...(span.upperBound - span.lowerBound)).map { span.lowerBound + $0 }
    }

    /// Whether every night is known, by an entry or a declaration.
    private func isComplete(_ nights: ClosedRange<CivilDay>) -> Bool {
        let known = Set(doses.map(\.night))
        return Self.nights(nights).allSatisfy { night in
            known.contains(night) || coverage.contains { $0.contains(night) }
        }
    }

    private var firstDose: CivilDay? { doses.first { $0.elementalMg > 0 }?.night }

    /// The nights before the first dose of which nothing is known, as stretches.
    var undeclaredBeforeFirstDose: [ClosedRange<CivilDay>] {
        guard let firstDose else { return [] }
        let known = Set(doses.map(\.night))
        var spans: [ClosedRange<CivilDay>] = []
        for night in Self.nights(span) where night < firstDose && !known.contains(night) {
            if let last = spans.last, last.upperBound + 1 == night {
                spans[spans.count - 1] = last.lowerBound...night
            } else {
                spans.append(night...night)
            }
        }
        return spans
    }

    // MARK: Designs

    /// The phases that the log shows: before the first dose, and from it on.
    func designFromLog() throws(ComparisonRefusal) -> StudyDesign {
        try StudyDesign.beforeAfter(readFrom: doses, over: span, logIsComplete: isComplete(span))
    }

    /// Two phases as the person names them: the transition begins with the first dose of the log, or with the second phase.
    func design(
        before: ClosedRange<CivilDay>, with: ClosedRange<CivilDay>
    ) throws(ComparisonRefusal) -> StudyDesign {
        guard before.upperBound < with.lowerBound else {
            throw ComparisonRefusal(
                reason: .unusableDesign, problem: "the nights with magnesium do not come after those before",
                remedy: "name the earlier nights with --before and the later ones with --with")
        }
        let all = before.lowerBound...with.upperBound
        var design = StudyDesign(
            kind: .beforeAfter, first: all.lowerBound, nights: all.upperBound - all.lowerBound + 1,
            condition: Self.nights(all).map { before.contains($0) ? false : with.contains($0) ? true : nil })
        design.doseLogIsComplete = isComplete(all)
        var transition = StudyDesign.defaultTransition(.beforeAfter)
        if let first = doses.first(where: { $0.elementalMg > 0 && $0.night > before.upperBound })?.night,
            first < with.lowerBound
        {
            transition = max(0, transition - (with.lowerBound - first))
        }
        design.transition = transition
        design.changes = changes(with, since: all.lowerBound)
        return design
    }

    /// The nights of a phase with another dose or form than the last one with a dose, counted from a first night.
    private func changes(_ nights: ClosedRange<CivilDay>, since first: CivilDay) -> Set<Int> {
        var changes: Set<Int> = []
        var last: ComparedDose?
        for dose in doses where nights.contains(dose.night) && dose.elementalMg > 0 {
            if let last, last.elementalMg != dose.elementalMg || last.form != dose.form {
                changes.insert(dose.night - first)
            }
            last = dose
        }
        return changes
    }
}
