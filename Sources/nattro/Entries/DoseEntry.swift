// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import Nights

/// Enters doses into a journal, and answers with elemental milligrams and the night.
struct DoseEntry {
    let store: JournalStore
    let options: JournalOptions
    let clock: ZoneClock

    init(_ store: JournalStore, _ options: JournalOptions, zone: String?) throws {
        self.store = store
        self.options = options
        clock = try EntryTime.clock(zone)
        if zone == nil { announceZone() }
    }

    var now: UTCInstant { UTCInstant(secondsSince1970: Int(options.time)) }

    /// Says it where the computer's zone is another one than that of the last entry.
    private func announceZone() {
        guard let last = (try? store.doses())?.last(where: { $0.value.time.zone != nil })?.value.time.zone,
            last != clock.name
        else { return }
        complain(
            "the clock's zone is \(clock.name) now, and was \(last) at the last entry; this one is of \(clock.name) "
                + "(for another: --tz \(last))")
    }

    /// The dose that words mean, as the rules of dose logs read it; what they warn of goes to standard error.
    func dose(_ words: [String], confirmed: Bool, note: String) throws -> Dose {
        let typed = try DoseWords(words, time: EntryTime(now: now, clock: clock))
        let products = try store.products().map(\.value)
        let row = typed.row(products: products, confirmed: confirmed, note: note)
        let log = try read(EntryRows.csv(row, zone: clock.name))
        guard let dose = log.doses.first else {
            let problem = log.rejected.first
            throw Failure(
                message: "not kept: " + (problem.map(Self.words) ?? "no dose among the words")
                    + (problem?.code == "E_DOSE_IMPLAUSIBLE" ? "; if it is right, add --confirm" : "")
                    + (problem?.code == "E_BASIS_REQUIRED" ? "; add the word elemental or compound" : ""),
                outcome: .unusableInput)
        }
        for warning in log.warnings { complain(Self.words(warning)) }
        return dose
    }

    func read(_ bytes: [UInt8], isStrict: Bool = false) throws -> DoseLog {
        let options = DoseLog.Options(now: now, isStrict: isStrict, products: try store.products().map(\.value))
        do throws(RefusedFile) {
            return try DoseLog(reading: bytes, options: options)
        } catch {
            throw Failure(message: error.description, outcome: .unusableInput)
        }
    }

    static func words(_ finding: Finding) -> String {
        "\(finding.code) \(finding.message)" + (finding.hint.isEmpty ? "" : "; \(finding.hint)")
    }

    /// Keeps a dose and answers: how much magnesium, of which night.
    func keep(_ dose: Dose, _ deed: String) throws {
        let before = try store.doses(from: dose.night - 1, to: dose.night + 1).map(\.value)
        let isThere = before.contains { other in
            other.instant != nil && other.instant == dose.instant && other.elementalMg == dose.elementalMg
                && other.form == dose.form && other.route == dose.route
        }
        guard !isThere else {
            throw Failure(
                message: "not kept: the same dose at the same minute is in the journal already; "
                    + "if it was taken twice, say so with another minute",
                outcome: .unusableInput)
        }
        if let instant = dose.instant, dose.countedMg > 0,
            let near = before.first(where: { other in
                other.countedMg > 0 && other.instant.map { abs($0 - instant) < 6 * 3600 } == true
            })
        {
            complain("W_TWO_WITHIN_6H another dose is within 6 h: \(DoseText.short(near))")
        }
        let isFirst = try store.doses().isEmpty && store.doseCoverage().isEmpty
        let noticed = try notices(around: dose.night)
        let kept = try store.add([dose], deed, at: options.time)[0]
        try writeResult(answer(kept) + "\n")
        for notice in try notices(around: dose.night) where !noticed.contains(notice) { complain(notice.text) }
        if isFirst, dose.countedMg > 0 { try askForTheTimeBefore(dose.night) }
    }

    /// Nights around a dose in which something about it may be noticed.
    private static let noticedNights = 3

    /// What published figures say beside the doses about a night, but for what is mere information.
    private func notices(around night: CivilDay) throws -> [Notice] {
        let doses = try store.doses(from: night - Self.noticedNights, to: night + Self.noticedNights)
        let nights = night - Self.noticedNights...(night + Self.noticedNights)
        let board = NoticeBoard(
            NoticeBoard.Log(
                doses: doses.map(\.value),
                medicines: try store.medicines().map(\.value).filter { nights.contains($0.time.night) },
                diary: try store.diary().map(\.value).filter { nights.contains($0.night) },
                profile: try store.profile(), clock: clock, today: clock.time(now).day))
        return board.notices.filter { $0.severity != .info }
    }

    /// `12  200 mg elemental at 21:10 (citrate), night of 2026-03-04; that night in all 200 mg`.
    func answer(_ entry: StoredEntry<Dose>) throws -> String {
        let night = entry.value.night
        let total = try store.doses(from: night, to: night).reduce(0) { $0 + $1.value.countedMg }
        return "\(entry.id)  \(DoseText.short(entry.value)), night of \(night)"
            + (DoseText.range(entry.value).map { " (\($0))" } ?? "")
            + "; that night in all \(DoseText.milligrams(total)) mg"
    }

    /// The first dose of all: was there none before? On a terminal it is asked, else the command is told.
    private func askForTheTimeBefore(_ night: CivilDay) throws {
        let command = "nattro dose none --to \(night - 1)"
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
            return complain("it is the first dose; if there was no magnesium before, say so: \(command)")
        }
        FileHandle.standardError.write(Data("No magnesium before this night? [y/n] ".utf8))
        if readLine()?.lowercased().hasPrefix("y") == true {
            try store.declareComplete(DoseNone.earliest...(night - 1), command, at: options.time)
            try writeResult("declared: no magnesium up to the night of \(night - 1)\n")
        } else {
            complain("the nights before are unknown, not zero")
        }
    }
}
