// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import Testing

@testable import LegMovements

@Suite struct PeriodicityTests {
    @Test func aTrainThatRepeatsEveryTwentyFiveSecondsPeaksThere() throws {
        // Pauses of two periods here and there: without them every order of the intervals is the same train.
        var onset = 0
        let onsets = (0..<120).map { index in
            onset += index % 10 == 9 ? 75_000 : 25_000
            return onset
        }
        let rhythm = try #require(MovementNight(onsets: onsets).scored(under: .wasm2016).trainPeriodicity())
        #expect(rhythm.lag == 25_000)
        #expect(rhythm.strength > 0.85)
    }

    @Test func alternatingIntervalsRepeatAtTheirSumAsNoShuffleDoes() throws {
        var onset = 0
        let onsets = (0..<120).map { index in
            onset += index % 2 == 0 ? 13_000 : 27_500
            return onset
        }
        let rhythm = try #require(MovementNight(onsets: onsets).scored(under: .wasm2016).trainPeriodicity())
        #expect(rhythm.lag == 40_500)
        #expect(rhythm.strength > 0.95)
        #expect(rhythm.pValue == 0.001)
    }

    @Test func intervalsAllAlikeAreTheSameTrainInAnyOrder() throws {
        let night = MovementNight(onsets: (0..<100).map { $0 * 25_000 })
        let rhythm = try #require(night.scored(under: .wasm2016).trainPeriodicity())
        #expect(rhythm.lag == 25_000 && rhythm.pairs[50] == 99)
        #expect(rhythm.strength == 0.99 && rhythm.pValue == 1)
    }

    @Test func aTrainOfExponentialIntervalsIsSeldomCalledPeriodic() throws {
        var generator = SplitMix64(seed: 11)
        var significant = 0
        for seed in 0..<200 as Range<UInt64> {
            var onset = 0.0
            let onsets = (0..<50).map { _ in
                onset -= 30_000 * log(Double.random(in: 0.000_001...1, using: &generator))
                return Milliseconds(onset)
            }
            let rhythm = try #require(TrainPeriodicity(runs: [onsets], shuffles: 999, seed: seed))
            if rhythm.pValue < 0.05 { significant += 1 }
        }
        #expect((2...20).contains(significant), "\(significant) of 200")
    }

    @Test func theSameSeedGivesTheSamePValue() throws {
        let scored = MovementNight.random(seed: 5).scored(under: .wasm2016)
        let rhythm = try #require(scored.trainPeriodicity(seed: 1))
        #expect(scored.trainPeriodicity(seed: 1) == rhythm)
        let other = try #require(scored.trainPeriodicity(seed: 2))
        #expect(other.pairs == rhythm.pairs && other.lag == rhythm.lag)
        #expect(rhythm.pValue > 0 && rhythm.pValue <= 1)
    }

    @Test(arguments: 1...5) func thePairsAreThoseThatLieSoFarApart(seed: UInt64) throws {
        let scored = MovementNight.random(seed: seed, hours: 4, gaps: false).scored(under: .wasm2016)
        let rhythm = try #require(scored.trainPeriodicity())
        let onsets = scored.movements.filter { $0.isCandidate && scored.restSpan?.contains($0.onset) == true }.map(
            \.onset)
        let first = try #require(onsets.first)
        let bins = onsets.map { ($0 - first) / 500 }
        var pairs = [Int](repeating: 0, count: 181)
        for one in bins {
            for other in bins where (0...180).contains(other - one) { pairs[other - one] += 1 }
        }
        #expect(rhythm.pairs == pairs)
        #expect(rhythm.strength == Double(pairs[rhythm.lag / 500]) / Double(pairs[0]))
        #expect((10_000...90_000).contains(rhythm.lag) && pairs[20...180].max() == pairs[rhythm.lag / 500])
    }

    @Test func whatHasNoPairOrIsNoNightHasNoRhythm() {
        let week = 7 * 24 * 3_600_000
        for onsets in [[], [0], [0, 9_000], [0, 91_000], [0, 20_000, week + 1]] {
            #expect(MovementNight(onsets: onsets).scored(under: .wasm2016).trainPeriodicity() == nil)
        }
        #expect(MovementNight(onsets: [0, 20_000, week]).scored(under: .wasm2016).trainPeriodicity()?.lag == 20_000)
    }

    @Test(
        arguments: [
            (0, 0, nil), (999, 0, nil), (1_000, 0, 0), (1_105, 0, 0), (1_106, 0, 1), (1_999, 0, 6), (2_000, 1, 6),
            (3_999, 1, 13), (4_000, 2, 13), (10_000, 5, 23), (88_000, 44, 44), (89_999, 44, 44), (90_000, 44, 44),
            (90_001, nil, nil),
        ] as [(Milliseconds, Int?, Int?)])
    func aBinHoldsItsLowerBorderAndTheLastBothOfIts(interval: Milliseconds, bin: Int?, logBin: Int?) {
        var movement = CombinedMovement(parts: [LegMovement(.left, onset: 0, duration: 500)], stretch: 0)
        movement.interval = interval
        let histogram = IntervalHistogram([movement])
        #expect(histogram.counts.count == 45 && histogram.logCounts.count == 45)
        #expect(histogram.counts.firstIndex(of: 1) == bin && histogram.counts.reduce(0, +) == (bin == nil ? 0 : 1))
        #expect(histogram.logCounts.firstIndex(of: 1) == logBin)
        #expect(histogram.logCounts.reduce(0, +) == (logBin == nil ? 0 : 1))
        movement.disqualification = .long
        #expect(IntervalHistogram([movement]).counts.allSatisfy { $0 == 0 })
    }

    @Test func theIndexCountsIntervalsInChainsOfThree() {
        // Chains of two, three and four intervals, with pauses between them.
        let onsets = [0, 20, 40, 200, 220, 240, 260, 500, 520, 540, 560, 580].map { $0 * 1000 }
        var night = MovementNight(onsets: onsets)
        night.rest = TimeSpan(from: 0, to: 600_000)
        let periodicity = night.scored(under: .wasm2016).rest?.periodicity
        #expect(periodicity?.periodicCount == 7 && periodicity?.count == 11)
    }
}
