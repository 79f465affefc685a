// SPDX-License-Identifier: GPL-3.0-or-later
internal import LegMovements
public import Recordings

/// One leg's samples, a block at a time: what is held is the plan, and the events of the moment.
public struct LegSimulator {
    /// A block of samples that reached the file.
    public struct Block: Sendable {
        /// Raw counts, x, y, z of each sample.
        public var counts: [Int16] = []
        /// The index of the first sample among all that were taken.
        public var firstIndex = 0
        /// The true time of the first sample, in seconds from the start of the night.
        public var time = 0.0
        /// What the sensor's clock showed then, in seconds from the start of the night.
        public var shownTime = 0.0
        /// In °C.
        public var temperature = 0.0
        /// Samples that were taken and lost just before.
        public var lostBefore = 0
        /// Whether the sensor, before this block, took no samples for a while.
        public var followsPause = false

        /// An empty block, to be filled.
        public init() {}
    }

    /// The leg.
    public let leg: Leg
    /// True samples a second.
    public var trueRate: Double { clock.rate }
    /// What happened so far; all of it after the last block.
    public private(set) var movements: [SimulatedMovement] = []

    let clock: LegClock
    let bias: Vector
    let gain: Vector
    let renderer: WaveformRenderer
    private(set) var sampleCount = 0
    private let plan: NightPlan.LegPlan
    private let part: SensorPart
    private let deviation: Vector
    private var gravity: Vector
    private var turns: ArraySlice<LegEvent>
    private var motions: ArraySlice<LegEvent>
    private var turning: (wave: Waveform, done: Int)?
    private var moving: [Waveform] = []
    private var losses: ArraySlice<DataLoss>
    private var absences: ArraySlice<SimulationSettings.Absence>
    private var rhythm: BodyRhythm
    private var warmth: Warmth
    private var noise: WhiteNoise
    private var nextBlock = 0
    private var accelerations = [Vector](repeating: .zero, count: NightPlan.samplesInBlock)

    /// The samples held at this moment: for a test that the night is not.
    package var heldSamples: Int {
        accelerations.count + (turning?.wave.count ?? 0) + moving.reduce(0) { $0 + $1.count }
    }

    init(_ leg: Leg, of night: NightPlan, _ plan: NightPlan.LegPlan) {
        let settings = night.settings
        var generator = SplitMix64(seed: settings.seed ^ (leg == .left ? 0x4C45_4654 : 0x5249_4748_54))
        let part = settings.part
        let renderer = WaveformRenderer(clock: plan.clock, drawnBy: &generator)
        let isWornFirst = plan.nonwear.first?.span.lowerBound != 0
        let gravity = isWornFirst ? renderer.lying(drawnBy: &generator) : generator.direction()
        self.leg = leg
        self.plan = plan
        self.part = part
        self.renderer = renderer
        self.gravity = gravity
        clock = plan.clock
        bias =
            Vector(generator.normal(), generator.normal(), generator.normal()).clamped(
                lowerBound: Vector(repeating: -2), upperBound: Vector(repeating: 2)) * (part.largestOffset / 2)
        gain = 1 + Vector(generator.normal(), generator.normal(), generator.normal()) * 0.01
        deviation = part.noiseDensity * (plan.clock.rate / 2).squareRoot()
        turns = plan.events.filter(\.kind.turnsTheLeg)[...]
        motions = plan.events.filter { !$0.kind.turnsTheLeg }[...]
        losses = plan.losses[...]
        absences = plan.nonwear[...]
        rhythm = BodyRhythm(rate: plan.clock.rate, across: gravity, drawnBy: &generator)
        warmth = Warmth(drawnBy: &generator)
        noise = WhiteNoise(generator.branch())
    }

    /// Fills `block` with the next samples that reach the file; false at the end of the night.
    public mutating func next(into block: inout Block) -> Bool {
        block.lostBefore = 0
        block.followsPause = false
        while nextBlock < plan.blockCount {
            let index = nextBlock
            let first = index * NightPlan.samplesInBlock
            nextBlock += 1
            synthesize(first, into: &block.counts)
            while let loss = losses.first, loss.blocks.upperBound <= index { losses.removeFirst() }
            if let loss = losses.first, loss.blocks.contains(index) {
                if loss.kind == .pause {
                    block.followsPause = true
                } else {
                    block.lostBefore += NightPlan.samplesInBlock
                }
                continue
            }
            block.firstIndex = first
            block.time = clock.time(of: first)
            block.shownTime = clock.shown(at: block.time)
            block.temperature = warmth.temperature
            sampleCount += NightPlan.samplesInBlock
            return true
        }
        return false
    }

    /// Passes over all that is left: what happens is noted, as if its samples had been taken.
    public mutating func finishWithoutSamples() {
        let first = nextBlock * NightPlan.samplesInBlock
        while let event = turns.popFirst() {
            let wave = renderer.waveform(of: event, from: gravity, notBefore: first)
            note(event, wave)
            gravity = wave.gravity.last ?? gravity
        }
        while let event = motions.popFirst() {
            note(event, renderer.waveform(of: event, from: gravity, notBefore: first))
        }
        for block in nextBlock..<plan.blockCount where !plan.losses.contains(where: { $0.blocks.contains(block) }) {
            sampleCount += NightPlan.samplesInBlock
        }
        nextBlock = plan.blockCount
    }

    // MARK: Samples

    private mutating func synthesize(_ first: Int, into counts: inout [Int16]) {
        let time = clock.time(of: first)
        while let absence = absences.first, absence.span.upperBound <= time { absences.removeFirst() }
        let place = absences.first.flatMap { $0.span.contains(time) ? $0.place : nil }
        warmth.pass(Double(NightPlan.samplesInBlock) / clock.rate, at: place)
        turn(first)
        move(first)
        rhythm.wander()
        let isWorn = place == nil
        let countsInStep = part.step / part.count
        counts.removeAll(keepingCapacity: true)
        for position in 0..<NightPlan.samplesInBlock {
            var value = accelerations[position]
            if isWorn { value += rhythm.next() }
            value = value * gain + bias + Vector(noise.next(), noise.next(), noise.next()) * deviation
            let raw = (value / part.step).rounded(.toNearestOrEven) * countsInStep
            for axis in 0..<3 { counts.append(Int16(min(max(raw[axis], -32768), 32767))) }
        }
    }

    /// Gravity, and the events that turn the leg, one after the other.
    private mutating func turn(_ first: Int) {
        let end = first + NightPlan.samplesInBlock
        var index = first
        while index < end {
            if let (wave, done) = turning {
                let count = min(wave.count - done, end - index)
                for step in 0..<count {
                    accelerations[index - first + step] = wave.gravity[done + step] + wave.linear[done + step]
                }
                index += count
                if done + count == wave.count {
                    gravity = wave.gravity.last ?? gravity
                    turning = nil
                } else {
                    turning = (wave, done + count)
                }
                continue
            }
            let next = turns.first.map { max(index, clock.index(at: $0.span.lowerBound)) } ?? end
            for rest in index..<max(index, min(next, end)) { accelerations[rest - first] = gravity }
            index = min(next, end)
            if next < end, let event = turns.popFirst() {
                let wave = renderer.waveform(of: event, from: gravity, notBefore: index)
                note(event, wave)
                turning = (wave, 0)
            }
        }
    }

    /// What is added to them.
    private mutating func move(_ first: Int) {
        let end = first + NightPlan.samplesInBlock
        while let event = motions.first, clock.index(at: event.span.lowerBound) < end {
            motions.removeFirst()
            let wave = renderer.waveform(of: event, from: gravity, notBefore: first)
            note(event, wave)
            moving.append(wave)
        }
        for wave in moving {
            for index in max(
                first, wave.firstIndex)..<max(first, wave.firstIndex, min(end, wave.firstIndex + wave.count))
            {
                accelerations[index - first] += wave.linear[index - wave.firstIndex]
            }
        }
        moving.removeAll { $0.firstIndex + $0.count <= end }
    }

    // MARK: Truth

    private mutating func note(_ event: LegEvent, _ wave: Waveform) {
        guard var movement = SimulatedMovement(event, wave, from: gravity, clock: clock) else { return }
        movement.recorded = recorded(movement.span)
        movements.append(movement)
    }

    private func recorded(_ span: Range<Double>) -> SimulatedMovement.Recorded {
        for loss in plan.losses {
            let missing = clock.span(of: loss)
            guard missing.overlaps(span) else { continue }
            return missing.lowerBound <= span.lowerBound && span.upperBound <= missing.upperBound ? .lost : .cut
        }
        return .whole
    }
}

extension LegClock {
    /// The true time that a loss takes.
    func span(of loss: DataLoss) -> Range<Double> {
        let count = NightPlan.samplesInBlock
        return time(of: loss.blocks.lowerBound * count)..<time(of: loss.blocks.upperBound * count)
    }
}
