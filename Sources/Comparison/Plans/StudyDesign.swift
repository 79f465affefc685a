// SPDX-License-Identifier: GPL-3.0-or-later
public import Nights

/// What was planned: which nights are under which condition, and what the analysis does about it.
public struct StudyDesign: Hashable, Sendable {
    /// How the conditions were laid out.
    public enum Kind: Hashable, Sendable {
        /// Nights before, then nights with magnesium.
        case beforeAfter
        /// Before, with, without, with.
        case beforeAfterTwice
        /// Blocks, `active` of them with magnesium in an order drawn at random.
        case randomisedBlocks(blocks: Int, blockNights: Int, active: Int, longestRun: Int?)
        /// Pairs of blocks, in each of which the order was drawn at random.
        case randomisedPairs(pairs: Int, blockNights: Int)
        /// Before and with, the first night with magnesium drawn at random; nights count from 0.
        case randomisedStart(first: Int, last: Int)
        /// A dose drawn at random for every night.
        case randomisedDoses
        /// A dose that was raised or lowered by steps.
        case titration
    }

    /// When results may be looked at.
    public enum Looks: Hashable, Sendable {
        /// Nothing was said beforehand: no planned end binds.
        case undeclared
        /// Only when this many nights have passed, one after another; the level is shared between them.
        case after([Int])
    }

    /// How the conditions were laid out.
    public var kind: Kind
    /// The first night.
    public var first: CivilDay
    /// The planned nights.
    public var nights: Int
    /// Whether each night is with magnesium; nil for a night under neither condition.
    public var condition: [Bool?]
    /// The names of what is adjusted for.
    public var covariates: [String] = []
    /// Whether a linear change over the weeks was declared as one more of them.
    public var adjustsForTrend = false
    /// The nights left out after each switch of condition; nil where the design names none.
    public var transition: Int?
    /// The half-life of the effect in nights, where one was declared.
    public var halfLife: Double?
    /// Whether a night without an entry in the dose log is a night without a dose.
    public var doseLogIsComplete = true
    /// Whether the sleeper did not know what was taken.
    public var isBlinded = false
    /// Whether only a decrease counts, declared beforehand.
    public var isOneSided = false
    /// Whether the sleeper says that the start followed a bad spell.
    public var followedBadSpell = false
    /// When results may be looked at.
    public var looks = Looks.undeclared
    /// The planned nights, from 0, with another dose or form than the night before: each begins a transition of its own.
    public var changes: Set<Int> = []
    /// The seed that drew the schedule.
    public var seed: UInt64?

    /// A design without covariates, transition or half-life.
    public init(kind: Kind, first: CivilDay, nights: Int, condition: [Bool?]) {
        self.kind = kind
        self.first = first
        self.nights = nights
        self.condition = condition
    }

    /// Whether chance decided, so that an exact test by the design is possible.
    public var isRandomised: Bool {
        switch kind {
        case .beforeAfter, .beforeAfterTwice, .titration: false
        case .randomisedBlocks, .randomisedPairs, .randomisedStart, .randomisedDoses: true
        }
    }

    /// Whether nights differ by dose, not by one of two conditions.
    public var comparesDoses: Bool { kind == .randomisedDoses || kind == .titration }

    /// The transition nights that a new design leaves out after each switch: 14 in an open before and after, 3 in a blocked or
    /// randomised plan.
    public static func defaultTransition(_ kind: Kind) -> Int {
        switch kind {
        case .beforeAfter: 14
        case .titration, .randomisedDoses: 0
        default: 3
        }
    }

    /// The transitions that are shown beside the declared one.
    public var shownTransitions: [Int] { kind == .beforeAfter ? [0, 3, 7, 14, 28] : [0, 3, 7] }

    /// The p value down to which a result counts, shared between the declared looks.
    public var level: Double {
        guard case .after(let looks) = looks, looks.count > 1 else { return Verdict.level }
        return Verdict.level / Double(looks.count)
    }

    /// For each planned night, whether it lies within so many nights after a switch of condition, or another change.
    package static func isTransition(_ condition: [Bool?], changes: Set<Int> = [], nights transition: Int) -> [Bool] {
        var sinceSwitch = Int.max
        var last: Bool?
        return condition.enumerated().map { night, current in
            if changes.contains(night) { sinceSwitch = 0 }
            if let current {
                if let last, last != current { sinceSwitch = 0 }
                last = current
            }
            defer { if sinceSwitch < Int.max { sinceSwitch += 1 } }
            return sinceSwitch < transition
        }
    }
}
