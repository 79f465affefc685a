// SPDX-License-Identifier: GPL-3.0-or-later
import Recordings

/// One leg's part of a night: one stream of a recording, or of several that follow each other.
struct LegParts: Hashable, Sendable {
    /// A stream of a file.
    struct Part: Hashable, Sendable {
        var path: String
        var stream: Int
    }

    var leg: Leg
    /// In the order of time.
    var parts: [Part]
    /// What belongs to the night, in seconds since the Unix epoch on the recording's clock; nil for all.
    var window: Range<Double>?
}

/// Reads one leg's part of a night as one recording: where one file ends and the next begins is a gap.
struct LegReader: RecordingReader {
    let header: RecordingHeader
    /// The headers of all files, in their order.
    let headers: [RecordingHeader]
    private(set) var report = ReadingReport()

    private var readers: [(reader: any RecordingReader, stream: Int)]
    private let window: Range<Double>?
    private var place = 0
    private var isAtSeam = false

    /// Opens all files, so that what cannot be read is known before anything is detected.
    init(_ leg: LegParts) throws {
        readers = try leg.parts.map { (try RecordingFile.open($0.path), $0.stream) }
        headers = readers.map(\.reader.header)
        var streams: [StreamInfo] = []
        for (part, header) in zip(leg.parts, headers) {
            guard header.streams.indices.contains(part.stream) else {
                throw RecordingError(
                    .malformed, path: part.path, problem: "has no stream \(part.stream) any more",
                    remedy: "bring the file back that was imported")
            }
            streams.append(header.streams[part.stream])
        }
        guard let first = streams.first, let name = leg.parts.first?.path else {
            preconditionFailure("a leg of a night without a recording")
        }
        if let other = streams.firstIndex(where: { $0.nominalRate != first.nominalRate }) {
            throw RecordingError(
                .unsupported, path: leg.parts[other].path,
                problem:
                    "has \(streams[other].nominalRate.formatted) samples a second, and \(name) of the same night and "
                    + "leg has \(first.nominalRate.formatted)",
                remedy: "score the files alone: nattro score FILE")
        }
        var header = headers[0]
        header.streams = [first]
        header.streams[0].leg = leg.leg
        self.header = header
        window = leg.window
    }

    var fractionRead: Double? {
        guard place < readers.count else { return 1 }
        return readers[place].reader.fractionRead.map { (Double(place) + $0) / Double(readers.count) }
    }

    mutating func read(into block: inout SampleBlock) throws(RecordingError) -> Bool {
        while place < readers.count {
            guard try readers[place].reader.read(into: &block) else {
                for item in readers[place].reader.report.items {
                    report.note(item.what, count: item.count, at: item.firstPlace)
                }
                place += 1
                isAtSeam = true
                continue
            }
            guard block.stream == readers[place].stream, block.count > 0 else { continue }
            if let window, !window.contains(block.time(at: 0)) {
                isAtSeam = true
                continue
            }
            block.stream = 0
            // Another file counts its samples anew.
            if isAtSeam { block.gapBefore = block.gapBefore ?? Gap(.restart) }
            isAtSeam = false
            return true
        }
        return false
    }
}
