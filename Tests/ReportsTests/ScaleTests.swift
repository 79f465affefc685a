// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import Reports

@Suite struct ScaleTests {
    @Test func linearTicksAreRoundNumbersInsideTheDomain() {
        #expect(Ticks.linear(0...10) == [0, 2, 4, 6, 8, 10])
        #expect(Ticks.linear(0...37) == [0, 10, 20, 30])
        #expect(Ticks.linear(0...1) == [0, 0.2, 0.4, 0.6000000000000001, 0.8, 1])
        #expect(Ticks.linear(-3...3) == [-2, 0, 2])
        #expect(Ticks.linear(0...250, atMost: 4) == [0, 100, 200])
    }

    @Test func logarithmicTicksAreThoseOfALogarithmicRuler() {
        #expect(Ticks.logarithmic(1...100, atLeast: 3) == [1, 10, 100])
        #expect(Ticks.logarithmic(1...100) == [1, 2, 5, 10, 20, 50, 100])
        #expect(Ticks.logarithmic(0.5...2).map(PlotNumber.label) == ["0.5", "0.7", "1", "1.5", "2"])
        #expect(Ticks.logarithmic(0.9...1.3).map(PlotNumber.label).contains("1.2"))
        #expect(Ticks.logarithmic(-1...5) == [])
    }

    @Test func equalRatiosAreEquallyFarApartOnALogarithmicAxis() {
        let scale = Scale(.logarithmic, 1...100, from: 0, to: 200)
        #expect(scale(1) == 0 && scale(10) == 100 && scale(100) == 200)
        #expect(abs(scale(20) - scale(10) - (scale(10) - scale(5))) < 1e-9)
        // log10 2 = 0.30103.
        #expect(abs(scale(2) - 30.103) < 0.001)
    }

    @Test func anAxisMayRunUpwardsAndHoldsWhatLiesBeyondAtItsEnds() {
        let scale = Scale(.linear, 0...50, from: 200, to: 0)
        #expect(scale(0) == 200 && scale(25) == 100 && scale(50) == 0)
        #expect(scale(-5) == 200 && scale(99) == 0 && scale(.nan) == 200)
        #expect(!scale.contains(99) && scale.contains(50))
    }

    @Test func numbersCarryNoNeedlessDigits() {
        #expect(PlotNumber.coordinate(12) == "12" && PlotNumber.coordinate(12.04) == "12")
        #expect(PlotNumber.coordinate(-0.26) == "-0.3" && PlotNumber.coordinate(-0.01) == "0")
        #expect(PlotNumber.label(0.6000000000000001) == "0.6" && PlotNumber.label(1000) == "1000")
        #expect(PlotNumber.fixed(-1.25, 1) == "−1.3")
    }

    @Test func anEmptyAxisIsRefused() async {
        await #expect(processExitsWith: .failure) { _ = Scale(.logarithmic, 0...1, from: 0, to: 1) }
    }
}
