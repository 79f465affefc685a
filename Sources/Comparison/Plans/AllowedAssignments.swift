// SPDX-License-Identifier: GPL-3.0-or-later
internal import LegMovements

/// Every way in which a design could have laid out its conditions, each as likely as any other, in a fixed order.
public struct AllowedAssignments: Hashable, Sendable {
    /// How many there are; what no 64 bits can count is cut to their largest number.
    public let count: UInt64
    private let kind: StudyDesign.Kind
    private let nights: Int
    /// For blocks: how many ways there are to go on, by blocks left, active ones left, the last condition's run and itself.
    private let continuations: BlockContinuations?

    /// Up to this many are listed; above, they are drawn.
    public static let enumerationLimit: UInt64 = 100_000

    /// Nil for a design in which chance did not decide between two conditions, or that allows nothing.
    public init?(_ kind: StudyDesign.Kind, nights: Int) {
        self.kind = kind
        self.nights = nights
        switch kind {
        case .randomisedBlocks(let blocks, let blockNights, let active, let longestRun):
            guard (2...64).contains(blocks), (1..<blocks).contains(active), blockNights > 0,
                blocks * blockNights == nights
            else { return nil }
            let continuations = BlockContinuations(blocks: blocks, active: active, longestRun: longestRun ?? blocks)
            count = continuations.ways(left: blocks, active: active, run: 0, last: false)
            self.continuations = continuations
        case .randomisedPairs(let pairs, let blockNights):
            guard (1...63).contains(pairs), blockNights > 0, 2 * pairs * blockNights == nights else { return nil }
            count = 1 << UInt64(pairs)
            continuations = nil
        case .randomisedStart(let first, let last):
            guard first > 0, last >= first, last < nights else { return nil }
            count = UInt64(last - first + 1)
            continuations = nil
        case .beforeAfter, .beforeAfterTwice, .randomisedDoses, .titration: return nil
        }
        guard count > 0 else { return nil }
    }

    /// Whether with each way the one with all conditions exchanged is allowed too, which makes results mirror each other.
    public var isClosedUnderExchange: Bool {
        switch kind {
        case .randomisedBlocks(let blocks, _, let active, _): 2 * active == blocks
        case .randomisedPairs: true
        default: false
        }
    }

    /// The smallest two-sided p value that the design can give.
    public var smallestPValue: Double { (isClosedUnderExchange ? 2 : 1) / Double(count) }

    /// Whether each night is with magnesium, under the way with this index.
    public func condition(at index: UInt64) -> [Bool] {
        precondition(index < count, "assignment \(index) of \(count)")
        let condition: [Bool]
        switch kind {
        case .randomisedBlocks(let blocks, let blockNights, let active, _):
            let sequence = continuations?.sequence(at: index, blocks: blocks, active: active) ?? []
            condition = sequence.flatMap { Array(repeating: $0, count: blockNights) }
        case .randomisedPairs(let pairs, let blockNights):
            condition = (0..<pairs).flatMap { pair in
                let activeFirst = index >> UInt64(pairs - 1 - pair) & 1 == 1
                return Array(repeating: activeFirst, count: blockNights)
                    + Array(repeating: !activeFirst, count: blockNights)
            }
        case .randomisedStart(let first, _):
            condition = (0..<nights).map { $0 >= first + Int(index) }
        case .beforeAfter, .beforeAfterTwice, .randomisedDoses, .titration:
            preconditionFailure("no assignments in \(kind)")
        }
        return condition
    }

    /// Whether the design could have laid out these conditions.
    func contains(_ condition: [Bool]) -> Bool {
        guard condition.count == nights else { return false }
        /// The conditions of blocks of so many nights; nil where a block is not all alike, or cut off.
        func sequence(_ blockNights: Int) -> [Bool]? {
            guard condition.count.isMultiple(of: blockNights) else { return nil }
            let blocks = stride(from: 0, to: condition.count, by: blockNights).map { condition[$0..<$0 + blockNights] }
            guard blocks.allSatisfy({ Set($0).count == 1 }) else { return nil }
            return blocks.compactMap(\.first)
        }
        switch kind {
        case .randomisedBlocks(let blocks, let blockNights, let active, let longestRun):
            guard let sequence = sequence(blockNights), sequence.count == blocks else { return false }
            var (run, longest) = (0, 0)
            for (block, isActive) in sequence.enumerated() {
                run = block > 0 && sequence[block - 1] == isActive ? run + 1 : 1
                longest = max(longest, run)
            }
            return sequence.count { $0 } == active && longest <= longestRun ?? blocks
        case .randomisedPairs(let pairs, let blockNights):
            guard let sequence = sequence(blockNights), sequence.count == 2 * pairs else { return false }
            return (0..<pairs).allSatisfy { sequence[2 * $0] != sequence[2 * $0 + 1] }
        case .randomisedStart(let first, let last):
            guard let start = condition.firstIndex(of: true) else { return false }
            return (first...last).contains(start) && condition[start...].allSatisfy(\.self)
        case .beforeAfter, .beforeAfterTwice, .randomisedDoses, .titration: return false
        }
    }

    /// All of them, where they are few enough to list.
    var all: [[Bool]]? {
        count <= Self.enumerationLimit ? (0..<count).map { condition(at: $0) } : nil
    }

    /// One of them, all alike.
    func drawn(by generator: inout SplitMix64) -> [Bool] { condition(at: generator.drawn(below: count)) }
}

/// Counts the sequences of blocks with so many active ones and no longer runs, by what is left to place.
private struct BlockContinuations: Hashable, Sendable {
    private let longestRun: Int
    private let activeCount: Int
    /// By blocks left, active left, run and last condition.
    private var table: [UInt64]

    init(blocks: Int, active: Int, longestRun: Int) {
        self.longestRun = max(1, longestRun)
        activeCount = active
        table = [UInt64](repeating: 0, count: (blocks + 1) * (active + 1) * (self.longestRun + 1) * 2)
        for left in 0...blocks {
            for activeLeft in 0...active {
                for run in 0...self.longestRun {
                    for last in [false, true] {
                        table[place(left, activeLeft, run, last)] = count(left, activeLeft, run, last)
                    }
                }
            }
        }
    }

    func ways(left: Int, active: Int, run: Int, last: Bool) -> UInt64 { table[place(left, active, run, last)] }

    private func place(_ left: Int, _ active: Int, _ run: Int, _ last: Bool) -> Int {
        ((left * (activeCount + 1) + active) * (longestRun + 1) + run) * 2 + (last ? 1 : 0)
    }

    private func count(_ left: Int, _ active: Int, _ run: Int, _ last: Bool) -> UInt64 {
        guard left > 0 else { return active == 0 ? 1 : 0 }
        let (sum, overflow) = after(false, left, active, run, last).addingReportingOverflow(
            after(true, left, active, run, last))
        return overflow ? .max : sum
    }

    /// The ways to go on once the next block is set.
    private func after(_ next: Bool, _ left: Int, _ active: Int, _ run: Int, _ last: Bool) -> UInt64 {
        let newRun = run > 0 && next == last ? run + 1 : 1
        let activeLeft = active - (next ? 1 : 0)
        guard newRun <= longestRun, activeLeft >= 0, activeLeft <= left - 1 else { return 0 }
        return table[place(left - 1, activeLeft, newRun, next)]
    }

    /// The sequence with an index, those that begin without magnesium first.
    func sequence(at index: UInt64, blocks: Int, active: Int) -> [Bool] {
        var (index, active, run, last) = (index, active, 0, false)
        return (0..<blocks).map { block in
            let without = after(false, blocks - block, active, run, last)
            let next = index >= without
            if next {
                index -= without
                active -= 1
            }
            run = run > 0 && next == last ? run + 1 : 1
            last = next
            return next
        }
    }
}

extension SplitMix64 {
    /// From 0 up to a bound, each number exactly as likely (Lemire, ACM TOMACS 29:3, 2019).
    mutating func drawn(below bound: UInt64) -> UInt64 {
        precondition(bound > 0, "nothing to draw from")
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
        }
        return product.high
    }
}
