// SPDX-License-Identifier: GPL-3.0-or-later
import Glibc

/// Saves the good records of a damaged GT3X log into a new archive, also from one that was cut.
struct GT3XRepair {
    private let source: String

    init(_ source: String) { self.source = source }

    func write(to destination: String) throws(RecordingError) -> RecordingRepair {
        let archive = try ZipArchive(path: source)
        guard let info = try archive.entry("info.txt"), let entry = try archive.entry("log.bin") else {
            throw RecordingError(
                .unsupported, path: source,
                problem: "is an archive without log.bin and info.txt, whose old form has no checksums",
                remedy: "read it as it is: `nattro convert`")
        }
        var infoBytes = [UInt8](repeating: 0, count: 64 << 10)
        let infoSize = info.read(into: &infoBytes)
        // libzip packs from a file: the log would not fit into memory.
        let log = "\(destination).\(getpid()).log"
        defer { unsafe unlink(log) }
        var repair = RecordingRepair()
        var records = 0
        var output = try OutputFile(path: log, mustBeNew: true)
        var reader = GT3XLog(entry)
        while let record = reader.next() {
            note(reader, &repair.report)
            try output.write(reader.buffer[record.bytes])
            records += 1
        }
        note(reader, &repair.report)
        if entry.failure != nil {
            repair.report.note("breaks in the archive's compressed data", at: "byte \(entry.offset) of log.bin")
        }
        guard records > 0 else { throw .nothingToSave(source, "good record of a GT3X log") }
        try output.finish()
        repair.kept = "\(records) records"
        let temporary = "\(destination).\(getpid()).part"
        defer { unsafe unlink(temporary) }
        try ZipArchive.write(
            [("info.txt", .bytes(Array(infoBytes[..<infoSize]))), ("log.bin", .file(log))], to: temporary)
        try OutputFile.rename(temporary, toNew: destination)
        return repair
    }

    private func note(_ log: GT3XLog, _ report: inout ReadingReport) {
        guard log.skipped > 0 else { return }
        report.note("bytes of the log in no good record", count: log.skipped, at: "byte \(log.recordOffset) of log.bin")
    }
}
