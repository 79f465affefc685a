// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc
internal import LegMovements

/// What an event does to a sensor, sample by sample.
struct Waveform {
    /// The sample that it begins at.
    let firstIndex: Int
    /// The direction of gravity; empty for an event that turns nothing.
    var gravity: [Vector] = []
    /// The linear acceleration, in g.
    var linear: [Vector] = []
    /// The edges of a movement by its displacement, where they differ from the event's span.
    var edges: Range<Double>?

    var count: Int { linear.count }
}

/// Turns events into waveforms for one leg, each from its own seeds: in whatever order and pieces, with the same result.
struct WaveformRenderer {
    let clock: LegClock
    /// The direction of gravity in the sensor's axes while the shank is upright.
    let upright: Vector
    /// How far the sensor is from the joint, in m.
    let lever: Double
    /// The strap and the soft tissue under it: Hz, 1/s, and the share of a blow that rings.
    let ringFrequency: Double
    let ringDecay: Double
    let ringShare: Double

    private static let standardGravity = 9.81
    /// The fastest start of a movement, in g: about that of a kick.
    private static let largestAcceleration = 1.2
    /// How long the strap rings, in seconds.
    private static let ringing = 0.5

    init(clock: LegClock, drawnBy generator: inout SplitMix64) {
        self.clock = clock
        upright = generator.direction()
        lever = generator.uniform(0.15...0.30)
        ringFrequency = generator.uniform(5...9.5)
        ringDecay = generator.uniform(12...25)
        ringShare = generator.uniform(0.2...0.6)
    }

    /// How gravity lies for a shank that lies.
    func lying(drawnBy generator: inout SplitMix64) -> Vector {
        (generator.direction(across: upright) + upright * generator.uniform(-0.35...0.35)).unit
    }

    /// What an event does, begun while gravity lies as given.
    func waveform(of event: LegEvent, from gravity: Vector, notBefore earliest: Int) -> Waveform {
        var own = SplitMix64(seed: event.seed)
        let first = max(earliest, clock.index(at: event.span.lowerBound))
        switch event.kind {
        case .flexion(let flexion): return wave(flexion, from: gravity, first, &own)
        case .turn(let turn): return wave(turn, event.span, from: gravity, first, &own)
        case .walk(let walk): return wave(walk, event.span, from: gravity, first, &own)
        case .train(let train):
            var shared = SplitMix64(seed: event.sharedSeed)
            return wave(train, event.span, from: gravity, first, &own, &shared)
        case .bedMotion(let motion):
            var shared = SplitMix64(seed: event.sharedSeed)
            return wave(motion, event.span, first, &own, &shared)
        case .echo(let flexion, let share):
            var wave = wave(flexion, from: gravity, first, &own)
            wave.gravity = []
            wave.linear = wave.linear.map { $0 * share }
            return wave
        }
    }

    private func sampleCount(_ first: Int, until end: Double) -> Int { max(2, clock.index(at: end) - first) }

    /// An axis that most of the turn tilts the sensor about.
    private func axis(across gravity: Vector, _ generator: inout SplitMix64) -> Vector {
        (generator.direction(across: gravity) + generator.direction() * 0.6).unit
    }

    // MARK: Movements

    private func wave(
        _ flexion: Flexion, from gravity: Vector, _ first: Int, _ generator: inout SplitMix64
    ) -> Waveform {
        let axis = axis(across: gravity, &generator)
        let tangent = generator.direction(across: axis)
        let count = sampleCount(first, until: flexion.end + Self.ringing)
        var positions = (-1...count).map { flexion.displacement(at: clock.time(of: first + $0)) }
        let largest = max(positions.max() ?? 0, 1e-6)
        for index in positions.indices { positions[index] /= largest }
        var wave = Waveform(firstIndex: first)
        wave.edges = flexion.edges
        // A leg that turns far takes its time: a short movement stays small.
        let steepest = acceleration(positions, angle: 1, along: tangent).reduce(0) { max($0, $1.length) }
        let angle = min(flexion.angle, Self.largestAcceleration / max(steepest, 1e-9))
        wave.linear = acceleration(positions, angle: angle, along: tangent)
        if flexion.jerk > 0 {
            var shaking = Shaking(2...8, at: clock.rate, drawnBy: &generator)
            var speeds = (0..<count).map { abs(positions[$0 + 2] - positions[$0]) }
            let fastest = max(speeds.max() ?? 0, 1e-9)
            for index in speeds.indices { speeds[index] = pow(speeds[index] / fastest, 0.7) }
            for index in 0..<count { wave.linear[index] += shaking.next() * (flexion.jerk * speeds[index]) }
        }
        ring(&wave.linear)
        let edges = flexion.edges
        wave.gravity = (0..<count).map { index in
            let settled =
                Flexion.minimumJerk(
                    (clock.time(of: first + index) - edges.lowerBound) / (edges.upperBound - edges.lowerBound))
                * flexion.residual
            return gravity.rotated(about: axis, by: angle * positions[index + 1] + settled)
        }
        return wave
    }

    /// The tangential acceleration of a turn, from positions of one sample more on both sides.
    private func acceleration(_ positions: [Double], angle: Double, along tangent: Vector) -> [Vector] {
        let scale = angle * clock.rate * clock.rate * lever / Self.standardGravity
        return (0..<positions.count - 2).map { index in
            tangent * (scale * (positions[index] - 2 * positions[index + 1] + positions[index + 2]))
        }
    }

    /// Adds what the soft tissue under the strap answers: a damped resonance.
    private func ring(_ linear: inout [Vector]) {
        let (turn, damping) = (2 * .pi * ringFrequency / clock.rate, exp(-ringDecay / clock.rate))
        let gain = ringShare * turn * damping * sin(turn)
        var (last, beforeLast, input) = (Vector.zero, Vector.zero, Vector.zero)
        for index in linear.indices {
            let value = last * (2 * damping * cos(turn)) - beforeLast * (damping * damping) + input * gain
            input = linear[index]
            linear[index] += value
            (beforeLast, last) = (last, value)
        }
    }

    private func wave(
        _ train: LegEvent.Train, _ span: Range<Double>, from gravity: Vector, _ first: Int,
        _ own: inout SplitMix64, _ shared: inout SplitMix64
    ) -> Waveform {
        let axis = axis(across: gravity, &own)
        let tangent = own.direction(across: axis)
        let count = sampleCount(first, until: span.upperBound + Self.ringing)
        let bursts = Int((span.upperBound - span.lowerBound) * train.frequency)
        let starts = (0..<bursts).map { burst in
            span.lowerBound + (Double(burst) + train.phase + shared.normal(deviation: 0.03)) / train.frequency
        }
        let positions = (-1...count).map { index in
            let time = clock.time(of: first + index)
            return starts.reduce(0.0) { sum, start in
                let share = (time - start) / train.burst
                guard share > 0, share < 1 else { return sum }
                let half = sin(.pi * share)
                return max(sum, half * half)
            }
        }
        var wave = Waveform(firstIndex: first)
        if let start = starts.first, let end = starts.last { wave.edges = start..<max(start, end) + train.burst }
        wave.linear = acceleration(positions, angle: train.angle, along: tangent)
        ring(&wave.linear)
        wave.gravity = (0..<count).map { gravity.rotated(about: axis, by: train.angle * positions[$0 + 1]) }
        return wave
    }

    // MARK: The whole leg

    private func wave(
        _ turn: LegEvent.Turn, _ span: Range<Double>, from gravity: Vector, _ first: Int,
        _ generator: inout SplitMix64
    ) -> Waveform {
        let axis: Vector
        let total: Double
        switch turn.target {
        case .by(let angle): (axis, total) = (generator.direction(across: gravity), angle)
        case .upright: (axis, total) = way(from: gravity, to: upright, &generator)
        case .lying: (axis, total) = way(from: gravity, to: lying(drawnBy: &generator), &generator)
        case .anywhere: (axis, total) = way(from: gravity, to: generator.direction(), &generator)
        }
        let duration = span.upperBound - span.lowerBound
        let steps = (0..<generator.integer(1...3)).map { step in
            let start = step == 0 ? 0 : generator.uniform(0...0.6) * duration
            return (start: start, length: generator.uniform(min(0.6, duration - start)...duration - start))
        }
        let wobble = (generator.uniform(2...10) * .pi / 180, generator.uniform(0.3...1.2))
        var shaking = Shaking(1...6, at: clock.rate, drawnBy: &generator)
        var wave = Waveform(firstIndex: first)
        for index in 0..<sampleCount(first, until: span.upperBound) {
            let time = clock.time(of: first + index) - span.lowerBound
            let swell = sin(.pi * min(max(time / duration, 0), 1))
            let path = steps.reduce(0.0) { $0 + Flexion.minimumJerk((time - $1.start) / $1.length) }
            let angle =
                total * path / Double(steps.count) + wobble.0 * swell * swell * sin(2 * .pi * wobble.1 * time)
            wave.gravity.append(gravity.rotated(about: axis, by: angle))
            wave.linear.append(shaking.next() * (turn.shaking * swell * swell))
        }
        // The last step may not be over at the last sample.
        wave.gravity[wave.gravity.count - 1] = gravity.rotated(about: axis, by: total)
        return wave
    }

    private func way(from: Vector, to target: Vector, _ generator: inout SplitMix64) -> (Vector, Double) {
        let axis = from.cross(target)
        let isAlong = axis.length < 1e-6
        return (isAlong ? generator.direction(across: from) : axis.unit, from.angle(to: target))
    }

    private func wave(
        _ walk: LegEvent.Walk, _ span: Range<Double>, from gravity: Vector, _ first: Int,
        _ generator: inout SplitMix64
    ) -> Waveform {
        let axis = generator.direction(across: gravity)
        let blow = generator.direction()
        var shaking = Shaking(2...15, at: clock.rate, drawnBy: &generator)
        let (start, end) = (span.lowerBound, span.upperBound)
        var wave = Waveform(firstIndex: first)
        for index in 0..<sampleCount(first, until: end) {
            let time = clock.time(of: first + index)
            let fade = Flexion.minimumJerk((time - start) / 0.4) * Flexion.minimumJerk((end - time) / 0.4)
            let stride = 2 * .pi * (walk.strideRate * (time - start) + walk.phase)
            let strike = pow(max(0, sin(stride)), 8)
            let push = 0.5 * sin(2 * stride + 1) + 0.3 * sin(4 * stride) + 0.5 * strike
            wave.gravity.append(gravity.rotated(about: axis, by: walk.swing * sin(stride) * fade))
            wave.linear.append((blow * (walk.strength * push) + shaking.next() * 0.1) * fade)
        }
        wave.gravity[wave.gravity.count - 1] = gravity
        return wave
    }

    // MARK: The bed

    private func wave(
        _ motion: LegEvent.BedMotion, _ span: Range<Double>, _ first: Int, _ own: inout SplitMix64,
        _ shared: inout SplitMix64
    ) -> Waveform {
        let duration = span.upperBound - span.lowerBound
        let direction = own.direction()
        var generator = motion.isCommon ? shared : own
        var shaking = Shaking(1...6, at: clock.rate, drawnBy: &generator)
        var wave = Waveform(firstIndex: first)
        for index in 0..<sampleCount(first, until: span.upperBound) {
            let time = clock.time(of: first + index) - span.lowerBound
            if motion.name == "tap" {
                wave.linear.append(direction * (motion.strength * exp(-time / 0.025) * cos(2 * .pi * 14 * time)))
                continue
            }
            let swell = sin(.pi * min(max(time / duration, 0), 1))
            let value = shaking.next() * (motion.strength * swell * swell)
            // What comes through the bed comes from one side.
            wave.linear.append(motion.isCommon ? direction * value.x : value)
        }
        return wave
    }
}
