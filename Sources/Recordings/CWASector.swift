// SPDX-License-Identifier: GPL-3.0-or-later

/// The fields of one 512-byte sector of a CWA file, checked; the samples stay in the buffer until they are asked for.
struct CWASector {
    static let size = 512
    private static let dataStart = 30
    private static let dataBytes = 480

    /// How the samples of a sector are laid out.
    struct Layout: Hashable {
        /// Three axes of 10 bits with a shared 2-bit exponent in one word.
        var packed: Bool
        /// The 16-bit axes of one sample in the file: 3, or 6 with gyroscope, or 9 with magnetometer.
        var axes: Int
        /// The values handed out for a sample.
        var channels: Int { axes == 3 ? 3 : 6 }
        var bytesInSample: Int { packed ? 4 : axes * 2 }
        var samplesInSector: Int { CWASector.dataBytes / bytesInSample }
    }

    enum Finding {
        case samples(CWASector)
        /// A good sector without samples.
        case noSamples
        /// Not tagged as a sector.
        case foreign
        case badChecksum
        case unreadable(String)
    }

    var layout: Layout
    /// Where the sector stands in the buffer it was read into, and in the file.
    var position: Int
    var fileOffset: Int
    var session: UInt32
    var sequence: UInt32
    /// The time stamp, in seconds since the Unix epoch of the sensor's clock, and the sample it belongs to, from the sector's first.
    var time: Double
    var anchorOffset: Int
    var count: Int
    var rate: Double
    /// g for one count, °/s for one count.
    var accelerationUnit: Float
    var rotationUnit: Float
    var range: Double
    /// °C.
    var temperature: Float

    static func examine(_ buffer: [UInt8], at position: Int, fileOffset: Int) -> Finding {
        let bytes = buffer.span.extracting(position..<position + size)
        guard bytes[0] == UInt8(ascii: "A"), bytes[1] == UInt8(ascii: "X"), bytes.uint16(at: 2) == 508 else {
            return .foreign
        }
        let rateCode = bytes[24]
        if rateCode != 0 {
            guard sumOfWords(bytes) == 0 else { return .badChecksum }
        }

        let offsetField = Int(Int16(bitPattern: bytes.uint16(at: 26)))
        let packing = bytes[25] & 0x0F
        let axes = Int(bytes[25] >> 4)
        guard (packing == 0 && axes == 3) || (packing == 2 && (axes == 3 || axes == 6 || axes == 9)) else {
            return .unreadable("an unknown packing")
        }
        let layout = Layout(packed: packing == 0, axes: axes)
        // The oldest firmware has no rate code and keeps the rate itself where the offset stands now.
        let rate = rateCode == 0 ? Double(offsetField) : CWAHeader.rate(code: rateCode)
        guard rate > 0 else { return .unreadable("no sampling rate") }
        let count = min(Int(bytes.uint16(at: 28)), layout.samplesInSector)
        guard count > 0 else { return .noSamples }
        guard let seconds = CWAHeader.seconds(timestamp: bytes.uint32(at: 14)) else {
            return .unreadable("an impossible date")
        }

        // The fraction moved the stored offset back for readers that do not know it: undo that.
        let fractionField = bytes.uint16(at: 4)
        let hasFraction = fractionField & 0x8000 != 0
        let fraction = hasFraction ? Int(fractionField & 0x7FFF) << 1 : 0
        let moved = (fraction * Int(rate)) >> 16
        let lightField = bytes.uint16(at: 18)
        let accelerationScale = 8 + Int(lightField >> 13)
        let rotationScale = Int((lightField >> 10) & 7)
        let rotationRange: Float = rotationScale == 0 ? 2000 : 8000 / Float(1 << rotationScale)
        return .samples(
            CWASector(
                layout: layout, position: position, fileOffset: fileOffset,
                session: bytes.uint32(at: 6), sequence: bytes.uint32(at: 10),
                time: seconds + Double(fraction) / 65536,
                anchorOffset: (rateCode == 0 ? 0 : offsetField) + moved,
                count: count, rate: rate,
                accelerationUnit: layout.packed ? 1 / 256 : 1 / Float(1 << accelerationScale),
                rotationUnit: rotationRange / 32768,
                range: CWAHeader.range(code: rateCode),
                temperature: Float(bytes.uint16(at: 20) & 0x3FF) * 75 / 256 - 50))
    }

    /// The sum of the sector's 16-bit words, which the checksum makes zero.
    private static func sumOfWords(_ bytes: Span<UInt8>) -> UInt16 {
        // Four words at a time, each second one in a half of 32 bits that holds the sum of all.
        let mask: UInt64 = 0x0000_FFFF_0000_FFFF
        var sum: UInt64 = 0
        for start in stride(from: 0, to: size, by: 8) {
            let words = bytes.uint64(at: start)
            sum &+= (words & mask) &+ (words >> 16 & mask)
        }
        return UInt16(truncatingIfNeeded: sum &+ sum >> 32)
    }

    /// Writes the samples, interleaved, acceleration first.
    func decode(from buffer: [UInt8], into values: inout [Float]) {
        let needed = count * layout.channels
        if values.count != needed { values = [Float](repeating: 0, count: needed) }
        let bytes = buffer.span.extracting(position + Self.dataStart..<position + Self.dataStart + Self.dataBytes)
        var samples = values.mutableSpan
        if layout.packed {
            for sample in 0..<count {
                let word = bytes.uint32(at: sample * 4)
                // The unit is a power of two: the shared exponent is added to its own.
                let unit = Float(bitPattern: accelerationUnit.bitPattern &+ (word >> 30) << 23)
                let at = sample * 3
                samples[at] = Float(Int32(bitPattern: word << 22) >> 22) * unit
                samples[at + 1] = Float(Int32(bitPattern: word << 12) >> 22) * unit
                samples[at + 2] = Float(Int32(bitPattern: word << 2) >> 22) * unit
            }
        } else if layout.axes == 3 {
            for value in 0..<count * 3 {
                samples[value] = Float(Int16(bitPattern: bytes.uint16(at: value * 2))) * accelerationUnit
            }
        } else {
            // The file puts the gyroscope before the accelerometer.
            for sample in 0..<count {
                let from = sample * layout.bytesInSample
                let at = sample * 6
                for axis in 0..<3 {
                    samples[at + axis] =
                        Float(Int16(bitPattern: bytes.uint16(at: from + 6 + axis * 2))) * accelerationUnit
                    samples[at + 3 + axis] = Float(Int16(bitPattern: bytes.uint16(at: from + axis * 2))) * rotationUnit
                }
            }
        }
    }
}
