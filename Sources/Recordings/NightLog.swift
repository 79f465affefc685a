// SPDX-License-Identifier: GPL-3.0-or-later

/// The native recording of a night: one append-only file of 512-byte sectors for both legs.
///
/// The layout, byte for byte, and how damage is read stand in the article "The night log".
/// ``NightLogWriter`` writes one, ``NightLogReader`` reads one, ``NightLog/repair(from:to:)`` saves one.
public enum NightLog {
    /// What makes a log one night's own; its first four bytes stand in every sector.
    public struct Identifier: Hashable, Sendable, CustomStringConvertible {
        /// The sixteen bytes, as in the file.
        public let bytes: [UInt8]

        /// An identifier from sixteen bytes, best taken at random.
        ///
        /// - Precondition: there are sixteen.
        public init(bytes: [UInt8]) {
            precondition(bytes.count == 16, "a night's identifier has 16 bytes, not \(bytes.count)")
            self.bytes = bytes
        }

        /// A new identifier by chance.
        public static func random() -> Identifier {
            Identifier(bytes: (0..<16).map { _ in UInt8.random(in: .min ... .max) })
        }

        /// 32 hexadecimal digits.
        public var description: String {
            let digits = Array("0123456789abcdef")
            return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
        }

        /// What stands of it in every sector.
        var tag: UInt32 { bytes.span.uint32(at: 0) }
    }

    /// A sensor on a leg, as it was set for this night.
    public struct Stream: Hashable, Sendable {
        /// The leg, where the sensor or the sleeper told.
        public var leg: Leg?
        /// The body site in words, 20 bytes at most.
        public var site: String
        /// Maker and model, 20 bytes at most.
        public var model: String
        /// The serial number, 24 bytes at most.
        public var serial: String
        /// The firmware's version, 16 bytes at most.
        public var firmware: String
        /// Samples a second as the sensor was set.
        public var nominalRate: Float
        /// The largest acceleration that can be measured, in g; 0 where unknown.
        public var range: Float
        /// The g of one count.
        public var scale: Float
        /// The °/s of one count of the gyroscope; nil where there is none.
        public var rotationScale: Float?

        /// A sensor of three axes unless a rotation scale is given. Longer texts are cut at a character.
        ///
        /// - Precondition: rate and scales are finite and above 0, and the range is finite and not below 0.
        public init(
            leg: Leg?, site: String = "", model: String = "", serial: String = "", firmware: String = "",
            nominalRate: Float, range: Float = 0, scale: Float, rotationScale: Float? = nil
        ) {
            precondition(nominalRate.isFinite && nominalRate > 0, "a rate of \(nominalRate) Hz")
            precondition(range.isFinite && range >= 0, "a range of \(range) g")
            precondition(scale.isFinite && scale > 0, "a scale of \(scale) g")
            precondition(rotationScale.map { $0.isFinite && $0 > 0 } ?? true, "a scale of \(rotationScale ?? 0) °/s")
            self.leg = leg
            self.site = site
            self.model = model
            self.serial = serial
            self.firmware = firmware
            self.nominalRate = nominalRate
            self.range = range
            self.scale = scale
            self.rotationScale = rotationScale
        }

        /// The counts in a sample: 3, or 6 with a gyroscope.
        public var channelCount: Int { rotationScale == nil ? 3 : 6 }
    }

    /// What a log says of its night before the first sector.
    public struct Header: Hashable, Sendable {
        /// The night's own identifier.
        public var identifier: Identifier
        /// When the log was created.
        public var creation: Stamp
        /// The local time zone at creation.
        public var zone: Zone
        /// The sensors, at most ``NightLog/maximumStreams``.
        public var streams: [Stream]

        /// A header; the creation's stamp is on the host's clocks, its sensor fields are not kept.
        public init(identifier: Identifier, creation: Stamp, zone: Zone, streams: [Stream]) {
            self.identifier = identifier
            self.creation = creation
            self.zone = zone
            self.streams = streams
        }
    }

    /// A local time: its distance from UTC, and its name.
    public struct Zone: Hashable, Sendable {
        /// Seconds to add to UTC, positive in the east.
        public var offset: Int32
        /// The zone's name in the IANA data base, 36 bytes at most; empty if unknown.
        public var name: String

        /// A zone by its distance from UTC in seconds.
        public init(offset: Int32, name: String = "") {
            self.offset = offset
            self.name = name
        }
    }

    /// One moment on all the clocks.
    public struct Stamp: Hashable, Sendable {
        /// Which run of the host: `bootTime` counts from its start.
        public var hostBoot: UInt32
        /// Nanoseconds of the host's `CLOCK_BOOTTIME`: goes on in suspend, and is never set.
        public var bootTime: UInt64
        /// Nanoseconds since the Unix epoch on the host's wall clock, which may be set at any time.
        public var utc: Int64
        /// Which run of the sensor: `deviceTime` counts from its start.
        public var deviceBoot: UInt32
        /// Microseconds on the sensor's own clock; 0 where it has none.
        public var deviceTime: UInt64

        /// A moment; leave out the sensor where it has no clock.
        public init(hostBoot: UInt32, bootTime: UInt64, utc: Int64, deviceBoot: UInt32 = 0, deviceTime: UInt64 = 0) {
            self.hostBoot = hostBoot
            self.bootTime = bootTime
            self.utc = utc
            self.deviceBoot = deviceBoot
            self.deviceTime = deviceTime
        }
    }

    /// What is to be said of the samples in a sector.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits as in the file.
        public let rawValue: UInt16

        /// The flags of these bits.
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// The sensor or the host dropped samples before this sector.
        public static let overrun = Flags(rawValue: 1 << 0)
        /// Samples are missing before this sector.
        public static let gapBefore = Flags(rawValue: 1 << 1)
        /// The recorder started anew or the sensor was set anew before this sector.
        public static let resync = Flags(rawValue: 1 << 2)
        /// How many samples are missing before this sector is not known.
        public static let uncounted = Flags(rawValue: 1 << 3)
        /// Some sample reached the end of the sensor's range.
        public static let clipped = Flags(rawValue: 1 << 4)
        /// The sensor's battery is low.
        public static let lowBattery = Flags(rawValue: 1 << 5)
        /// The sensor's time is its estimate.
        public static let clockEstimated = Flags(rawValue: 1 << 6)
    }

    /// Something that the log keeps beside the samples.
    public struct Entry: Hashable, Sendable {
        /// What it is.
        public var kind: Kind
        /// The stream it is about; nil if about the night.
        public var stream: Int?
        /// The moment, on all the clocks.
        public var stamp: Stamp
        /// The moment as seconds since the Unix epoch of the log's local clock, like ``ClockAnchor/time``.
        public var time: Double
        /// The samples of its stream before it; 0 without a stream.
        public var sampleIndex: Int64
        /// Its text.
        public var text: String

        /// An entry, for tests.
        package init(
            kind: Kind, stream: Int?, stamp: Stamp, time: Double, sampleIndex: Int64, text: String
        ) {
            self.kind = kind
            self.stream = stream
            self.stamp = stamp
            self.time = time
            self.sampleIndex = sampleIndex
            self.text = text
        }
    }

    /// What an entry is.
    public enum Kind: Hashable, Sendable {
        /// A reading of the wall clock, with the distance of local time from UTC in seconds at that moment.
        case clock(zoneOffset: Int32)
        /// Something that happened.
        case event(Event)
        /// Words of the sleeper or of the recorder.
        case note
        /// The end of the recording, or of its repair.
        case close(byRepair: Bool)
    }

    /// What happened. Codes from 1000 on are free for whoever writes logs.
    public struct Event: RawRepresentable, Hashable, Sendable {
        /// The code as in the file.
        public let rawValue: Int32

        /// The event of this code.
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// A mark: the sensor's button or a key.
        public static let mark = Event(rawValue: 1)
        /// The sleeper turned the light off to sleep.
        public static let lightsOut = Event(rawValue: 2)
        /// The sleeper got up or turned the light on for good.
        public static let lightsOn = Event(rawValue: 3)
        /// The sensor went away.
        public static let sensorLost = Event(rawValue: 4)
        /// The sensor came, or came back.
        public static let sensorFound = Event(rawValue: 5)
        /// The sensor started anew.
        public static let sensorRestarted = Event(rawValue: 6)
        /// The sensor's state: battery, temperature, dropped samples, in words.
        public static let sensorStatus = Event(rawValue: 7)
        /// The host was suspended.
        public static let hostSuspended = Event(rawValue: 8)
        /// The log could not be written for a while.
        public static let writingFailed = Event(rawValue: 9)
        /// The fit of the host's clock over a sensor's: a ``ClockSegment``.
        public static let clockFit = Event(rawValue: 1000)
    }

    /// The streams that a header has room for.
    public static let maximumStreams = 4

    /// The bytes of a stream's sectors in so many seconds, with its share of the entries; rounded up.
    public static func bytes(of seconds: Double, rate: Float, channels: Int = 3) -> Int {
        let interval = Double(NightLogWriter.synchronizationInterval) / 1e9
        let full = NightLogSector.countCapacity / channels
        // The last sector before each saving is not full, and there are a few entries a minute.
        let sectors = (Double(rate) * interval / Double(full)).rounded(.up) + interval * 3 / 60
        return Int((seconds / interval * sectors).rounded(.up)) * NightLogSector.size
    }

    /// The bytes of a text that an entry has room for.
    public static let maximumTextBytes = NightLogSector.textCapacity
    /// The entries that a reader keeps; further ones are counted in its report.
    public static let maximumEntries = 20_000
}
