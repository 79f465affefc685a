// SPDX-License-Identifier: GPL-3.0-or-later

/// A stretch of consecutive samples of one stream, with the clock reading that places it in time.
///
/// Readers fill the same block again and again, so a night is read with one allocation.
public struct SampleBlock: Sendable {
    /// The stream it belongs to: an index into ``RecordingHeader/streams``.
    public var stream = 0
    /// The index of the first sample in its stream: lost samples are counted only where the format says how many they were.
    public var firstIndex: Int64 = 0
    /// The samples, interleaved: `channelCount` values for each, in the order of ``StreamInfo/channels``.
    public var values: [Float] = []
    /// The values in a sample.
    public var channelCount = 3
    /// A reading of the recording's clock against the sample count. It may lie outside the block.
    public var anchor = ClockAnchor(index: 0, time: 0)
    /// Seconds from sample to sample by the format's own rule; the true period follows from the anchors alone.
    public var nominalPeriod: Double = 0
    /// The time of each sample where the format stamps each one; else empty.
    public var times: [Double] = []
    /// The sensor's temperature in °C, where it is recorded.
    public var temperature: Float?
    /// What lies between the last block of this stream and this one: nil where they follow each other.
    public var gapBefore: Gap?

    /// An empty block, to be filled by a reader.
    public init() {}

    /// The samples in it.
    public var count: Int { values.count / channelCount }

    /// The time of a sample of the block by the format's own rule: its stamp, or the block's anchor and the nominal period.
    ///
    /// Seconds since the Unix epoch on the recording's own clock. Within a block this is what other readers of the
    /// format answer; across blocks use ``SampleClock``.
    public func time(at position: Int) -> Double {
        times.isEmpty
            ? anchor.time + (Double(firstIndex + Int64(position)) - anchor.index) * nominalPeriod : times[position]
    }
}

/// A reading of a recording's clock: the time at which a sample was taken.
public struct ClockAnchor: Hashable, Sendable {
    /// The sample, counted from the start of the stream; a fraction where the reading fell between two.
    public var index: Double
    /// Seconds since the Unix epoch, on the recording's own clock (local time without a zone for most loggers).
    public var time: Double

    /// A reading of the clock.
    public init(index: Double, time: Double) {
        self.index = index
        self.time = time
    }
}

/// Missing data between two blocks: never stillness, never bridged, never in a denominator.
public struct Gap: Hashable, Sendable {
    /// Why the data are missing.
    public enum Reason: String, Hashable, Sendable {
        /// Sectors or packets are missing by their numbers.
        case lost
        /// Sectors were there and failed their checksum.
        case damaged
        /// The clock jumped by more than a missing second explains.
        case clockJump
        /// Another session or boot of the sensor begins.
        case restart
        /// The recorder says that it paused: idle sleep, a dock.
        case pause
        /// The time stamps leave a hole, or run backwards.
        case timeHole
        /// Values that are not numbers.
        case notANumber
        /// The sensor or the host said that it dropped data.
        case overrun
    }

    /// Why the data are missing.
    public var reason: Reason
    /// The samples missing where the format tells; nil where only the clock knows.
    public var samples: Int64?

    /// A gap for one reason.
    public init(_ reason: Reason, samples: Int64? = nil) {
        self.reason = reason
        self.samples = samples
    }
}
