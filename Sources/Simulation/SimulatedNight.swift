// SPDX-License-Identifier: GPL-3.0-or-later
public import LegMovements
public import Recordings

/// A night with known truth: the samples of its legs, and what really happened.
public struct SimulatedNight: Sendable {
    /// What it was simulated from.
    public let settings: SimulationSettings
    let plan: NightPlan

    /// Draws a night; its samples come later, from ``leg(_:)``.
    public init(_ settings: SimulationSettings) {
        self.settings = settings
        plan = NightPlan(settings)
    }

    /// The samples of a leg, from the first one on.
    ///
    /// - Precondition: the leg is one of the night's.
    public func leg(_ leg: Leg) -> LegSimulator {
        guard let legPlan = plan.legs[leg] else { preconditionFailure("no \(leg) leg among \(settings.legs)") }
        return LegSimulator(leg, of: plan, legPlan)
    }
}

/// What really happened in a night.
public struct NightTruth: Sendable {
    /// One leg's part of it. Times are in seconds from the first sample of the leg that starts first.
    public struct LegTruth: Sendable {
        /// The leg.
        public let leg: Leg
        /// All that moved its sensor, by onset.
        public let movements: [SimulatedMovement]
        /// Missing data, on the sensor's clock.
        public let gaps: [Range<Double>]
        /// The same in true time.
        public let trueGaps: [Range<Double>]
        /// When the sensor was not on the leg, in true time.
        public let nonwear: [SimulationSettings.Absence]
        /// True samples a second.
        public let trueRate: Double
        /// How far the sensor's clock is ahead at the start, in seconds.
        public let clockOffset: Double
        /// How much too fast its clock runs, in parts per million.
        public let clockDrift: Double
        /// The first sample on the sensor's clock.
        public let firstSample: Double
        /// The samples in the file.
        public let sampleCount: Int
        /// How far the sensor is from the joint, in m.
        public let lever: Double
        /// The resonance of the strap, in Hz.
        public let ringFrequency: Double
        /// What each axis reads at 0 g, in g.
        public let bias: [Double]
        /// What each axis reads for 1 g more.
        public let gain: [Double]

        /// The truth of a leg whose samples were all taken.
        init(_ simulator: LegSimulator, _ plan: NightPlan.LegPlan) {
            leg = simulator.leg
            let clock = simulator.clock
            movements = simulator.movements.sorted { $0.span.lowerBound < $1.span.lowerBound }
            trueGaps = plan.losses.map { clock.span(of: $0) }
            gaps = trueGaps.map { clock.shown(at: $0.lowerBound)..<clock.shown(at: $0.upperBound) }
            nonwear = plan.nonwear
            trueRate = clock.rate
            clockOffset = clock.offset
            clockDrift = clock.drift
            firstSample = clock.shown(at: clock.start)
            sampleCount = simulator.sampleCount
            lever = simulator.renderer.lever
            ringFrequency = simulator.renderer.ringFrequency
            bias = (0..<3).map { simulator.bias[$0] }
            gain = (0..<3).map { simulator.gain[$0] }
        }
    }

    /// What the night was simulated from.
    public let settings: SimulationSettings
    /// The legs.
    public let legs: [LegTruth]
    /// Sleep and wake in epochs of ``epochLength``.
    public let epochs: [SleepStage]
    /// When the sleeper was awake, in seconds.
    public let wake: [Range<Double>]
    /// When the sleeper was out of bed, in seconds.
    public let outOfBed: [Range<Double>]
    /// The length of an epoch.
    public let epochLength = SleepCourse.epochLength

    init(_ plan: NightPlan, _ legs: [LegTruth]) {
        settings = plan.settings
        self.legs = legs
        epochs = plan.course.epochs
        wake = plan.course.wake
        outOfBed = plan.outOfBed
    }

    /// The night as the rules see it: the leg movements that are wanted and wholly recorded, and what breaks series.
    ///
    /// Time without data counts as missing, and so does time without a leg in the strap.
    ///
    /// - Parameter breaksSeries: whether posture, gait and trains are there, as movements that are no candidates.
    public func movementNight(
        breaksSeries: Bool = true, where isWanted: (SimulatedMovement) -> Bool
    ) -> MovementNight {
        let movements = legs.flatMap { leg in
            leg.movements.compactMap { movement -> LegMovement? in
                let exclusion: LegMovement.Exclusion?
                switch movement.kind {
                case .legMovement:
                    guard movement.recorded == .whole, isWanted(movement) else { return nil }
                    exclusion = nil
                case .posture: exclusion = .posture
                case .gait: exclusion = .gait
                case .footTremor, .alternating: exclusion = .rhythmic
                case .twitch, .artefact: return nil
                }
                if exclusion != nil, !breaksSeries { return nil }
                let onset = Self.milliseconds(movement.span.lowerBound)
                return LegMovement(
                    leg.leg, onset: onset, duration: max(1, Self.milliseconds(movement.span.upperBound) - onset),
                    excludedAs: exclusion)
            }
        }
        let gaps = legs.map { leg in
            (
                leg.leg,
                (leg.trueGaps + leg.nonwear.map(\.span)).filter {
                    $0.upperBound - $0.lowerBound > DetectedNight.longestHarmlessGap
                }.map { TimeSpan(from: Self.milliseconds($0.lowerBound), to: Self.milliseconds($0.upperBound)) }
            )
        }
        let hypnogram = Hypnogram(epochLength: epochLength, runs: epochs.map { ($0, 1) })
        return MovementNight(
            movements: movements, gaps: Dictionary(uniqueKeysWithValues: gaps), hypnogram: hypnogram)
    }

    /// Whole milliseconds of seconds.
    public static func milliseconds(_ seconds: Double) -> Milliseconds { Milliseconds((seconds * 1000).rounded()) }
}
