// SPDX-License-Identifier: GPL-3.0-or-later
import Signal

/// Makes the detector's signals from samples on the grid: slow, wide, envelope, step and their floors.
///
/// Output depends on the grid instants alone, not on how they come in.
struct LegSignals: ~Copyable {
    /// The thresholds in force at an instant.
    struct Thresholds {
        var envelopeOn: Float
        var envelopeOff: Float
        var stepOn: Float
        var stepOff: Float
        var isSuspended: Bool
    }

    private let parameters: DetectionParameters
    private var bank: FilterBank
    private var filtered = FilteredBlock(filterCount: 3)
    private let envelopeReach: Int
    private let stepReach: Int
    private let hop: Int64
    private let renewal: Int64

    private var powerSum = 0.0
    private var nextHop: Int64 = 0
    private var nextRenewal: Int64 = 0
    private var envelopePercentile: RunningPercentile
    private var stepPercentile: RunningPercentile
    private var envelopeFloor: Float = 0
    private var stepFloor: Float = 0
    private var thresholds: Thresholds
    private let shortestLookBack: Int

    /// g to mg.
    private static let scale: Float = 1000

    init(rate: Double, parameters: DetectionParameters) {
        self.parameters = parameters
        func samples(_ seconds: Double) -> Int { Int((seconds * rate).rounded(.toNearestOrEven)) }
        let reach = max(1, samples(parameters.filterReach))
        let wide = min(parameters.wideCutoff, 0.4 * rate)
        bank = FilterBank(kernels: [
            Kernel.lowPass(cutoff: parameters.slowCutoff, rate: rate, reach: reach),
            Kernel.lowPass(cutoff: wide, rate: rate, reach: reach),
            Kernel.bandPass(from: parameters.bandLowerCutoff, to: wide, rate: rate, reach: reach),
        ])
        envelopeReach = samples(parameters.envelopeWindow / 2)
        stepReach = samples(parameters.stepSpan / 2)
        hop = Int64(max(1, samples(parameters.floorHop)))
        renewal = Int64(max(1, samples(parameters.floorRenewal)))
        let lookBack = Int((parameters.floorLookBack / parameters.floorHop).rounded())
        shortestLookBack = Int((parameters.floorShortest / parameters.floorHop).rounded())
        envelopePercentile = RunningPercentile(capacity: lookBack, fraction: parameters.floorFraction)
        stepPercentile = envelopePercentile
        thresholds = Self.thresholds(parameters, envelopeFloor: 0, stepFloor: 0)
    }

    /// Takes grid samples, and appends to the history what they settle; `visit` sees each settled instant once, in order.
    mutating func append(
        _ grid: GridBlock, to history: inout SignalHistory, visit: (Int64, Float, Float, Thresholds) -> Void
    ) {
        bank.append(grid, to: &filtered)
        takeFiltered(&history)
        settle(&history, upTo: history.start + Int64(history.slow.count - stepReach), visit)
    }

    /// Ends the stretch.
    mutating func finish(_ history: inout SignalHistory, visit: (Int64, Float, Float, Thresholds) -> Void) {
        bank.finish(into: &filtered)
        takeFiltered(&history)
        settle(&history, upTo: history.start + Int64(history.slow.count), visit)
    }

    private mutating func takeFiltered(_ history: inout SignalHistory) {
        let count = filtered.count
        guard count > 0 else { return }
        if history.slow.isEmpty { history.begin(at: filtered.firstIndex) }
        for filter in 0..<3 {
            let x = filtered.samples(filter: filter, axis: 0)
            let y = filtered.samples(filter: filter, axis: 1)
            let z = filtered.samples(filter: filter, axis: 2)
            switch filter {
            case 0: Self.append(x.span, y.span, z.span, to: &history.slow)
            case 1: Self.append(x.span, y.span, z.span, to: &history.wide)
            default: Self.appendPower(x.span, y.span, z.span, to: &history.power)
            }
        }
        filtered.removeAll()
    }

    private static func append(
        _ x: Span<Float>, _ y: Span<Float>, _ z: Span<Float>, to vectors: inout [SIMD3<Float>]
    ) {
        let start = vectors.count
        vectors.append(contentsOf: repeatElement(.zero, count: x.count))
        var target = vectors.mutableSpan
        for index in x.indices { target[start + index] = SIMD3(x[index], y[index], z[index]) * scale }
    }

    private static func appendPower(_ x: Span<Float>, _ y: Span<Float>, _ z: Span<Float>, to power: inout [Float]) {
        let start = power.count
        power.append(contentsOf: repeatElement(0, count: x.count))
        var target = power.mutableSpan
        for index in x.indices {
            target[start + index] = (x[index] * x[index] + y[index] * y[index] + z[index] * z[index]) * (scale * scale)
        }
    }

    /// Settles instants up to `end`: the step needs half its span ahead, or the end of the stretch.
    private mutating func settle(
        _ history: inout SignalHistory, upTo end: Int64, _ visit: (Int64, Float, Float, Thresholds) -> Void
    ) {
        let known = history.slow.count
        var instant = history.end
        if history.envelope.isEmpty {
            powerSum = 0
            for at in 0..<min(envelopeReach, known) { powerSum += Double(history.power[at]) }
            nextHop = Self.multiple(of: hop, from: instant)
            nextRenewal = Self.multiple(of: renewal, from: instant)
        }
        while instant < end {
            let at = Int(instant - history.start)
            let (first, last) = (at - envelopeReach, at + envelopeReach)
            if last < known { powerSum += Double(history.power[last]) }
            if first > 0 { powerSum -= Double(history.power[first - 1]) }
            let count = min(last, known - 1) - max(first, 0) + 1
            let envelope = Float((max(0, powerSum) / Double(count)).squareRoot())
            let step = (history.slow[min(at + stepReach, known - 1)] - history.slow[max(at - stepReach, 0)]).magnitude
            if instant == nextRenewal {
                renewFloors()
                nextRenewal += renewal
            }
            if instant == nextHop {
                envelopePercentile.append(envelope)
                stepPercentile.append(step)
                nextHop += hop
            }
            history.envelope.append(envelope)
            history.floor.append(envelopeFloor)
            visit(instant, envelope, step, thresholds)
            instant += 1
        }
    }

    private static func multiple(of step: Int64, from instant: Int64) -> Int64 {
        let rest = instant % step
        return rest == 0 ? instant : instant + (rest > 0 ? step - rest : -rest)
    }

    private mutating func renewFloors() {
        let isKnown = envelopePercentile.count >= shortestLookBack
        envelopeFloor = isKnown ? envelopePercentile.value() : 0
        stepFloor = isKnown ? stepPercentile.value() : 0
        thresholds = Self.thresholds(parameters, envelopeFloor: envelopeFloor, stepFloor: stepFloor)
    }

    private static func thresholds(
        _ parameters: DetectionParameters, envelopeFloor: Float, stepFloor: Float
    ) -> Thresholds {
        Thresholds(
            envelopeOn: max(Float(parameters.envelopeOn), Float(parameters.envelopeOnFloors) * envelopeFloor),
            envelopeOff: max(Float(parameters.envelopeOff), Float(parameters.envelopeOffFloors) * envelopeFloor),
            stepOn: max(Float(parameters.stepOn), Float(parameters.stepOnFloors) * stepFloor),
            stepOff: max(Float(parameters.stepOff), Float(parameters.stepOffFloors) * stepFloor),
            isSuspended: envelopeFloor > Float(parameters.suspendFloor))
    }
}
