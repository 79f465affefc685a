// SPDX-License-Identifier: GPL-3.0-or-later

/// The marks that a person or another program made on a recording: EDF+ or BDF+ annotations, NSRR or Profusion XML, Luna `.annot`.
public struct AnnotationFile: Sendable {
    /// The kinds of files.
    public enum Format: String, Hashable, Sendable {
        case edf = "EDF+"
        case xml = "XML"
        case luna = "Luna .annot"
    }

    /// Which kind of file it is.
    public let format: Format
    /// When the recording begins on its own clock, in seconds since the Unix epoch; nil where the file does not tell a date.
    public private(set) var start: Double?
    /// The marks, by time: seconds since the Unix epoch, or from the start of the recording where ``start`` is nil.
    public let annotations: [RecordingAnnotation]
    /// What was left out.
    public let report: ReadingReport

    /// The largest text that is read: 64 MiB. A night's marks take one.
    static let largestText = 64 << 20
    /// Marks beyond these seconds from the start are damage: a year.
    static let latest = 366.0 * 86_400

    /// Whether a file that begins with these bytes is one of the kinds; decided by what is in it.
    public static func mayBegin(with start: [UInt8]) -> Bool { format(of: start) != nil }

    /// Reads a file to its end; `-` is standard input.
    public init(path: String) throws(RecordingError) { try self.init(ByteSource(path: path)) }

    /// Reads a file to its end.
    public init(_ source: ByteSource) throws(RecordingError) {
        let start = try source.peek(Self.bytesToKnow)
        guard !start.isEmpty else { throw .emptyFile(source.path) }
        guard let format = Self.format(of: start) else {
            throw RecordingError(
                .unknownFormat, path: source.path, place: "byte 0", problem: "holds no marks that nattro knows",
                remedy: "EDF+, NSRR or Profusion XML, Luna .annot, JSON and TSV can be read")
        }
        self.format = format
        var report = ReadingReport()
        var found: [RecordingAnnotation]
        switch format {
        case .edf:
            var reader = try EDFReader(source)
            var block = SampleBlock()
            while try reader.read(into: &block) {}
            (self.start, found, report) = (reader.start, reader.annotations, reader.report)
        case .xml:
            found = try ScoredEventsXML.annotations(try source.wholeText(), path: source.path, &report)
        case .luna:
            let luna = try LunaAnnotationRows(source, &report)
            (self.start, found) = (luna.start, luna.annotations)
        }
        let origin = self.start ?? 0
        found.removeAll { annotation in
            let isLost = !(abs(annotation.time - origin) <= Self.latest && annotation.duration ?? 0 <= Self.latest)
            if isLost { report.note("marks more than a year from the start", at: "the mark \"\(annotation.text)\"") }
            return isLost
        }
        annotations = found.enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }.map(\.element)
        self.report = report
    }

    private static let bytesToKnow = 1024

    private static func format(of start: [UInt8]) -> Format? {
        if EDFHeader.begins(start) { return .edf }
        if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) { return .xml }
        let text = start.starts(with: [0xEF, 0xBB, 0xBF]) ? start[3...] : start[...]
        if text.first(where: { $0 > 0x20 }) == UInt8(ascii: "<") { return .xml }
        return LunaAnnotationRows.mayBegin(with: text) ? .luna : nil
    }
}

extension ByteSource {
    /// All that is left, of a text of bounded size.
    func wholeText() throws(RecordingError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try read(into: &chunk)
            bytes += chunk[..<count]
            if count < chunk.count { return bytes }
            guard bytes.count <= AnnotationFile.largestText else {
                throw RecordingError(
                    .unsupported, path: path, problem: "is a text of more than \(AnnotationFile.largestText >> 20) MiB",
                    remedy: "name the marks of one recording")
            }
        }
    }
}
