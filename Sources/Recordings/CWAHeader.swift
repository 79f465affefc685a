// SPDX-License-Identifier: GPL-3.0-or-later

/// The 1024 bytes before the first sector of a CWA file.
struct CWAHeader {
    static let size = 1024

    var hardware: UInt8
    var deviceID: UInt32
    var session: UInt32
    var rateCode: UInt8
    var firmware: UInt8
    /// What the person who set the sensor up wrote: `_c` the study centre, `_p` the body site, and so on.
    var annotations: [(key: String, value: String)]

    /// Nil if the bytes are no CWA header.
    init?(_ bytes: [UInt8]) {
        guard CWAHeader.begins(bytes), bytes.count >= Self.size else { return nil }
        let span = bytes.span
        hardware = bytes[4]
        let upper = span.uint16(at: 11)
        deviceID = UInt32(span.uint16(at: 5)) | UInt32(upper == 0xFFFF ? 0 : upper) << 16
        session = span.uint32(at: 7)
        rateCode = bytes[36]
        firmware = bytes[41]
        annotations = Self.annotations(in: bytes[64..<512])
    }

    /// Whether a file that begins with these bytes is a CWA file.
    static func begins(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 4 && bytes[0] == UInt8(ascii: "M") && bytes[1] == UInt8(ascii: "D")
            && bytes.span.uint16(at: 2) == 1020
    }

    /// Samples a second for a rate code.
    static func rate(code: UInt8) -> Double { 3200 / Double(1 << (15 - Int(code & 0x0F))) }
    /// The largest acceleration for a rate code, in g.
    static func range(code: UInt8) -> Double { Double(16 >> (code >> 6)) }

    /// Seconds since the Unix epoch of a packed time stamp; nil if it names no day or no time of day.
    static func seconds(timestamp: UInt32) -> Double? {
        let year = 2000 + Int(timestamp >> 26)
        let month = Int(timestamp >> 22 & 0x0F)
        let day = Int(timestamp >> 17 & 0x1F)
        let hour = Int(timestamp >> 12 & 0x1F)
        let minute = Int(timestamp >> 6 & 0x3F)
        let second = Int(timestamp & 0x3F)
        guard let days = CivilDate.daysSinceEpoch(year: year, month: month, day: day), hour < 24, minute < 60,
            second < 60
        else { return nil }
        return Double(((days * 24 + hour) * 60 + minute) * 60 + second)
    }

    /// The packed time stamp of a second since the Unix epoch, from 2000 to 2063.
    static func timestamp(seconds: Int) -> UInt32 {
        let (days, second) = (seconds / 86400, seconds % 86400)
        let date = CivilDate.date(daysSinceEpoch: days)
        precondition((2000...2063).contains(date.year), "the year \(date.year) does not fit a CWA time stamp")
        return UInt32(date.year - 2000) << 26 | UInt32(date.month) << 22 | UInt32(date.day) << 17
            | UInt32(second / 3600) << 12 | UInt32(second / 60 % 60) << 6 | UInt32(second % 60)
    }

    func recordingHeader(first sector: CWASector) -> RecordingHeader {
        let site = annotations.first { $0.key == "_p" }?.value ?? ""
        let model = hardware == 0x64 ? "Axivity AX6" : "Axivity AX3"
        var metadata = ["session": String(session)]
        for (key, value) in annotations { metadata[key] = value }
        return RecordingHeader(
            format: .cwa, device: model, serial: String(deviceID), firmware: String(firmware), site: site,
            streams: [
                StreamInfo(
                    leg: Leg(site: site), site: site, nominalRate: sector.rate,
                    channels: ["x", "y", "z"] + (sector.layout.channels == 6 ? ["gx", "gy", "gz"] : []),
                    range: sector.range)
            ],
            metadata: metadata)
    }

    /// `key=value&…`, url-encoded, filled up with blanks, zeros or 0xFF.
    private static func annotations(in bytes: ArraySlice<UInt8>) -> [(key: String, value: String)] {
        let end = bytes.firstIndex { $0 == 0 || $0 == 0xFF } ?? bytes.endIndex
        return bytes[..<end].split(separator: UInt8(ascii: "&")).compactMap { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1)
            guard parts.count == 2 else { return nil }
            return (decoded(parts[0]), decoded(parts[1]))
        }
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
        var plain: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                plain.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                plain.append(value)
                rest = rest.dropFirst(2)
            } else {
                plain.append(byte)
            }
        }
        while plain.last == UInt8(ascii: " ") { plain.removeLast() }
        return String(decoding: plain, as: UTF8.self)
    }
}

extension Leg {
    /// The leg that a worded body site names; nil for a wrist, or where no side is named.
    init?(site: String) {
        let words = site.lowercased()
        let parts = ["ankle", "leg", "foot", "shank", "calf", "toe", "tibia", "shin"]
        guard parts.contains(where: words.contains) else { return nil }
        switch (words.contains("left"), words.contains("right")) {
        case (true, false): self = .left
        case (false, true): self = .right
        default: return nil
        }
    }
}
