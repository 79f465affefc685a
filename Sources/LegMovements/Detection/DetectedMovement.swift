// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings

/// A movement of one leg as the sensor shows it, with what was measured on it.
///
/// Times are in seconds since the Unix epoch on the recording's clock, accelerations in mg, angles in degrees.
public struct DetectedMovement: Sendable {
    /// What a movement is.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A leg movement for the rules to judge.
        case legMovement = "LM"
        /// The leg lies otherwise afterwards.
        case posture
        /// A walk, or a movement out of bed.
        case gait
        /// A train of bursts at 0.3 to 4 Hz.
        case rhythmic
        /// The bed's movement, or an echo of the other leg's.
        case artefact
        /// Too short for a leg movement.
        case short
        /// Too small for a leg movement.
        case small
    }

    /// The leg.
    public var leg: Leg
    /// Where it begins.
    public var onset: Double
    /// Where it ends.
    public var offset: Double
    /// What it is.
    public var kind = Kind.legMovement

    /// The largest displacement of the wide signal from the rest level.
    public var amplitude: Float
    /// The largest displacement of the slow signal.
    public var slowAmplitude: Float
    /// The envelope's peak.
    public var envelopePeak: Float
    /// The envelope's floor where it began.
    public var floor: Float
    /// The largest tilt on the way.
    public var tilt: Float
    /// The lasting change of direction, from before to after.
    public var lastingAngle: Float
    /// Whether the leg came back to where it was.
    public var isClosed: Bool
    /// The bursts that it was joined from.
    public var burstCount: Int
    /// The rest levels before and after.
    var levelBefore: SIMD3<Float>
    var levelAfter: SIMD3<Float>
    /// The height of the envelope's autocorrelation at its period; 0 where it has none.
    public var rhythmHeight: Float
    /// The period in seconds; 0 where it has none.
    public var rhythmPeriod: Float
    /// Whether it has a rhythm, and whether it rests between the beats.
    var hasRhythm: Bool
    var isRhythmic: Bool
    /// The share of its peak that it is nearer to rest than, a fifth of the time.
    var restingShare: Float
    /// Where its beats begin; empty where there is one, at the onset.
    var beats: [Double]
    /// The envelope around it at tenths of a second, for comparison with the other leg's.
    var trace: EnvelopeTrace
    /// Whether it stands for a train of brief movements.
    var isTrain = false
    /// Whether it is a rhythmic train that alternates with one of the other leg (alternating leg muscle activation, ALMA).
    public internal(set) var alternates = false

    /// Where its beats begin, one or more.
    var beatOnsets: [Double] { beats.isEmpty ? [onset] : beats }

    /// Seconds from onset to offset.
    public var duration: Double { offset - onset }
}
