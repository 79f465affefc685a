// SPDX-License-Identifier: GPL-3.0-or-later
import Glibc

extension NightLog {
    /// What a repair saved, and what it could not.
    public struct Repair: Hashable, Sendable {
        /// The header of the new log.
        public var header: Header
        /// The sectors in the new log, its own closing included.
        public var sectors: Int
        /// The samples of each stream.
        public var samples: [Int64]
        /// What was left out of the old log.
        public var report: ReadingReport
        /// Fields of the header that no sector tells, if both of its copies were lost; else empty.
        public var unknownFields: [String]
    }

    /// Writes a clean log with all the good sectors of a damaged one, unchanged and in their order.
    ///
    /// Reading it gives the same samples at the same indices and times; a gap by damage is now one by loss, since the
    /// bad sectors are no longer there to be seen. A log without a closing gets one that says it is by repair. The new
    /// file appears under its name only when all of it is on the disk.
    ///
    /// - Throws: `alreadyExists` if there is a file at `destination`, which stays as it is; `noSamples` if no good
    ///   sector is left to tell what was recorded.
    public static func repair(from source: String, to destination: String) throws(RecordingError) -> Repair {
        try repair(from: source, to: destination, calls: .system)
    }

    package static func repair(
        from source: String, to destination: String, calls: NightLogCalls
    ) throws(RecordingError) -> Repair {
        let (header, unknownFields) = try header(of: source)
        // Refuses before the work; the renaming below refuses a file that appears meanwhile.
        try OutputFile.checkNew(destination)
        let temporary = "\(destination).\(getpid()).part"
        let file = try NightLogFile(creating: temporary, calls)
        do throws(RecordingError) {
            var repair = try copy(source, header, into: file)
            repair.unknownFields = unknownFields
            try file.synchronize()
            try OutputFile.rename(temporary, toNew: destination)
            try NightLogFile.synchronizeFolder(of: destination, calls)
            return repair
        } catch {
            unsafe unlink(temporary)
            throw error
        }
    }

    /// Writes the header and every sector that a reader accepts.
    private static func copy(
        _ source: String, _ header: Header, into file: borrowing NightLogFile
    ) throws(RecordingError) -> Repair {
        let block = header.encoded()
        var output = block + block
        var offset = 0
        var repair = Repair(
            header: header, sectors: 0, samples: header.streams.map { _ in 0 }, report: ReadingReport(),
            unknownFields: [])
        func flush() throws(RecordingError) {
            var done = 0
            try file.write(output, done: &done, at: offset)
            offset += output.count
            output.removeAll(keepingCapacity: true)
        }
        var scanner = NightLogScanner(try ByteSource(path: source))
        if try scanner.header() == nil {
            scanner.report.note("damaged copies of the header", count: 2, at: "byte 0")
            scanner.expect(header)
        }
        var closing: NightLogSector?
        while try scanner.next() {
            guard let sector = scanner.sector else { break }
            output += scanner.buffer[scanner.sectorStart..<scanner.sectorStart + NightLogSector.size]
            repair.sectors += 1
            if sector.kind == .data, Int(sector.stream) < repair.samples.count {
                repair.samples[Int(sector.stream)] += Int64(sector.count)
            }
            closing = sector.kind == .close ? nil : sector
            if output.count >= 1 << 20 { try flush() }
        }
        if let last = closing {
            output += last.closingAfter()
            repair.sectors += 1
        }
        try flush()
        repair.report = scanner.report
        return repair
    }

    /// The header of a log: a copy of it wherever it stands, or else what the sectors tell.
    private static func header(of source: String) throws(RecordingError) -> (Header, unknownFields: [String]) {
        var scanner = NightLogScanner(try ByteSource(path: source))
        if let header = try scanner.header() { return (header, []) }
        if let header = try scanner.strayHeader() { return (header, []) }
        var first: NightLogSector?
        var zone: Zone?
        var settings: [NightLogSector.Settings?] = []
        while try scanner.next() {
            guard let sector = scanner.sector else { break }
            if first == nil { first = sector }
            if let found = sector.settings {
                let stream = Int(sector.stream)
                while settings.count <= stream { settings.append(nil) }
                settings[stream] = settings[stream] ?? found
            } else if sector.kind == .clock, zone == nil {
                let bytes = scanner.buffer.span
                zone = Zone(
                    offset: Int32(bitPattern: bytes.uint32(at: scanner.sectorStart + NightLogSector.valueStart)),
                    name: bytes.text(at: scanner.sectorStart + NightLogSector.textStart, count: sector.count))
            }
        }
        guard let first, let known = settings.compactMap({ $0 }).first else {
            throw RecordingError(
                .noSamples, path: source, problem: "holds neither a header nor a good sector with samples",
                remedy: "take a copy of the file, if there is one")
        }
        var identifier = [UInt8](repeating: 0, count: 16)
        identifier.put(first.tag, at: 0)
        var unknown = ["night identifier after its first four bytes", "site", "model", "serial number", "firmware"]
        if zone == nil { unknown.append("time zone, taken as UTC") }
        for stream in settings.indices where settings[stream] == nil { unknown.append("stream \(stream)") }
        return (
            Header(
                identifier: Identifier(bytes: identifier), creation: first.stamp, zone: zone ?? Zone(offset: 0),
                streams: settings.map { Stream($0 ?? known) }), unknown
        )
    }
}

extension NightLogSector {
    /// A closing by repair that follows this sector.
    fileprivate func closingAfter() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.size)
        NightLogSector(
            kind: .close, stream: Self.noStream, tag: tag, sequence: sequence + 1, firstIndex: 0, stamp: stamp, count: 0
        ).encode(into: &bytes)
        bytes.put(UInt32(1), at: Self.valueStart)
        Self.seal(&bytes)
        return bytes
    }
}
