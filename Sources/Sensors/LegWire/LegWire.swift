// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings

/// LegWire 1, the open protocol of a leg sensor on USB: frames with a sequence number, both clocks' material and a CRC-32.
///
/// The bytes stand in the article "LegWire". ``LegWireParser`` finds frames in a stream, ``LegWire/Frame/encoded`` makes them.
public enum LegWire {
    /// What every frame begins with.
    static let sync: (UInt8, UInt8) = (0xA5, 0x5A)
    /// The bytes of a frame before its payload.
    static let headerSize = 20
    /// The bytes of its checksum.
    static let checksumSize = 4
    /// The largest payload; a larger number is no frame.
    static let largestPayload = 1024

    /// One frame as it was sent.
    public struct Frame: Hashable, Sendable {
        /// Which of the sensor's streams it is about, 0 to 7.
        public var stream: UInt8
        /// The run of the sensor, drawn by chance when it gets power.
        public var boot: UInt16
        /// Its number in its stream.
        public var sequence: UInt32
        /// Microseconds on the sensor's clock; of the first sample where there are any.
        public var deviceTime: UInt64
        /// What it says.
        public var content: Content

        /// A frame.
        public init(stream: UInt8, boot: UInt16, sequence: UInt32, deviceTime: UInt64, content: Content) {
            self.stream = stream
            self.boot = boot
            self.sequence = sequence
            self.deviceTime = deviceTime
            self.content = content
        }
    }

    /// What a frame says.
    public enum Content: Hashable, Sendable {
        case data(Samples)
        case information(Information)
        case status(Status)
        /// The sensor's button.
        case mark
    }

    /// Consecutive samples.
    public struct Samples: Hashable, Sendable {
        /// The index of the first in this run of the sensor.
        public var firstIndex: UInt32
        /// What the sensor says of them.
        public var flags: SampleFlags
        /// The counts, x, y, z of each sample in turn.
        public var counts: [Int16]
        /// The thermometer's count, where the frame has one.
        public var temperature: Int16?

        /// Samples of a frame, at most 169.
        public init(firstIndex: UInt32, flags: SampleFlags = [], counts: [Int16], temperature: Int16? = nil) {
            self.firstIndex = firstIndex
            self.flags = flags
            self.counts = counts
            self.temperature = temperature
        }

        /// How many samples there are.
        public var count: Int { counts.count / 3 }
    }

    /// What a sensor says of the samples of a frame.
    public struct SampleFlags: OptionSet, Hashable, Sendable {
        /// The bits as sent.
        public let rawValue: UInt16

        /// The flags of these bits.
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// The sensor dropped samples before this frame.
        public static let overrun = SampleFlags(rawValue: 1)
        /// Some sample reached the end of the range.
        public static let clipped = SampleFlags(rawValue: 2)
        /// The battery is low.
        public static let lowBattery = SampleFlags(rawValue: 4)
        /// The time of the samples is an estimate.
        public static let clockEstimated = SampleFlags(rawValue: 8)
    }

    /// What a sensor is, and how it is set.
    public struct Information: Hashable, Sendable {
        /// One stream of it.
        public struct Stream: Hashable, Sendable {
            /// The leg, where the sensor knows it.
            public var leg: Leg?
            /// Thousandths of a sample a second.
            public var rate: UInt32
            /// The largest acceleration that can be measured, in mg.
            public var range: UInt16
            /// The g of one count.
            public var scale: Float
            /// The accelerometer's name, 8 ASCII characters at most.
            public var model: String

            /// A stream's settings.
            public init(leg: Leg?, rate: UInt32, range: UInt16, scale: Float, model: String) {
                self.leg = leg
                self.rate = rate
                self.range = range
                self.scale = scale
                self.model = model
            }
        }

        /// Its streams, 1 to 8.
        public var streams: [Stream]
        /// Its serial number, 16 ASCII characters at most.
        public var serial: String

        /// What a sensor says of itself.
        public init(streams: [Stream], serial: String) {
            self.streams = streams
            self.serial = serial
        }
    }

    /// How a sensor is.
    public struct Status: Hashable, Sendable {
        /// The battery's voltage in mV; 0 without a battery.
        public var battery: UInt16
        /// Hundredths of a °C.
        public var temperature: Int16
        /// Samples that the sensor dropped since it got power.
        public var dropped: UInt32
        /// Microseconds since it got power.
        public var uptime: UInt64
        /// Microseconds from sample to sample as the sensor measured them; 0 if it does not.
        public var samplePeriod: Float

        /// A sensor's state.
        public init(battery: UInt16, temperature: Int16, dropped: UInt32, uptime: UInt64, samplePeriod: Float) {
            self.battery = battery
            self.temperature = temperature
            self.dropped = dropped
            self.uptime = uptime
            self.samplePeriod = samplePeriod
        }
    }

    /// The types of frames on the wire.
    enum FrameType: UInt8 {
        case data = 1
        case information = 2
        case status = 3
        case mark = 4
    }
}
