// SPDX-License-Identifier: GPL-3.0-or-later

/// Finds the frames in a stream of bytes, whatever lies between them; touches no USB.
///
/// Any cut of the stream gives the same frames. What is no frame is passed over and counted, never fatal; a frame that was
/// met already, or comes too late, is left out.
public struct LegWireParser: Sendable {
    /// What was met so far.
    public struct Counts: Hashable, Sendable {
        /// Frames handed out.
        public var frames = 0
        /// Bytes passed over to find the next frame.
        public var skippedBytes = 0
        /// Frames that ended with a wrong checksum.
        public var checksumErrors = 0
        /// Frames with a right checksum whose payload contradicts itself.
        public var malformed = 0
        /// Frames of types that LegWire 1 does not know.
        public var unknown = 0
        /// Frames missing by their numbers.
        public var lostFrames = 0
        /// Data frames that were met already or came too late.
        public var duplicates = 0
        /// Runs of the sensor that began, the first among them.
        public var boots = 0

        /// Nothing yet.
        public init() {}
    }

    /// What was met so far.
    public private(set) var counts = Counts()

    private var pending: [UInt8] = []
    private var boot: UInt16?
    private var streams = [Progress](repeating: Progress(), count: streamCount)

    private static let streamCount = 8
    /// A number that goes on by more than this belongs to no stream that only lost frames: a day at 400 frames a second.
    private static let largestJump: Int32 = 1 << 25

    /// How far a stream came in this run of the sensor.
    private struct Progress {
        /// The highest number of any frame.
        var sequence: UInt32?
        /// The number of the last data frame, and the index that must follow it.
        var data: (sequence: UInt32, nextIndex: UInt32)?
    }

    /// A parser at the start of a stream.
    public init() {}

    /// Takes further bytes, and appends the frames that they complete.
    public mutating func append(_ bytes: Span<UInt8>, to frames: inout [LegWire.Frame]) {
        for index in bytes.indices { pending.append(bytes[index]) }
        let used = scan(isEnd: false, to: &frames)
        pending.removeFirst(used)
    }

    /// Ends the stream, as when the sensor is unplugged: appends what frames still hide behind a false start.
    ///
    /// The next bytes may be those of another connection; numbers and indices go on from where they were.
    public mutating func finish(to frames: inout [LegWire.Frame]) {
        let used = scan(isEnd: true, to: &frames)
        counts.skippedBytes += pending.count - used
        pending.removeAll(keepingCapacity: true)
    }

    /// Goes through the pending bytes; gives how many are done with.
    private mutating func scan(isEnd: Bool, to frames: inout [LegWire.Frame]) -> Int {
        var start = 0
        while start < pending.count {
            switch candidate(at: start) {
            case .none:
                counts.skippedBytes += 1
                start += 1
            case .incomplete:
                guard isEnd else { return start }
                counts.skippedBytes += 1
                start += 1
            case .damaged:
                counts.checksumErrors += 1
                counts.skippedBytes += 1
                start += 1
            case .whole(let size):
                take(start..<start + size, to: &frames)
                start += size
            }
        }
        return start
    }

    private enum Candidate {
        case none, incomplete, damaged
        case whole(size: Int)
    }

    /// What begins at a place.
    private func candidate(at start: Int) -> Candidate {
        let bytes = pending.span
        guard bytes[start] == LegWire.sync.0 else { return .none }
        guard start + 1 < bytes.count else { return .incomplete }
        guard bytes[start + 1] == LegWire.sync.1 else { return .none }
        guard start + 6 <= bytes.count else { return .incomplete }
        let length: UInt16 = bytes.integer(at: start + 4)
        guard length <= LegWire.largestPayload else { return .none }
        let end = start + LegWire.headerSize + Int(length)
        guard end + LegWire.checksumSize <= bytes.count else { return .incomplete }
        let checksum: UInt32 = bytes.integer(at: end)
        guard CRC32.checksum(bytes, start + 2..<end) == checksum else { return .damaged }
        return .whole(size: end + LegWire.checksumSize - start)
    }

    private enum Decoded {
        case unknown, malformed
        case frame(LegWire.Frame)
    }

    /// What a frame with a right checksum says.
    private func decoded(_ range: Range<Int>) -> Decoded {
        let bytes = pending.span
        let start = range.lowerBound
        guard let type = LegWire.FrameType(rawValue: bytes[start + 2]) else { return .unknown }
        let payload = start + LegWire.headerSize..<range.upperBound - LegWire.checksumSize
        let content: LegWire.Content? =
            switch type {
            case .data: LegWire.Samples(bytes, payload).map { .data($0) }
            case .information: LegWire.Information(bytes, payload).map { .information($0) }
            case .status: LegWire.Status(bytes, payload).map { .status($0) }
            case .mark: .mark
            }
        guard bytes[start + 3] < Self.streamCount, let content else { return .malformed }
        return .frame(
            LegWire.Frame(
                stream: bytes[start + 3], boot: bytes.integer(at: start + 6), sequence: bytes.integer(at: start + 8),
                deviceTime: bytes.integer(at: start + 12), content: content))
    }

    private mutating func take(_ range: Range<Int>, to frames: inout [LegWire.Frame]) {
        switch decoded(range) {
        case .unknown: counts.unknown += 1
        case .malformed: counts.malformed += 1
        case .frame(let frame):
            if accept(frame) {
                counts.frames += 1
                frames.append(frame)
            } else {
                counts.duplicates += 1
            }
        }
    }

    /// Counts what is missing before a frame; false where it must not be handed out.
    private mutating func accept(_ frame: LegWire.Frame) -> Bool {
        if boot != frame.boot {
            boot = frame.boot
            counts.boots += 1
            streams = Array(repeating: Progress(), count: Self.streamCount)
        }
        let place = Int(frame.stream)
        if case .data(let samples) = frame.content {
            if let last = streams[place].data {
                // Both wrap around: what counts is the distance.
                let step = Int32(bitPattern: frame.sequence &- last.sequence)
                let jump = Int32(bitPattern: samples.firstIndex &- last.nextIndex)
                guard step > 0, jump >= 0 else { return false }
            }
            streams[place].data = (frame.sequence, samples.firstIndex &+ UInt32(samples.count))
        }
        guard let last = streams[place].sequence else {
            streams[place].sequence = frame.sequence
            return true
        }
        let step = Int32(bitPattern: frame.sequence &- last)
        if step > 0, step < Self.largestJump {
            counts.lostFrames += Int(step) - 1
            streams[place].sequence = frame.sequence
        }
        return true
    }
}
