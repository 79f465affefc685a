// SPDX-License-Identifier: GPL-3.0-or-later

/// The CRC-32 of zlib and Ethernet: polynomial EDB88320 reflected, start and final XOR FFFFFFFF.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    /// The checksum of some of the bytes.
    static func checksum(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt32 {
        var value: UInt32 = 0xFFFF_FFFF
        let table = table.span
        for index in range { value = value >> 8 ^ table[Int((value ^ UInt32(bytes[index])) & 0xFF)] }
        return ~value
    }
}
