// SPDX-License-Identifier: GPL-3.0-or-later

/// Single samples of even spacing in time, in steps of a pyramid.
public struct SampleRun: Hashable, Sendable {
    /// The time of the first one, in seconds since the Unix epoch on the recording's clock.
    public var start: Double
    /// Seconds from one to the next.
    public var period: Double
    /// One step of the values, in g.
    public var step: Double
    /// Whether they follow the run before without a gap.
    public var isJoined: Bool
    /// Three for each sample.
    public var values: [Int16] = []

    /// The samples.
    public var count: Int { values.count / 3 }

    /// The time of a sample, counted from the first one.
    public func time(_ position: Int) -> Double { start + Double(position) * period }
}

extension PyramidFile {
    /// Whether a recording's samples can be read from any place on: else it is read from its start.
    public func canSeek(_ stream: Int) -> Bool { streams[stream].lines.first?.block != nil }

    /// The single samples of a stream within a span of time, from its recording.
    ///
    /// The recording must be the one that the pyramid was made from: compare ``source``. One sample more is given on
    /// each side, so that a line can be drawn to the edge.
    ///
    /// - Parameter limit: the most samples; what is asked for beyond it is left out.
    public func samples(
        of stream: Int, in span: Range<Double>, recording: String, limit: Int = 1 << 20
    ) throws(RecordingError) -> [SampleRun] {
        guard rate(of: stream) != nil else { return [] }
        let own = streams[stream]
        var wanted: [(line: SampleClock.Line, positions: Range<Int>)] = []
        var total = 0
        let first = own.lines.partition { $0.last + $0.period >= span.lowerBound }
        for line in own.lines[first...] {
            let ahead = (span.lowerBound - line.start) / line.period
            let behind = (span.upperBound - line.start) / line.period
            if behind < -1 { break }
            let low = Int(max(0, min(Double(line.count), ahead.rounded(.down))))
            let high = Int(max(0, min(Double(line.count), behind.rounded(.up) + 1)))
            guard low < high, total < limit else { continue }
            wanted.append((line, low..<min(high, low + limit - total)))
            total += high - low
        }
        guard let start = wanted.first else { return [] }
        var reader = try Self.reader(recording, at: start.line.block)
        let base = start.line.block?.firstIndex
        var shift: Int64?
        var runs: [SampleRun] = []
        var place = 0
        var block = SampleBlock()
        while place < wanted.count, try reader.read(into: &block) {
            guard block.stream == stream, block.channelCount >= 3 else { continue }
            shift = shift ?? base.map { $0 - block.firstIndex } ?? 0
            let begin = block.firstIndex + (shift ?? 0)
            let end = begin + Int64(block.count)
            while place < wanted.count {
                let (line, positions) = wanted[place]
                let needed =
                    line.firstIndex + Int64(positions.lowerBound)..<line.firstIndex + Int64(positions.upperBound)
                let common = needed.clamped(to: begin..<end)
                if !common.isEmpty {
                    let from = Int(common.lowerBound - line.firstIndex)
                    let follows = from > positions.lowerBound
                    if !follows {
                        runs.append(
                            SampleRun(
                                start: line.time(from), period: line.period, step: own.step,
                                isJoined: line.isJoined && from == 0 && !runs.isEmpty))
                    } else if runs.isEmpty || runs[runs.count - 1].count != from - positions.lowerBound {
                        // The recording has a hole that it had not: what follows stands alone.
                        runs.append(
                            SampleRun(start: line.time(from), period: line.period, step: own.step, isJoined: false))
                    }
                    for index in common {
                        let at = Int(index - begin) * block.channelCount
                        for axis in 0..<3 {
                            runs[runs.count - 1].values.append(TraceScale.steps(block.values[at + axis], own.step))
                        }
                    }
                }
                if needed.upperBound > end { break }
                place += 1
            }
        }
        return runs
    }

    /// A reader of the recording that begins at a block, or at its start.
    private static func reader(
        _ path: String, at block: SampleClock.Block?
    ) throws(RecordingError) -> any RecordingReader {
        let whole = try RecordingFile.open(path)
        guard let block, let seekable = whole as? any SeekableReader else { return whole }
        return try RecordingFile.open(
            ByteSource(path: path, head: type(of: seekable).headerSize, thenFrom: block.offset))
    }
}
