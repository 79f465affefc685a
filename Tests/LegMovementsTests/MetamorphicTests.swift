// SPDX-License-Identifier: GPL-3.0-or-later
import Recordings
import Testing

@testable import LegMovements

/// What a movement became, apart from when.
private struct Outcome: Hashable {
    var duration: Milliseconds
    var side: CombinedMovement.Side
    var parts: Int
    var disqualification: CombinedMovement.Disqualification?
    var interval: Milliseconds?
    var isShort: Bool
    var series: Int?
    var stage: SleepStage?
    var isRespiratory: Bool?
    var hasArousal: Bool?

    init(_ movement: CombinedMovement) {
        duration = movement.duration
        side = movement.side
        parts = movement.parts.count
        disqualification = movement.disqualification
        interval = movement.interval
        isShort = movement.hasShortInterval
        series = movement.series
        stage = movement.stage
        isRespiratory = movement.isRespiratory
        hasArousal = movement.hasArousal
    }
}

extension TimeSpan {
    fileprivate func shifted(by time: Milliseconds) -> TimeSpan { TimeSpan(from: start + time, to: end + time) }
}

extension MovementNight {
    /// The same night that began so many epochs earlier, awake.
    fileprivate func shifted(epochs: Int) -> MovementNight {
        let time = epochs * 30_000
        var night = self
        night.movements = movements.map {
            LegMovement($0.leg, onset: $0.onset + time, duration: $0.duration, excludedAs: $0.exclusion)
        }
        night.gaps = gaps.mapValues { $0.map { $0.shifted(by: time) } }
        night.rest = rest?.shifted(by: time)
        night.respiratoryEvents = respiratoryEvents?.map { $0.shifted(by: time) }
        night.arousals = arousals?.map { $0.shifted(by: time) }
        let runs = hypnogram?.runs.map { ($0.stage, $0.span.length / 30_000) } ?? []
        return night.with(epochs: [(.wake, epochs)] + runs)
    }

    /// The same night with the legs exchanged.
    fileprivate var mirrored: MovementNight {
        var night = self
        func other(_ leg: Leg) -> Leg { leg == .left ? .right : .left }
        night.movements = movements.map {
            LegMovement(other($0.leg), onset: $0.onset, duration: $0.duration, excludedAs: $0.exclusion)
        }
        night.gaps = Dictionary(uniqueKeysWithValues: gaps.map { (other($0.key), $0.value) })
        return night
    }
}

@Suite struct MetamorphicTests {
    @Test(arguments: 1...10) func aShiftByWholeEpochsChangesTimesAlone(seed: UInt64) {
        let night = MovementNight.random(seed: seed)
        for rules in ScoringRules.profiles {
            let (scored, later) = (night.scored(under: rules), night.shifted(epochs: 7).scored(under: rules))
            #expect(later.movements.map { $0.onset - 210_000 } == scored.movements.map(\.onset))
            #expect(later.movements.map(Outcome.init) == scored.movements.map(Outcome.init))
            #expect(later.rest?.periodic == scored.rest?.periodic)
            #expect(later.rest?.analysed == scored.rest?.analysed)
            #expect(later.sleep?.periodic == scored.sleep?.periodic)
            #expect(later.sleep?.wakeTime == scored.sleep.map { $0.wakeTime + 210_000 })
            #expect(later.sleep?.periodicNonRespiratory == scored.sleep?.periodicNonRespiratory)
            #expect(later.intervals == scored.intervals)
            #expect(later.hours.map(\.periodicCount) == scored.hours.map(\.periodicCount))
            #expect(later.missingTime == scored.missingTime && later.monolateralTime == scored.monolateralTime)
        }
    }

    @Test(arguments: 1...10) func exchangedLegsExchangeSidesAlone(seed: UInt64) {
        let night = MovementNight.random(seed: seed)
        for rules in ScoringRules.profiles {
            let (scored, mirrored) = (night.scored(under: rules), night.mirrored.scored(under: rules))
            let outcomes = scored.movements.map { movement in
                var outcome = Outcome(movement)
                outcome.side = movement.side == .left ? .right : movement.side == .right ? .left : .bilateral
                return outcome
            }
            #expect(mirrored.movements.map(Outcome.init) == outcomes)
            #expect(mirrored.movements.map(\.onset) == scored.movements.map(\.onset))
            #expect(mirrored.rest == scored.rest)
            #expect(mirrored.sleep?.periodicLeft == scored.sleep?.periodicRight)
            #expect(mirrored.sleep?.periodicRight == scored.sleep?.periodicLeft)
            #expect(mirrored.sleep?.periodicBilateral == scored.sleep?.periodicBilateral)
        }
    }

    @Test(arguments: 1...10) func theOrderOfTheInputDoesNotMatter(seed: UInt64) {
        let night = MovementNight.random(seed: seed)
        var generator = SplitMix64(seed: seed)
        var shuffled = night
        shuffled.movements.shuffle(using: &generator)
        shuffled.gaps = night.gaps.mapValues { $0.shuffled(using: &generator) }
        shuffled.arousals?.shuffle(using: &generator)
        shuffled.respiratoryEvents?.shuffle(using: &generator)
        for rules in ScoringRules.profiles {
            #expect(shuffled.scored(under: rules) == night.scored(under: rules))
        }
    }
}
