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

    /// What is worked out for the instants being settled; kept for its memory.
    private var bandPower: [Float] = []
    private var windows = WindowSums()
    private var envelopes: [Float] = []
    private var steps: [Float] = []
    private var nextHop: Int64 = 0
    private var nextRenewal: Int64 = 0
    private var envelopePercentile: RunningPercentile
    private var stepPercentile: RunningPercentile
    private var envelopeFloor: Float = 0
    private var stepFloor: Float = 0
    private var thresholds: Thresholds
    private let shortestLookBack: Int

    /// g to mg: the filters' gain.
    private static let scale: Float = 1000

    init(rate: Double, parameters: DetectionParameters) {
        self.parameters = parameters
        func samples(_ seconds: Double) -> Int { Int((seconds * rate).rounded(.toNearestOrEven)) }
        let reach = max(1, samples(parameters.filterReach))
        let wide = min(parameters.wideCutoff, 0.4 * rate)
        let kernels = [
            Kernel.lowPass(cutoff: parameters.slowCutoff, rate: rate, reach: reach),
            Kernel.lowPass(cutoff: wide, rate: rate, reach: reach),
            Kernel.bandPass(from: parameters.bandLowerCutoff, to: wide, rate: rate, reach: reach),
        ]
        bank = FilterBank(kernels: kernels.map { $0.map { $0 * Self.scale } })
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

    /// Takes grid samples, appends to the history what they settle, and shows that to the bursts.
    mutating func append(_ grid: GridBlock, to history: inout SignalHistory, _ bursts: inout BurstFinder) {
        takeFiltered(&history) { bank, filtered in bank.append(grid, to: &filtered) }
        settle(&history, upTo: history.slow.count - stepReach, &bursts)
    }

    /// Ends the stretch.
    mutating func finish(_ history: inout SignalHistory, _ bursts: inout BurstFinder) {
        takeFiltered(&history) { bank, filtered in bank.finish(into: &filtered) }
        settle(&history, upTo: history.slow.count, &bursts)
    }

    /// Lets the bank filter, and takes what comes out: slow and wide signal straight behind what is known of them.
    private mutating func takeFiltered(
        _ history: inout SignalHistory, _ filter: (inout FilterBank, inout FilteredBlock) -> Void
    ) {
        let isFirst = history.slow.isEmpty
        history.slow.exchange(with: &filtered, filter: 0)
        history.wide.exchange(with: &filtered, filter: 1)
        filter(&bank, &filtered)
        history.slow.exchange(with: &filtered, filter: 0)
        history.wide.exchange(with: &filtered, filter: 1)
        guard filtered.count > 0 else { return }
        if isFirst { history.begin(at: filtered.firstIndex) }
        let x = filtered.samples(filter: 2, axis: 0)
        let y = filtered.samples(filter: 2, axis: 1)
        let z = filtered.samples(filter: 2, axis: 2)
        Self.takePower(x.span, y.span, z.span, into: &bandPower)
        history.power.append(contentsOf: bandPower)
        filtered.removeAll()
    }

    /// Takes the power of all axes together, in mg².
    private static func takePower(_ x: Span<Float>, _ y: Span<Float>, _ z: Span<Float>, into bandPower: inout [Float]) {
        bandPower.resize(to: x.count)
        var target = bandPower.mutableSpan
        for index in 0..<target.count {
            target[index] = x[index] * x[index] + y[index] * y[index] + z[index] * z[index]
        }
    }

    /// Settles the places of the history before `end`: the step needs half its span ahead, or the end of the stretch.
    private mutating func settle(_ history: inout SignalHistory, upTo end: Int, _ bursts: inout BurstFinder) {
        let places = history.envelope.count..<max(end, history.envelope.count)
        guard !places.isEmpty else { return }
        let first = history.end
        if history.envelope.isEmpty {
            nextHop = Self.multiple(of: hop, from: first)
            nextRenewal = Self.multiple(of: renewal, from: first)
        }
        Self.takeRoots(of: history.power, places, reach: envelopeReach, &windows, into: &envelopes)
        Self.takeSteps(history.slow, places, reach: stepReach, into: &steps)
        history.envelope.append(contentsOf: envelopes)
        var done = 0
        while done < places.count {
            if first + Int64(done) == nextRenewal {
                renewFloors()
                nextRenewal += renewal
            }
            let next = min(places.count, Int(nextRenewal - first))
            let hops = stride(from: Int(nextHop - first), to: next, by: Int(hop))
            envelopePercentile.append(envelopes, at: hops)
            stepPercentile.append(steps, at: hops)
            nextHop += hop * Int64(hops.underestimatedCount)
            history.floor.append(contentsOf: repeatElement(envelopeFloor, count: next - done))
            bursts.visit(
                from: first + Int64(done), envelope: envelopes.span.extracting(done..<next),
                step: steps.span.extracting(done..<next), thresholds)
            done = next
        }
    }

    /// Takes the root mean square of the power around each place, as far as the stretch goes.
    private static func takeRoots(
        of power: [Float], _ places: Range<Int>, reach: Int, _ windows: inout WindowSums, into roots: inout [Float]
    ) {
        windows.take(power, around: places, reach: reach)
        roots.resize(to: places.count)
        let length = Float(2 * reach + 1)
        let sums = windows.sums.span.extracting(0..<places.count)
        var target = roots.mutableSpan
        // Nothing is negative; where the compiler knows that, it takes several roots at a time.
        for index in 0..<target.count { target[index] = (sums[index] / length).magnitude.squareRoot() }
        let whole = inside(places, of: power.count, reach: reach)
        guard whole != places else { return }
        for at in places where !whole.contains(at) {
            let count = min(at + reach, power.count - 1) - max(at - reach, 0) + 1
            target[at - places.lowerBound] = (sums[at - places.lowerBound] / Float(count)).squareRoot()
        }
    }

    /// Takes the step of the slow signal around each place, as far as the stretch goes.
    private static func takeSteps(_ slow: VectorSignal, _ places: Range<Int>, reach: Int, into steps: inout [Float]) {
        let known = slow.count
        let whole = inside(places, of: known, reach: reach)
        guard whole != places else {
            slow.takeSteps(around: places, reach: reach, into: &steps)
            return
        }
        steps = places.map { (slow[min($0 + reach, known - 1)] - slow[max($0 - reach, 0)]).magnitude }
    }

    /// Those of the places that have `reach` others on both sides, of `count` in all.
    private static func inside(_ places: Range<Int>, of count: Int, reach: Int) -> Range<Int> {
        let lower = min(max(places.lowerBound, reach), places.upperBound)
        return lower..<max(lower, min(places.upperBound, count - reach))
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

extension Array where Element: FloatingPoint {
    /// Gives it so many elements, whatever they are.
    mutating func resize(to count: Int) {
        if self.count < count {
            append(contentsOf: repeatElement(0, count: count - self.count))
        } else {
            removeLast(self.count - count)
        }
    }
}
