// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import LegMovements

@Suite struct RankTests {
    @Test(arguments: [1, 2, 3, 10, 257])
    func theValueOfARankIsTheOneSortingPutsThere(count: Int) {
        var generator = SplitMix64(seed: UInt64(count))
        // Few different values, so that many are equal.
        let values = (0..<count).map { _ in Float(generator.next(below: 1 + count / 3)) }
        let sorted = values.sorted()
        for rank in values.indices { #expect(values.value(ofRank: rank) == sorted[rank]) }
    }
}
