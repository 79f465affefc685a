// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation
import Journal
import LegMovements
import Nights

/// The nights of a journal before and with magnesium, set against each other, with all that a report of it needs.
///
/// Prints nothing and changes nothing that a person entered: who shows it calls ``noteAsShown(in:at:)``.
struct JournalComparison {
    /// Where the phases are from.
    enum Phases {
        /// The latest stored plan that reaches over a night of the journal; without one the dose log.
        case automatic
        /// The dose log, whatever was planned.
        case doseLog
        /// A design in a file.
        case design(DesignFile)
        /// As the person names them.
        case named(before: ClosedRange<CivilDay>, with: ClosedRange<CivilDay>)
    }

    /// Where the phases came from.
    enum Source: Hashable {
        case doseLog, file, named
        /// The plan of this number in the journal.
        case plan(Int)
    }

    /// A night that takes no part, and why.
    struct LeftOut: Hashable {
        var night: CivilDay
        /// For programs: `excluded`, `too_short`, `no_condition`, `outside_design`, `not_scored`.
        var id: String
        var reason: String
    }

    /// A stretch of a compared night that counts as a gap.
    struct Masked: Hashable {
        var night: CivilDay
        var text: String
    }

    /// Something about the journal that a reader must know: a name for programs, a sentence for people.
    struct Remark: Hashable {
        var id: String
        var text: String
    }

    /// The nights as they were compared, with those that the person excluded.
    let nights: [ComparedNight]
    /// The doses, one for each night that is known.
    let doses: [ComparedDose]
    let design: DesignFile
    let source: Source
    /// The profile of rules.
    let rules: String
    let report: ComparisonReport
    /// What the dosing rules say about the log, what matters most first.
    let notices: [Notice]
    /// Whether a sign that needs care, or the kidneys, come first, so that no sentence about the difference is at the head.
    let suppressesHeadline: Bool
    /// The changes of medicines for restless legs inside the compared nights: with any there is no headline either.
    let confounding: [Notice]
    let leftOut: [LeftOut]
    let masked: [Masked]
    let remarks: [Remark]

    /// What is known of magnesium, for the end of every report of a difference.
    var evidence: [String] { report.evidence }
    /// The sentence that goes with a difference of nights that were not randomised; nil for a drawn plan.
    var disclaimer: String? { report.disclaimer }

    /// Compares the nights that the journal has now.
    ///
    /// - Parameters:
    ///   - rules: the profile; nights without a result under it are left out and named.
    ///   - now: the time, in seconds since the Unix epoch.
    ///   - showsProgress: whether scoring nights again, which takes seconds a night, shows how far it is on a terminal.
    /// - Throws: a ``ComparisonRefusal`` where nights cannot be compared, which names them and the command that mends it; a
    ///   ``JournalError`` where the journal fails.
    init(
        store: JournalStore, phases: Phases = .automatic, rules: ScoringRules = .wasm2016, now: Double,
        showsProgress: Bool = false
    ) async throws {
        let read = try JournalNights(store, rules: rules)
        let log = try Self.log(of: store, now: now)
        guard let span = read.span else {
            throw ComparisonRefusal(
                reason: .tooFewNights, problem: "the journal has no scored night of \(store.participant.name)",
                remedy: "record nights (nattro record), or import them (nattro import FILE)")
        }
        let known = try JournalDoses(store, over: span)
        let (design, source) = try Self.design(phases, read, known, store)
        let nights = try known.covering(design.design.span, in: store).doses
        doses = nights
        self.design = design
        self.source = source
        self.rules = rules.name
        let board = NoticeBoard(log)
        notices = board.notices
        suppressesHeadline = board.suppressesHeadline
        let usable = read.compared.filter { $0.isIncluded && $0.hours >= ComparedNight.fewestHours }
        let inside = usable.map(\.day).filter { design.design.span.contains($0) }
        let window = inside.min().flatMap { first in inside.max().map { first...$0 } }
        confounding =
            window.map { Confounding(medicines: log.medicines, diary: log.diary, nights: $0).notices } ?? []
        let showsHeadline = !board.suppressesHeadline && confounding.isEmpty
        func compare(_ compared: [ComparedNight]) throws -> ComparisonReport {
            do throws(ComparisonRefusal) {
                return try ComparisonReport(
                    nights: compared, doses: nights, design: design, showsHeadline: showsHeadline)
            } catch {
                throw read.inWordsOfTheJournal(error)
            }
        }
        var compared = read.compared
        var report = try compare(compared)
        var remarks = Self.remarks(read, report, known, source, window, log.medicines)
        if case .conditions(let conditions) = report.comparison.contrast, let threshold = conditions.higherThreshold {
            let scoring = FixedThresholdScoring(store: store, rules: rules, threshold: threshold)
            do {
                compared = try await scoring.count(
                    compared, among: report.comparison.nights, read.results, showsProgress: showsProgress)
                report = try compare(compared)
            } catch {
                remarks.append(
                    Remark(
                        id: "threshold.not_rescored",
                        text:
                            "The nights could not be scored again at one threshold: \(JournalScoring.words(error))."))
            }
        }
        self.nights = compared
        self.report = report
        self.remarks = remarks
        leftOut = read.leftOut(by: report.comparison)
        masked = read.masked(among: report.comparison.nights)
    }

    /// What the notices are about.
    static func log(of store: JournalStore, now: Double) throws -> NoticeBoard.Log {
        let profile = try store.profile()
        let clock = try profile.zone.flatMap { ZoneClock($0) } ?? EntryTime.clock(nil)
        let instant = UTCInstant(secondsSince1970: Int(now))
        return NoticeBoard.Log(
            doses: try store.doses().map(\.value), medicines: try store.medicines().map(\.value),
            diary: try store.diary().map(\.value), profile: profile, clock: clock,
            today: instant.civil(offset: clock.offset(at: instant)).day)
    }

    // MARK: The phases

    private static func design(
        _ phases: Phases, _ read: JournalNights, _ doses: JournalDoses, _ store: JournalStore
    ) throws -> (DesignFile, Source) {
        switch phases {
        case .design(let file): return (file, .file)
        case .named(let before, let with):
            return (try DesignFile(doses.design(before: before, with: with)), .named)
        case .automatic:
            let nights = read.compared.map(\.day)
            for entry in try store.designs().reversed() {
                let file = try DesignFile(json: Data(entry.value.utf8), name: "plan \(entry.id) of the journal")
                if nights.contains(where: { file.design.span.contains($0) }) { return (file, .plan(entry.id)) }
            }
        case .doseLog: break
        }
        return (try DesignFile(doses.designFromLog()), .doseLog)
    }

    // MARK: What to know beside it

    private static func remarks(
        _ read: JournalNights, _ report: ComparisonReport, _ doses: JournalDoses, _ source: Source,
        _ window: ClosedRange<CivilDay>?, _ medicines: [Medicine]
    ) -> [Remark] {
        var remarks: [Remark] = []
        func add(_ id: String, _ text: String) { remarks.append(Remark(id: id, text: text)) }
        let compared = report.comparison.nights.map(\.day)
        let unknown = compared.filter { read.results[$0]?.effectiveThreshold == nil }
        if !unknown.isEmpty {
            add(
                "threshold.unknown",
                "Of \(Shown.nights(unknown.count)) the threshold in effect and the noise floor are not known, so the phases' sensitivity is compared without them: nattro score --all keeps both."
            )
        }
        if source == .doseLog {
            let spans = doses.undeclaredBeforeFirstDose
            if !spans.isEmpty {
                let commands = spans.map { "nattro dose none --from \($0.lowerBound) --to \($0.upperBound)" }
                add(
                    "doses.undeclared",
                    "Of nights before the first dose the log says nothing; they take no part. If nothing was taken, say so: \(commands.prefix(3).joined(separator: "; "))\(commands.count > 3 ? "; and so on" : "")."
                )
            }
            add(
                "phases.dose_log",
                "The phases were read off the dose log afterwards; a plan that is frozen before the first night (nattro plan --draw) says more."
            )
        }
        if let window {
            let breaks = Confounding.phaseBreaks(medicines).filter { window.contains($0) }
            if !breaks.isEmpty {
                add(
                    "medicine.phase_break",
                    "A medicine was started, stopped or changed inside the compared nights (\(breaks.map(\.description).joined(separator: ", "))): the nights before and after it differ in that too."
                )
            }
        }
        if read.excludedAfterwards > 0 {
            add(
                "excluded.after_comparison",
                "\(Shown.nights(read.excludedAfterwards)) left out after a comparison had been seen: such a choice can make a difference, or hide one."
            )
        }
        return remarks
    }

    /// Whether anything of the nights' results is shown: then an exclusion made later is marked so.
    var showsResults: Bool { report.comparison.interim == nil }

    /// Notes in the journal that this comparison was seen.
    func noteAsShown(in store: JournalStore, at now: Double) throws {
        guard showsResults else { return }
        let what = JSONValue.object([
            .init("design_sha256", .string(design.digest)), .init("rules", .string(rules)),
            .init("nights", .integer(report.comparison.nights.count)),
        ])
        try store.noteComparison("\(what)", shownAt: now)
    }
}
