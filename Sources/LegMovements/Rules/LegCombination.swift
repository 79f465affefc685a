// SPDX-License-Identifier: GPL-3.0-or-later

extension [LegMovement] {
    /// The movements of both legs as the night has them, by onset.
    ///
    /// One pass suffices: two movements of one leg never lie within `gap` of each other, so what reaches the end of
    /// the movement so far reaches it on the other leg.
    ///
    /// - Precondition: the movements are sorted by onset, and those of one leg that lie within `gap` are joined.
    /// - Complexity: O(*n* log *n*)
    func combinedByOverlap(
        gap: Milliseconds, maximumDuration: Milliseconds, maximumParts: Int?, maximumPart: Milliseconds,
        cutAt gaps: TimeSpanSet
    ) -> [CombinedMovement] {
        let groups = grouped(cutAt: gaps) { group, movement in movement.onset < group.offset + gap }
        return groups.map { movement in
            var movement = movement
            if let exclusion = movement.parts.lazy.compactMap(\.exclusion).first {
                movement.disqualification = .excluded(exclusion)
            } else if movement.parts.contains(where: { $0.duration > maximumPart }) {
                movement.disqualification = .longPart
            } else if movement.side == .bilateral, let maximumParts, movement.parts.count > maximumParts {
                movement.disqualification = .manyParts
            } else if movement.side == .bilateral, movement.duration > maximumDuration {
                movement.disqualification = .long
            }
            return movement
        }
    }

    /// The movements of both legs, one of each leg joined where they start less than `limit` apart, by onset.
    ///
    /// - Precondition: the movements are sorted by onset.
    /// - Complexity: O(*n* log *n*)
    func combinedByOnset(within limit: Milliseconds, cutAt gaps: TimeSpanSet) -> [CombinedMovement] {
        grouped(cutAt: gaps) { group, movement in
            group.parts.count == 1 && group.parts[0].leg != movement.leg && movement.onset - group.onset < limit
        }
    }

    /// Neighbours put together as long as the next one belongs to the group so far.
    private func grouped(
        cutAt gaps: TimeSpanSet, while belongs: (OpenGroup, LegMovement) -> Bool
    ) -> [CombinedMovement] {
        var groups: [CombinedMovement] = []
        var open: OpenGroup?
        for movement in self {
            let stretch = gaps.countStarted(by: movement.onset)
            if open.map({ $0.stretch == stretch && belongs($0, movement) }) == true {
                // In place: a second name for the group would copy its parts each time.
                open?.append(movement)
            } else {
                if let group = open { groups.append(CombinedMovement(parts: group.parts, stretch: group.stretch)) }
                open = OpenGroup(
                    parts: [movement], onset: movement.onset, offset: movement.offset, stretch: stretch)
            }
        }
        if let group = open { groups.append(CombinedMovement(parts: group.parts, stretch: group.stretch)) }
        return groups
    }
}

/// Movements that are one so far.
private struct OpenGroup {
    var parts: [LegMovement]
    let onset: Milliseconds
    var offset: Milliseconds
    let stretch: Int

    mutating func append(_ movement: LegMovement) {
        parts.append(movement)
        offset = max(offset, movement.offset)
    }
}
