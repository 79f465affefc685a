// SPDX-License-Identifier: GPL-3.0-or-later
internal import LegMovements

/// A schedule drawn at random, with all that it takes to draw it again.
public struct ScheduleDraw: Hashable, Sendable {
    /// How the conditions were laid out.
    public let kind: StudyDesign.Kind
    /// The seed.
    public let seed: UInt64
    /// How many orders there were.
    public let allowed: UInt64
    /// Which of them came up.
    public let index: UInt64
    /// Whether each night is with magnesium.
    public let condition: [Bool]
    /// The smallest p value that any result could give.
    public let smallestPValue: Double
    /// What to know before starting; empty if nothing.
    public let warnings: [String]

    /// The generator, and how a number is drawn from it.
    public static let generator = "SplitMix64, Lemire rejection"
    /// A schedule is good down to this p value.
    static let goodPValue = 0.02
    /// Shorter blocks leave almost nothing to see.
    static let shortestBlock = 5
    /// From this length on the effect has time to come and go.
    static let goodBlock = 7

    /// Draws one; refuses a schedule that could not show anything.
    public init(_ kind: StudyDesign.Kind, nights: Int, seed: UInt64) throws(ComparisonRefusal) {
        guard let allowed = AllowedAssignments(kind, nights: nights) else {
            throw ComparisonRefusal(
                reason: .unusableDesign, problem: "no order of \(nights) nights fits such a schedule",
                remedy:
                    "let the blocks fill the nights, with at least one block of each condition, and at most 63 blocks")
        }
        guard allowed.smallestPValue <= Verdict.level else {
            throw ComparisonRefusal(
                reason: .unusableDesign,
                problem:
                    "only \(allowed.count) orders are possible, so no result could give a p value below \(Shown.pValue(allowed.smallestPValue))",
                remedy:
                    "use more blocks or allow longer runs: 8 blocks of 7 nights, 4 of them with magnesium, have 70 orders"
            )
        }
        var warnings: [String] = []
        if allowed.smallestPValue > Self.goodPValue {
            warnings.append(
                "Only \(allowed.count) orders are possible: the smallest p value that any result could give is \(Shown.pValue(allowed.smallestPValue))."
            )
        }
        switch kind {
        case .randomisedBlocks(_, let blockNights, _, _), .randomisedPairs(_, let blockNights):
            guard blockNights >= Self.shortestBlock else {
                throw ComparisonRefusal(
                    reason: .unusableDesign,
                    problem: "blocks of \(blockNights) nights are too short for an effect to come and go",
                    remedy: "use blocks of \(Self.goodBlock) nights or more")
            }
            if blockNights < Self.goodBlock {
                warnings.append(
                    "Blocks below \(Self.goodBlock) nights lose much of an effect that comes and goes slowly.")
            }
        case .randomisedStart:
            warnings.append(
                "A start drawn at random shows little: in simulations it found a drop of 30 % in 12 to 25 of 100 studies. Blocks show more."
            )
        case .beforeAfter, .beforeAfterTwice, .randomisedDoses, .titration: break
        }
        var generator = SplitMix64(seed: seed)
        index = generator.drawn(below: allowed.count)
        condition = allowed.condition(at: index)
        self.kind = kind
        self.seed = seed
        self.allowed = allowed.count
        smallestPValue = allowed.smallestPValue
        self.warnings = warnings
    }
}
