// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads a night log, whole or damaged, in bounded memory.
///
/// A block is one data sector. Its anchor is the moment at which the host received one of its samples: the wall clock at
/// the first sector of that run of the host, and from there the time that `CLOCK_BOOTTIME` counted. So a clock that is
/// set, by hand or by NTP, or a change to summer time moves nothing within a run. Like all readers it answers in the
/// recording's local time, which is UTC and the zone offset of the header, the whole night through.
public struct NightLogReader: RecordingReader {
    /// What the log says of itself in the terms of all formats.
    public let header: RecordingHeader
    /// What the log says of itself in full.
    public let log: NightLog.Header
    /// Events, notes, clock readings and closings met so far, in order; at most ``NightLog/maximumEntries``.
    public private(set) var entries: [NightLog.Entry] = []
    /// The clocks as the block read last has them, at the sample of its anchor.
    public private(set) var stamp: NightLog.Stamp
    /// What the log says of the samples of the block read last.
    public private(set) var flags: NightLog.Flags = []
    /// Whether the log read so far ends with a closing.
    public private(set) var isClosed = false
    /// What was left out so far, and why.
    public var report: ReadingReport { scanner.report }
    /// How much of the file was read.
    public var fractionRead: Double? { scanner.fractionRead }

    private(set) var scanner: NightLogScanner
    private(set) var progress: [StreamProgress]
    private var reference: (hostBoot: UInt32, utc: Int64, bootTime: UInt64)?
    private var ended = false
    private let follows: Bool

    /// How far a stream was read.
    struct StreamProgress {
        var nextIndex: UInt64 = 0
        var damaged = false
        var last: (settings: NightLogSector.Settings, hostBoot: UInt32, deviceBoot: UInt32)?
    }

    /// Opens a log; `-` is standard input.
    public init(path: String) throws(RecordingError) {
        try self.init(ByteSource(path: path))
    }

    /// Follows a log that is still being written: after false, ``read(into:)`` may be called again and goes on with what
    /// came since.
    public init(following path: String) throws(RecordingError) {
        try self.init(ByteSource(following: path), follows: true)
    }

    /// Reads a log from its first byte on.
    public init(_ source: ByteSource) throws(RecordingError) {
        try self.init(source, follows: false)
    }

    private init(_ source: ByteSource, follows: Bool) throws(RecordingError) {
        self.follows = follows
        var scanner = NightLogScanner(source)
        guard let log = try scanner.header() else {
            guard scanner.looksLikeNightLog() else {
                throw RecordingError(
                    .unknownFormat, path: source.path, problem: "is no night log", remedy: "check the name")
            }
            throw RecordingError(
                .damaged, path: source.path, place: "byte 0", problem: "both copies of its header are damaged",
                remedy: "run `nattro repair` on it")
        }
        self.scanner = scanner
        self.log = log
        stamp = log.creation
        header = RecordingHeader(log)
        progress = log.streams.map { _ in StreamProgress() }
    }

    /// Fills `block` with the samples of the next good data sector; false at the end of the log.
    public mutating func read(into block: inout SampleBlock) throws(RecordingError) -> Bool {
        if follows { scanner.resume() }
        while try scanner.next() {
            guard let sector = scanner.sector else { break }
            if scanner.damageBefore > 0 {
                for stream in progress.indices { progress[stream].damaged = true }
            }
            if reference?.hostBoot != sector.stamp.hostBoot {
                reference = (sector.stamp.hostBoot, sector.stamp.utc, sector.stamp.bootTime)
            }
            isClosed = sector.kind == .close
            if sector.kind == .data {
                if fill(&block, from: sector) { return true }
            } else {
                keep(sector)
            }
        }
        if !ended && !isClosed && !follows {
            scanner.report.note("closings missing: the log ends without one", at: "the end")
        }
        ended = true
        return false
    }

    /// Decodes a data sector; false if it does not fit its stream.
    private mutating func fill(_ block: inout SampleBlock, from sector: NightLogSector) -> Bool {
        let stream = Int(sector.stream)
        guard let settings = sector.settings, stream < progress.count,
            settings.channelCount == log.streams[stream].channelCount
        else {
            scanner.report.note("sectors of no stream of the header", at: "byte \(scanner.sectorOffset)")
            return false
        }
        let expected = progress[stream].nextIndex
        guard sector.firstIndex >= expected else {
            scanner.report.note("sectors with samples that were read before", at: "byte \(scanner.sectorOffset)")
            return false
        }
        block.gapBefore = gap(before: sector, settings, in: progress[stream])
        progress[stream] = StreamProgress(
            nextIndex: sector.firstIndex + UInt64(sector.count),
            last: (settings, sector.stamp.hostBoot, sector.stamp.deviceBoot))
        block.stream = stream
        block.firstIndex = Int64(sector.firstIndex)
        block.channelCount = settings.channelCount
        block.nominalPeriod = 1 / Double(settings.nominalRate)
        block.anchor = ClockAnchor(
            index: Double(Int64(sector.firstIndex) + Int64(sector.stampOffset)), time: time(of: sector.stamp))
        block.times.removeAll(keepingCapacity: true)
        Self.decode(
            scanner.buffer.span, at: scanner.sectorStart + NightLogSector.countsStart, settings, count: sector.count,
            into: &block.values)
        stamp = sector.stamp
        flags = sector.flags
        return true
    }

    /// What lies between a sector and the samples of its stream before it.
    private func gap(
        before sector: NightLogSector, _ settings: NightLogSector.Settings, in progress: StreamProgress
    ) -> Gap? {
        let jump = Int64(sector.firstIndex - progress.nextIndex)
        let counted = jump == 0 || sector.flags.contains(.uncounted) ? nil : jump
        if let last = progress.last, last != (settings, sector.stamp.hostBoot, sector.stamp.deviceBoot) {
            return Gap(.restart)
        }
        if sector.flags.contains(.resync) { return Gap(.restart) }
        if sector.flags.contains(.overrun) { return Gap(.overrun, samples: counted) }
        if sector.flags.contains(.gapBefore) { return Gap(.lost, samples: counted) }
        return jump == 0 ? nil : Gap(progress.damaged ? .damaged : .lost, samples: jump)
    }

    /// Turns counts into g, and into °/s for the gyroscope: each one multiplication of `Float`.
    private static func decode(
        _ bytes: Span<UInt8>, at start: Int, _ settings: NightLogSector.Settings, count: Int,
        into values: inout [Float]
    ) {
        let total = count * settings.channelCount
        if values.count != total {
            values.removeAll(keepingCapacity: true)
            values.append(contentsOf: repeatElement(0, count: total))
        }
        let counts = bytes.extracting(start..<start + 2 * total)
        let scale = settings.scale
        var output = values.mutableSpan
        guard let rotationScale = settings.rotationScale else {
            for index in output.indices { output[index] = counts.count(at: 2 * index) * scale }
            return
        }
        for index in output.indices {
            output[index] = counts.count(at: 2 * index) * (index % 6 < 3 ? scale : rotationScale)
        }
    }

    /// Seconds of the log's local clock at a moment of the run of the host that is being read.
    private func time(of stamp: NightLog.Stamp) -> Double {
        guard let reference else { return 0 }
        let nanoseconds =
            reference.utc + (Int64(stamp.bootTime) - Int64(reference.bootTime)) + Int64(log.zone.offset) * 1_000_000_000
        return Double(nanoseconds) / 1e9
    }

    /// Keeps an event, a note, a clock reading or a closing.
    private mutating func keep(_ sector: NightLogSector) {
        guard entries.count < NightLog.maximumEntries else {
            scanner.report.note(
                "entries beyond the first \(NightLog.maximumEntries)", at: "byte \(scanner.sectorOffset)")
            return
        }
        let start = scanner.sectorStart
        let value = Int32(bitPattern: scanner.buffer.span.uint32(at: start + NightLogSector.valueStart))
        let text = scanner.buffer.span.text(at: start + NightLogSector.textStart, count: sector.count)
        let kind: NightLog.Kind =
            switch sector.kind {
            case .clock: .clock(zoneOffset: value)
            case .event: .event(NightLog.Event(rawValue: value))
            case .close: .close(byRepair: value == 1)
            case .note, .data: .note
            }
        entries.append(
            NightLog.Entry(
                kind: kind, stream: sector.stream == NightLogSector.noStream ? nil : Int(sector.stream),
                stamp: sector.stamp, time: time(of: sector.stamp), sampleIndex: Int64(sector.firstIndex),
                text: text))
    }
}

extension Span<UInt8> {
    /// A count as the sensor gave it, not yet in g.
    fileprivate func count(at position: Int) -> Float {
        Float(Int16(bitPattern: uint16(at: position)))
    }
}

extension RecordingHeader {
    /// The header of a night log in the terms of all formats: what differs between its sensors is joined by " + ".
    fileprivate init(_ log: NightLog.Header) {
        func joined(_ texts: [String]) -> String {
            let different = texts.indices.filter { !texts[$0].isEmpty && !texts[..<$0].contains(texts[$0]) }
            return different.map { texts[$0] }.joined(separator: " + ")
        }
        self.init(
            format: .nightLog, device: joined(log.streams.map(\.model)), serial: joined(log.streams.map(\.serial)),
            firmware: joined(log.streams.map(\.firmware)), site: joined(log.streams.map(\.site)),
            streams: log.streams.map(\.information),
            metadata: [
                "night": log.identifier.description, "zone": log.zone.name, "zone offset": String(log.zone.offset),
                "creation UTC": String(log.creation.utc),
            ])
    }
}
