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
