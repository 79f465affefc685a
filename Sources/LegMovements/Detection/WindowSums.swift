// SPDX-License-Identifier: GPL-3.0-or-later

/// Sums over the window around each sample, of values that count as 0 outside of their stretch.
///
/// Sums of 2, 4, 8… neighbours are made by doubling, and put together to the window's length: many windows at a time, and
/// each from its own values alone, so that no rounding adds up over a night.
struct WindowSums {
    /// One sum for each place that was asked for.
    private(set) var sums: [Float] = []

    private var powers: [Float] = []
    private var doubled: [Float] = []

    /// Takes the sums of the values from `reach` before each place to `reach` after it.
    mutating func take(_ values: [Float], around places: Range<Int>, reach: Int) {
        let length = 2 * reach + 1
        let outer = places.lowerBound - reach..<places.upperBound + reach
        let inner = outer.clamped(to: 0..<values.count)
        powers.removeAll(keepingCapacity: true)
        powers.append(contentsOf: repeatElement(0, count: inner.lowerBound - outer.lowerBound))
        powers.append(contentsOf: values[inner])
        powers.append(contentsOf: repeatElement(0, count: outer.upperBound - inner.upperBound))
        doubled.resize(to: powers.count)
        sums.resize(to: places.count)
        // The length is odd: the window begins with a single value.
        Self.put(powers, into: &sums)
        var taken = 1
        var width = 1
        while width * 2 <= length {
            if length & (width * 2) == 0, width * 4 <= length {
                Self.quadruple(powers, width, into: &doubled)
                width *= 4
            } else {
                Self.double(powers, width, into: &doubled)
                width *= 2
            }
            swap(&powers, &doubled)
            if length & width != 0 {
                Self.add(powers, from: taken, to: &sums)
                taken += width
            }
        }
    }

    private static func put(_ values: [Float], into sums: inout [Float]) {
        var target = sums.mutableSpan
        let values = values.span.extracting(0..<target.count)
        for index in 0..<target.count { target[index] = values[index] }
    }

    private static func add(_ values: [Float], from start: Int, to sums: inout [Float]) {
        var target = sums.mutableSpan
        let values = values.span.extracting(start..<start + target.count)
        for index in 0..<target.count { target[index] += values[index] }
    }

    /// What doubling twice gives, in one go.
    private static func quadruple(_ values: [Float], _ width: Int, into doubled: inout [Float]) {
        var target = doubled.mutableSpan
        let count = max(0, target.count - 3 * width)
        let first = values.span.extracting(0..<count)
        let second = values.span.extracting(width..<width + count)
        let third = values.span.extracting(2 * width..<2 * width + count)
        let fourth = values.span.extracting(3 * width..<3 * width + count)
        for index in 0..<min(count, target.count) {
            target[index] = (first[index] + second[index]) + (third[index] + fourth[index])
        }
    }

    /// Twice as wide sums from sums of `width` values; the last `width` places are left as they are.
    private static func double(_ values: [Float], _ width: Int, into doubled: inout [Float]) {
        var target = doubled.mutableSpan
        let count = target.count - width
        let first = values.span.extracting(0..<count)
        let second = values.span.extracting(width..<width + count)
        for index in 0..<min(count, target.count) { target[index] = first[index] + second[index] }
    }
}
