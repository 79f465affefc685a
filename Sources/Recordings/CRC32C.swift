// SPDX-License-Identifier: GPL-3.0-or-later

/// The Castagnoli checksum of RFC 3720, appendix B.4: polynomial 0x1EDC6F41, reflected, start and final XOR all ones.
enum CRC32C {
    /// The checksum of all these bytes.
    ///
    /// - Complexity: O(*n*), eight bytes a step (M. E. Kounavis and F. L. Berry, 2005, "slicing by 8").
    static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
        let table = tables.span
        var crc = UInt32.max
        var position = 0
        while position + 8 <= bytes.count {
            let low = crc ^ bytes.uint32(at: position)
            let high = bytes.uint32(at: position + 4)
            crc = table[0x700 | Int(low & 0xFF)] ^ table[0x600 | Int(low >> 8 & 0xFF)]
            crc ^= table[0x500 | Int(low >> 16 & 0xFF)] ^ table[0x400 | Int(low >> 24)]
            crc ^= table[0x300 | Int(high & 0xFF)] ^ table[0x200 | Int(high >> 8 & 0xFF)]
            crc ^= table[0x100 | Int(high >> 16 & 0xFF)] ^ table[Int(high >> 24)]
            position += 8
        }
        while position < bytes.count {
            crc = crc >> 8 ^ table[Int((crc ^ UInt32(bytes[position])) & 0xFF)]
            position += 1
        }
        return ~crc
    }

    /// Table *k* (at 256 *k*) advances a byte by *k* further zero bytes.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0x82F6_3B78 }
            tables[byte] = crc
        }
        for index in 256..<tables.count {
            let previous = tables[index - 256]
            tables[index] = previous >> 8 ^ tables[Int(previous & 0xFF)]
        }
        return tables
    }()
}

extension NightLog {
    /// The checksum that ends every sector, for tests.
    package static func checksum(_ bytes: [UInt8]) -> UInt32 { CRC32C.checksum(bytes.span) }
}
