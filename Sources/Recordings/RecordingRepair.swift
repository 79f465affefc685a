// SPDX-License-Identifier: GPL-3.0-or-later

/// What a repair of a recording saved, and what it could not.
public struct RecordingRepair: Hashable, Sendable {
    /// What the new file holds: "245 sectors".
    public var kept: String
    /// What was left out of the old file, or is odd in it.
    public var report: ReadingReport
    /// What the new file says otherwise than the old one, a clause each.
    public var remarks: [String]

    init(kept: String = "", report: ReadingReport = ReadingReport(), remarks: [String] = []) {
        self.kept = kept
        self.report = report
        self.remarks = remarks
    }

    /// Writes a clean recording of the same format with all that is good in a damaged one.
    ///
    /// What is kept is kept byte for byte; what is lost stays a gap where it was. The new file appears under its name only when
    /// it is whole, and the old one stays as it is.
    ///
    /// - Throws: `alreadyExists` if there is a file at `destination`; `noSamples` if nothing can be saved; `unsupported` for a
    ///   format whose damage is not of a kind that can be repaired.
    public static func repair(from source: String, to destination: String) throws(RecordingError) -> RecordingRepair {
        guard source != "-", destination != "-" else {
            throw RecordingError(
                .unsupported, path: "-", problem: "is a stream, and a file is read twice to repair it",
                remedy: "name two files")
        }
        let start = try ByteSource(path: source).peek(4 * 512)
        guard !start.isEmpty else { throw .emptyFile(source) }
        try OutputFile.checkNew(destination)
        if GENEActivHeader.begins(start) { return try GENEActivRepair(source).write(to: destination) }
        if GT3XReader.begins(start) { return try GT3XRepair(source).write(to: destination) }
        if EDFHeader.begins(start) { return try EDFRepair(source).write(to: destination) }
        if CWAHeader.begins(start) || CWARepair.holdsSector(start) {
            return try CWARepair(source).write(to: destination)
        }
        if !NightLogScanner.mayBegin(with: start), CSVReader.mayBegin(with: start) {
            throw RecordingError(
                .unsupported, path: source, problem: "is text, of which every readable row is read as it is",
                remedy: "write the readable rows with `nattro convert`")
        }
        return RecordingRepair(try NightLog.repair(from: source, to: destination))
    }

    private init(_ repair: NightLog.Repair) {
        let samples = zip(repair.header.streams, repair.samples).map { stream, count in
            let leg = stream.leg.map { $0 == .left ? "left" : "right" } ?? "unknown"
            return "\(leg) leg \(count) samples"
        }
        self.init(
            kept: "\(repair.sectors) sectors, \(samples.joined(separator: ", "))", report: repair.report,
            remarks: repair.unknownFields.map { "no sector tells the \($0); it is empty now" })
    }
}

extension RecordingError {
    /// Nothing in a file can be saved.
    static func nothingToSave(_ path: String, _ what: String) -> RecordingError {
        RecordingError(
            .noSamples, path: path, problem: "holds no \(what) that can be saved",
            remedy: "take a copy of the file, if there is one")
    }
}
