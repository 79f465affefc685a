// SPDX-License-Identifier: GPL-3.0-or-later

/// A zip archive whose entries are stored as they are.
struct MadeZip {
    var entries: [(name: String, bytes: [UInt8])]

    var bytes: [UInt8] {
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for entry in entries {
            let name = Array(entry.name.utf8)
            let common =
                Self.le(20, 2) + Self.le(0, 2) + Self.le(0, 2) + Self.le(0, 4) + Self.le(Self.crc(entry.bytes), 4)
                + Self.le(entry.bytes.count, 4) + Self.le(entry.bytes.count, 4) + Self.le(name.count, 2) + Self.le(0, 2)
            directory += Self.le(0x0201_4B50, 4) + Self.le(20, 2) + common
            directory += Self.le(0, 2) + Self.le(0, 2) + Self.le(0, 2) + Self.le(0, 4) + Self.le(file.count, 4) + name
            file += Self.le(0x0403_4B50, 4) + common + name + entry.bytes
        }
        let start = file.count
        file += directory
        file += Self.le(0x0605_4B50, 4) + Self.le(0, 4) + Self.le(entries.count, 2) + Self.le(entries.count, 2)
        file += Self.le(directory.count, 4) + Self.le(start, 4) + Self.le(0, 2)
        return file
    }

    private static func le(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func crc(_ bytes: [UInt8]) -> Int {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return Int(~crc)
    }
}
