// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import Sensors

/// A recording as it lies on a logger: enough to know it again.
struct LoggerRecording: Hashable {
    /// Bytes of it.
    var size: Int
    /// The number that it was given.
    var session: String
    /// The number on the case of the logger that it says it is of; empty where it does not tell.
    var number: String
    /// Its first 1024 bytes and its last 512, as a number.
    var fingerprint: UInt64

    /// What a file that was never recorded to has.
    private static let headerSize = 1024
    private static let sectorSize = 512

    /// What lies at a path; nil where nothing was recorded.
    ///
    /// - Throws: where it cannot be read, so that nobody knows.
    ///
    /// - Parameter logger: the one that it must be of.
    init?(_ path: String, on logger: PluggedLogger) throws {
        let source: ByteSource
        do throws(RecordingError) {
            source = try ByteSource(path: path)
        } catch {
            // In a folder that was only named, nobody knows whether it is the logger's.
            guard error.reason == .notFound, path == logger.folder.map({ "\($0)/\(LoggerFinder.fileName)" }) else {
                throw error
            }
            return nil
        }
        size = source.size ?? 0
        guard size > Self.headerSize else { return nil }
        let header = try source.peek(Self.headerSize)
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? file.close() }
        try file.seek(toOffset: UInt64(max(Self.headerSize, size - Self.sectorSize)))
        let end = try file.readToEnd() ?? Data()
        // FNV-1a of 64 bits.
        fingerprint = (header + end).reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        let said = (try? RecordingFile.open(path))?.header
        session = said?.metadata["session"] ?? "?"
        number = said?.serial ?? ""
        guard number.isEmpty || number == logger.number else {
            throw RecordingError(
                .unsupported, path: path, problem: "is of logger \(number), not of \(logger.serial)",
                remedy: "name the folder of the right one with --volume")
        }
    }
}

/// What was fetched of loggers, a line each: serial number, size, session, fingerprint, and where the copy lies.
struct FetchedRecordings {
    private let path: String

    /// The register in a folder.
    init(in folder: String) { path = folder + "/fetched.tsv" }

    /// Where the copy of a recording lies; nil if it was never fetched, or the copy is not there any more.
    func copy(of recording: LoggerRecording, on serial: String) -> String? {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let wanted = Self.fields(recording, serial)
        for line in text.split(separator: "\n").reversed() {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == wanted.count + 1, Array(fields.dropLast()) == wanted, let copy = fields.last else {
                continue
            }
            let size = try? FileManager.default.attributesOfItem(atPath: copy)[.size] as? Int
            if size == recording.size { return copy }
        }
        return nil
    }

    /// Notes that a recording was fetched.
    func note(_ recording: LoggerRecording, on serial: String, at copy: String) throws {
        let line = (Self.fields(recording, serial) + [copy]).joined(separator: "\t") + "\n"
        do {
            if !FileManager.default.fileExists(atPath: path) {
                guard
                    FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
                else { throw CocoaError(.fileWriteUnknown) }
            }
            let file = try FileHandle(forUpdating: URL(filePath: path))
            try file.seekToEnd()
            try file.write(contentsOf: Data(line.utf8))
            try file.synchronize()
            try file.close()
        } catch {
            throw Failure(
                message:
                    "\(path): cannot be written (\(error.localizedDescription)), so the recording counts as not fetched; "
                    + "make room and fetch it again",
                outcome: .incomplete)
        }
    }

    private static func fields(_ recording: LoggerRecording, _ serial: String) -> [String] {
        [serial, String(recording.size), recording.session, String(recording.fingerprint, radix: 16)]
    }
}
