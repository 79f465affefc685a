// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads Axivity's CWA files (AX3, AX6), live or cut short, sector by sector.
///
/// Source of the layout: openmovement `Docs/ax3/cwa.h`. Samples are exact: `raw / 256` g in packed files, `raw / 2^(8+n)` g
/// and `raw · range / 32768` °/s in 16-bit ones. Every sector with a checksum is checked, and one that fails is a gap.
public struct CWAReader: RecordingReader {
    /// What the file says of itself.
    public let header: RecordingHeader
    /// The sectors that were left out.
    public private(set) var report = ReadingReport()

    /// How much of the file was read.
    public var fractionRead: Double? { source.fraction }

    private let source: ByteSource
    private var buffer = [UInt8](repeating: 0, count: CWASector.size * sectorsInBuffer)
    private var filled = 0
    private var position = 0
    /// The layout of the first sector that holds samples; a file has one.
    private let layout: CWASector.Layout
    /// A sector found while the layout was looked for, not yet handed out.
    private var pending: CWASector?
    private var previous: Previous?
    private var damagedSincePrevious = 0
    private var nextIndex: Int64 = 0
    /// Where in the file the block read last begins.
    private(set) var sectorOffset = 0

    /// 256 KiB are read at a time: enough to make system calls cheap, little enough to stay in the cache.
    private static let sectorsInBuffer = 512
    /// A clock reading this far, in seconds, from where the last one points begins a new stretch (GGIR's rule of about 1 s).
    private static let largestClockError = 1.0

    private struct Previous {
        var session: UInt32
        var sequence: UInt32
        var anchor: ClockAnchor
        var rate: Double
    }

    /// Opens a CWA file and reads its header and its first good sector.
    public init(_ source: ByteSource) throws(RecordingError) {
        self.source = source
        let path = source.path
        var head = [UInt8](repeating: 0, count: CWAHeader.size)
        let count = try source.read(into: &head)
        guard count > 0 else { throw .emptyFile(path) }
        guard count == CWAHeader.size, let fields = CWAHeader(head) else {
            throw RecordingError(
                .damaged, path: path, place: "byte 0",
                problem: count < CWAHeader.size
                    ? "the CWA header is cut after \(count) of \(CWAHeader.size) bytes" : "this is no CWA header",
                remedy: "copy the file from the sensor once more")
        }

        var report = ReadingReport()
        var filled = 0
        var position = 0
        var damaged = 0
        var first: CWASector?
        // Only a sector tells the layout of the samples; the header does not.
        while first == nil {
            guard
                let sector = try CWAReader.nextSector(
                    source, &buffer, &filled, &position, &report, layout: nil, damaged: &damaged)
            else { break }
            first = sector
        }
        guard let first else {
            throw RecordingError(
                .noSamples, path: path, problem: "holds a CWA header but no sector with samples",
                remedy: "check that the sensor was configured and recording")
        }
        self.report = report
        self.filled = filled
        self.position = position
        damagedSincePrevious = damaged
        pending = first
        layout = first.layout
        header = fields.recordingHeader(first: first)
    }

    /// Fills `block` with the samples of the next good sector.
    public mutating func read(into block: inout SampleBlock) throws(RecordingError) -> Bool {
        while true {
            let sector: CWASector
            if let found = pending {
                pending = nil
                sector = found
            } else {
                guard
                    let found = try CWAReader.nextSector(
                        source, &buffer, &filled, &position, &report, layout: layout, damaged: &damagedSincePrevious)
                else { return false }
                sector = found
            }
            if let previous, previous.session == sector.session, previous.sequence == sector.sequence,
                previous.anchor.time == sector.time
            {
                report.note("repeated sectors", at: "byte \(sector.fileOffset)")
                continue
            }
            fill(&block, from: sector)
            return true
        }
    }

    private mutating func fill(_ block: inout SampleBlock, from sector: CWASector) {
        let anchor = ClockAnchor(index: Double(nextIndex) + Double(sector.anchorOffset), time: sector.time)
        block.stream = 0
        block.firstIndex = nextIndex
        block.channelCount = layout.channels
        block.anchor = anchor
        block.nominalPeriod = 1 / sector.rate
        block.temperature = sector.temperature
        block.times.removeAll(keepingCapacity: true)
        block.gapBefore = gap(before: sector, anchor)
        sector.decode(from: buffer, into: &block.values)
        previous = Previous(session: sector.session, sequence: sector.sequence, anchor: anchor, rate: sector.rate)
        damagedSincePrevious = 0
        sectorOffset = sector.fileOffset
        nextIndex += Int64(sector.count)
    }

    private mutating func gap(before sector: CWASector, _ anchor: ClockAnchor) -> Gap? {
        guard let previous else { return damagedSincePrevious > 0 ? Gap(.damaged) : nil }
        guard sector.session == previous.session, sector.rate == previous.rate else { return Gap(.restart) }
        let step = Int64(sector.sequence) - Int64(previous.sequence)
        if step < 1 { return Gap(damagedSincePrevious > 0 ? .damaged : .restart) }
        if step > 1 || damagedSincePrevious > 0 {
            let lost = step - 1
            if lost > Int64(damagedSincePrevious) {
                report.note(
                    "sectors missing by their numbers", count: Int(lost) - damagedSincePrevious,
                    at: "byte \(sector.fileOffset)")
            }
            return Gap(
                damagedSincePrevious > 0 ? .damaged : .lost, samples: max(lost, 0) * Int64(layout.samplesInSector))
        }
        let expected = previous.anchor.time + (anchor.index - previous.anchor.index) / sector.rate
        return abs(anchor.time - expected) > Self.largestClockError ? Gap(.clockJump) : nil
    }

    /// The next sector with samples, checked; nil at the end of the file.
    private static func nextSector(
        _ source: ByteSource, _ buffer: inout [UInt8], _ filled: inout Int, _ position: inout Int,
        _ report: inout ReadingReport, layout: CWASector.Layout?, damaged: inout Int
    ) throws(RecordingError) -> CWASector? {
        while true {
            if position + CWASector.size > filled {
                let tail = filled - position
                if tail > 0 {
                    report.note("bytes of a cut sector", count: tail, at: "byte \(source.offset - tail)")
                }
                filled = try source.read(into: &buffer)
                position = 0
                if filled == 0 { return nil }
                continue
            }
            let offset = source.offset - filled + position
            defer { position += CWASector.size }
            switch CWASector.examine(buffer, at: position, fileOffset: offset) {
            case .samples(let sector):
                if let layout, sector.layout != layout {
                    report.note("sectors of another sample layout", at: "byte \(offset)")
                    damaged += 1
                    continue
                }
                return sector
            case .noSamples: continue
            case .foreign:
                report.note("512-byte pieces that are no CWA sector", at: "byte \(offset)")
                damaged += 1
            case .badChecksum:
                report.note("sectors with a wrong checksum", at: "byte \(offset)")
                damaged += 1
            case .unreadable(let what):
                report.note("sectors with \(what)", at: "byte \(offset)")
                damaged += 1
            }
        }
    }
}

extension RecordingError {
    /// The file has no bytes at all.
    static func emptyFile(_ path: String) -> RecordingError {
        RecordingError(
            .empty, path: path, problem: "is empty", remedy: "check that the recording or the copy was finished")
    }
}
