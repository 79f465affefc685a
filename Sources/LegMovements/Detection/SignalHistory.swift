// SPDX-License-Identifier: GPL-3.0-or-later

/// The signals of one leg for as long as a movement may still need them, in mg, by grid instant.
struct SignalHistory {
    /// The first instant held.
    private(set) var start: Int64 = 0
    /// Slow signal: gravity and slow displacement.
    var slow = VectorSignal()
    /// Wide signal, in which edges are measured.
    var wide = VectorSignal()
    /// The movement band's power, all axes together, in mg².
    var power: [Float] = []
    /// Envelope of the movement band and its running floor: a little behind the other two.
    var envelope: [Float] = []
    var floor: [Float] = []

    /// The instant after the last one whose envelope is known.
    var end: Int64 { start + Int64(envelope.count) }

    /// Instants dropped at a time: moving what stays costs as much as many small steps.
    private static let chunk = 4096

    /// Says at which instant a stretch begins, of which nothing was dropped yet.
    mutating func begin(at instant: Int64) { start = instant }

    mutating func removeAll() {
        slow.removeAll()
        wide.removeAll()
        power.removeAll(keepingCapacity: true)
        envelope.removeAll(keepingCapacity: true)
        floor.removeAll(keepingCapacity: true)
    }

    mutating func drop(before instant: Int64) {
        let count = min(Int(instant - start), envelope.count)
        guard count >= Self.chunk else { return }
        slow.removeFirst(count)
        wide.removeFirst(count)
        power.removeFirst(count)
        envelope.removeFirst(count)
        floor.removeFirst(count)
        start += Int64(count)
    }

    /// The place in the arrays of an instant.
    func place(_ instant: Int64) -> Int { Int(instant - start) }

    /// The mean of the slow signal over a stretch; its value at `fallback` where the stretch is empty.
    func level(_ stretch: Range<Int64>, else fallback: Int64) -> SIMD3<Float> {
        guard !stretch.isEmpty else { return slow[place(fallback)] }
        let sum = slow.sum(place(stretch.lowerBound)..<place(stretch.upperBound), onto: SIMD3<Double>())
        return SIMD3<Float>(sum / Double(stretch.count))
    }
}

extension SIMD3<Float> {
    /// The length of the vector.
    var magnitude: Float { (self * self).sum().squareRoot() }
}
