// SPDX-License-Identifier: GPL-3.0-or-later

extension Span<UInt8> {
    // The loads check their places, and any bytes make an integer: what is unsafe about them does not arise here. Put together
    // byte by byte, the same took a CWA night a third longer to decode.

    /// The two bytes from `position` on, the lowest first.
    @inline(__always)
    func uint16(at position: Int) -> UInt16 {
        unsafe UInt16(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt16.self))
    }

    /// The four bytes from `position` on, the lowest first.
    @inline(__always)
    func uint32(at position: Int) -> UInt32 {
        unsafe UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt32.self))
    }

    /// The signed integer of three bytes from `position` on, the lowest first.
    func int24(at position: Int) -> Int32 {
        let upper = UInt32(self[position]) << 8 | UInt32(uint16(at: position + 1)) << 16
        return Int32(bitPattern: upper) >> 8
    }

    /// The eight bytes from `position` on, the lowest first.
    @inline(__always)
    func uint64(at position: Int) -> UInt64 {
        unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
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
