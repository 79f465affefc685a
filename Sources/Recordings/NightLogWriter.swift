// SPDX-License-Identifier: GPL-3.0-or-later
import Glibc

/// Writes a night log as the night goes on: sole owner of its file.
///
/// Samples are packed into sectors, and reach the disk at least every ``synchronizationInterval`` of the stamps that are
/// given: so that a power cut takes no more than 5 s, call ``synchronizeIfDue(at:)`` about every second while no samples
/// come. It asks no clock.
///
/// When the disk refuses, the call throws and what it was given is kept in memory, up to ``backlogLimit``. Later calls throw
/// the same until ``retryInterval`` has passed, and then try again. Beyond the limit samples are dropped, and the log says how
/// many. To go on after an error is safe.
public struct NightLogWriter: ~Copyable {
    /// Nanoseconds of the host's boot time from a sample to the call that brings it onto the disk.
    public static let synchronizationInterval: UInt64 = 4_000_000_000

    /// Nanoseconds of the host's boot time from a refusal of the disk to the next try.
    public static let retryInterval: UInt64 = 10_000_000_000

    /// Bytes of backlog that only entries may use, so that they outlast the samples.
    private static let entryReserve = 1 << 20

    /// What the log says of itself.
    public let header: NightLog.Header
    /// Bytes kept in memory at most while the disk refuses: 12 hours of two legs at 100 Hz.
    public var backlogLimit = 1 << 26
    /// Samples dropped because the backlog was full.
    public private(set) var droppedSamples: Int64 = 0
    /// Why room that was asked for is not set aside on the disk; nil where it is, or where the file system cannot do that.
    public private(set) var reservationFailure: RecordingError?

    private let file: NightLogFile
    private var lanes: [Lane]
    private var nextSequence: UInt64 = 0
    /// Whole sectors that are not known to be on the disk, and how many of their bytes the file has taken.
    private var backlog: [UInt8] = []
    private var written = 0
    /// Where in the file the backlog begins.
    private var backlogOffset = 0
    /// The boot time of the oldest thing that is not known to be on the disk.
    private var oldest: UInt64?
    /// The last boot time that was given.
    private var latest: UInt64 = 0
    /// Why the disk refused last, and when; nil once it took something again.
    private var refusal: (error: RecordingError, at: UInt64)?
    /// Whether the last sector is a closing, in the backlog or in the file.
    private var endsClosed = false
    private var sector = [UInt8](repeating: 0, count: NightLogSector.size)

    /// A stream and its samples that do not yet fill a sector.
    fileprivate struct Lane {
        var settings: NightLogSector.Settings
        var counts: [Int16] = []
        var firstIndex: UInt64 = 0
        var stamp: NightLog.Stamp
        var stampOffset: Int32 = 0
        var flags: NightLog.Flags = []

        var sampleCount: Int { counts.count / settings.channelCount }
        var nextIndex: UInt64 { firstIndex + UInt64(sampleCount) }
        var capacity: Int { NightLogSector.countCapacity / settings.channelCount * settings.channelCount }
    }

    // MARK: Opening

    /// Creates a log that only its owner may read, with its header and the first clock reading already on the disk.
    ///
    /// - Parameter seconds: how long the night may last: room for it is set aside on the disk, as far as that can be had.
    /// - Throws: `alreadyExists` if there is such a file, which stays as it is.
    /// - Precondition: the header has 1 to ``NightLog/maximumStreams`` streams.
    public static func create(
        _ path: String, _ header: NightLog.Header, reservingSeconds seconds: Double = 0
    ) throws(RecordingError) -> NightLogWriter {
        try create(path, header, reservingSeconds: seconds, calls: .system)
    }

    /// Opens a log to go on with it after its last good sector; nothing that it holds is changed.
    ///
    /// Each stream goes on after a gap of unknown length. An incomplete sector at the end is filled up with zeros.
    ///
    /// - Throws: `damaged` if both copies of its header are, `inUse` if another recorder has it open.
    public static func reopen(
        _ path: String, at stamp: NightLog.Stamp, zone: NightLog.Zone, reservingSeconds seconds: Double = 0
    ) throws(RecordingError) -> NightLogWriter {
        try reopen(path, at: stamp, zone: zone, reservingSeconds: seconds, calls: .system)
    }

    package static func create(
        _ path: String, _ header: NightLog.Header, reservingSeconds seconds: Double = 0, calls: NightLogCalls
    ) throws(RecordingError) -> NightLogWriter {
        let block = header.encoded()
        var writer = NightLogWriter(
            file: try NightLogFile(creating: path, calls), header: header,
            lanes: header.streams.map { Lane(settings: $0.settings, stamp: header.creation) })
        writer.backlog = block + block
        do throws(RecordingError) {
            try writer.clock(at: header.creation, zone: header.zone)
            try writer.synchronize()
            try NightLogFile.synchronizeFolder(of: path, calls)
        } catch {
            // No sample is in it yet, and its name would stop the next attempt.
            unsafe unlink(path)
            throw error
        }
        writer.reserve(seconds)
        return writer
    }

    package static func reopen(
        _ path: String, at stamp: NightLog.Stamp, zone: NightLog.Zone, reservingSeconds seconds: Double = 0,
        calls: NightLogCalls
    ) throws(RecordingError) -> NightLogWriter {
        let file = try NightLogFile(opening: path, calls)
        let size = NightLogSector.size
        let end = (try file.size() + size - 1) / size * size
        var reader = try NightLogReader(path: path)
        var block = SampleBlock()
        while try reader.read(into: &block) {}
        let lanes = reader.log.streams.indices.map { index in
            var lane = Lane(settings: reader.log.streams[index].settings, stamp: stamp)
            lane.firstIndex = reader.progress[index].nextIndex
            lane.flags = [.resync, .gapBefore, .uncounted]
            return lane
        }
        var writer = NightLogWriter(file: file, header: reader.log, lanes: lanes)
        writer.nextSequence = reader.scanner.nextSequence
        writer.backlogOffset = end
        try writer.clock(at: stamp, zone: zone)
        try writer.synchronize()
        writer.reserve(seconds)
        return writer
    }

    /// Sets room aside for so many seconds more, or for half or a quarter of them, so that no other program can take it.
    private mutating func reserve(_ seconds: Double) {
        guard seconds > 0 else { return }
        let bytes = lanes.reduce(0) { sum, lane in
            sum + NightLog.bytes(of: seconds, rate: lane.settings.nominalRate, channels: lane.settings.channelCount)
        }
        for share in [1, 2, 4] {
            switch file.reserve(backlogOffset + bytes / share) {
            case 0: return
            case let code where code == ENOSPC || code == EDQUOT || code == EFBIG:
                reservationFailure = reservationFailure ?? RecordingError(code, file.path, "set room aside for")
            // A file system that cannot do it is no reason not to record.
            default: return
            }
        }
    }

    private init(file: consuming NightLogFile, header: NightLog.Header, lanes: [Lane]) {
        self.file = file
        self.header = header
        self.lanes = lanes
    }

    // MARK: Samples

    /// Takes further samples of a stream, interleaved counts as the sensor gave them.
    ///
    /// The stamp is of the first of them: the sensor's own time for it, and the host's when it was received. A sample
    /// that cannot follow the one before says so by `gap`; the number of samples missing is counted in the index.
    /// Another boot of the host or the sensor begins a new sector by itself.
    ///
    /// - Precondition: the stream is one of the header's, and there are whole samples.
    public mutating func append(
        _ counts: Span<Int16>, to stream: Int, at stamp: NightLog.Stamp, after gap: Gap? = nil,
        flags: NightLog.Flags = []
    ) throws(RecordingError) {
        precondition(lanes.indices.contains(stream), "stream \(stream) of \(lanes.count)")
        let channels = lanes[stream].settings.channelCount
        precondition(counts.count % channels == 0, "\(counts.count) counts are no whole samples of \(channels)")
        latest = stamp.bootTime
        var failure: RecordingError?
        do throws(RecordingError) {
            try makeRoom()
        } catch {
            // The samples are taken or counted first.
            failure = error
        }
        let restarts =
            stamp.hostBoot != lanes[stream].stamp.hostBoot || stamp.deviceBoot != lanes[stream].stamp.deviceBoot
        if gap != nil || restarts { pack(stream) }
        if let gap { lanes[stream].begin(after: gap) }
        note(stamp)
        var taken = 0
        while taken < counts.count {
            if lanes[stream].counts.isEmpty {
                lanes[stream].stamp = stamp
                lanes[stream].stampOffset = -Int32(clamping: taken / channels)
            }
            let count = min(counts.count - taken, lanes[stream].capacity - lanes[stream].counts.count)
            for index in taken..<taken + count { lanes[stream].counts.append(counts[index]) }
            lanes[stream].flags.formUnion(flags)
            taken += count
            if lanes[stream].counts.count == lanes[stream].capacity { pack(stream) }
        }
        if let failure { throw failure }
        try drain()
        try synchronizeIfDue(at: stamp.bootTime)
    }

    /// From here on a stream's samples are of a sensor that is set otherwise.
    ///
    /// - Precondition: it still gives as many counts a sample.
    public mutating func set(_ stream: Int, to settings: NightLog.Stream) throws(RecordingError) {
        precondition(lanes.indices.contains(stream), "stream \(stream) of \(lanes.count)")
        precondition(
            settings.channelCount == lanes[stream].settings.channelCount,
            "\(settings.channelCount) counts a sample instead of \(lanes[stream].settings.channelCount)")
        pack(stream)
        lanes[stream].settings = settings.settings
        lanes[stream].flags.insert(.resync)
        try drain()
    }

    // MARK: Entries

    /// Keeps a reading of the wall clock with the local zone of the moment: at start, every minute, and when it was set.
    public mutating func clock(at stamp: NightLog.Stamp, zone: NightLog.Zone) throws(RecordingError) {
        try enter(.clock, nil, stamp, value: zone.offset, text: zone.name)
    }

    /// Keeps something that happened; a text is cut at ``NightLog/maximumTextBytes``.
    public mutating func event(
        _ event: NightLog.Event, stream: Int? = nil, text: String = "", at stamp: NightLog.Stamp
    ) throws(RecordingError) {
        try enter(.event, stream, stamp, value: event.rawValue, text: text)
    }

    /// Keeps words; they are cut at ``NightLog/maximumTextBytes``.
    public mutating func note(_ text: String, stream: Int? = nil, at stamp: NightLog.Stamp) throws(RecordingError) {
        try enter(.note, stream, stamp, text: text)
    }

    /// Ends the recording: all samples, a closing, and all of it on the disk. If it throws, it may be called again.
    public mutating func finish(at stamp: NightLog.Stamp, text: String = "") throws(RecordingError) {
        refusal = nil
        try makeRoom()
        for stream in lanes.indices { pack(stream) }
        if !endsClosed { try enter(.close, nil, stamp, text: text) }
        try synchronize()
        file.release()
    }

    private mutating func enter(
        _ kind: NightLogSector.Kind, _ stream: Int?, _ stamp: NightLog.Stamp, value: Int32 = 0, text: String
    ) throws(RecordingError) {
        precondition(stream.map { lanes.indices.contains($0) } ?? true, "stream \(stream ?? -1) of \(lanes.count)")
        note(stamp)
        let fields = NightLogSector(
            kind: kind, stream: stream.map { UInt8($0) } ?? NightLogSector.noStream, tag: header.identifier.tag,
            sequence: nextSequence, firstIndex: stream.map { lanes[$0].nextIndex } ?? 0, stamp: stamp, count: 0)
        fields.encode(into: &sector)
        sector.put(value, at: NightLogSector.valueStart)
        let used = sector.put(text, at: NightLogSector.textStart, count: NightLogSector.textCapacity)
        sector.put(UInt16(used), at: NightLogSector.countStart)
        if backlog.count < backlogLimit + Self.entryReserve {
            enqueue()
            endsClosed = kind == .close
        }
        try drain()
        try synchronizeIfDue(at: stamp.bootTime)
    }

    // MARK: The disk

    /// Brings all samples onto the disk, a sector that is not full among them; tries even where the disk refused just now.
    public mutating func synchronize() throws(RecordingError) {
        refusal = nil
        try makeRoom()
        for stream in lanes.indices { pack(stream) }
        try save()
    }

    /// Empties a backlog that is full.
    private mutating func makeRoom() throws(RecordingError) {
        if backlog.count >= backlogLimit { try save() }
    }

    /// Writes the backlog and brings it onto the disk.
    private mutating func save() throws(RecordingError) {
        try drain()
        do throws(RecordingError) {
            try file.synchronize()
        } catch {
            // The system may have thrown away what it could not save, and will not say so twice: write all of it again.
            written = 0
            refusal = (error, latest)
            throw error
        }
        backlogOffset += backlog.count
        backlog.removeAll(keepingCapacity: true)
        written = 0
        oldest = nil
    }

    /// Brings all samples onto the disk if the oldest have waited for ``synchronizationInterval`` at this boot time.
    public mutating func synchronizeIfDue(at bootTime: UInt64) throws(RecordingError) {
        latest = bootTime
        // Sectors that are not full would fill the memory while the disk takes none.
        try checkRefusal()
        guard let oldest else { return }
        // A boot time below the oldest is of another run of the host.
        if bootTime < oldest || bootTime - oldest >= Self.synchronizationInterval { try synchronize() }
    }

    /// Throws what the disk refused with, until it is time to try again.
    private mutating func checkRefusal() throws(RecordingError) {
        guard let refusal else { return }
        // A boot time below that of the refusal is of another run of the host.
        if latest >= refusal.at && latest - refusal.at < Self.retryInterval { throw refusal.error }
        self.refusal = nil
    }

    private mutating func note(_ stamp: NightLog.Stamp) {
        latest = stamp.bootTime
        if oldest == nil { oldest = stamp.bootTime }
    }

    /// Makes a sector of the samples of a stream that wait, if there are any.
    private mutating func pack(_ stream: Int) {
        let lane = lanes[stream]
        guard lane.sampleCount > 0 else { return }
        lanes[stream].firstIndex = lane.nextIndex
        lanes[stream].counts.removeAll(keepingCapacity: true)
        guard backlog.count < backlogLimit else {
            droppedSamples += Int64(lane.sampleCount)
            lanes[stream].flags.formUnion([.overrun, .gapBefore])
            return
        }
        lanes[stream].flags = []
        let fields = NightLogSector(
            kind: .data, stream: UInt8(stream), tag: header.identifier.tag, sequence: nextSequence,
            firstIndex: lane.firstIndex, stamp: lane.stamp, stampOffset: lane.stampOffset, flags: lane.flags,
            count: lane.sampleCount, settings: lane.settings)
        fields.encode(into: &sector)
        for (index, count) in lane.counts.enumerated() { sector.put(count, at: NightLogSector.countsStart + 2 * index) }
        enqueue()
        endsClosed = false
    }

    private mutating func enqueue() {
        NightLogSector.seal(&sector)
        backlog += sector
        nextSequence += 1
    }

    private mutating func drain() throws(RecordingError) {
        try checkRefusal()
        do throws(RecordingError) {
            try file.write(backlog, done: &written, at: backlogOffset)
        } catch {
            refusal = (error, latest)
            throw error
        }
    }
}

extension NightLogWriter.Lane {
    /// Notes that samples are missing before the next one.
    fileprivate mutating func begin(after gap: Gap) {
        precondition(counts.isEmpty && (gap.samples ?? 0) >= 0, "a gap of \(gap.samples ?? 0) samples")
        flags.insert(.gapBefore)
        switch gap.reason {
        case .overrun: flags.insert(.overrun)
        case .restart: flags.insert(.resync)
        case .lost, .damaged, .clockJump, .pause, .timeHole, .notANumber: break
        }
        if let samples = gap.samples {
            firstIndex += UInt64(samples)
        } else {
            flags.insert(.uncounted)
        }
    }
}
