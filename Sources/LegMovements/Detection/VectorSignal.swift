// SPDX-License-Identifier: GPL-3.0-or-later
internal import Signal

/// A signal of three axes, axis by axis: loops over it work on several samples at a time.
struct VectorSignal {
    private(set) var x: [Float] = []
    private(set) var y: [Float] = []
    private(set) var z: [Float] = []

    var count: Int { x.count }
    var isEmpty: Bool { x.isEmpty }

    subscript(at: Int) -> SIMD3<Float> { SIMD3(x[at], y[at], z[at]) }

    /// Exchanges all samples with those of a filter: what comes out of it next then follows these.
    mutating func exchange(with block: inout FilteredBlock, filter: Int) {
        block.exchange(filter: filter, &x, &y, &z)
    }

    mutating func removeFirst(_ count: Int) {
        x.removeFirst(count)
        y.removeFirst(count)
        z.removeFirst(count)
    }

    mutating func removeAll() {
        x.removeAll(keepingCapacity: true)
        y.removeAll(keepingCapacity: true)
        z.removeAll(keepingCapacity: true)
    }

    /// The distances of a stretch of the signal from one level, in order.
    func distances(in places: Range<Int>, from level: SIMD3<Float>) -> [Float] {
        var distances = [Float](repeating: 0, count: places.count)
        var result = distances.mutableSpan
        let (x, y, z) = (x.span.extracting(places), y.span.extracting(places), z.span.extracting(places))
        for index in 0..<result.count {
            let (dx, dy, dz) = (x[index] - level.x, y[index] - level.y, z[index] - level.z)
            result[index] = (dx * dx + dy * dy + dz * dz).squareRoot()
        }
        return distances
    }

    /// The sum of a stretch of the signal, added to what was before it.
    func sum(_ places: Range<Int>, onto start: SIMD3<Double>) -> SIMD3<Double> {
        let (x, y, z) = (x.span.extracting(places), y.span.extracting(places), z.span.extracting(places))
        var sum = start
        for index in 0..<x.count {
            sum.x += Double(x[index])
            sum.y += Double(y[index])
            sum.z += Double(z[index])
        }
        return sum
    }

    /// The sum of a stretch of the signal.
    func sum(_ places: Range<Int>) -> SIMD3<Float> {
        SIMD3(x.span.extracting(places).sum(), y.span.extracting(places).sum(), z.span.extracting(places).sum())
    }

    /// Takes how far the signal moves from `reach` before each place to `reach` after it.
    func takeSteps(around places: Range<Int>, reach: Int, into steps: inout [Float]) {
        steps.resize(to: places.count)
        let earlier = places.lowerBound - reach..<places.upperBound - reach
        let later = places.lowerBound + reach..<places.upperBound + reach
        let (x0, y0, z0) = (x.span.extracting(earlier), y.span.extracting(earlier), z.span.extracting(earlier))
        let (x1, y1, z1) = (x.span.extracting(later), y.span.extracting(later), z.span.extracting(later))
        var result = steps.mutableSpan
        for index in 0..<result.count {
            let (dx, dy, dz) = (x1[index] - x0[index], y1[index] - y0[index], z1[index] - z0[index])
            result[index] = (dx * dx + dy * dy + dz * dz).squareRoot()
        }
    }
}
