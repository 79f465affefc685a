// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings

/// A movement of one leg, from its onset up to its offset.
public struct LegMovement: Hashable, Sendable {
    /// What makes a movement no candidate, whatever its duration: seen by the detector, carried into the rules.
    public enum Exclusion: String, Hashable, Sendable, CaseIterable {
        /// A change of posture.
        case posture
        /// Steps.
        case gait
        /// A rhythmic train at 0.3 to 4 Hz.
        case rhythmic
        /// A shock, or a movement of the bed or the partner.
        case artefact
    }

    /// The leg that moved.
    public let leg: Leg
    /// The start.
    public let onset: Milliseconds
    /// The first millisecond after it.
    public let offset: Milliseconds
    /// Why it cannot be a candidate; nil for a movement that the rules decide on.
    public let exclusion: Exclusion?

    /// A movement as a detector or a scorer found it, of any duration.
    ///
    /// - Precondition: the duration is not negative.
    public init(_ leg: Leg, onset: Milliseconds, duration: Milliseconds, excludedAs exclusion: Exclusion? = nil) {
        precondition(duration >= 0, "a movement at \(onset) ms lasts \(duration) ms")
        self.leg = leg
        self.onset = onset
        offset = onset + duration
        self.exclusion = exclusion
    }

    /// How long it is.
    public var duration: Milliseconds { offset - onset }
}

extension LegMovement {
    /// Both movements and the rest between them as one; excluded if either is.
    fileprivate func joined(with later: LegMovement) -> LegMovement {
        LegMovement(
            leg, onset: onset, duration: max(offset, later.offset) - onset, excludedAs: exclusion ?? later.exclusion)
    }
}

extension [LegMovement] {
    /// The movements of one leg in order, those with too little rest between them as one, those too short left out.
    ///
    /// Nothing is joined across the start of a span of `gaps`.
    ///
    /// - Complexity: O(*n* log *n*)
    func singleLegMovements(under rules: ScoringRules, cutAt gaps: TimeSpanSet) -> [LegMovement] {
        var joined: [LegMovement] = []
        var openStretch = 0
        for movement in sorted(by: { ($0.onset, $0.offset) < ($1.onset, $1.offset) }) {
            let stretch = gaps.countStarted(by: movement.onset)
            if let last = joined.last, stretch == openStretch, movement.onset < last.offset + rules.minimumRest {
                joined[joined.count - 1] = last.joined(with: movement)
            } else {
                joined.append(movement)
                openStretch = stretch
            }
        }
        return joined.filter { $0.duration >= rules.minimumDuration }
    }
}
