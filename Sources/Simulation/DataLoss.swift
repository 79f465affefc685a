// SPDX-License-Identifier: GPL-3.0-or-later
internal import LegMovements

/// A stretch of a leg's samples that does not reach the file: whole blocks.
struct DataLoss: Hashable {
    /// How the file shows it.
    enum Kind: Hashable {
        /// Blocks are missing by their numbers.
        case lost
        /// The sensor did not sample: the numbers run on and the time jumps.
        case pause
    }

    let kind: Kind
    let blocks: Range<Int>

    /// A few losses among the blocks of a night: half of them of one to four blocks, half of 5 to 90 s.
    ///
    /// As many as find room apart from each other.
    static func draw(
        _ count: Int, among blockCount: Int, lasting blockDuration: Double, drawnBy generator: inout SplitMix64
    ) -> [DataLoss] {
        let margin = 5
        var losses: [DataLoss] = []
        for _ in 0..<count {
            for _ in 0..<20 {
                let isShort = generator.chance(0.5)
                let length =
                    isShort
                    ? generator.integer(1...4)
                    : Int((generator.logUniform(5...90) / blockDuration).rounded(.up))
                // A reader sees a jump of the time only where it is above a second.
                let isPause = !isShort && generator.chance(0.5)
                guard blockCount > length + 2 * margin else { continue }
                let first = generator.integer(margin...blockCount - length - margin)
                let blocks = first..<first + length
                guard losses.allSatisfy({ !$0.blocks.overlaps(first - 2..<first + length + 2) }) else { continue }
                losses.append(DataLoss(kind: isPause ? .pause : .lost, blocks: blocks))
                break
            }
        }
        return losses.sorted { $0.blocks.lowerBound < $1.blocks.lowerBound }
    }
}
