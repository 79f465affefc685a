// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings

/// What the recorder does next; whoever owns the log carries it out, in this order.
public enum RecorderAction: Sendable {
    /// Create the log: the first sensor is there.
    case create(NightLog.Header)
    /// Go on with a log of this night that was not closed.
    case resume(at: NightLog.Stamp, NightLog.Zone)
    /// Samples of a stream of the log.
    case append([Int16], stream: Int, at: NightLog.Stamp, after: Gap?, flags: NightLog.Flags)
    /// A stream is set otherwise from here on.
    case set(stream: Int, NightLog.Stream)
    /// A reading of the wall clock.
    case clock(NightLog.Stamp, NightLog.Zone)
    /// Something that happened.
    case event(NightLog.Event, stream: Int?, String, at: NightLog.Stamp)
    /// Words of the sleeper.
    case note(String, at: NightLog.Stamp)
    /// To be said to whoever looks on, in one sentence.
    case say(String)
    /// Nothing can be recorded: the reason, and what to do.
    case fail(RecordingFailure)
    /// The time is up: stop the source, take what it still has, then call ``NightRecorder/finish(at:)``.
    case stop
}

/// Why a night could not be begun.
public enum RecordingFailure: Hashable, Sendable {
    /// No sensor came; with what was seen of them.
    case noSensor([String])
    /// Two sensors that could be the same leg, by their serial numbers.
    case ambiguous(String, String)
}

extension NightLog.Event {
    /// A sensor was cleared or reset, or something about it is amiss.
    public static let sensorTrouble = NightLog.Event(rawValue: 1001)
    /// Bytes of a sensor that were no good.
    public static let transferDamage = NightLog.Event(rawValue: 1002)
    /// The recorder was too slow.
    public static let hostOverrun = NightLog.Event(rawValue: 1003)
    /// The wall clock was set.
    public static let wallClockSet = NightLog.Event(rawValue: 1004)
    /// The recorder went on with a log that it, or the host, had not closed.
    public static let recordingResumed = NightLog.Event(rawValue: 1005)
}

/// How the recording stands, for whoever looks on.
public struct RecorderState: Hashable, Sendable {
    /// One leg.
    public struct Lane: Hashable, Sendable {
        /// The leg.
        public var leg: Leg
        /// The sensor's serial number.
        public var serial: String
        /// Whether the sensor was named, so that it must come.
        public var isNamed = false
        /// Whether the sensor ever came.
        public var wasFound = false
        /// Whether the sensor is there.
        public var isConnected = false
        /// Samples recorded.
        public var samples: Int64 = 0
        /// Gaps so far.
        public var gaps = 0
        /// Samples known to be missing; those of gaps of unknown length are not in it.
        public var missingSamples: Int64 = 0
        /// Samples that came twice or too late.
        public var duplicates: Int64 = 0
        /// Samples a second as the sensor is set.
        public var rate: Float = 0
        /// The battery in mV, where there is one.
        public var battery: Int?
        /// The drift of the sensor's clock in parts per million.
        public var drift: Double?
    }

    /// The legs of the log.
    public var lanes: [Lane] = []
    /// Whether the log was begun.
    public var isRecording = false
    /// Seconds of the host's boot time since the log was begun.
    public var elapsed = 0.0
    /// What of the transfers was no good.
    public var damage = TransferDamage()
    /// How often a sensor was lost, cleared or reset.
    public var recoveries = 0

    /// Nothing yet.
    public init() {}

    /// Whether anything is missing.
    public var hasGaps: Bool { lanes.contains { $0.gaps > 0 || $0.isNamed && !$0.wasFound } }
}
