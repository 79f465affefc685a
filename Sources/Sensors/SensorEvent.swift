// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings

/// Something that a sensor did, in the order in which it was.
public struct SensorEvent: Hashable, Sendable {
    /// Which sensor; the same number each time it comes back.
    public var sensor: Int
    /// The host's boot time when it came, in nanoseconds.
    public var bootTime: UInt64
    /// What it was.
    public var kind: Kind

    /// What a sensor does.
    public enum Kind: Hashable, Sendable {
        /// It is there, or there again; by its serial number and its driver's name.
        case found(serial: String, driver: String)
        /// How it is set, at the start and after each change.
        case settings(SensorSettings)
        /// Samples.
        case samples(SensorSamples)
        /// How it is.
        case status(UInt8, SensorStatus, boot: UInt32)
        /// Its button.
        case mark(UInt8, boot: UInt32, deviceTime: UInt64)
        /// What of the transfer was no good.
        case damage(TransferDamage)
        /// It is gone, or is opened anew.
        case lost(LossReason)
        /// The recorder was too slow: so many bytes were dropped.
        case overflow(bytes: UInt64)
        /// Something was done about it, or cannot be.
        case trouble(SensorTrouble, String)
    }

    /// An event.
    public init(sensor: Int, bootTime: UInt64, kind: Kind) {
        self.sensor = sensor
        self.bootTime = bootTime
        self.kind = kind
    }
}

/// How a sensor is set.
public struct SensorSettings: Hashable, Sendable {
    /// One stream of it.
    public struct Stream: Hashable, Sendable {
        /// The leg, where the sensor tells.
        public var leg: Leg?
        /// The accelerometer's name.
        public var model: String
        /// Samples a second.
        public var rate: Float
        /// The largest acceleration in g; 0 where unknown.
        public var range: Float
        /// The g of one count.
        public var scale: Float

        /// A stream's settings.
        public init(leg: Leg?, model: String = "", rate: Float, range: Float = 0, scale: Float) {
            self.leg = leg
            self.model = model
            self.rate = rate
            self.range = range
            self.scale = scale
        }
    }

    /// Its serial number as it says itself, or empty.
    public var serial: String
    /// Its streams.
    public var streams: [Stream]

    /// Settings.
    public init(serial: String, streams: [Stream]) {
        self.serial = serial
        self.streams = streams
    }
}

/// Consecutive samples of one stream.
public struct SensorSamples: Hashable, Sendable {
    /// The sensor's stream.
    public var stream: UInt8
    /// The run of the sensor.
    public var boot: UInt32
    /// The index of the first in this run; it wraps around.
    public var firstIndex: UInt32
    /// Microseconds on the sensor's clock at the first; 0 where it has none.
    public var deviceTime: UInt64
    /// What is to be said of them.
    public var flags: NightLog.Flags
    /// The counts, x, y, z of each sample in turn.
    public var counts: [Int16]
    /// What the recording says is missing before them, where it is one that is replayed.
    public var declaredGap: Gap?

    /// The samples in it.
    public var count: Int { counts.count / 3 }

    /// Samples as they came.
    public init(
        stream: UInt8, boot: UInt32, firstIndex: UInt32, deviceTime: UInt64, flags: NightLog.Flags, counts: [Int16],
        declaredGap: Gap? = nil
    ) {
        self.stream = stream
        self.boot = boot
        self.firstIndex = firstIndex
        self.deviceTime = deviceTime
        self.flags = flags
        self.counts = counts
        self.declaredGap = declaredGap
    }
}

/// How a sensor is.
public struct SensorStatus: Hashable, Sendable {
    /// The battery in mV; nil without one.
    public var battery: Int?
    /// Degrees Celsius.
    public var temperature: Double
    /// Samples that it dropped since it got power.
    public var dropped: Int
}

/// What of a transfer was no good.
public struct TransferDamage: Hashable, Sendable {
    /// Bytes that were no frame.
    public var skippedBytes = 0
    /// Frames with a wrong checksum.
    public var checksumErrors = 0
    /// Frames missing by their numbers.
    public var lostFrames = 0
    /// Frames that came twice or too late.
    public var duplicates = 0
    /// Frames that contradict themselves.
    public var malformed = 0

    /// Adds what was met elsewhere.
    public static func += (sum: inout TransferDamage, other: TransferDamage) {
        sum.skippedBytes += other.skippedBytes
        sum.checksumErrors += other.checksumErrors
        sum.lostFrames += other.lostFrames
        sum.duplicates += other.duplicates
        sum.malformed += other.malformed
    }
}

/// Why a sensor is gone.
public enum LossReason: String, Hashable, Sendable {
    case unplugged = "unplugged"
    case silent = "silent: opened anew"
    case babble = "sent too much: opened anew"
    case busError = "error on the bus: opened anew"
    case ended = "the recording ended"
}

/// What was done about a sensor, or cannot be done.
public enum SensorTrouble: String, Hashable, Sendable {
    case cleared = "stalled or silent: cleared"
    case reset = "stalled or silent: reset"
    case busy = "another program has it"
    case accessDenied = "no permission"
    case notOpened = "cannot be opened"
    case twin = "two sensors have this serial number"
    case refused = "another sensor than this night's"
    case noGapDetection = "no gap detection"
    case otherRate = "another rate than it was set up with"
}

/// Where samples come from: USB, a recording that is replayed, or a leg made of numbers.
public protocol SampleSource: ~Copyable, SendableMetatype {
    /// The clocks that the events are timed by.
    func now() -> Moment
    /// Waits until something happened, for at most so many seconds on these clocks, and appends it.
    ///
    /// - Returns: false when nothing will come any more.
    mutating func wait(_ seconds: Double, into events: inout [SensorEvent]) -> Bool
    /// Ends it; what is still on its way is given by the next call of ``wait(_:into:)``, which is the last.
    mutating func stop()
}
