// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

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
