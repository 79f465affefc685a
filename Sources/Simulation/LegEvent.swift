// SPDX-License-Identifier: GPL-3.0-or-later

/// What happens at a leg's sensor, planned before the night and turned into samples when its time comes.
struct LegEvent {
    /// How it moves the sensor.
    enum Kind {
        case flexion(Flexion)
        case turn(Turn)
        case walk(Walk)
        case train(Train)
        case bedMotion(BedMotion)
        /// The other leg's movement, felt through the bed at a fraction of its size; in no truth.
        case echo(Flexion, share: Double)

        /// Whether the leg turns: one such event at a time.
        var turnsTheLeg: Bool {
            switch self {
            case .flexion, .turn, .walk, .train: true
            case .bedMotion, .echo: false
            }
        }
    }

    /// A change of posture, or a hand that takes the sensor off.
    struct Turn {
        enum Target {
            /// By this angle in radians about any level axis.
            case by(Double)
            /// The shank upright.
            case upright
            /// Lying again.
            case lying
            /// As it comes to lie on a table or a mattress.
            case anywhere
        }

        /// What it is called in the truth.
        let name: String
        let target: Target
        /// The shaking on the way at its largest, in g.
        let shaking: Double
    }

    /// A stretch of steps.
    struct Walk {
        /// Strides of this leg in a second: half the steps.
        let strideRate: Double
        /// The acceleration at its largest, in g.
        let strength: Double
        /// The swing of the shank, in radians.
        let swing: Double
        /// Where in the stride this leg begins.
        let phase: Double
    }

    /// A rhythmic train of bursts.
    struct Train {
        /// "hft" for foot tremor, "alma" for bursts that alternate between the legs.
        let name: String
        let frequency: Double
        /// The length of a burst, in seconds.
        let burst: Double
        /// The turn of each, in radians.
        let angle: Double
        let phase: Double
    }

    /// A motion of the bed or of the strap that is none of the leg.
    struct BedMotion {
        let name: String
        /// The acceleration at its largest, in g.
        let strength: Double
        /// One direction for both legs where the bed moves.
        let isCommon: Bool
    }

    /// The number of the event in the night: the same on both legs where it is one event.
    let number: Int
    let kind: Kind
    let span: Range<Double>
    /// The seed of what this leg does by itself.
    let seed: UInt64
    /// The seed of what both legs have in common.
    let sharedSeed: UInt64
}
