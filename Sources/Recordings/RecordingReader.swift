// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads a recording from its start to its end, a block at a time, in bounded memory.
public protocol RecordingReader {
    /// What the file says of itself and its streams.
    var header: RecordingHeader { get }
    /// What was left out so far, and why.
    var report: ReadingReport { get }
    /// How much of the file was read, from 0 to 1; nil for a pipe.
    var fractionRead: Double? { get }
    /// The annotations met so far; all of them once ``read(into:)`` has given false.
    var annotations: [RecordingAnnotation] { get }
    /// Fills `block` with the next stretch of samples; false at the end of the recording.
    ///
    /// A block is of one stream and holds no gap inside. Damage becomes a gap before the next block.
    mutating func read(into block: inout SampleBlock) throws(RecordingError) -> Bool
}

extension RecordingReader {
    /// None: most formats carry no annotations.
    public var annotations: [RecordingAnnotation] { [] }
}

/// What a recording says of itself.
public struct RecordingHeader: Hashable, Sendable {
    /// The file formats that can be read.
    public enum Format: String, Hashable, Sendable {
        case nightLog = "night log"
        case cwa = "CWA"
        case csv = "CSV"
        case edf = "EDF"
        case bdf = "BDF"
        case geneActiv = "GENEActiv"
        case gt3x = "GT3X"
    }

    /// The file format.
    public var format: Format
    /// Maker and model, as far as the file tells.
    public var device: String
    /// The sensor's serial number, empty if the file does not tell.
    public var serial: String
    /// The firmware's version, empty if the file does not tell.
    public var firmware: String
    /// The body site as the file words it, empty if it does not tell.
    public var site: String
    /// The streams, each with its own clock and rate.
    public var streams: [StreamInfo]
    /// All further fields of the header, as they stand there.
    public var metadata: [String: String]
    /// What the file does not say and the reader concluded, a clause each, for people to check.
    public var assumptions: [String]

    /// A header for a format, filled in by its reader.
    public init(
        format: Format, device: String = "", serial: String = "", firmware: String = "", site: String = "",
        streams: [StreamInfo], metadata: [String: String] = [:], assumptions: [String] = []
    ) {
        self.format = format
        self.device = device
        self.serial = serial
        self.firmware = firmware
        self.site = site
        self.streams = streams
        self.metadata = metadata
        self.assumptions = assumptions
    }
}

/// One stream of a recording: channels of one clock and rate, such as a sensor on a leg.
public struct StreamInfo: Hashable, Sendable {
    /// The leg, where the file tells.
    public var leg: Leg?
    /// The body site as the file words it, empty if it does not tell.
    public var site: String
    /// Samples a second as the device was set; the true rate follows from the clock anchors.
    public var nominalRate: Double
    /// What the values of a sample are: `x`, `y`, `z` in g, then `gx`, `gy`, `gz` in °/s where there is a gyroscope;
    /// for other signals the channels' names.
    public var channels: [String]
    /// The unit of each channel as the file words it; empty for acceleration and rotation, whose units are g and °/s.
    public var units: [String]
    /// The largest acceleration that can be measured, in g; 0 where unknown.
    public var range: Double

    /// Whether it is an accelerometer's: its first three channels are acceleration in g.
    public var isAcceleration: Bool { channels.starts(with: ["x", "y", "z"]) && units.isEmpty }

    /// A stream of three axes unless said otherwise.
    public init(
        leg: Leg? = nil, site: String = "", nominalRate: Double, channels: [String] = ["x", "y", "z"],
        units: [String] = [], range: Double = 0
    ) {
        self.leg = leg
        self.site = site
        self.nominalRate = nominalRate
        self.channels = channels
        self.units = units
        self.range = range
    }
}

/// What a reader left out, by kind: nothing is dropped silently.
public struct ReadingReport: Hashable, Sendable {
    /// One kind of loss, and how often it was met.
    public struct Item: Hashable, Sendable {
        /// What was left out or odd, in the plural, with what it was counted in: "sectors with a wrong checksum".
        public var what: String
        /// How many.
        public var count: Int
        /// Where the first one is: a byte offset, a line.
        public var firstPlace: String
    }

    /// The losses, in the order first met.
    public private(set) var items: [Item] = []

    /// A report with nothing in it.
    public init() {}

    /// Whether anything was left out.
    public var isEmpty: Bool { items.isEmpty }

    /// Counts a loss.
    public mutating func note(_ what: String, count: Int = 1, at place: @autoclosure () -> String) {
        if let known = items.firstIndex(where: { $0.what == what }) {
            items[known].count += count
        } else {
            items.append(Item(what: what, count: count, firstPlace: place()))
        }
    }
}
