// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import Recordings

@Suite struct InflaterTests {
    /// ``whole`` with a table of its own, deflated by zlib 1.2.13 for Huffman codes alone and without a header.
    private static let deflated: [UInt8] = [
        5, 193, 129, 13, 192, 48, 8, 3, 48, 55, 163, 8, 161, 254, 127, 239, 108, 186, 141, 247, 62, 232, 91, 73, 119,
        38, 99, 114, 219, 86, 53, 190, 250, 228, 93, 215, 211, 188, 214, 209, 193, 132, 124, 75, 206, 120, 85, 171,
        91, 125, 163, 150, 235, 32, 112, 106, 95, 221, 62, 207, 78, 93, 157, 66, 93, 3, 253, 72, 142, 123, 242, 54,
        142, 69, 171, 218, 32, 45, 53, 26, 52, 85, 231, 67, 223, 251, 57, 103, 79, 160, 215, 243, 117, 62, 142, 89,
        212, 126, 28, 91, 245, 221, 222, 186, 157, 114, 100, 184, 102, 3, 71, 82, 7, 232, 234, 161, 66, 227, 225, 211,
        18, 94, 223, 192, 185, 77, 18, 179, 181, 208, 62, 57, 6, 246, 178, 199, 171, 7, 231, 251, 102, 124, 59, 73,
        198, 99, 69, 131, 70, 49, 44, 131, 92, 93, 197, 206, 243, 252,
    ]
    private static let whole: [UInt8] = {
        var value = 1
        return (0..<400).map { _ in
            value = (value * 75 + 74) % 65537
            return UInt8(value % 7 * (value / 7 % 3))
        }
    }()

    @Test(arguments: 1...60, 0...10) func itTakesAPieceOfAnySizeAndNeverMoreThanIsThere(piece: Int, following: Int) {
        // What comes after the end is looked at early, and given back.
        let input = Self.deflated + [UInt8](repeating: 0xA5, count: following)
        for room in [1, 7, 64, 399, 400, 500] {
            var inflater = Inflater()
            var unpacked: [UInt8] = []
            var position = 0
            var turns = 0
            while !inflater.isAtEnd, !inflater.isBroken, turns < 2000 {
                var output = [UInt8](repeating: 0, count: room)
                let range = position..<min(position + piece, input.count)
                let (used, made) = inflater.unpack(input, range, into: &output, from: 0)
                #expect((0...range.count).contains(used) && (0...room).contains(made), "\(used) of \(range)")
                guard (0...range.count).contains(used), (0...room).contains(made) else { return }
                unpacked += output.prefix(made)
                position += used
                turns += 1
            }
            let isAtEnd = inflater.isAtEnd
            #expect(isAtEnd && unpacked == Self.whole)
        }
    }

    @Test func whatIsNotDeflatedIsBroken() {
        var inflater = Inflater()
        var output = [UInt8](repeating: 0, count: 64)
        _ = inflater.unpack([UInt8](repeating: 0xFF, count: 32), 0..<32, into: &output, from: 0)
        let isBroken = inflater.isBroken
        #expect(isBroken)
    }

    @Test func theChecksumIsThatOfZip() {
        #expect(Inflater.crc(0, Array("123456789".utf8), 0..<9) == 0xCBF4_3926)
    }
}
