// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Recordings
import Sensors

/// Copies the night from a logger.
struct FetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch", abstract: "Copy the recording from a logger.",
        discussion: """
            The copy appears whole or not at all, is compared with the original byte for byte, and read to its end. Nothing \
            is deleted from the logger without --erase, and only after all that.

            Exit codes: 0 · 1 copied, and part of the recording is damaged · 2 cannot be copied · 4 no such logger · 5 the \
            copy differs · 64 wrong usage.
            """)

    static let schema = "nattro-fetch/1"

    @Argument(help: .init("The logger's serial number; the number on its case will do.", valueName: "serial"))
    var serial: String
    @Option(
        help: .init(
            "The file to write; never overwritten. By default nattro/nights/DATE-SERIAL.cwa in the user's data folder.",
            valueName: "file"))
    var out: String?
    @Flag(help: "Then erase the logger; it records nothing until it is set up again.")
    var erase = false
    @OptionGroup var finder: LoggerFinder
    @Flag(help: "Answer in JSON (schema \(schema)).")
    var json = false

    func run() async throws {
        try await endingInExitCode {
            let logger = try finder.logger(serial)
            let original = try finder.recording(on: logger)
            guard let recording = try LoggerRecording(original, on: logger) else {
                throw Failure(message: "\(logger.serial): nothing was recorded on it", outcome: .unusableInput)
            }
            let register = FetchedRecordings(in: try RecordingOptions.folder())
            let earlier = out == nil ? register.copy(of: recording, on: logger.serial) : nil
            let path = try earlier ?? copy(original, of: logger)
            if let earlier {
                complain("\(earlier): was fetched earlier")
                try Self.compare(original, earlier)
            }
            let report = try Self.read(path)
            if earlier == nil { try register.note(recording, on: logger.serial, at: URL(filePath: path).path) }
            if erase {
                do throws(SensorError) {
                    var talk = try AxivityLogger(logger.port)
                    try talk.clear()
                } catch {
                    throw Failure(message: "\(logger.serial): fetched, but not erased: \(error)", error)
                }
            }
            try writeResult(answer(logger, path, recording))
            try Failure.check([(path, report)])
        }
    }

    private func answer(_ logger: PluggedLogger, _ path: String, _ recording: LoggerRecording) -> String {
        guard json else { return "\(path)\n" }
        let object = JSONValue.object([
            .init("schema", .string(Self.schema)), .init("serial", .string(logger.serial)),
            .init("path", .string(path)),
            .init("bytes", .integer(recording.size)), .init("session", .string(recording.session)),
            .init("erased", .bool(erase)),
        ])
        return "\(object)\n"
    }

    /// Copies under a name of its own, compares, and only then gives the copy its name.
    private func copy(_ original: String, of logger: PluggedLogger) throws -> String {
        let path = try out ?? "\(RecordingOptions.folder())/\(Self.night(of: original))-\(logger.serial).cwa"
        guard !FileManager.default.fileExists(atPath: path) else {
            throw RecordingError(
                .alreadyExists, path: path, problem: "exists already and holds something else",
                remedy: "name another file with --out")
        }
        let part = path + ".part"
        try? FileManager.default.removeItem(atPath: part)
        do {
            try Self.write(original, to: part)
            try Self.compare(original, part)
            // Never replaces a file that came meanwhile.
            try FileManager.default.moveItem(atPath: part, toPath: path)
        } catch {
            try? FileManager.default.removeItem(atPath: part)
            guard let error = error as? CocoaError else { throw error }
            throw Failure(
                message: "\(path): cannot be written (\(error.localizedDescription)); name another file with --out",
                outcome: .unusableInput)
        }
        return path
    }

    /// The noon-to-noon day that a recording began in; that of today where it does not tell.
    private static func night(of path: String) throws -> String {
        var block = SampleBlock()
        var reader = try? RecordingFile.open(path)
        if (try? reader?.read(into: &block)) == true {
            // The logger's clock is the local one.
            return RecordingOptions.night(atLocal: Int64(block.time(at: 0)))
        }
        return RecordingOptions.night(at: HostClock.system.now().utc)
    }

    private static let chunk = 1 << 18

    private static func write(_ original: String, to path: String) throws {
        let source = try ByteSource(path: original)
        var file = try OutputFile(path: path)
        var buffer = [UInt8](repeating: 0, count: chunk)
        let size = source.size ?? 0
        let progress = Progress("copying", parts: 1)
        defer { progress.finish() }
        while true {
            let count = try source.read(into: &buffer)
            guard count > 0 else { break }
            try file.write(buffer[..<count])
            progress.advance(0, to: size == 0 ? nil : Double(source.offset) / Double(size))
        }
        try file.finish()
    }

    /// Reads both again.
    private static func compare(_ original: String, _ copy: String) throws {
        let (one, two) = (try ByteSource(path: original), try ByteSource(path: copy))
        var (first, second) = ([UInt8](repeating: 0, count: chunk), [UInt8](repeating: 0, count: chunk))
        while true {
            let (left, right) = (try one.read(into: &first), try two.read(into: &second))
            guard left == right, first[..<left] == second[..<right] else {
                throw Failure(
                    message: "\(copy): differs from the original from byte \(one.offset - left) on; "
                        + "try another cable or port",
                    outcome: .verificationFailed)
            }
            if left == 0 { return }
        }
    }

    /// Reads a recording to its end.
    private static func read(_ path: String) throws -> ReadingReport {
        var reader = try RecordingFile.open(path)
        var block = SampleBlock()
        while try reader.read(into: &block) {}
        return reader.report
    }
}
