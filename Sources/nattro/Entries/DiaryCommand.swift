// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Journal
import Nights

/// How a night felt.
struct DiaryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diary",
        abstract: "Write down how a night felt: urge, lights out, sleep, effects.",
        subcommands: [DiaryWrite.self, DiaryList.self, DiaryImport.self, DiaryUndo.self],
        defaultSubcommand: DiaryWrite.self)
}

/// Writes into the diary.
struct DiaryWrite: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "write", abstract: "Write into a night's page; what it has already stays.",
        usage: "nattro diary [NIGHT] name=value …",
        discussion: """
            Without a value it shows the page and the questions. NIGHT is the date of the evening; by default the night that began last. \
            Names are the columns of a diary file: lights_out, wake_up, urge, urge_evening, urge_night (0 to 10), first_symptom, worse_at_rest, \
            relief_by_movement, sensation, sleep_quality (0 to 10), awakenings, caffeine_last, caffeine_mg, alcohol_units, nicotine, \
            exercise_min, illness, travel_tz, stool, gi_upset (0 to 3), skin (0 to 3), red_flags, note and further ones.
            """)

    @OptionGroup var options: JournalOptions
    @Argument(help: .init("The night, and what to write: urge=4 lights_out=22:45.", valueName: "name=value"))
    var words: [String] = []

    /// Short names of columns whose full ones tell the range.
    private static let ranges = ["_0_10", "_0_3", "_1_7"]

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            let now = UTCInstant(secondsSince1970: Int(options.time))
            let clock = try EntryTime.clock(nil)
            var night = clock.time(now).night
            var cells: [(name: String, value: String)] = []
            for (index, word) in words.enumerated() {
                if let separator = word.firstIndex(of: "=") {
                    cells.append((String(word[..<separator]), String(word[word.index(after: separator)...])))
                } else if index == 0, word == "last" {
                    night = try store.nights().last?.date ?? night
                } else if index == 0, let date = CivilDay(word) {
                    night = date
                } else {
                    throw Failure(
                        message: "'\(word)' is neither a night nor name=value, like urge=4", outcome: .wrongUsage)
                }
            }
            let old = try store.diaryNight(night)?.value
            guard !cells.isEmpty else { return try writeResult(Self.page(night, old)) }
            let page = try Self.merged(old, with: read(cells, night, now))
            try store.keep([page], "diary \(night)", at: options.time)
            try writeResult(Self.page(night, page))
        }
    }

    /// The cells as the rules of diary files read them.
    private func read(
        _ cells: [(name: String, value: String)], _ night: CivilDay, _ now: UTCInstant
    ) throws -> DiaryNight {
        let columns = DiaryLog(zone: nil, nights: []).csv.split(separator: "\n").last?.split(separator: ",").map(
            String.init)
        let known = Set(columns ?? [])
        let named = try cells.map { cell in
            guard let name = ([""] + Self.ranges).map({ cell.name + $0 }).first(where: known.contains) else {
                throw Failure(
                    message: "the diary has no '\(cell.name)'; `nattro help diary write` names what it has",
                    outcome: .wrongUsage)
            }
            return (name: name, value: cell.value)
        }
        let row = [(name: "night", value: night.description)] + named + [(name: "entered_at", value: now.description)]
        let log: DiaryLog
        do throws(RefusedFile) {
            log = try DiaryLog(reading: EntryRows.csv(row, zone: nil))
        } catch {
            throw Failure(message: error.description, outcome: .unusableInput)
        }
        if let problem = log.rejected.first {
            throw Failure(message: "not kept: \(DoseEntry.words(problem))", outcome: .unusableInput)
        }
        for warning in log.warnings { complain(DoseEntry.words(warning)) }
        return log.nights.first ?? DiaryNight(night: night)
    }

    /// A page with what was written now over what was there.
    static func merged(_ old: DiaryNight?, with new: DiaryNight) throws -> DiaryNight {
        guard let old else { return new }
        func members(_ page: DiaryNight) throws -> [String: Any] {
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(page)) as? [String: Any] ?? [:]
        }
        let written = try members(new).filter { _, value in
            (value as? String)?.isEmpty != true && (value as? [Any])?.isEmpty != true
        }
        let all = try members(old).merging(written) { _, new in new }
        return try JSONDecoder().decode(DiaryNight.self, from: JSONSerialization.data(withJSONObject: all))
    }

    /// A night's page: what was written, and the questions that are open.
    private static func page(_ night: CivilDay, _ page: DiaryNight?) -> String {
        var lines = ["night of \(night)"]
        let table = DiaryLog(zone: nil, nights: [page ?? DiaryNight(night: night)])
        lines += DiaryLines.written(table.csv).map { "  \($0.name): \($0.value)" }
        let questions: [(isOpen: Bool, text: String)] = [
            (
                page?.urge == nil,
                "urge=0..10: how strong was the urge to move your legs, overall (0 none, 10 the strongest)?"
            ),
            (page?.firstSymptom == nil, "first_symptom=HH:MM or none: when did it first appear?"),
            (page?.worseAtRest == nil, "worse_at_rest=yes|no|unsure: was it worse when resting?"),
            (page?.reliefByMovement == nil, "relief_by_movement=yes|partly|no: did moving help?"),
            (page?.sleepQuality == nil, "sleep_quality=0..10: how was your sleep?"),
            (
                page?.lightsOut == nil,
                "lights_out=HH:MM, wake_up=HH:MM: when did the light go out, when did you wake up for the day?"
            ),
        ]
        let open = questions.filter(\.isOpen).map { "  \($0.text)" }
        if !open.isEmpty { lines += ["open:"] + open }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// The written cells of a diary file's last row.
enum DiaryLines {
    static func written(_ csv: String) -> [(name: String, value: String)] {
        let lines = csv.split(separator: "\n").filter { !$0.hasPrefix("#") }
        guard let header = lines.first else { return [] }
        let row = lines.dropFirst().joined(separator: "\n")
        let names = cells(String(header))
        return zip(names, cells(row)).filter { $0.0 != "night" && !$0.1.isEmpty }.map { (name: $0, value: $1) }
    }

    /// The cells of a row, RFC 4180.
    private static func cells(_ row: String) -> [String] {
        var cells = [""]
        var isQuoted = false
        var last: Character?
        for character in row {
            defer { last = character }
            if character == "\"" {
                // A quote that follows the end of a quotation is one of the text.
                if !isQuoted, last == "\"" { cells[cells.count - 1].append("\"") }
                isQuoted.toggle()
            } else if character == ",", !isQuoted {
                cells.append("")
            } else {
                cells[cells.count - 1].append(character)
            }
        }
        return cells
    }
}

/// All pages of the diary.
struct DiaryList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the diary; as a diary file with --csv.")

    @OptionGroup var options: JournalOptions
    @Flag(help: "As a diary file, CSV.")
    var csv = false

    func run() async throws {
        try await endingInExitCode {
            let nights = try options.open().diary().map(\.value)
            if csv { return try writeResult(DiaryLog(zone: nil, nights: nights).csv) }
            let lines = nights.map { night in
                let written = DiaryLines.written(DiaryLog(zone: nil, nights: [night]).csv).filter {
                    $0.name != "entered_at"
                }
                return "\(night.night)  " + written.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
            }
            try writeResult(lines.isEmpty ? "no page yet: nattro diary urge=4\n" : lines.joined(separator: "\n") + "\n")
        }
    }
}

/// A diary from a file.
struct DiaryImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Read a diary file, CSV; a page of the same night is written over.")

    @OptionGroup var options: JournalOptions
    @Argument(help: .init("The file; - is standard input.", valueName: "file"))
    var file: String

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            let log = try WholeFile.read(file) { try DiaryLog(reading: $0) }
            for finding in log.rejected + log.warnings { complain(finding.text(file: file)) }
            try store.keep(log.nights, "diary import \(file)", at: options.time)
            try writeResult("\(file): \(log.nights.count) nights read, \(log.rejected.count) rows or cells rejected\n")
            if !log.rejected.isEmpty { throw ExitCode(Outcome.incomplete.rawValue) }
        }
    }
}

/// Takes the last change of the diary back.
struct DiaryUndo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "undo", abstract: "Take the last change back.")
    @OptionGroup var options: JournalOptions

    func run() async throws {
        try await endingInExitCode { try EntryUndo(options, .diary, "page").run() }
    }
}
