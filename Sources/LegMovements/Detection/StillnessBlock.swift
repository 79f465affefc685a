// SPDX-License-Identifier: GPL-3.0-or-later
internal import Signal

/// Five minutes of one leg, looked at for signs of life: movement, breathing, pulse.
struct StillnessBlock: Sendable {
    /// The block's number since the Unix epoch.
    var place: Int64
    /// Powers of the wide signal between bursts, window by window added up; empty where the block moved or shows life.
    var power: [Float]
    /// The largest power where breathing and pulse lie, as a multiple of the noise; infinite where the block moved.
    var ripple: Float
    /// The mean slow signal, in mg.
    var direction: SIMD3<Float>
    /// The first instant of its first burst and the end of its last, in seconds since the Unix epoch; nil without bursts.
    var firstBurst: Double?
    var lastBurst: Double?
}

/// Makes ``StillnessBlock``s from the seconds of a leg, one after the other.
struct StillnessRecorder: ~Copyable {
    private let rate: Double
    private let hop: Int64
    /// Seconds in a block, and the instants of the grid in one.
    private let seconds: Int64
    private let samplesInSecond: Int64
    private let parameters: DetectionParameters
    private var spectrum: PowerSpectrum
    private let ripple: RippleMeasure

    private var place: Int64?
    private var samples: [SIMD3<Float>] = []
    private var directionSum = SIMD3<Double>()
    private var count: Int64 = 0
    private var bursts: [(burst: Burst, peak: Float)] = []

    init(rate: Double, parameters: DetectionParameters) {
        self.rate = rate
        self.parameters = parameters
        hop = max(1, Int64((rate / parameters.rippleRate).rounded(.toNearestOrEven)))
        seconds = Int64(parameters.stillnessSpan.rounded())
        samplesInSecond = Int64(rate)
        ripple = RippleMeasure(rate: rate / Double(hop), parameters: parameters)
        spectrum = PowerSpectrum(windowSize: ripple.windowSize, rate: rate / Double(hop))
    }

    mutating func note(_ burst: Burst, peak: Float) { bursts.append((burst, peak)) }

    /// Takes a whole second since the Unix epoch: the sum of its slow signal, and its wide signal from `first` on.
    mutating func take(
        _ second: Int64, _ directionSum: SIMD3<Double>, _ wide: VectorSignal, from first: Int,
        _ blocks: inout [StillnessBlock]
    ) {
        let here = second.dividedDown(by: seconds)
        if here != place {
            finish(to: &blocks)
            place = here
        }
        self.directionSum += directionSum
        count += 1
        let past = (second - here * seconds) * samplesInSecond % hop
        let places = first..<first + Int(samplesInSecond)
        let (x, y, z) = (wide.x.span.extracting(places), wide.y.span.extracting(places), wide.z.span.extracting(places))
        samples.append(addingCapacity: places.count / Int(hop) + 1) { more in
            for offset in stride(from: past == 0 ? 0 : Int(hop - past), to: places.count, by: Int(hop)) {
                more.append(SIMD3(x[offset], y[offset], z[offset]))
            }
        }
    }

    mutating func endStretch(to blocks: inout [StillnessBlock]) {
        finish(to: &blocks)
        place = nil
        bursts.removeAll()
    }

    /// Closes the block under way; one that is not whole tells nothing.
    private mutating func finish(to blocks: inout [StillnessBlock]) {
        defer {
            samples.removeAll(keepingCapacity: true)
            directionSum = SIMD3<Double>()
            count = 0
        }
        guard let place, count == seconds else { return }
        let length = seconds * samplesInSecond
        let start = place * length
        let inside = bursts.filter { $0.burst.start < start + length && $0.burst.end > start }
        bursts.removeAll { $0.burst.end <= start + length }
        var block = StillnessBlock(
            place: place, power: [], ripple: .infinity, direction: SIMD3<Float>(directionSum / Double(length)))
        if let first = inside.first, let last = inside.last {
            block.firstBurst = Double(first.burst.start) / rate
            block.lastBurst = Double(last.burst.end) / rate
        }
        if !inside.contains(where: { Double($0.peak) >= parameters.stillnessLargestBurst }) {
            look(at: inside.map(\.burst), from: start, &block)
        }
        blocks.append(block)
    }

    /// Adds the windows that no burst touches.
    private mutating func look(at bursts: [Burst], from start: Int64, _ block: inout StillnessBlock) {
        let size = spectrum.windowSize
        var power: [Float] = []
        var windows = 0
        var first = 0
        while first + size <= samples.count {
            let begin = start + Int64(first) * hop
            let end = begin + Int64(size) * hop
            if !bursts.contains(where: { $0.start < end && $0.end > begin }) {
                let more = spectrum.power(of: samples[first..<first + size])
                power = power.isEmpty ? more : zip(power, more).map(+)
                windows += 1
            }
            first += size / 2
        }
        guard windows >= Int(parameters.stillnessFewestWindows) else { return }
        block.ripple = ripple(power)
        if Double(block.ripple) < parameters.rippleOfNobody { block.power = power }
    }
}

/// Sets the power of breathing and pulse against the noise of a spectrum.
struct RippleMeasure {
    let windowSize: Int
    private let rippleBins: ClosedRange<Int>
    private let noiseBins: ClosedRange<Int>

    init(rate: Double, parameters: DetectionParameters) {
        let size = Int(parameters.rippleWindow)
        windowSize = size
        func bins(_ lower: Double, _ upper: Double) -> ClosedRange<Int> {
            let width = rate / Double(size)
            let first = Int((lower / width).rounded(.up))
            return first...max(first, min(Int((upper / width).rounded(.down)), size / 2))
        }
        rippleBins = bins(parameters.rippleLowest, parameters.rippleHighest)
        noiseBins = bins(parameters.rippleLowest, min(parameters.rippleNoiseHighest, 0.45 * rate))
    }

    /// The largest power of breathing and pulse as a multiple of the median power.
    func callAsFunction(_ power: [Float]) -> Float {
        let sorted = power[noiseBins].sorted()
        let median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        return (power[rippleBins].max() ?? 0) / max(median, .leastNormalMagnitude)
    }
}
