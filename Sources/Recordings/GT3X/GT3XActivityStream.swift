// SPDX-License-Identifier: GPL-3.0-or-later

/// Samples of three times 12 bits, the highest first, in the order y, x, z: the old `activity.bin`, and records of type 0.
struct GT3XActivityStream {
    let entry: ZipEntry
    private var buffer = [UInt8](repeating: 0, count: 9 * 512)

    init(_ entry: ZipEntry) { self.entry = entry }

    /// Decodes the next samples of an `activity.bin`, and says how many; 0 at the end.
    ///
    /// Two samples take nine bytes, so a piece of the buffer always begins with a whole one.
    mutating func next(_ scale: Double, isTurned: Bool, into values: inout [Float]) -> Int {
        let count = entry.read(into: &buffer) * 2 / 9
        Self.decode(buffer, 0, count, scale, isTurned: isTurned, into: &values)
        return count
    }

    static func decode(
        _ buffer: [UInt8], _ start: Int, _ count: Int, _ scale: Double, isTurned: Bool, into values: inout [Float]
    ) {
        if values.count != count * 3 { values = [Float](repeating: 0, count: count * 3) }
        let bytes = buffer.span.extracting(start..<start + (count * 9 + 1) / 2)
        var samples = values.mutableSpan
        for sample in 0..<count {
            for axis in 0..<3 {
                let nibble = sample * 9 + axis * 3
                let at = nibble / 2
                let bits =
                    nibble % 2 == 0
                    ? UInt16(bytes[at]) << 8 | UInt16(bytes[at + 1] & 0xF0)
                    : UInt16(bytes[at]) << 12 | UInt16(bytes[at + 1]) << 4
                samples[sample * 3 + (axis == 2 ? 2 : 1 - axis)] = Float(Double(Int16(bitPattern: bits) >> 4) / scale)
            }
        }
        if isTurned { turn(&values) }
    }

    /// Turns a sensor that stands on its side: x is its y, and y is its −x.
    static func turn(_ values: inout [Float]) {
        var samples = values.mutableSpan
        for at in stride(from: 0, to: samples.count - 2, by: 3) {
            let x = samples[at]
            samples[at] = samples[at + 1]
            samples[at + 1] = -x
        }
    }
}
