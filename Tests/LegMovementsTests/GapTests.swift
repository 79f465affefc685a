// SPDX-License-Identifier: GPL-3.0-or-later
import Recordings
import Testing

@testable import LegMovements

extension MovementNight {
    /// The same night with the movements whose onset some condition holds for, and with these gaps.
    fileprivate func part(
        gaps: [Leg: [TimeSpan]] = [.left: [], .right: []], where isKept: (Milliseconds) -> Bool = { _ in true }
    ) -> MovementNight {
        var night = self
        night.movements = movements.filter { isKept($0.onset) }
        night.gaps = gaps
        return night
    }
}

@Suite struct GapTests {
    private static let gap = TimeSpan(from: 3_000_000, to: 3_030_000)

    @Test(arguments: 1...20, [501, 30_000]) func aGapOnAllLegsPartsTheNightInTwo(seed: UInt64, length: Milliseconds) {
        let night = MovementNight.random(seed: seed, gaps: false)
        let gap = TimeSpan(from: 3_000_000, to: 3_000_000 + length)
        let whole = night.part(gaps: [.left: [gap], .right: [gap]])
        let parts = [night.part { $0 < gap.start }, night.part { $0 >= gap.start }]
        for rules in ScoringRules.profiles {
            let scored = whole.scored(under: rules)
            let (before, after) = (parts[0].scored(under: rules), parts[1].scored(under: rules))
            #expect(scored.movements.map(\.parts) == (before.movements + after.movements).map(\.parts))
            #expect(
                scored.movements.map(\.series)
                    == before.movements.map(\.series)
                    + after.movements.map { $0.series.map { $0 + before.seriesCount } })
            #expect(scored.movements.map(\.interval) == (before.movements + after.movements).map(\.interval))
            #expect(scored.seriesCount == before.seriesCount + after.seriesCount)
            func expectSum(_ count: (ScoredNight) -> Int?) {
                #expect(count(scored) == (count(before) ?? 0) + (count(after) ?? 0))
            }
            expectSum { $0.sleep?.periodic.count }
            expectSum { $0.sleep?.periodicNonRespiratory?.count }
            expectSum { $0.sleep?.periodicity.count }
            expectSum { $0.sleep?.periodicity.periodicCount }
            expectSum { $0.sleep?.logIntervals.count }
            expectSum { $0.intervals.counts.reduce(0, +) }
            expectSum { $0.shortIntervalCount }
            expectSum { $0.isolatedCount }
        }
    }

    @Test func aSeriesAcrossAGapIsNone() {
        var night = MovementNight(onsets: (0..<6).map { $0 * 20_000 })
        #expect(night.scored(under: .wasm2016).periodicCount == 6)
        night.gaps = [.left: [TimeSpan(from: 50_000, to: 50_600)]]
        let scored = night.scored(under: .wasm2016)
        #expect(scored.periodicCount == 0)
        #expect(scored.movements.map(\.interval) == [nil, 20_000, 20_000, nil, 20_000, 20_000])
    }

    @Test func theFirstMovementAfterAGapMayStartASeriesHoweverCloseTheLastOneBefore() {
        var night = MovementNight(onsets: [9_000, 15_000, 35_000, 55_000, 75_000])
        #expect(night.scored(under: .wasm2016).periodicCount == 0)
        night.gaps = [.left: [TimeSpan(from: 12_000, to: 12_501)]]
        #expect(night.scored(under: .wasm2016).movements.map(\.series) == [nil, 1, 1, 1, 1])
    }

    @Test func aGapWithoutLengthIsNone() {
        var night = MovementNight.random(seed: 3, gaps: false)
        let scored = night.scored(under: .wasm2016)
        night.gaps = [.left: [TimeSpan(from: 40_000, to: 40_000)], .right: [TimeSpan(from: 40_000, to: 40_000)]]
        #expect(night.scored(under: .wasm2016) == scored)
    }

    @Test(arguments: 1...5) func aGapOnOneOfTwoLegsBreaksNothing(seed: UInt64) {
        let night = MovementNight.random(seed: seed, gaps: false)
        let (left, right) = ([Self.gap], [TimeSpan(from: 5_000_000, to: 5_001_000)])
        for rules in ScoringRules.profiles {
            let scored = night.scored(under: rules)
            for gaps in [[Leg.left: left, .right: []], [.left: left, .right: right]] {
                let parted = night.part(gaps: gaps).scored(under: rules)
                #expect(parted.movements == scored.movements)
                #expect(parted.sleep == scored.sleep && parted.rest == scored.rest && parted.hours == scored.hours)
                #expect(parted.missingTime == 0)
                #expect(parted.monolateralTime == gaps.values.reduce(0) { $0 + $1.reduce(0) { $0 + $1.length } })
            }
        }
    }

    @Test func whatAllLegsMissIsWhatTheirGapsHaveInCommon() {
        var night = MovementNight(left: [], right: [])
        night.rest = TimeSpan(from: 0, to: 100_000)
        night.gaps = [
            .left: [TimeSpan(from: 10_000, to: 20_000), TimeSpan(from: 15_000, to: 30_000)],
            .right: [TimeSpan(from: 25_000, to: 40_000), TimeSpan(from: 95_000, to: 200_000)],
        ]
        let scored = night.scored(under: .wasm2016)
        #expect(scored.missingTime == 5_000)
        #expect(scored.monolateralTime == 30_000)
    }

    @Test func theTimeOfAGapIsInNoDenominator() {
        // Half an hour of wake, of N2, of REM and of wake; the gap takes 5 min of the first wake, all N2, and 10 min of REM.
        let gap = TimeSpan(from: 1_500_000, to: 4_200_000)
        var night = MovementNight(onsets: (0..<10).map { 4_300_000 + $0 * 30_000 })
            .with(epochs: [(.wake, 60), (.n2, 60), (.rem, 60), (.wake, 60)])
        night.rest = TimeSpan(from: 600_000, to: 6_600_000)
        night.gaps = [.left: [gap]]
        let scored = night.scored(under: .wasm2016)
        #expect(scored.periodicCount == 10)
        #expect(scored.rest?.analysed == 6_000_000 - 2_700_000)
        #expect(scored.rest?.periodic.index == 10 * 3_600.0 / 3_300)
        #expect(scored.sleep?.sleepTime == 1_200_000)
        #expect(scored.sleep?.wakeTime == 3_600_000 - 300_000)
        #expect(scored.sleep?.nremTime == 0 && scored.sleep?.periodicNREM?.index == nil)
        #expect(scored.sleep?.remTime == 1_200_000)
        #expect(scored.sleep?.periodic.index == 30)
        #expect(scored.hours.map(\.analysed) == [900_000, 2_400_000])
        #expect(scored.hours.map(\.periodicIndex) == [0, 15])
        #expect(scored.missingTime == gap.length)
    }

    @Test(arguments: LegMovement.Exclusion.allCases)
    func anExcludedMovementBreaksASeries(exclusion: LegMovement.Exclusion) {
        var night = MovementNight(onsets: (0..<6).map { $0 * 20_000 })
        night.movements.append(LegMovement(.left, onset: 50_000, duration: 1_000, excludedAs: exclusion))
        for rules in [ScoringRules.wasm2016, .wasm2016Lenient, .wasm2006] {
            let scored = night.scored(under: rules)
            #expect(scored.movements.count == 7 && scored.candidateCount == 6 && scored.periodicCount == 0)
            #expect(scored.movements.map(\.interval) == [nil, 20_000, 20_000, nil, nil, 20_000, 20_000])
        }
    }

    @Test func aMovementOfALegThatWasNotRecordedIsTheCallersMistake() async {
        await #expect(processExitsWith: .failure) {
            var night = MovementNight(left: [], right: nil)
            night.movements = [LegMovement(.right, onset: 0, duration: 1_000)]
            _ = night.scored(under: .wasm2016)
        }
    }
}
