// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Journal
import Nights

/// What may stand beside a dose's words.
struct TypedDose: ParsableArguments {
    @Option(help: .init("What you noted.", valueName: "text"))
    var note = ""
    @Option(help: .init("The zone of the time, by its IANA name; by default the computer's.", valueName: "zone"))
    var tz: String?
    @Flag(help: "The amount is right, however large.")
    var confirm = false
}

/// Adds a dose.
struct DoseAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a dose.",
        usage: """
            nattro dose add 200mg citrate 21:10
            nattro dose add 2 MagCitrate yesterday 21:10
            nattro dose add 1350 mg compound bisglycinate 2026-03-04 21:10
            """,
        discussion: "A time alone is its last occurrence; without one it is now. MagCitrate: see `nattro product add`.")

    @OptionGroup var options: JournalOptions
    @Argument(
        help: .init(
            "Amount, form or product, time, in any order; also elemental, compound, topical.", valueName: "word"))
    var words: [String]
    @OptionGroup var typed: TypedDose

    func run() async throws {
        try await endingInExitCode {
            let entry = try DoseEntry(options.open(), options, zone: typed.tz)
            try entry.keep(
                entry.dose(words, confirmed: typed.confirm, note: typed.note),
                "dose add \(words.joined(separator: " "))")
        }
    }
}

/// The last dose once more.
struct DoseSame: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "same", abstract: "Add the last dose once more, now or at a time.",
        usage: "nattro dose same [yesterday] [21:10]")

    @OptionGroup var options: JournalOptions
    @Argument(help: .init("The time; now if none is given.", valueName: "time"))
    var words: [String] = []
    @Option(help: .init("The zone of the time, by its IANA name; by default the computer's.", valueName: "zone"))
    var tz: String?

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            let entry = try DoseEntry(store, options, zone: tz)
            guard var dose = try store.doses().last(where: { $0.value.elementalMg != 0 })?.value else {
                throw Failure(
                    message: "there is no dose yet to repeat; add one: nattro dose add 200mg citrate 21:10",
                    outcome: .unusableInput)
            }
            var time = EntryTime(now: entry.now, clock: entry.clock)
            for word in words where !time.take(word) {
                throw Failure(message: "'\(word)' is neither a day nor a time", outcome: .wrongUsage)
            }
            let (day, clock) = time.meant
            dose.time =
                clock.map { entry.clock.time(entry.clock.moment(day, $0)) }
                ?? DoseTime(onDay: day, zone: entry.clock.name)
            dose.note = ""
            try entry.keep(dose, "dose same")
        }
    }
}

/// All doses.
struct DoseList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the doses.")
    static let schema = "nattro-doses/1"

    @OptionGroup var options: JournalOptions
    @Option(help: .init("The first night.", valueName: "date"))
    var from: NightArgument?
    @Option(help: .init("The last night.", valueName: "date"))
    var to: NightArgument?
    @Flag(help: "As a dose log file, CSV.")
    var csv = false
    @Flag(help: "As a dose log file, JSON.")
    var json = false

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            let doses = try store.doses(from: from?.date, to: to?.date)
            let coverage = try store.doseCoverage().map(\.value)
            if csv || json {
                let zone = doses.last { $0.value.time.zone != nil }?.value.time.zone
                let log = DoseLog(
                    zone: zone, doses: doses.map(\.value), complete: coverage.count == 1 ? coverage[0] : nil)
                return try writeResult(csv ? log.csv : log.json)
            }
            var lines = doses.map { entry in
                "\(entry.value.night)  \(String(repeating: " ", count: max(0, 5 - String(entry.id).count)))\(entry.id)  "
                    + DoseText.short(entry.value) + (DoseText.range(entry.value).map { ", \($0)" } ?? "")
                    + (entry.value.note.isEmpty ? "" : "  \(entry.value.note)")
            }
            lines += coverage.map {
                "complete from \($0.lowerBound) to \($0.upperBound): a night without a dose had none"
            }
            if lines.isEmpty { lines = ["no dose yet: nattro dose add 200mg citrate 21:10"] }
            try writeResult(lines.joined(separator: "\n") + "\n")
        }
    }
}

/// Writes a dose over another.
struct DoseEdit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit", abstract: "Write a dose over another one; the log keeps what it was.",
        usage: "nattro dose edit NUMBER 250mg citrate 2026-03-04 21:10")

    @OptionGroup var options: JournalOptions
    @Argument(help: .init("The dose's number in the list.", valueName: "number"))
    var number: Int
    @Argument(help: .init("The dose as it should be.", valueName: "word"))
    var words: [String]
    @OptionGroup var typed: TypedDose

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            let entry = try DoseEntry(store, options, zone: typed.tz)
            let old = try store.dose(number).value
            var dose = try entry.dose(
                words, confirmed: typed.confirm, note: typed.note.isEmpty ? old.note : typed.note)
            // Words without a day and a time leave the dose where it is.
            let spoken = try DoseWords(words, time: EntryTime(now: entry.now, clock: entry.clock))
            if spoken.time.day == nil, spoken.time.time == nil { dose.time = old.time }
            try store.replace(number, with: dose, "dose edit \(number)", at: options.time)
            try writeResult(entry.answer(StoredEntry(id: number, value: dose)) + "\n")
        }
    }
}

/// Removes doses.
struct DoseRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove doses by their numbers; `nattro dose undo` brings them back.")

    @OptionGroup var options: JournalOptions
    @Argument(help: .init("The doses' numbers in the list.", valueName: "number"))
    var numbers: [Int]

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            let doses = try numbers.map { try store.dose($0) }
            try store.remove(
                numbers, from: .doses, "dose remove \(numbers.map(String.init).joined(separator: " "))",
                at: options.time)
            for dose in doses {
                try writeResult("removed: \(DoseText.short(dose.value)), night of \(dose.value.night)\n")
            }
        }
    }
}

/// Declares nights without magnesium.
struct DoseNone: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "none",
        abstract: "Declare nights without magnesium; otherwise a night without an entry is unknown.",
        usage: "nattro dose none [--night DATE | --from DATE --to DATE]",
        discussion: "Without a date it is tonight; without --from it is from the beginning.")

    @OptionGroup var options: JournalOptions
    @Option(help: .init("The night.", valueName: "date"))
    var night: NightArgument?
    @Option(help: .init("The first night.", valueName: "date"))
    var from: NightArgument?
    @Option(help: .init("The last night.", valueName: "date"))
    var to: NightArgument?

    /// No dose log begins earlier.
    static let earliest = CivilDay(daysSince1970: 10_957)

    func validate() throws {
        guard night == nil || from == nil && to == nil else {
            throw ValidationError("Give --night, or --from and --to.")
        }
        guard from == nil || to != nil else { throw ValidationError("--from needs --to: up to which night?") }
        guard [night, from, to].allSatisfy({ $0 == nil || $0?.date != nil }) else {
            throw ValidationError("Give dates: 2026-11-24.")
        }
    }

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            let clock = try EntryTime.clock(nil)
            let tonight = clock.time(UTCInstant(secondsSince1970: Int(options.time))).night
            let last = to?.date ?? night?.date ?? tonight
            let first = to == nil ? last : from?.date ?? Self.earliest
            guard first <= last else {
                throw Failure(message: "\(first) is after \(last); the first night goes first", outcome: .wrongUsage)
            }
            let taken = try store.doses(from: first, to: last).first { $0.value.countedMg > 0 }
            if let taken {
                throw Failure(
                    message:
                        "not declared: the log has \(DoseText.short(taken.value)) in the night of \(taken.value.night) "
                        + "(number \(taken.id)); remove it first, or name other nights",
                    outcome: .unusableInput)
            }
            try store.declareComplete(first...last, "dose none \(first) \(last)", at: options.time)
            try writeResult(
                first == last
                    ? "declared: no magnesium in the night of \(last)\n"
                    : first == Self.earliest
                        ? "declared: no magnesium up to the night of \(last)\n"
                        : "declared: no magnesium from the night of \(first) to that of \(last)\n")
        }
    }
}

/// Takes the last change of doses back.
struct DoseUndo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Take the last change of doses back, an import as a whole.")

    @OptionGroup var options: JournalOptions

    func run() async throws {
        try await endingInExitCode { try EntryUndo(options, .doses, "dose").run() }
    }
}

/// Takes the last change of a kind of entries back.
struct EntryUndo {
    private let options: JournalOptions
    private let scope: JournalStore.Scope
    private let word: String

    init(_ options: JournalOptions, _ scope: JournalStore.Scope, _ word: String) {
        self.options = options
        self.scope = scope
        self.word = word
    }

    func run() throws {
        guard let change = try options.open().undo(scope, at: options.time) else {
            throw Failure(message: "there is no \(word) to take back", outcome: .unusableInput)
        }
        try writeResult("taken back: \(change.deed)\n")
    }
}
