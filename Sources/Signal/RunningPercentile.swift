// SPDX-License-Identifier: GPL-3.0-or-later

/// A percentile of the last values, in constant time, by a histogram on a logarithmic scale.
///
/// 128 bins an octave: the answer is the middle of its bin, at most 0.4 % from the value of that rank.
public struct RunningPercentile: Sendable {
    /// The values looked back on at most.
    public let capacity: Int
    /// The share of values below the answer.
    public let fraction: Double
    /// The values held now.
    public private(set) var count = 0

    private var counts = [UInt16](repeating: 0, count: binCount)
    private var ring: [UInt16]
    private var oldest = 0
    /// The bin of the answer, and the values in the bins below it.
    private var bin = 0
    private var below = 0

    /// The exponent's lowest 7 bits and the fraction's highest 7: 2^-64 to 2^64, finer than any sensor and coarser than none.
    private static let binsInOctave = 128
    private static let binCount = 128 * binsInOctave
    private static let lowestExponent = 127 - 64

    /// A look-back over `capacity` values for the given fraction.
    ///
    /// - Precondition: `capacity` is in 1...65535 and `fraction` in 0...1.
    public init(capacity: Int, fraction: Double) {
        precondition((1...65535).contains(capacity), "a look-back of \(capacity) values is not in 1...65535")
        precondition((0...1).contains(fraction), "a fraction of \(fraction) is not in 0...1")
        self.capacity = capacity
        self.fraction = fraction
        ring = [UInt16](repeating: 0, count: capacity)
    }

    /// Takes one more value, which must be finite and not negative, and forgets the oldest if there are too many.
    public mutating func append(_ value: Float) {
        let new = Self.bin(of: value)
        if count == capacity {
            let old = Int(ring[oldest])
            counts[old] -= 1
            if old < bin { below -= 1 }
        } else {
            count += 1
        }
        ring[oldest] = UInt16(new)
        oldest = oldest + 1 == capacity ? 0 : oldest + 1
        counts[new] += 1
        if new < bin { below += 1 }
    }

    /// The percentile: the value of rank `fraction * (count - 1)`, rounded down; 0 without values.
    public mutating func value() -> Float {
        guard count > 0 else { return 0 }
        let rank = Int(fraction * Double(count - 1))
        while below > rank {
            bin -= 1
            below -= Int(counts[bin])
        }
        while below + Int(counts[bin]) <= rank {
            below += Int(counts[bin])
            bin += 1
        }
        let lower = UInt32(bin + Self.lowestExponent * Self.binsInOctave) << 16
        return Float(bitPattern: lower | 1 << 15)
    }

    /// Forgets all values.
    public mutating func removeAll() { self = RunningPercentile(capacity: capacity, fraction: fraction) }

    private static func bin(of value: Float) -> Int {
        // 8 bits of exponent and 7 of fraction.
        let index = Int(value.bitPattern >> 16) - lowestExponent * binsInOctave
        return max(0, min(binCount - 1, index))
    }
}
