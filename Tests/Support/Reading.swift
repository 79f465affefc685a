// SPDX-License-Identifier: GPL-3.0-or-later
package import Recordings

/// A recording read to its end, for tests of small files.
package struct WholeRecording {
    /// What the file says of itself.
    package var header: RecordingHeader
    /// What was left out.
    package var report: ReadingReport
    /// The samples' values, interleaved, of all streams.
    package var values: [Float] = []
    /// The time of each sample by the format's own rule.
    package var times: [Double] = []
    /// The gaps, with the index of the sample that follows.
    package var gaps: [(at: Int, gap: Gap)] = []

    /// Reads a file.
    package init(_ path: String) throws { try self.init(RecordingFile.open(path)) }
    /// Reads bytes.
    package init(bytes: [UInt8]) throws { try self.init(RecordingFile.open(ByteSource(bytes: bytes))) }

    /// Reads what a reader has left.
    package init(_ reader: any RecordingReader) throws {
        var reader = reader
        header = reader.header
        var block = SampleBlock()
        report = ReadingReport()
        while try reader.read(into: &block) {
            if let gap = block.gapBefore { gaps.append((times.count, gap)) }
            values += block.values
            for position in 0..<block.count { times.append(block.time(at: position)) }
        }
        report = reader.report
    }
}
