// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import Recordings
import Synchronization

/// The night that is being recorded: begun here or at a terminal, it is a process of its own, and no server is in its way.
///
/// What the recorder says lies in files of the state folder, so that a server that is started later finds it again.
final class RecordingControl: Sendable {
    /// A recording as it is known here.
    struct Running: Sendable {
        /// The log that grows; nil while no sensor has come.
        var log: String?
        /// What the recorder tells in JSON, where it was started from a page.
        var events: String?
        /// Whether it can be stopped from here.
        var isOwn: Bool
    }

    /// What is kept of a recording that a page started.
    private struct Record: Codable {
        var process: DetachedProcess
        var events: String
        var errors: String
        var arguments: [String]
    }

    private let folder: String
    private let store: JournalStore
    private let environment: [String: String]
    private let command: [String]
    private let starting = Mutex(())

    /// - Parameters:
    ///   - folder: the server's own.
    ///   - environment: what the recorder finds set.
    ///   - command: the verb that records, and what follows it always.
    init(folder: String, store: JournalStore, environment: [String: String], command: [String]) {
        self.folder = folder
        self.store = store
        self.environment = environment
        self.command = command
    }

    private var file: String { "\(folder)/recording.json" }

    private var record: Record? {
        guard let data = try? Data(contentsOf: URL(filePath: file)) else { return nil }
        return try? JSONDecoder().decode(Record.self, from: data)
    }

    /// The recording that runs now.
    var running: Running? {
        let log = growingLog
        if let record, record.process.isRunning {
            return Running(log: Self.log(in: record.events) ?? log, events: record.events, isOwn: true)
        }
        return log.map { Running(log: $0, events: nil, isOwn: false) }
    }

    /// The last words of the recording that was started from a page and has ended; nil where there was none.
    var lastWords: String? {
        guard let record, !record.process.isRunning else { return nil }
        let text = String(decoding: (try? Data(contentsOf: URL(filePath: record.errors))) ?? Data(), as: UTF8.self)
        return text.split(separator: "\n").suffix(12).joined(separator: "\n")
    }

    /// A log of the journal's folder that a recorder has open.
    private var growingLog: String? {
        let folder = store.recordingFolder
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        // The latest are the likely ones.
        return names.filter { $0.hasSuffix(".nightlog") }.sorted().suffix(5).reversed().map { "\(folder)/\($0)" }
            .first(where: NightLog.isBeingWritten)
    }

    /// The log that a recorder says it writes.
    private static func log(in events: String) -> String? {
        guard let handle = FileHandle(forReadingAtPath: events) else { return nil }
        defer { try? handle.close() }
        // It says so before anything else but a few words.
        let head = (try? handle.read(upToCount: 1 << 16)) ?? nil
        for line in String(decoding: head ?? Data(), as: UTF8.self).split(separator: "\n") {
            guard line.contains("\"event\":\"started\""),
                let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            else { continue }
            return object["path"] as? String
        }
        return nil
    }

    /// Starts a recorder.
    ///
    /// - Parameter options: what the person wants, `--until=07:00`.
    /// - Returns: the command as it was run.
    func start(_ options: [String]) throws -> [String] {
        try starting.withLock { _ in
            guard running == nil else {
                throw Failure(message: "a night is being recorded already", outcome: .unusableInput)
            }
            let name = "\(folder)/record-\(Int(Date().timeIntervalSince1970 * 1000))"
            removeOld()
            let arguments = command + options
            let process = try DetachedProcess(
                OwnCommands.program, arguments, environment: environment, output: "\(name).events",
                errors: "\(name).errors")
            let record = Record(
                process: process, events: "\(name).events", errors: "\(name).errors", arguments: arguments)
            try JSONEncoder().encode(record).write(to: URL(filePath: file), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
            return arguments
        }
    }

    /// Ends the night cleanly, as Ctrl-C does.
    func stop() throws {
        guard let record, record.process.isRunning else {
            throw Failure(
                message: running == nil
                    ? "no night is being recorded"
                    : "this night was not started here; end it where it runs, with Ctrl-C",
                outcome: .unusableInput)
        }
        record.process.interrupt()
    }

    /// Recordings whose words are kept.
    private static let kept = 10

    private func removeOld() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for kind in [".events", ".errors"] {
            let old = names.filter { $0.hasPrefix("record-") && $0.hasSuffix(kind) }.sorted().dropLast(Self.kept)
            for name in old { try? FileManager.default.removeItem(atPath: "\(folder)/\(name)") }
        }
    }
}
