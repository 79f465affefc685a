// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Nights

extension StudyDesign.Kind {
    /// What a design file calls it.
    var name: String {
        switch self {
        case .beforeAfter: "AB_fixed"
        case .beforeAfterTwice: "ABAB_fixed"
        case .randomisedBlocks: "rand_blocks"
        case .randomisedPairs: "rand_pairs"
        case .randomisedStart: "rand_start"
        case .randomisedDoses: "rand_dose_nights"
        case .titration: "titration"
        }
    }

    /// What a design file says of its layout.
    var members: [JSONValue.Member] {
        switch self {
        case .randomisedBlocks(let blocks, let blockNights, let active, let longestRun):
            [
                .init("blocks", .integer(blocks)), .init("block_nights", .integer(blockNights)),
                .init("n_active", .integer(active)), .init("max_run", JSONValue(longestRun)),
            ]
        case .randomisedPairs(let pairs, let blockNights):
            [.init("pairs", .integer(pairs)), .init("block_nights", .integer(blockNights))]
        case .randomisedStart(let first, let last):
            [.init("first_start", .integer(first)), .init("last_start", .integer(last))]
        case .beforeAfter, .beforeAfterTwice, .randomisedDoses, .titration: []
        }
    }
}

extension StudyDesign {
    /// The design as a file that reads back as the same.
    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("type", .string(kind.name)), .init("first", .string("\(first)")), .init("nights", .integer(nights)),
            .init("condition", .array(condition.map { $0.map { .integer($0 ? 1 : 0) } ?? .null })),
        ]
        members += kind.members
        members += [
            .init("covariates", .array(covariates.map { .string($0) })), .init("trend", .bool(adjustsForTrend)),
            .init("transition", JSONValue(transition)), .init("half_life", JSONValue(halfLife)),
            .init("changes", JSONValue(changes.sorted())), .init("dose_log_complete", .bool(doseLogIsComplete)),
            .init("blinded", .bool(isBlinded)), .init("one_sided", .bool(isOneSided)),
            .init("after_bad_spell", .bool(followedBadSpell)),
        ]
        if case .after(let looks) = looks { members.append(.init("looks", JSONValue(looks))) }
        if let seed { members.append(.init("seed", .integer(Int(truncatingIfNeeded: seed)))) }
        return .object(members)
    }

    /// The planned nights of its span.
    var span: ClosedRange<CivilDay> { first...(first + max(0, nights - 1)) }
}
