// SPDX-License-Identifier: GPL-3.0-or-later

/// The fields of one sector of a night log, all but its samples or text.
struct NightLogSector: Hashable {
    /// What a sector holds.
    enum Kind: UInt8 {
        case data = 1
        case clock = 2
        case event = 3
        case note = 4
        case close = 5
    }

    /// The bytes of a sector, and of each copy of the header.
    static let size = 512
    /// Where the checksum of all before it stands.
    static let checksumStart = 508
    /// "NLGS", lowest byte first.
    static let magic: UInt32 = 0x5347_4C4E
    static let version: UInt8 = 1
    /// The stream number of an entry about the whole night.
    static let noStream: UInt8 = 0xFF
    static let countStart = 66
    static let countsStart = 88
    /// The counts that a data sector has room for: 70 samples of three axes or 35 of six.
    static let countCapacity = 210
    static let valueStart = 88
    static let textStart = 92
    static let textCapacity = 416
    /// Indices and numbers up to here can be added without overflow; a night needs 2^24.
    static let largestIndex: UInt64 = 1 << 60

    var kind: Kind
    var stream: UInt8
    var tag: UInt32
    var sequence: UInt64
    /// The index of the first sample in its stream; in an entry, of the next sample.
    var firstIndex: UInt64
    /// The clocks when sample `firstIndex + stampOffset` came in.
    var stamp: NightLog.Stamp
    var stampOffset: Int32 = 0
    var flags: NightLog.Flags = []
    /// Samples, or bytes of text.
    var count: Int
    /// How the sensor was set; nil in an entry.
    var settings: Settings?

    /// What a data sector says of its sensor, so that it can be read without the header.
    struct Settings: Hashable {
        var leg: Leg?
        var nominalRate: Float
        var range: Float
        var scale: Float
        var rotationScale: Float?

        var channelCount: Int { rotationScale == nil ? 3 : 6 }
    }

    /// Writes all fields and zeros elsewhere; the samples or text and the checksum are still to come.
    func encode(into bytes: inout [UInt8]) {
        for index in bytes.indices { bytes[index] = 0 }
        bytes.put(Self.magic, at: 0)
        bytes[4] = Self.version
        bytes[5] = kind.rawValue
        bytes[6] = stream
        bytes.put(tag, at: 8)
        bytes.put(stamp.hostBoot, at: 12)
        bytes.put(sequence, at: 16)
        bytes.put(firstIndex, at: 24)
        bytes.put(stamp.deviceTime, at: 32)
        bytes.put(stamp.bootTime, at: 40)
        bytes.put(stamp.utc, at: 48)
        bytes.put(stamp.deviceBoot, at: 56)
        bytes.put(stampOffset, at: 60)
        bytes.put(flags.rawValue, at: 64)
        bytes.put(UInt16(count), at: Self.countStart)
        guard let settings else { return }
        bytes[7] = UInt8(settings.channelCount)
        bytes.put(settings.nominalRate.bitPattern, at: 68)
        bytes.put(settings.scale.bitPattern, at: 72)
        bytes.put((settings.rotationScale ?? 0).bitPattern, at: 76)
        bytes[80] = settings.leg.code
        bytes.put(settings.range.bitPattern, at: 84)
    }

    /// Puts the checksum at the end.
    static func seal(_ bytes: inout [UInt8]) {
        bytes.put(CRC32C.checksum(bytes.span.extracting(0..<checksumStart)), at: checksumStart)
    }

    /// Whether a sector with the right checksum begins here.
    static func isWhole(_ bytes: Span<UInt8>, at start: Int) -> Bool {
        bytes.uint32(at: start) == magic
            && CRC32C.checksum(bytes.extracting(start..<start + checksumStart))
                == bytes.uint32(at: start + checksumStart)
    }
}

extension NightLogSector {
    /// The fields of the sector at `start`; nil where one is impossible.
    init?(_ bytes: Span<UInt8>, at start: Int) {
        guard let kind = Kind(rawValue: bytes[start + 5]) else { return nil }
        self.kind = kind
        stream = bytes[start + 6]
        tag = bytes.uint32(at: start + 8)
        sequence = bytes.uint64(at: start + 16)
        firstIndex = bytes.uint64(at: start + 24)
        stamp = NightLog.Stamp(
            hostBoot: bytes.uint32(at: start + 12), bootTime: bytes.uint64(at: start + 40),
            utc: Int64(bitPattern: bytes.uint64(at: start + 48)), deviceBoot: bytes.uint32(at: start + 56),
            deviceTime: bytes.uint64(at: start + 32))
        stampOffset = Int32(bitPattern: bytes.uint32(at: start + 60))
        flags = NightLog.Flags(rawValue: bytes.uint16(at: start + 64))
        count = Int(bytes.uint16(at: start + Self.countStart))
        settings = nil
        guard sequence <= Self.largestIndex, firstIndex <= Self.largestIndex, stamp.bootTime <= Self.largestIndex,
            stamp.utc.magnitude <= Self.largestIndex * 4
        else { return nil }
        guard kind == .data else {
            guard count <= Self.textCapacity, stream < NightLog.maximumStreams || stream == Self.noStream
            else { return nil }
            return
        }
        settings = Settings(
            leg: bytes[start + 80], channels: bytes[start + 7],
            rate: Float(bitPattern: bytes.uint32(at: start + 68)),
            range: Float(bitPattern: bytes.uint32(at: start + 84)),
            scale: Float(bitPattern: bytes.uint32(at: start + 72)),
            rotationScale: Float(bitPattern: bytes.uint32(at: start + 76)))
        guard let settings, stream < NightLog.maximumStreams, count > 0,
            count * settings.channelCount <= Self.countCapacity
        else { return nil }
    }
}

extension NightLogSector.Settings {
    /// The settings in a file; nil where one is impossible.
    init?(leg: UInt8, channels: UInt8, rate: Float, range: Float, scale: Float, rotationScale: Float) {
        guard rate.isFinite, rate > 0, range.isFinite, range >= 0, scale.isFinite, scale > 0,
            channels == 3 || channels == 6 && rotationScale.isFinite && rotationScale > 0
        else { return nil }
        self.init(
            leg: Leg(code: leg), nominalRate: rate, range: range, scale: scale,
            rotationScale: channels == 6 ? rotationScale : nil)
    }
}

extension Leg {
    /// The leg of an ASCII letter; nil for any other byte.
    fileprivate init?(code: UInt8) {
        switch code {
        case UInt8(ascii: "L"): self = .left
        case UInt8(ascii: "R"): self = .right
        default: return nil
        }
    }
}

extension Leg? {
    /// The leg's ASCII letter; 0 where it is unknown.
    var code: UInt8 {
        switch self {
        case .left: UInt8(ascii: "L")
        case .right: UInt8(ascii: "R")
        case nil: 0
        }
    }
}
