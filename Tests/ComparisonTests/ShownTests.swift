// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import Comparison

@Suite struct ShownTests {
    @Test func pValuesHaveTwoDigits() {
        #expect(
            [0.4707, 0.0558, 0.00982, 0.0004, 1, 0.996].map(Shown.pValue) == [
                "0.47", "0.056", "0.0098", "< 0.001", "1.0", "1.0",
            ])
        #expect(Shown.named(p: 0.0001) == "p < 0.001" && Shown.named(p: 0.03) == "p = 0.030")
    }

    @Test func changesAreWholePercent() {
        #expect([0.66, 1.004, 1.013, 2].map(Shown.change) == ["34 % lower", "the same", "1 % higher", "100 % higher"])
        #expect([0.999, 0.5, 0.88, 0.001].map(Shown.probability) == ["95 %", "50 %", "90 %", "5 %"])
        #expect(Shown.decimals(-0.004, 2) == "0.00" && Shown.decimals(-1.5, 1) == "-1.5")
        #expect(Shown.decimals(0.05, 2) == "0.05")
        #expect(Shown.change(.infinity) == "more than 100 times as high" && Shown.change(1e300) == Shown.change(1e9))
        #expect(Shown.percent(.nan) == "nan %")
    }
}
