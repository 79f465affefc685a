// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Journal
import Nights

/// Other medicines.
struct MedicineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "medicine",
        abstract: "Log other medicines: taken, started, stopped, changed.",
        subcommands: [
            MedicineAdd.self, MedicineList.self, MedicineImport.self, MedicineRemove.self, MedicineUndo.self,
        ],
        defaultSubcommand: MedicineList.self)
}

/// Adds what happened with a medicine.
struct MedicineAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add what happened with a medicine.",
        usage: "nattro medicine add gabapentin taken 22:00\nnattro medicine add pramipexole started 2026-03-04")

    @OptionGroup var options: JournalOptions
    @Argument(help: .init("Name, then taken, started, stopped or changed, then a time.", valueName: "word"))
    var words: [String]
    @Option(name: .customLong("class"), help: .init("Its class, if you know it.", valueName: "text"))
    var className = ""
    @Option(help: .init("What you noted.", valueName: "text"))
    var note = ""
    @Option(help: .init("The zone of the time, by its IANA name; by default the computer's.", valueName: "zone"))
    var tz: String?

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            let now = UTCInstant(secondsSince1970: Int(options.time))
            let clock = try EntryTime.clock(tz)
            var time = EntryTime(now: now, clock: clock)
            var (name, action): ([String], String?) = ([], nil)
            for word in words {
                if Medicine.Action(rawValue: word.lowercased()) != nil {
                    action = word.lowercased()
                } else if !time.take(word) {
                    name.append(word)
                }
            }
            let (day, moment) = time.meant
            let row = [
                (name: "date", value: day.description), (name: "time", value: moment?.description ?? ""),
                (name: "name", value: name.joined(separator: " ")), (name: "class", value: className),
                (name: "action", value: action ?? ""), (name: "note", value: note),
            ]
            let log: MedicineLog
            do throws(RefusedFile) {
                log = try MedicineLog(reading: EntryRows.csv(row, zone: clock.name), now: now)
            } catch {
                throw Failure(message: error.description, outcome: .unusableInput)
            }
            guard let medicine = log.medicines.first else {
                throw Failure(
                    message: "not kept: " + (log.rejected.first.map(DoseEntry.words) ?? "no medicine among the words"),
                    outcome: .unusableInput)
            }
            let id = try store.add([medicine], "medicine add \(medicine.name)", at: options.time)[0]
            try writeResult(MedicineList.line(StoredEntry(id: id, value: medicine)) + "\n")
        }
    }
}

/// All that happened with medicines.
struct MedicineList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List what happened with medicines.")

    @OptionGroup var options: JournalOptions
    @Flag(help: "As a file of medicines, CSV.")
    var csv = false

    func run() async throws {
        try await endingInExitCode {
            let medicines = try options.open().medicines()
            if csv {
                let zone = medicines.last { $0.value.time.zone != nil }?.value.time.zone
                return try writeResult(MedicineLog(zone: zone, medicines: medicines.map(\.value)).csv)
            }
            try writeResult(
                medicines.isEmpty
                    ? "no medicine yet: nattro medicine add gabapentin taken 22:00\n"
                    : medicines.map { Self.line($0) + "\n" }.joined())
        }
    }

    static func line(_ entry: StoredEntry<Medicine>) -> String {
        let medicine = entry.value
        return "\(entry.id)  \(medicine.name) \(medicine.action.rawValue), \(medicine.time.day)"
            + (medicine.time.timeOfDay.map { " \($0)" } ?? "") + ", night of \(medicine.time.night)"
            + (medicine.note.isEmpty ? "" : "  \(medicine.note)")
    }
}

/// Medicines from a file.
struct MedicineImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Read a file of medicines, CSV; what is there already is not read twice.")

    @OptionGroup var options: JournalOptions
    @Argument(help: .init("The file; - is standard input.", valueName: "file"))
    var file: String

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            let (zone, now) = (try EntryTime.clock(nil).name, UTCInstant(secondsSince1970: Int(options.time)))
            let log = try WholeFile.read(file) { try MedicineLog(reading: $0, zone: zone, now: now) }
            for finding in log.rejected { complain(finding.text(file: file)) }
            let known = Set(try store.medicines().map(\.value))
            let new = log.medicines.filter { !known.contains($0) }
            try store.add(new, "medicine import \(file)", at: options.time)
            try writeResult(
                "\(file): \(log.medicines.count) rows read, \(new.count) new, \(log.rejected.count) rejected\n")
            if !log.rejected.isEmpty { throw ExitCode(Outcome.incomplete.rawValue) }
        }
    }
}

/// Removes entries of medicines.
struct MedicineRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove entries by their numbers; undo brings them back.")

    @OptionGroup var options: JournalOptions
    @Argument(help: .init("The numbers in the list.", valueName: "number"))
    var numbers: [Int]

    func run() async throws {
        try await endingInExitCode {
            try options.open().remove(
                numbers, from: .medicines, "medicine remove \(numbers.map(String.init).joined(separator: " "))",
                at: options.time)
            try writeResult("removed: \(numbers.count)\n")
        }
    }
}

/// Takes the last change of medicines back.
struct MedicineUndo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "undo", abstract: "Take the last change back.")
    @OptionGroup var options: JournalOptions

    func run() async throws {
        try await endingInExitCode { try EntryUndo(options, .medicines, "medicine").run() }
    }
}
