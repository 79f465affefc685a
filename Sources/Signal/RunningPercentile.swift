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

    /// Takes the values at some places, and forgets the oldest if there are too many.
    ///
    /// - Precondition: the values are finite and not negative.
    public mutating func append(_ values: [Float], at places: StrideTo<Int>) {
        var (held, oldest, below) = (count, oldest, below)
        let bin = bin
        Self.take(&counts, &ring) { counts, ring in
            for place in places {
                let new = Self.bin(of: values[place])
                // Added up without a branch: which side of the answer a value lies on is anybody's guess.
                var change = new < bin ? 1 : 0
                if held == ring.count {
                    let old = Int(ring[oldest])
                    counts[old] &-= 1
                    change -= old < bin ? 1 : 0
                } else {
                    held += 1
                }
                below += change
                counts[new] &+= 1
                ring[oldest] = UInt16(truncatingIfNeeded: new)
                oldest = oldest + 1 == ring.count ? 0 : oldest + 1
            }
        }
        (count, self.oldest, self.below) = (held, oldest, below)
    }

    /// Lends both arrays at once.
    private static func take(
        _ counts: inout [UInt16], _ ring: inout [UInt16],
        _ body: (inout MutableSpan<UInt16>, inout MutableSpan<UInt16>) -> Void
    ) {
        var counts = counts.mutableSpan
        var ring = ring.mutableSpan
        body(&counts, &ring)
    }

    /// Takes one more value.
    public mutating func append(_ value: Float) { append([value], at: stride(from: 0, to: 1, by: 1)) }

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
