// SPDX-License-Identifier: GPL-3.0-or-later

// Sums in eight lanes: always in the same order, and no addition waits for the one before it.

extension Span<Float> {
    /// The sum of the values.
    func sum() -> Float {
        var lanes = SIMD8<Float>()
        for start in stride(from: 0, to: count & ~7, by: 8) { lanes += eight(from: start) }
        return lanes.sumOfLanes + rest { self[$0] }
    }

    /// The highest of the values, none of which is negative; 0 without values.
    func highest() -> Float {
        var lanes = SIMD8<Float>()
        for start in stride(from: 0, to: count & ~7, by: 8) {
            let values = eight(from: start)
            lanes.replace(with: values, where: lanes .< values)
        }
        var highest = lanes.max()
        for place in count & ~7..<count { highest = Swift.max(highest, self[place]) }
        return highest
    }

    /// The sum of what lies above `lowest` and above `factor` times the floor of its place.
    func excess(above lowest: Float, factor: Float, of floor: Span<Float>) -> Float {
        var lanes = SIMD8<Float>()
        for start in stride(from: 0, to: count & ~7, by: 8) {
            var limit = factor * floor.eight(from: start)
            limit.replace(with: lowest, where: limit .< lowest)
            var above = eight(from: start) - limit
            above.replace(with: 0, where: above .< 0)
            lanes += above
        }
        return lanes.sumOfLanes + rest { Swift.max(0, self[$0] - Swift.max(lowest, factor * floor[$0])) }
    }

    /// Eight values; one check of their places in the place of eight.
    @inline(__always)
    private func eight(from start: Int) -> SIMD8<Float> {
        let piece = extracting(start..<start + 8)
        return SIMD8(piece[0], piece[1], piece[2], piece[3], piece[4], piece[5], piece[6], piece[7])
    }

    /// The sum over the places behind the last whole eight.
    private func rest(_ value: (Int) -> Float) -> Float {
        var sum: Float = 0
        for place in count & ~7..<count { sum += value(place) }
        return sum
    }
}

extension SIMD8<Float> {
    fileprivate var sumOfLanes: Float {
        let quarters = lowHalf + highHalf
        let halves = quarters.lowHalf + quarters.highHalf
        return halves.x + halves.y
    }
}
