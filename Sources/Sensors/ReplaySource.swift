// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc
public import Recordings

/// A recording that comes as if from sensors: each of its streams is one.
///
/// Its clocks are the recording's: they run as fast as it is replayed.
public struct ReplaySource: SampleSource, ~Copyable {
    /// Times as fast as it was recorded; nil for as fast as it can be read.
    public let speed: Double?

    private var reader: any RecordingReader
    private let scales: [Float]
    private let zoneOffset: Double
    private let origin: Moment
    private var block = SampleBlock()
    /// Whether ``block`` holds samples that were not yet given.
    private var isLoaded = false
    private var isStopped = false
    private var hasBegun = false
    private var firstTime: Double?
    /// How far it was given, in nanoseconds from the first sample.
    private var reached: UInt64 = 0
    /// The host's clock when it began.
    private let start: UInt64
    /// The run of each stream, and how many samples came in it: a restart begins another.
    private var runs: [(boot: UInt32, nextIndex: UInt32)]

    /// Blocks given at once at most where no speed is set.
    private static let largestBatch = 64
    /// Boot time at the first sample, in nanoseconds.
    private static let bootTimeOrigin: UInt64 = 1_000_000_000
    /// Where the file does not tell the g of a count, this share of the range is one; without a range, 16 g.
    private static let countsInRange: Float = 32_768
    private static let usualRange: Float = 16

    /// A source that reads a recording.
    ///
    /// - Parameters:
    ///   - reader: the recording.
    ///   - log: what the file says of itself, if it is a night log.
    ///   - speed: times as fast as it was recorded; nil for as fast as it can be read.
    public init(_ reader: any RecordingReader, log: NightLog.Header? = nil, speed: Double?) throws(RecordingError) {
        self.reader = reader
        self.speed = speed
        scales =
            log?.streams.map(\.scale)
            ?? reader.header.streams.map { ($0.range > 0 ? Float($0.range) : Self.usualRange) / Self.countsInRange }
        runs = reader.header.streams.map { _ in (1, 0) }
        zoneOffset = Double(log?.zone.offset ?? 0)
        isLoaded = try self.reader.read(into: &block)
        let first = isLoaded ? block.time(at: 0) : 0
        firstTime = first
        origin = Moment(
            bootTime: Self.bootTimeOrigin, awake: Self.bootTimeOrigin,
            utc: Int64(((first - zoneOffset) * 1e9).rounded()))
        start = HostClock.system.now().awake
    }

    /// The zone that the recording's clock was in, as far as it tells.
    public var zone: NightLog.Zone { NightLog.Zone(offset: Int32(zoneOffset)) }

    /// The recording's clocks.
    public func now() -> Moment {
        let passed = speed.map { UInt64(Double(HostClock.system.now().awake - start) * $0) } ?? reached
        return Moment(
            bootTime: origin.bootTime + passed, awake: origin.awake + passed, utc: origin.utc + Int64(passed))
    }

    /// Waits for the next samples; see ``SampleSource``.
    public mutating func wait(_ seconds: Double, into events: inout [SensorEvent]) -> Bool {
        if !hasBegun { begin(&events) }
        guard isLoaded, !isStopped else { return false }
        guard let speed else {
            for _ in 0..<Self.largestBatch where isLoaded { give(&events) }
            return isLoaded
        }
        // A block is there when its last sample was taken.
        let deadline = now().bootTime + UInt64(max(0, seconds) * 1e9)
        let due = Self.bootTimeOrigin + offset(of: block.time(at: block.count - 1))
        let until = min(due, deadline)
        let current = now().bootTime
        if until > current { usleep(UInt32(clamping: Int(Double(until - current) / 1000 / speed))) }
        let reached = now().bootTime
        while isLoaded, Self.bootTimeOrigin + offset(of: block.time(at: block.count - 1)) <= reached { give(&events) }
        return isLoaded
    }

    /// Ends it.
    public mutating func stop() { isStopped = true }

    private func offset(of time: Double) -> UInt64 {
        UInt64(max(0, ((time - (firstTime ?? time)) * 1e9).rounded()))
    }

    /// The sensors of the recording are there from the start.
    private mutating func begin(_ events: inout [SensorEvent]) {
        hasBegun = true
        let header = reader.header
        let streams = header.streams.enumerated().map { index, stream in
            SensorSettings.Stream(
                leg: stream.leg ?? (header.streams.count == 1 ? .left : nil), model: header.device,
                rate: Float(stream.nominalRate), range: Float(stream.range), scale: scales[index])
        }
        let serial = header.serial.isEmpty ? "replay" : header.serial
        for kind in [
            SensorEvent.Kind.found(serial: serial, driver: "replay"),
            .settings(SensorSettings(serial: serial, streams: streams)),
        ] {
            events.append(SensorEvent(sensor: 0, bootTime: Self.bootTimeOrigin, kind: kind))
        }
    }

    /// Gives the block that is loaded, and loads the next.
    private mutating func give(_ events: inout [SensorEvent]) {
        let stream = block.stream
        let time = block.time(at: 0)
        if block.gapBefore?.reason == .restart { runs[stream] = (runs[stream].boot + 1, runs[stream].nextIndex) }
        let index = UInt32(truncatingIfNeeded: block.firstIndex)
        let passed = offset(of: time)
        reached = max(reached, offset(of: block.time(at: block.count - 1)))
        events.append(
            SensorEvent(
                sensor: 0, bootTime: Self.bootTimeOrigin + passed,
                kind: .samples(
                    SensorSamples(
                        stream: UInt8(stream), boot: runs[stream].boot, firstIndex: index, deviceTime: 0, flags: [],
                        counts: counts(scales[stream]), declaredGap: block.gapBefore))))
        do throws(RecordingError) {
            isLoaded = try reader.read(into: &block)
        } catch {
            // What cannot be read any further ends as if it had been cut there.
            isLoaded = false
        }
    }

    /// The acceleration of the block in counts.
    private func counts(_ scale: Float) -> [Int16] {
        var counts: [Int16] = []
        counts.reserveCapacity(block.count * 3)
        for sample in 0..<block.count {
            for axis in 0..<3 {
                counts.append(
                    Int16(clamping: Int((block.values[sample * block.channelCount + axis] / scale).rounded())))
            }
        }
        return counts
    }
}
