// SPDX-License-Identifier: GPL-3.0-or-later

/// The SHA-256 digest (FIPS 180-4) of bytes that come in pieces: by it a recording is known again.
public struct SHA256: Sendable {
    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    private var schedule = [UInt32](repeating: 0, count: 64)
    /// Bytes that do not fill a block yet.
    private var waiting: [UInt8] = []
    private var length: UInt64 = 0

    private static let blockSize = 64
    /// The bytes before the length at the end of the last block.
    private static let lengthStart = 56

    /// A digest of nothing so far.
    public init() {}

    /// Takes the next bytes.
    public mutating func update(_ bytes: Span<UInt8>) {
        length += UInt64(bytes.count)
        var start = 0
        if !waiting.isEmpty {
            start = min(bytes.count, Self.blockSize - waiting.count)
            for index in 0..<start { waiting.append(bytes[index]) }
            guard waiting.count == Self.blockSize else { return }
            let block = waiting
            compress(block.span, at: 0)
            waiting.removeAll(keepingCapacity: true)
        }
        while bytes.count - start >= Self.blockSize {
            compress(bytes, at: start)
            start += Self.blockSize
        }
        for index in start..<bytes.count { waiting.append(bytes[index]) }
    }

    /// The digest in hexadecimal digits.
    public consuming func finish() -> String {
        let bits = length << 3
        var end: [UInt8] = [0x80]
        let used = (waiting.count + 1) % Self.blockSize
        let zeros = (Self.blockSize + Self.lengthStart - used) % Self.blockSize
        end += [UInt8](repeating: 0, count: zeros)
        for byte in (0..<8).reversed() { end.append(UInt8(truncatingIfNeeded: bits >> UInt64(byte * 8))) }
        update(end.span)
        return state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    private mutating func compress(_ bytes: Span<UInt8>, at start: Int) {
        for word in 0..<16 {
            let place = start + word * 4
            schedule[word] =
                UInt32(bytes[place]) << 24 | UInt32(bytes[place + 1]) << 16 | UInt32(bytes[place + 2]) << 8
                | UInt32(bytes[place + 3])
        }
        for word in 16..<64 {
            let (early, late) = (schedule[word - 15], schedule[word - 2])
            let first = Self.rotate(early, 7) ^ Self.rotate(early, 18) ^ (early >> 3)
            let second = Self.rotate(late, 17) ^ Self.rotate(late, 19) ^ (late >> 10)
            schedule[word] = schedule[word - 16] &+ first &+ schedule[word - 7] &+ second
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for round in 0..<64 {
            let upper = Self.rotate(e, 6) ^ Self.rotate(e, 11) ^ Self.rotate(e, 25)
            let choice = (e & f) ^ (~e & g)
            let first = h &+ upper &+ choice &+ Self.constants[round] &+ schedule[round]
            let lower = Self.rotate(a, 2) ^ Self.rotate(a, 13) ^ Self.rotate(a, 22)
            let majority = (a & b) ^ (a & c) ^ (b & c)
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ lower &+ majority)
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
    }

    private static func rotate(_ word: UInt32, _ by: UInt32) -> UInt32 { word >> by | word << (32 - by) }

    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}

extension SHA256 {
    /// The digest of a text's bytes.
    public static func digest(of text: String) -> String {
        var digest = SHA256()
        digest.update(Array(text.utf8).span)
        return digest.finish()
    }

    /// The digest of a file, and its size in bytes.
    public static func digest(ofFile path: String) throws(RecordingError) -> (digest: String, bytes: Int) {
        let source = try ByteSource(path: path)
        var digest = SHA256()
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = try source.read(into: &buffer)
            if count == 0 { return (digest.finish(), source.offset) }
            digest.update(buffer.span.extracting(0..<count))
        }
    }
}
