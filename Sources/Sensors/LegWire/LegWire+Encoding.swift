// SPDX-License-Identifier: GPL-3.0-or-later
internal import Recordings

extension LegWire.Frame {
    /// The bytes of the frame on the wire.
    ///
    /// - Precondition: there are at most 169 samples and 8 streams.
    public var encoded: [UInt8] {
        let (type, payload) = content.encoded
        return LegWire.frame(
            type: type.rawValue, stream: stream, boot: boot, sequence: sequence, deviceTime: deviceTime,
            payload: payload)
    }
}

extension LegWire {
    /// A frame of any type on the wire.
    static func frame(
        type: UInt8, stream: UInt8, boot: UInt16, sequence: UInt32, deviceTime: UInt64, payload: [UInt8]
    ) -> [UInt8] {
        precondition(payload.count <= largestPayload, "a payload of \(payload.count) bytes")
        var bytes: [UInt8] = [sync.0, sync.1, type, stream]
        bytes.reserveCapacity(headerSize + payload.count + checksumSize)
        bytes.append(integer: UInt16(payload.count))
        bytes.append(integer: boot)
        bytes.append(integer: sequence)
        bytes.append(integer: deviceTime)
        bytes += payload
        bytes.append(integer: CRC32.checksum(bytes.span, 2..<bytes.count))
        return bytes
    }
}

extension LegWire.Content {
    /// The type and the payload.
    fileprivate var encoded: (LegWire.FrameType, [UInt8]) {
        switch self {
        case .data(let samples): (.data, samples.encoded)
        case .information(let information): (.information, information.encoded)
        case .status(let status): (.status, status.encoded)
        case .mark: (.mark, [])
        }
    }
}

extension LegWire.Samples {
    fileprivate var encoded: [UInt8] {
        precondition(counts.count % 3 == 0 && (1...169).contains(count), "\(counts.count) counts in a frame")
        var bytes: [UInt8] = []
        bytes.append(integer: firstIndex)
        bytes.append(integer: flags.rawValue)
        bytes += [UInt8(count), temperature == nil ? 0 : 1]
        for value in counts { bytes.append(integer: value) }
        if let temperature { bytes.append(integer: temperature) }
        return bytes
    }
}

extension LegWire.Information {
    /// The payload of an INFO frame and the answer to GET_INFO.
    public var encoded: [UInt8] {
        var bytes = [Self.version, UInt8(streams.count)]
        for stream in streams {
            bytes.append(stream.leg == .left ? 0 : stream.leg == .right ? 1 : 2)
            bytes.append(integer: stream.rate)
            bytes.append(integer: stream.range)
            bytes.append(integer: stream.scale.bitPattern)
            bytes.append(ascii: stream.model, count: Self.modelSize)
        }
        bytes.append(ascii: serial, count: Self.serialSize)
        return bytes
    }
}

extension LegWire.Status {
    fileprivate var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(integer: battery)
        bytes.append(integer: temperature)
        bytes.append(integer: dropped)
        bytes.append(integer: uptime)
        bytes.append(integer: samplePeriod.bitPattern)
        return bytes
    }
}

extension [UInt8] {
    /// Appends an integer, lowest byte first.
    mutating func append<Value: FixedWidthInteger>(integer value: Value) {
        for byte in 0..<Value.bitWidth / 8 {
            append(UInt8(truncatingIfNeeded: value >> Value(truncatingIfNeeded: 8 * byte)))
        }
    }

    /// Appends as much of a text as fits, filled up with zeros.
    fileprivate mutating func append(ascii text: String, count: Int) {
        let bytes = text.utf8.prefix(count)
        self += bytes
        self += repeatElement(0, count: count - bytes.count)
    }
}
