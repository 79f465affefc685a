// SPDX-License-Identifier: GPL-3.0-or-later
internal import Recordings

extension LegWire.Samples {
    private static let headerSize = 8
    private static let sampleSize = 6

    /// The samples in a payload; nil if its length contradicts its count.
    init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        guard range.count >= Self.headerSize else { return nil }
        let start = range.lowerBound
        let count = Int(bytes[start + 6])
        let hasTemperature = bytes[start + 7] == 1
        let end = start + Self.headerSize + count * Self.sampleSize
        guard bytes[start + 7] <= 1, count > 0, range.upperBound == end + (hasTemperature ? 2 : 0) else { return nil }
        firstIndex = bytes.integer(at: start)
        flags = LegWire.SampleFlags(rawValue: bytes.integer(at: start + 4))
        counts = []
        counts.reserveCapacity(count * 3)
        for place in stride(from: start + Self.headerSize, to: end, by: 2) { counts.append(bytes.integer(at: place)) }
        temperature = hasTemperature ? bytes.integer(at: end) : nil
    }
}

extension LegWire.Information {
    static let version: UInt8 = 1
    static let headerSize = 2
    static let streamSize = 19
    static let serialSize = 16
    static let modelSize = 8
    /// The largest payload: what GET_INFO is asked for.
    static let largestSize = headerSize + 8 * streamSize + serialSize

    /// What is in a payload, or in the answer to GET_INFO; nil if a field is impossible.
    init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        guard range.count >= Self.headerSize else { return nil }
        let start = range.lowerBound
        let count = Int(bytes[start + 1])
        guard bytes[start] == Self.version, (1...8).contains(count),
            range.count >= Self.headerSize + count * Self.streamSize + Self.serialSize
        else { return nil }
        streams = []
        for index in 0..<count {
            let place = start + Self.headerSize + index * Self.streamSize
            let stream = Stream(
                leg: bytes[place] == 0 ? .left : bytes[place] == 1 ? .right : nil,
                rate: bytes.integer(at: place + 1), range: bytes.integer(at: place + 5),
                scale: Float(bitPattern: bytes.integer(at: place + 7)),
                model: bytes.ascii(at: place + 11, count: Self.modelSize))
            guard stream.rate > 0, stream.scale.isFinite, stream.scale > 0 else { return nil }
            streams.append(stream)
        }
        serial = bytes.ascii(
            at: start + Self.headerSize + count * Self.streamSize, count: Self.serialSize)
    }

    /// What is in all of these bytes.
    init?(_ bytes: [UInt8]) {
        self.init(bytes.span, 0..<bytes.count)
    }
}

extension LegWire.Status {
    static let size = 20

    /// What is in a payload; nil if it is too short.
    init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        guard range.count >= Self.size else { return nil }
        let start = range.lowerBound
        self.init(
            battery: bytes.integer(at: start), temperature: bytes.integer(at: start + 2),
            dropped: bytes.integer(at: start + 4), uptime: bytes.integer(at: start + 8),
            samplePeriod: Float(bitPattern: bytes.integer(at: start + 16)))
    }
}

extension Span<UInt8> {
    /// The integer that begins at `position`, lowest byte first.
    func integer<Value: FixedWidthInteger>(at position: Int) -> Value {
        var value: Value = 0
        for byte in 0..<Value.bitWidth / 8 {
            value |= Value(truncatingIfNeeded: self[position + byte]) << Value(truncatingIfNeeded: 8 * byte)
        }
        return value
    }

    /// The printable ASCII characters in `count` bytes, up to the first zero byte; spaces at the end are left out.
    func ascii(at position: Int, count: Int) -> String {
        var text = ""
        for index in position..<position + count {
            let byte = self[index]
            if byte == 0 { break }
            text.unicodeScalars.append(0x20...0x7E ~= byte ? Unicode.Scalar(byte) : "?")
        }
        while text.last == " " { text.removeLast() }
        return text
    }
}
