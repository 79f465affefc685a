// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import LegMovements

@Suite struct WindowSumsTests {
    @Test(arguments: [0, 1, 2, 5, 10, 31])
    func eachSumIsThatOfTheValuesAroundIt(reach: Int) {
        let values = (0..<100).map { Float($0 * $0 % 17) }
        var windows = WindowSums()
        for places in [0..<100, 0..<1, 40..<60, 95..<100, 7..<7] {
            windows.take(values, around: places, reach: reach)
            #expect(windows.sums.count == places.count)
            for place in places {
                let sum = values[max(0, place - reach)..<min(100, place + reach + 1)].reduce(0, +)
                #expect(windows.sums[place - places.lowerBound] == sum)
            }
        }
    }
}
