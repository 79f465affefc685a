// SPDX-License-Identifier: GPL-3.0-or-later

/// Opens recordings by what is in them, never by their names.
public enum RecordingFile {
    /// A reader for the file at `path`; `-` is standard input.
    ///
    /// - Parameter map: what the columns of a text are, where they cannot be found out.
    public static func open(_ path: String, map: CSVMap? = nil) throws(RecordingError) -> any RecordingReader {
        try open(ByteSource(path: path), map: map)
    }

    /// A reader for the bytes of `source`.
    public static func open(_ source: ByteSource, map: CSVMap? = nil) throws(RecordingError) -> any RecordingReader {
        // Both headers of a night log and the first sectors after them: one of them tells what it is, whatever is damaged.
        let start = try source.peek(4 * 512)
        guard !start.isEmpty else { throw .emptyFile(source.path) }
        if let map, CSVReader.mayBegin(with: start) { return try CSVReader(source, map: map) }
        if CWAHeader.begins(start) { return try CWAReader(source) }
        if GENEActivHeader.begins(start) { return try GENEActivReader(source) }
        if GT3XReader.begins(start) { return try GT3XReader(source) }
        if EDFHeader.begins(start) { return try EDFReader(source) }
        if NightLogScanner.mayBegin(with: start) { return try NightLogReader(source) }
        if let maker = otherFormat(start) {
            throw RecordingError(
                .unsupported, path: source.path, problem: "is \(maker), which cannot be read yet",
                remedy: "export it as CSV with a time column, or as CWA")
        }
        guard CSVReader.mayBegin(with: start) else {
            throw RecordingError(
                .unknownFormat, path: source.path, place: "byte 0", problem: "is no recording that nattro knows",
                remedy: "night log, CWA, GENEActiv, GT3X, EDF, BDF and CSV can be read")
        }
        return try CSVReader(source)
    }

    /// The name of a known format that has no reader.
    private static func otherFormat(_ start: [UInt8]) -> String? {
        let text = String(decoding: start.prefix(16), as: UTF8.self)
        if text.hasPrefix("XDF:") { return "an XDF file" }
        return nil
    }
}
