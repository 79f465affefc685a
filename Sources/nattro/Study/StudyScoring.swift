// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import LegMovements
import Recordings

/// Scores the nights of a manifest on all cores, and writes what came of each.
///
/// Each night has a file of its own, which is written whole or not at all and names what it was made from. A night whose file was made from
/// the same recordings with the same rules and numbers is not scored again: a run that was stopped goes on where it was.
struct StudyScoring {
    /// Where results go.
    let folder: String
    let rules: ScoringRules
    let parameters: DetectionParameters

    /// How a study ended.
    struct Outcome {
        var nights = 0
        var kept = 0
        var failed = 0
        /// How the nights' marks and results agree; nil where none has marks.
        var agreement: StudyAgreement?
    }

    /// What came of one row, or two, of the manifest.
    private struct Result: Codable, Sendable {
        var key: String
        var columns: [String]
        var rows: [[String]]
        var notes: [Note]
    }

    /// Why a night failed, or should be looked at.
    private struct Note: Codable, Sendable {
        var participant: String
        var night: String
        var status: String
        var line: Int
        var path: String
        var reason: String
    }

    /// The version of the files, and of the scoring: with either another, all is scored anew.
    private static let version = "nattro-study/1 \(ScoringVersion.current)"

    /// The columns of the table of quality.
    static let qualityDictionary = DataDictionary(columns: [
        .init("participant", "The participant, as the manifest has it."),
        .init("night", "The night, as the manifest has it, or the date of its evening."),
        .init(
            "status", "What became of it.",
            levels: [
                ("failed", "not scored, and in no other table"), ("short", "scored, with fewer than 4 analysed hours"),
                ("damaged", "scored, with something left out of the recording"),
            ]),
        .init("line", "The line of the manifest."),
        .init("path", "The recordings."),
        .init("reason", "Why."),
    ])

    /// Scores all nights, as many at a time as there are cores.
    func run(_ manifest: Manifest) async throws -> Outcome {
        let nights = "\(folder)/nights"
        do {
            try FileManager.default.createDirectory(atPath: nights, withIntermediateDirectories: true)
        } catch {
            throw RecordingError(
                .inputOutput, path: nights, problem: "the folder cannot be made (\(error.localizedDescription))",
                remedy: "choose another --out")
        }
        let entries = manifest.entries
        let progress = Progress("scoring", parts: entries.count)
        var results: [(result: Result, wasKept: Bool)?] = Array(repeating: nil, count: entries.count)
        try await withThrowingTaskGroup(of: (Int, Result, Bool).self) { group in
            var next = 0
            func add() {
                guard next < entries.count else { return }
                let index = next
                next += 1
                group.addTask {
                    let (result, wasKept) = try await self.result(of: entries[index])
                    return (index, result, wasKept)
                }
            }
            for _ in 0..<max(1, ProcessInfo.processInfo.activeProcessorCount) { add() }
            while let (index, result, wasKept) = try await group.next() {
                results[index] = (result, wasKept)
                progress.advance(index, to: 1)
                add()
            }
        }
        progress.finish()
        let all = results.compactMap(\.self)
        try write(all.map(\.result))
        return Outcome(
            nights: all.reduce(0) { $0 + $1.result.rows.count }, kept: all.count(where: \.wasKept),
            failed: all.reduce(0) { $0 + $1.result.notes.count { $0.status == "failed" } },
            agreement: StudyAgreement(rows: all.flatMap(\.result.rows)))
    }

    /// The result of an entry: the one that is there, if it was made from the same, else a new one.
    private func result(of entry: Manifest.Entry) async throws -> (Result, wasKept: Bool) {
        do {
            if let problem = entry.problem { throw Failure(message: problem, outcome: .unusableInput) }
            let inputs = try entry.files.map { try SHA256.digest(ofFile: $0.path).digest }
            let events = entry.events.isEmpty ? "" : try SHA256.digest(ofFile: entry.events).digest
            let marks = entry.movements.isEmpty ? "" : try SHA256.digest(ofFile: entry.movements).digest
            let key = SHA256.digest(of: try self.key(of: entry, inputs: inputs, events: events, marks: marks))
            let file = "\(folder)/nights/\(Self.fileName(of: entry))"
            if let data = FileManager.default.contents(atPath: file),
                let known = try? JSONDecoder().decode(Result.self, from: data), known.key == key,
                known.columns == StudyRow.names
            {
                return (known, true)
            }
            let result = try await score(entry, key: key, inputs: inputs)
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            try writeFile(String(decoding: try encoder.encode(result), as: UTF8.self) + "\n", to: file)
            return (result, false)
        } catch let failure as Failure {
            return (Self.failed(entry, failure.message), false)
        } catch let error as RecordingError {
            // What cannot be written will not be for the next night either.
            guard !error.path.hasPrefix(folder) else { throw error }
            return (Self.failed(entry, error.description), false)
        }
    }

    private func score(_ entry: Manifest.Entry, key: String, inputs: [String]) async throws -> Result {
        let lightsOut = try Self.time(entry.lightsOut, "lights-out")
        let wakeUp = try Self.time(entry.wakeUp, "wake-up")
        let nights = try await NightScorer.nights(
            entry.files.map(\.path), leg: entry.files.count == 1 ? entry.files[0].leg : nil, under: [rules],
            parameters: parameters, lightsOut: lightsOut, wakeUp: wakeUp,
            events: entry.events.isEmpty ? nil : entry.events,
            emg: try Self.channels(entry.emg),
            notch: try Self.notch(entry.notch), map: try Self.map(entry.map))
        let marks = entry.movements.isEmpty ? nil : try MarkFile(path: entry.movements)
        guard marks == nil || nights.count == 1 else {
            throw Failure(
                message: "the recording holds \(nights.count) nights, and marks are compared with one; "
                    + "give lights-out and wake-up with their dates",
                outcome: .unusableInput)
        }
        var result = Result(key: key, columns: StudyRow.names, rows: [], notes: [])
        for part in nights {
            let name = nights.count == 1 && !entry.night.isEmpty ? entry.night : part.evening
            let answer: any NightAnswer
            switch part.result {
            case .success(let scored): answer = scored
            case .failure(let failure):
                result.notes.append(Self.note(entry, night: name, "failed", failure.message))
                continue
            }
            let review = try marks.map { try Review($0, by: nil, beside: answer, under: [rules]) }
            let night = StudyRow.Night(entry: entry, name: name, answer: answer, inputs: inputs, review: review)
            result.rows.append(StudyRow.values(of: night))
            func note(_ status: String, _ reason: String) {
                result.notes.append(Self.note(entry, night: name, status, reason))
            }
            if night.analysedHours < StudyRow.fewestHours {
                note(
                    "short",
                    String(format: "%.2f analysed hours, fewer than %.0f", night.analysedHours, StudyRow.fewestHours))
            }
            let losses = (answer.losses + (marks?.reports(from: answer.start) ?? [])).flatMap(\.report.items)
            if !losses.isEmpty {
                note(
                    "damaged",
                    losses.map { "\($0.what): \($0.count), the first at \($0.firstPlace)" }.joined(separator: "; "))
            }
        }
        return result
    }

    /// What a result depends on, as a text.
    private func key(of entry: Manifest.Entry, inputs: [String], events: String, marks: String) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let numbers = String(decoding: try encoder.encode(parameters), as: UTF8.self)
        let files = zip(entry.files, inputs).map { "\($0.leg?.rawValue ?? "?") \($1)" }
        return
            ([
                Self.version, rules.name, numbers, entry.participant, entry.night, entry.condition, entry.site,
                entry.lightsOut, entry.wakeUp, events, marks, entry.emg, entry.notch, entry.map,
            ] + files).joined(separator: "\n")
    }

    private static func time(_ text: String, _ column: String) throws -> ClockTime? {
        guard !text.isEmpty, text.lowercased() != "n/a" else { return nil }
        guard let time = ClockTime(argument: text) else {
            throw Failure(
                message: "'\(text)' in the column \(column) is no time; write 23:10 or 2026-01-25T23:10",
                outcome: .unusableInput)
        }
        return time
    }

    private static func channels(_ text: String) throws -> [String] {
        guard !text.isEmpty, text.lowercased() != "n/a" else { return [] }
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        guard names.count <= 2, !names.contains("") else {
            throw Failure(
                message: "'\(text)' in the column emg is not the left leg's channel, a comma, and the right one's",
                outcome: .unusableInput)
        }
        return names
    }

    private static func notch(_ text: String) throws -> Double? {
        guard !text.isEmpty, text.lowercased() != "n/a" else { return nil }
        guard let mains = Double(text), mains == 50 || mains == 60 else {
            throw Failure(
                message: "'\(text)' in the column notch is no frequency of the mains; write 50 or 60",
                outcome: .unusableInput)
        }
        return mains
    }

    private static func map(_ text: String) throws -> CSVMap? {
        guard !text.isEmpty, text.lowercased() != "n/a" else { return nil }
        do {
            return try CSVMap(text)
        } catch {
            throw Failure(message: "in the column map: \(error)", outcome: .unusableInput)
        }
    }

    private static func failed(_ entry: Manifest.Entry, _ reason: String) -> Result {
        Result(key: "", columns: [], rows: [], notes: [note(entry, night: entry.night, "failed", reason)])
    }

    private static func note(_ entry: Manifest.Entry, night: String, _ status: String, _ reason: String) -> Note {
        Note(
            participant: entry.participant, night: night, status: status, line: entry.line,
            path: entry.files.map(\.path).joined(separator: " "), reason: reason)
    }

    /// A name that no two entries share: what is no letter or digit is written by its number.
    private static func fileName(of entry: Manifest.Entry) -> String {
        let label = "\(entry.participant)_\(entry.night)"
        let plain = label.utf8.map { byte in
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            return isPlain || byte == UInt8(ascii: "-") ? String(UnicodeScalar(byte)) : String(format: "_%02x", byte)
        }.joined()
        // A long label is told by its digest, since names of files are short.
        return (plain.count > 150 ? String(plain.prefix(100)) + "-" + SHA256.digest(of: label).prefix(32) : plain)
            + ".json"
    }

    /// Writes the tables of all nights.
    private func write(_ results: [Result]) throws {
        let rows = [StudyRow.names] + results.flatMap(\.rows)
        try writeFile(rows.map { $0.joined(separator: "\t") + "\n" }.joined(), to: "\(folder)/nights.tsv")
        try writeFile(StudyRow.dictionary.json, to: DataDictionary.path(beside: "\(folder)/nights.tsv"))
        if let agreement = StudyAgreement(rows: results.flatMap(\.rows)) {
            try writeFile("\(agreement.json)\n", to: "\(folder)/agreement.json")
        } else {
            // What an earlier run left is of other marks.
            try? FileManager.default.removeItem(atPath: "\(folder)/agreement.json")
        }
        let names = Self.qualityDictionary.columns.map(\.name)
        let notes = results.flatMap(\.notes).map { note in
            [note.participant, note.night, note.status, String(note.line), note.path, note.reason].map {
                String($0.map { $0 == "\t" || $0.isNewline ? " " : $0 })
            }
        }
        try writeFile(([names] + notes).map { $0.joined(separator: "\t") + "\n" }.joined(), to: "\(folder)/quality.tsv")
        try writeFile(Self.qualityDictionary.json, to: DataDictionary.path(beside: "\(folder)/quality.tsv"))
    }
}
