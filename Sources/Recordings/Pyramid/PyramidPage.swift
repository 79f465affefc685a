// SPDX-License-Identifier: GPL-3.0-or-later

/// 4096 sampling periods of one stream: the least and the largest value of each axis in buckets of 16, 64, 256, 1024 and 4096.
///
/// Bucket *k* of a level of *n* samples holds the samples from *k n* / rate to (*k* + 1) *n* / rate seconds since 1970. One
/// without samples is absent: its largest value is `Int16.min`, which no sample has.
struct PyramidPage {
    /// The sampling periods in a bucket, level by level.
    static let levels = [16, 64, 256, 1024, 4096]
    /// The sampling periods in a page.
    static let span = 4096
    /// The base buckets in a page.
    static let baseCount = 256
    /// The least values of three axes, then the largest.
    static let valuesInBucket = 6
    /// The buckets of all levels: 256 + 64 + 16 + 4 + 1.
    static let bucketCount = 341
    /// The bytes of a page in a file.
    static let size = 16 + bucketCount * valuesInBucket * 2 + 4

    static let absent: [Int16] = [.max, .max, .max, .min, .min, .min]

    /// All levels, the finest first.
    var values: [Int16]

    /// A page without samples.
    init() {
        values = []
        values.reserveCapacity(Self.bucketCount * Self.valuesInBucket)
        for _ in 0..<Self.bucketCount { values += Self.absent }
    }

    /// The first bucket of a level among all.
    static func firstBucket(_ level: Int) -> Int { [0, 256, 320, 336, 340][level] }

    mutating func clear() {
        for bucket in 0..<Self.bucketCount {
            for place in 0..<Self.valuesInBucket { values[bucket * Self.valuesInBucket + place] = Self.absent[place] }
        }
    }

    /// Takes the least and largest values of samples of a base bucket.
    mutating func take(_ bucket: Int, _ axis: Int, least: Int16, largest: Int16) {
        let place = bucket * Self.valuesInBucket + axis
        values[place] = min(values[place], least)
        values[place + 3] = max(values[place + 3], largest)
    }

    /// Makes the coarser levels from the finest.
    mutating func complete() {
        var source = 0
        for target in Self.baseCount..<Self.bucketCount {
            for place in 0..<3 {
                var (least, largest) = (Int16.max, Int16.min)
                for part in source..<source + 4 {
                    least = min(least, values[part * Self.valuesInBucket + place])
                    largest = max(largest, values[part * Self.valuesInBucket + place + 3])
                }
                values[target * Self.valuesInBucket + place] = least
                values[target * Self.valuesInBucket + place + 3] = largest
            }
            source += 4
        }
    }

    /// Writes the page with its checksum.
    func encode(stream: Int, index: Int64, into bytes: inout [UInt8]) {
        for place in 0..<16 { bytes[place] = 0 }
        bytes[0] = UInt8(truncatingIfNeeded: stream)
        bytes.put(index, at: 8)
        for place in values.indices { bytes.put(values[place], at: 16 + place * 2) }
        bytes.put(CRC32C.checksum(bytes.span.extracting(0..<Self.size - 4)), at: Self.size - 4)
    }

    /// Whether these bytes are this page of this stream, undamaged.
    static func isWhole(_ bytes: [UInt8], stream: Int, index: Int64) -> Bool {
        bytes.count == size && Int(bytes[0]) == stream && bytes.span.uint64(at: 8) == UInt64(bitPattern: index)
            && CRC32C.checksum(bytes.span.extracting(0..<size - 4)) == bytes.span.uint32(at: size - 4)
    }
}

/// An acceleration as a whole number of steps.
enum TraceScale {
    /// The step, in g, for a sensor of a range: fine enough to lose nothing of 16 bits over it.
    static func step(range: Double) -> Double {
        (range.isFinite && range > 0 && range <= 1000 ? range : usualRange) / 32_000
    }

    /// The range, in g, where the recording does not tell.
    private static let usualRange = 16.0

    /// The nearest step; beyond all steps the last one.
    static func steps(_ value: Float, _ step: Double) -> Int16 {
        Int16(max(-32_767, min(32_767, (Double(value) / step).rounded())))
    }
}
