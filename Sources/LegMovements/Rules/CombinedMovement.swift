// SPDX-License-Identifier: GPL-3.0-or-later
internal import Recordings

/// A leg movement of the night after the legs are joined, and what the rules made of it.
///
/// Only the scorer makes one.
public struct CombinedMovement: Hashable, Sendable {
    /// The leg or legs of a movement.
    public enum Side: String, Hashable, Sendable {
        case left = "L"
        case right = "R"
        case bilateral = "B"
    }

    /// Why a movement is no candidate.
    public enum Disqualification: Hashable, Sendable {
        /// One of its parts is posture, gait, rhythmic or an artefact.
        case excluded(LegMovement.Exclusion)
        /// One of its parts is longer than a movement of one leg may be.
        case longPart
        /// It has too many parts.
        case manyParts
        /// It is longer than a bilateral movement may be.
        case long
    }

    /// The movements of single legs that it is made of, by onset.
    public let parts: [LegMovement]
    /// The leg, or both.
    public let side: Side
    /// The first onset of its parts.
    public let onset: Milliseconds
    /// The last offset of its parts.
    public let offset: Milliseconds
    /// Why it is no candidate; nil for a candidate.
    public internal(set) var disqualification: Disqualification?
    /// The onset-to-onset time since the candidate before; nil for the first, and after a gap or a movement that is no
    /// candidate.
    public internal(set) var interval: Milliseconds?
    /// Whether that interval is too short for a series.
    public internal(set) var hasShortInterval = false
    /// The number of its series, from 1; nil where it is not periodic.
    public internal(set) var series: Int?
    /// Whether its onset is in sleep; nil where nobody knows.
    public internal(set) var isSleep: Bool?
    /// The stage of the epoch that holds its onset; nil outside of all epochs.
    public internal(set) var stage: SleepStage?
    /// Whether it goes with a respiratory event; nil where respiration was not scored.
    public internal(set) var isRespiratory: Bool?
    /// Whether it goes with an arousal; nil where arousals were not scored.
    public internal(set) var hasArousal: Bool?
    /// The gaps that started before it: movements of different stretches are strangers to each other.
    let stretch: Int

    /// How long it is.
    public var duration: Milliseconds { offset - onset }
    /// Whether it may be part of a series.
    public var isCandidate: Bool { disqualification == nil }
    /// Whether it is part of a series.
    public var isPeriodic: Bool { series != nil }
    /// Whether it is a candidate with neither a short interval nor a series.
    public var isIsolated: Bool { isCandidate && !hasShortInterval && !isPeriodic }

    init(parts: [LegMovement], stretch: Int) {
        self.parts = parts
        self.stretch = stretch
        onset = parts.reduce(.max) { min($0, $1.onset) }
        offset = parts.reduce(.min) { max($0, $1.offset) }
        side =
            switch (parts.contains { $0.leg == .left }, parts.contains { $0.leg == .right }) {
            case (true, true): .bilateral
            case (true, false): .left
            default: .right
            }
    }
}
