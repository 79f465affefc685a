// SPDX-License-Identifier: GPL-3.0-or-later

extension Span<UInt8> {
    /// The two bytes from `position` on, the lowest first.
    func uint16(at position: Int) -> UInt16 {
        UInt16(self[position]) | UInt16(self[position + 1]) << 8
    }

    /// The four bytes from `position` on, the lowest first.
    func uint32(at position: Int) -> UInt32 {
        UInt32(uint16(at: position)) | UInt32(uint16(at: position + 2)) << 16
    }

    /// The signed integer of three bytes from `position` on, the lowest first.
    func int24(at position: Int) -> Int32 {
        let upper = UInt32(self[position]) << 8 | UInt32(uint16(at: position + 1)) << 16
        return Int32(bitPattern: upper) >> 8
    }

    /// The eight bytes from `position` on, the lowest first.
    func uint64(at position: Int) -> UInt64 {
        UInt64(uint32(at: position)) | UInt64(uint32(at: position + 4)) << 32
    }

    /// The text in `count` bytes up to the first zero byte; what is no UTF-8 becomes U+FFFD.
    func text(at position: Int, count: Int) -> String {
        var bytes: [UInt8] = []
        for index in position..<position + count {
            if self[index] == 0 { break }
            bytes.append(self[index])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension [UInt8] {
    /// Puts an integer into the bytes from `position` on, the lowest first.
    mutating func put<Value: FixedWidthInteger>(_ value: Value, at position: Int) {
        for byte in 0..<Value.bitWidth / 8 {
            self[position + byte] = UInt8(truncatingIfNeeded: value >> Value(8 * byte))
        }
    }

    /// Puts as much of a text as fits into `count` bytes, whole characters only, and fills with zeros; gives the bytes used.
    @discardableResult
    mutating func put(_ text: String, at position: Int, count: Int) -> Int {
        var used = 0
        for character in text {
            let bytes = character.utf8
            if used + bytes.count > count { break }
            for byte in bytes {
                self[position + used] = byte
                used += 1
            }
        }
        for index in used..<Swift.max(used, count) { self[position + index] = 0 }
        return used
    }
}
