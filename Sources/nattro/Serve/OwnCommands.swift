// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Synchronization

/// Runs the program's own verbs, each as a process of its own: what a page changes goes by the same rules, words and exit codes as on
/// the command line.
///
/// There is no shell between: each argument is one. What a person typed is only ever given behind `--` or as `--option=…`.
final class OwnCommands: Sendable {
    /// What a command answered.
    struct Answer: Sendable {
        /// The verb and what follows, as it was run.
        var arguments: [String]
        var status: Int32
        var output: String
        var errors: String
        /// What was set for it besides its arguments, as a shell takes it.
        var setting = ""

        var isDone: Bool { status == Outcome.done.rawValue }
        /// Done, if not wholly.
        var isKept: Bool { isDone || status == Outcome.incomplete.rawValue }
    }

    private let environment: [String: String]
    private let setting: String
    private let folder: String
    private let running = Mutex(0)

    /// So many at once; whoever comes then is asked to wait a moment.
    private static let most = 6
    /// The most that is read of an answer, in bytes.
    private static let longestAnswer = 16 << 20

    /// - Parameters:
    ///   - folder: where answers lie while they are written.
    ///   - journal: the journal that the commands are to use, by its file and the participant's name.
    ///   - isNamed: whether it is another one than the commands take by themselves.
    init(folder: String, journal: (path: String, participant: String), isNamed: Bool) {
        self.folder = folder
        let own = ["NATTRO_JOURNAL": journal.path, "NATTRO_PARTICIPANT": journal.participant, "NO_COLOR": "1"]
        environment = ProcessInfo.processInfo.environment.merging(own) { $1 }
        setting =
            isNamed
            ? "NATTRO_JOURNAL=\(Self.quoted(journal.path)) NATTRO_PARTICIPANT=\(Self.quoted(journal.participant)) " : ""
    }

    /// What the commands find in their environment.
    var settings: [String: String] { environment }

    /// The program itself, even where its file was replaced since.
    static let program = "/proc/self/exe"

    /// Runs a verb to its end.
    ///
    /// - Parameter seconds: when it is ended by force.
    func run(_ arguments: [String], seconds: Double = 60) async throws -> Answer {
        let isFree = running.withLock { count in
            guard count < Self.most else { return false }
            count += 1
            return true
        }
        guard isFree else {
            throw Failure(
                message: "several commands are still running; wait a moment, then do it again", outcome: .incomplete)
        }
        defer { running.withLock { $0 -= 1 } }
        let place = "\(folder)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: place) }
        // Files, not pipes: a full pipe would stop the command while nobody reads.
        let files = ["out", "err"].map { "\(place)/\($0)" }
        for file in files { _ = FileManager.default.createFile(atPath: file, contents: nil) }
        let process = Process()
        process.executableURL = URL(filePath: Self.program)
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: files[0])
        process.standardError = FileHandle(forWritingAtPath: files[1])
        let status = try await Self.end(of: process, seconds: seconds)
        return Answer(
            arguments: arguments, status: status, output: Self.text(files[0]), errors: Self.text(files[1]),
            setting: setting)
    }

    private static func end(of process: Process, seconds: Double) async throws -> Int32 {
        let (ended, source) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { process in
            source.yield(
                process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus)
            source.finish()
        }
        try process.run()
        let identifier = process.processIdentifier
        let limit = Task {
            try await Task.sleep(for: .seconds(seconds))
            kill(identifier, SIGKILL)
        }
        defer { limit.cancel() }
        // A browser that went away ends no command: what was begun is done.
        return await Task { await ended.first { _ in true } ?? -1 }.value
    }

    private static func text(_ path: String) -> String {
        guard let handle = FileHandle(forReadingAtPath: path) else { return "" }
        defer { try? handle.close() }
        let bytes = (try? handle.read(upToCount: longestAnswer)) ?? nil
        return String(decoding: bytes ?? Data(), as: UTF8.self)
    }

    /// An argument as a shell takes it.
    static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII
                    && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                        || "-_./:=,+@".unicodeScalars.contains(scalar))
            }
        return isPlain ? text : "'\(text.replacing("'", with: "'\\''"))'"
    }
}

extension OwnCommands.Answer {
    /// The command as a person would type it.
    var line: String { setting + (["nattro"] + arguments.map(OwnCommands.quoted)).joined(separator: " ") }

    /// What came of it, in words.
    var verdict: String {
        switch status {
        case Outcome.done.rawValue: "Done."
        case Outcome.incomplete.rawValue: "Done, with something rejected or missing."
        case Outcome.unusableInput.rawValue: "Not done: what it was given cannot be used."
        case Outcome.sensorLost.rawValue: "No sensor was found."
        case Outcome.wrongUsage.rawValue: "Not done: the command does not understand this."
        case 137: "It took too long and was ended."
        default: "It ended with exit code \(status)."
        }
    }

    /// The command, its answer and its verdict.
    var html: HTML {
        let kind = isDone ? "done" : isKept ? "partly" : "failed"
        let answer = output.isEmpty ? HTML("") : "<pre>\(output)</pre>\n"
        let complaints = errors.isEmpty ? HTML("") : "<pre class=\"said\">\(errors)</pre>\n"
        return """
            <section class="answer \(kind)" role="status" aria-label="What came of it">
            <p><strong>\(verdict)</strong></p>
            \(answer)\(complaints)<details><summary>The command</summary><pre>\(line)</pre></details>
            </section>

            """
    }
}
