// SPDX-License-Identifier: GPL-3.0-or-later

extension NightLog.Header {
    /// "NLGH", lowest byte first.
    static let magic: UInt32 = 0x4847_4C4E
    private static let firstStream = 96
    private static let streamSize = 100

    /// One of the two equal copies, 512 bytes.
    func encoded() -> [UInt8] {
        precondition(
            (1...NightLog.maximumStreams).contains(streams.count),
            "\(streams.count) streams; a log holds 1 to \(NightLog.maximumStreams)")
        var bytes = [UInt8](repeating: 0, count: NightLogSector.size)
        bytes.put(Self.magic, at: 0)
        bytes[4] = NightLogSector.version
        bytes[5] = UInt8(streams.count)
        bytes.replaceSubrange(8..<24, with: identifier.bytes)
        bytes.put(creation.utc, at: 24)
        bytes.put(creation.bootTime, at: 32)
        bytes.put(creation.hostBoot, at: 40)
        bytes.put(zone.offset, at: 44)
        bytes.put(zone.name, at: 48, count: 36)
        for (index, stream) in streams.enumerated() {
            let start = Self.firstStream + index * Self.streamSize
            bytes[start] = stream.leg.code
            bytes[start + 1] = UInt8(stream.channelCount)
            bytes.put(stream.nominalRate.bitPattern, at: start + 4)
            bytes.put(stream.range.bitPattern, at: start + 8)
            bytes.put(stream.scale.bitPattern, at: start + 12)
            bytes.put((stream.rotationScale ?? 0).bitPattern, at: start + 16)
            bytes.put(stream.site, at: start + 20, count: 20)
            bytes.put(stream.model, at: start + 40, count: 20)
            bytes.put(stream.serial, at: start + 60, count: 24)
            bytes.put(stream.firmware, at: start + 84, count: 16)
        }
        bytes.put(
            CRC32C.checksum(bytes.span.extracting(0..<NightLogSector.checksumStart)), at: NightLogSector.checksumStart)
        return bytes
    }

    /// The header in a block of 512 bytes; nil if its checksum or a field is wrong.
    init?(_ bytes: Span<UInt8>) {
        guard bytes.count == NightLogSector.size, bytes.uint32(at: 0) == Self.magic,
            CRC32C.checksum(bytes.extracting(0..<NightLogSector.checksumStart))
                == bytes.uint32(at: NightLogSector.checksumStart),
            bytes[4] == NightLogSector.version, (1...NightLog.maximumStreams).contains(Int(bytes[5]))
        else { return nil }
        var streams: [NightLog.Stream] = []
        for index in 0..<Int(bytes[5]) {
            let start = Self.firstStream + index * Self.streamSize
            guard
                let settings = NightLogSector.Settings(
                    leg: bytes[start], channels: bytes[start + 1],
                    rate: Float(bitPattern: bytes.uint32(at: start + 4)),
                    range: Float(bitPattern: bytes.uint32(at: start + 8)),
                    scale: Float(bitPattern: bytes.uint32(at: start + 12)),
                    rotationScale: Float(bitPattern: bytes.uint32(at: start + 16)))
            else { return nil }
            var stream = NightLog.Stream(settings)
            stream.site = bytes.text(at: start + 20, count: 20)
            stream.model = bytes.text(at: start + 40, count: 20)
            stream.serial = bytes.text(at: start + 60, count: 24)
            stream.firmware = bytes.text(at: start + 84, count: 16)
            streams.append(stream)
        }
        self.init(
            identifier: NightLog.Identifier(bytes: (8..<24).map { bytes[$0] }),
            creation: NightLog.Stamp(
                hostBoot: bytes.uint32(at: 40), bootTime: bytes.uint64(at: 32),
                utc: Int64(bitPattern: bytes.uint64(at: 24))),
            zone: NightLog.Zone(
                offset: Int32(bitPattern: bytes.uint32(at: 44)), name: bytes.text(at: 48, count: 36)),
            streams: streams)
    }
}

extension NightLog.Stream {
    /// A stream of which only the settings are known.
    init(_ settings: NightLogSector.Settings) {
        self.init(
            leg: settings.leg, nominalRate: settings.nominalRate, range: settings.range, scale: settings.scale,
            rotationScale: settings.rotationScale)
    }

    /// What every data sector says of it.
    var settings: NightLogSector.Settings {
        NightLogSector.Settings(
            leg: leg, nominalRate: nominalRate, range: range, scale: scale, rotationScale: rotationScale)
    }

    /// The same stream for whoever reads any format.
    var information: StreamInfo {
        StreamInfo(
            leg: leg, site: site, nominalRate: Double(nominalRate),
            channels: rotationScale == nil ? ["x", "y", "z"] : ["x", "y", "z", "gx", "gy", "gz"],
            range: Double(range))
    }
}
