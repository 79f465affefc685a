// SPDX-License-Identifier: GPL-3.0-or-later
import Recordings
import Testing

@testable import LegMovements

private let aasmProfiles = [ScoringRules.aasm, .aasmBreak]

@Suite struct SleepOnlyRulesTests {
    private static let night: [(SleepStage, Int)] = [(.sleep, 40)]

    @Test(arguments: [(4_999, 1), (5_000, 2), (0, 1)])
    func onsetsOfTwoLegsBelowFiveSecondsApartAreOneMovement(distance: Milliseconds, count: Int) {
        let night = MovementNight(left: [(1000, 600)], right: [(1000 + distance, 600)]).with(epochs: Self.night)
        for rules in aasmProfiles {
            let movements = night.scored(under: rules).movements
            #expect(movements.count == count)
            #expect((movements[0].side == .bilateral) == (count == 1))
        }
    }

    @Test func aChainIsNotFollowedBeyondFiveSecondsFromItsFirstOnset() {
        let night = MovementNight(left: [(0, 600), (8_000, 600)], right: [(4_000, 600)]).with(epochs: Self.night)
        #expect(night.scored(under: .aasm).movements.map(\.onset) == [0, 8_000])
    }

    @Test func oneMovementOfEachLegIsJoinedAndNoThird() {
        let night = MovementNight(left: [(0, 600)], right: [(2_000, 600), (4_000, 600)]).with(epochs: Self.night)
        let movements = night.scored(under: .aasm).movements
        #expect(movements.map(\.onset) == [0, 4_000] && movements.map(\.side) == [.bilateral, .right])
    }

    @Test(arguments: [(10_000, 1), (10_001, 0)])
    func whatLastsLongerThanTenSecondsIsNoMovement(duration: Milliseconds, count: Int) {
        let night = MovementNight(left: [(0, duration)]).with(epochs: Self.night)
        for rules in aasmProfiles { #expect(night.scored(under: rules).movements.count == count) }
    }

    @Test func whatIsNoMovementBreaksNoSeries() {
        var night = MovementNight(left: [(0, 600), (40_000, 600), (50_000, 11_000), (80_000, 600), (120_000, 600)])
            .with(epochs: Self.night)
        night.movements.append(LegMovement(.left, onset: 100_000, duration: 3_000, excludedAs: .posture))
        for rules in aasmProfiles { #expect(night.scored(under: rules).periodicCount == 4) }
        #expect(night.scored(under: .wasm2016).periodicCount == 0)
    }

    @Test(arguments: [(4_999, 4), (5_000, 5), (90_000, 5), (90_001, 4)])
    func intervalsOfFiveToNinetySecondsKeepASeriesGoing(interval: Milliseconds, periodic: Int) {
        let night = MovementNight(onsets: [0] + [0, 20_000, 40_000, 60_000].map { interval + $0 }).with(
            epochs: Self.night)
        for rules in aasmProfiles { #expect(night.scored(under: rules).periodicCount == periodic) }
    }

    @Test func aShortIntervalIsSkippedOrEndsTheSeries() {
        let night = MovementNight(onsets: [0, 20_000, 40_000, 44_000, 60_000]).with(epochs: Self.night)
        #expect(night.scored(under: .aasm).movements.map(\.series) == [1, 1, 1, nil, 1])
        #expect(night.scored(under: .aasmBreak).periodicCount == 0)
    }

    @Test func onlyMovementsThatStartInSleepCount() {
        let epochs = [(SleepStage.sleep, 1), (.wake, 1), (.rem, 2)]
        let night = MovementNight(onsets: [9_000, 29_999, 45_000, 60_000, 80_000, 100_000])
            .with(epochs: epochs)
        let scored = night.scored(under: .aasm)
        #expect(scored.movements.map(\.onset) == [9_000, 29_999, 60_000, 80_000, 100_000])
        #expect(scored.sleep?.sleepTime == 90_000)
        #expect(scored.sleep?.periodic.index == 200)
        let atBorders = MovementNight(left: [(30_000, 600)], right: [(59_999, 600)]).with(epochs: epochs)
        #expect(atBorders.scored(under: .aasm).movements.isEmpty)
    }

    @Test func withoutSleepAndWakeNothingCounts() {
        let scored = MovementNight(onsets: [0, 20_000, 40_000, 60_000]).scored(under: .aasm)
        #expect(scored.movements.isEmpty && scored.sleep == nil && scored.rest == nil)
    }

    @Test(arguments: [(10_000, 499, 0), (10_000, 501, 1), (30_000, 499, 0), (30_000, 501, 1)])
    func whatLiesWithinHalfASecondOfARespiratoryEventIsNoMovement(edge: Milliseconds, distance: Int, count: Int) {
        let onset = edge == 10_000 ? edge - distance - 600 : edge + distance
        var night = MovementNight(left: [(onset, 600)]).with(epochs: Self.night)
        night.respiratoryEvents = [TimeSpan(from: 10_000, to: 30_000)]
        #expect(night.scored(under: .aasm).movements.count == count)
    }
}
