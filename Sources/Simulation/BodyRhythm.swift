// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc
internal import LegMovements

/// What a leg at rest does to a sensor: breathing rocks it, the pulse makes it ring.
struct BodyRhythm {
    private let rate: Double
    private var generator: SplitMix64
    private let breathDirection: Vector
    private let breathAmplitude: Double
    private let usualBreathRate: Double
    private let pulseDirection: Vector
    private let pulseAmplitude: Double
    private let usualPulseRate: Double
    private var breathPhase = 0.0
    private var pulsePhase = 0.0
    private var breathStep: Double
    private var pulseStep: Double
    private var depth = 1.0

    /// The ripple of one beat over the beat.
    private static let ripple: [Double] = (0...256).map { place in
        let time = Double(place) / 256
        return sin(2 * .pi * 5 * time) * exp(-time / 0.15) * 1.5
    }

    init(rate: Double, across gravity: Vector, drawnBy generator: inout SplitMix64) {
        self.rate = rate
        breathDirection = generator.direction(across: gravity)
        breathAmplitude = generator.logUniform(0.0003...0.002)
        usualBreathRate = generator.uniform(0.20...0.30)
        pulseDirection = generator.direction()
        pulseAmplitude = generator.logUniform(0.0001...0.001)
        usualPulseRate = generator.uniform(0.85...1.15)
        breathStep = usualBreathRate / rate
        pulseStep = usualPulseRate / rate
        self.generator = generator.branch()
    }

    /// Lets depth and rates wander; once a block.
    mutating func wander() {
        depth += (1 - depth) * 0.05 + generator.normal(deviation: 0.05)
        depth = min(max(depth, 0.5), 1.6)
        breathStep += (usualBreathRate / rate - breathStep) * 0.05
        breathStep *= 1 + generator.normal(deviation: 0.02)
        pulseStep = usualPulseRate * (1 + 0.04 * sin(2 * .pi * breathPhase) + generator.normal(deviation: 0.01)) / rate
    }

    mutating func next() -> Vector {
        breathPhase += breathStep
        if breathPhase >= 1 { breathPhase -= 1 }
        pulsePhase += pulseStep
        if pulsePhase >= 1 { pulsePhase -= 1 }
        return breathDirection * (breathAmplitude * depth * sin(2 * .pi * breathPhase))
            + pulseDirection * (pulseAmplitude * Self.ripple[Int(pulsePhase * 256)])
    }
}

/// The sensor's temperature: it nears what surrounds it.
struct Warmth {
    private let room: Double
    private let skin: Double
    private let bed: Double
    private(set) var temperature: Double

    /// The time, in seconds, in which about two thirds of a difference are gone.
    private static let inertia = 480.0

    init(drawnBy generator: inout SplitMix64) {
        room = generator.uniform(19...22.5)
        skin = generator.uniform(31.5...34)
        bed = generator.uniform(25.5...28.5)
        temperature = room + 1
    }

    mutating func pass(_ seconds: Double, at place: SimulationSettings.Absence.Place?) {
        let surroundings =
            switch place {
            case nil: skin
            case .table: room
            case .mattress: bed
            }
        temperature += (surroundings - temperature) * (1 - exp(-seconds / Self.inertia))
    }
}
