// SPDX-License-Identifier: GPL-3.0-or-later
import Recordings
import Testing

@testable import LegMovements

/// What is looked at in a joined movement.
private struct Joined: Hashable {
    var onset: Milliseconds
    var offset: Milliseconds
    var side: CombinedMovement.Side
    var parts: Int
}

extension MovementNight {
    fileprivate func joined(under rules: ScoringRules = .wasm2016) -> [Joined] {
        scored(under: rules).movements.map {
            Joined(onset: $0.onset, offset: $0.offset, side: $0.side, parts: $0.parts.count)
        }
    }
}

@Suite struct LegCombinationTests {
    @Test(arguments: [(499, 1), (500, 2), (0, 1), (-500, 1), (-1000, 1)])
    func legsAreOneMovementBelowHalfASecondBetweenThem(gap: Milliseconds, count: Int) {
        for rules in [ScoringRules.wasm2016, .wasm2016Lenient, .wasm2006] {
            let night = MovementNight(left: [(10_000, 1000)], right: [(11_000 + gap, 1000)])
            #expect(night.joined(under: rules).count == count)
        }
    }

    @Test(arguments: [(499, 1), (500, 2)])
    func movementsOfOneLegAreOneBelowHalfASecondBetweenThem(gap: Milliseconds, count: Int) {
        let night = MovementNight(left: [(10_000, 1000), (11_000 + gap, 1000)])
        #expect(night.joined().count == count)
        #expect(night.joined().allSatisfy { $0.parts == 1 && $0.side == .left })
    }

    @Test(arguments: [(499, 0), (500, 1)])
    func aMovementLastsHalfASecondOrIsNone(duration: Milliseconds, count: Int) {
        #expect(
            ScoringRules.profiles.allSatisfy { rules in
                let night = MovementNight(left: [(10_000, duration)]).with(epochs: [(.sleep, 2)])
                return night.scored(under: rules).movements.count == count
            })
    }

    @Test func movementsTooShortAloneAreOneIfTheyLieCloseTogether() {
        #expect(
            MovementNight(left: [(0, 200), (600, 200)]).joined() == [
                Joined(onset: 0, offset: 800, side: .left, parts: 1)
            ])
    }

    @Test(arguments: [(10_000, nil), (10_001, CombinedMovement.Disqualification.longPart)])
    func aMovementOfOneLegLastsTenSecondsAtMost(
        duration: Milliseconds, disqualification: CombinedMovement.Disqualification?
    ) {
        for night in [
            MovementNight(left: [(0, duration)]), MovementNight(left: [(0, duration)], right: [(1000, 500)]),
            MovementNight(left: [(0, 4000), (4499, duration - 4499)]),
        ] {
            #expect(night.scored(under: .wasm2016).movements.map(\.disqualification) == [disqualification])
        }
    }

    @Test(arguments: [(15_000, nil), (15_001, CombinedMovement.Disqualification.long)])
    func aMovementOfBothLegsLastsFifteenSecondsAtMost(
        duration: Milliseconds, disqualification: CombinedMovement.Disqualification?
    ) {
        let night = MovementNight(left: [(0, 10_000)], right: [(9_000, duration - 9_000)])
        for rules in [ScoringRules.wasm2016, .wasm2016Lenient, .wasm2006] {
            #expect(night.scored(under: rules).movements.map(\.disqualification) == [disqualification])
        }
    }

    @Test(arguments: [3, 4, 5]) func aMovementOfBothLegsHasFourPartsAtMostSince2016(parts: Int) {
        let rows = (0..<parts).map { ($0, ($0 * 900, 800)) }
        let night = MovementNight(
            left: rows.filter { $0.0 % 2 == 0 }.map(\.1), right: rows.filter { $0.0 % 2 == 1 }.map(\.1))
        #expect(night.joined() == [Joined(onset: 0, offset: parts * 900 - 100, side: .bilateral, parts: parts)])
        let disqualification = parts > 4 ? CombinedMovement.Disqualification.manyParts : nil
        #expect(night.scored(under: .wasm2016).movements[0].disqualification == disqualification)
        #expect(night.scored(under: .wasm2016Lenient).movements[0].disqualification == disqualification)
        #expect(night.scored(under: .wasm2006).movements[0].disqualification == nil)
    }

    @Test(arguments: LegMovement.Exclusion.allCases)
    func onePartThatIsNoLegMovementMakesTheWholeOneNone(exclusion: LegMovement.Exclusion) {
        var night = MovementNight(left: [(0, 2000)], right: [])
        night.movements.append(LegMovement(.right, onset: 2400, duration: 1000, excludedAs: exclusion))
        let movements = night.scored(under: .wasm2016).movements
        #expect(movements.map(\.disqualification) == [.excluded(exclusion)])
        #expect(movements.map(\.side) == [.bilateral])
    }

    @Test func aChainOfCloseLegsIsOneMovement() {
        let night = MovementNight(left: [(0, 1000), (2800, 1000)], right: [(1400, 1000)])
        #expect(night.joined() == [Joined(onset: 0, offset: 3800, side: .bilateral, parts: 3)])
    }

    @Test func aShortMovementInsideALongOneDoesNotEndIt() {
        let night = MovementNight(left: [(0, 5000)], right: [(1000, 500), (5200, 700)])
        #expect(night.joined() == [Joined(onset: 0, offset: 5900, side: .bilateral, parts: 3)])
    }

    @Test func nothingIsJoinedAcrossTheStartOfAGap() {
        var night = MovementNight(left: [(0, 1000), (1300, 1000)], right: [(1200, 1000)])
        night.gaps = [.left: [TimeSpan(from: 1000, to: 1100)], .right: [TimeSpan(from: 1050, to: 1100)]]
        #expect(night.joined().map(\.side) == [.left, .bilateral])
    }

    @Test(arguments: 1...40) func theMovementsAreTheConnectedPairsOfTheLegs(seed: UInt64) {
        var night = MovementNight.random(seed: seed, hours: 1, gaps: false)
        // Twice as dense, so that chains grow.
        night.movements = night.movements.map {
            LegMovement($0.leg, onset: $0.onset / 4, duration: $0.duration, excludedAs: $0.exclusion)
        }
        let singles = Leg.allCases.flatMap { leg in
            night.movements.filter { $0.leg == leg }.singleLegMovements(under: .wasm2016, cutAt: TimeSpanSet())
        }
        var groups = Array(singles.indices)
        for one in singles.indices {
            for other in singles.indices where singles[one].leg != singles[other].leg {
                let (a, b) = (singles[one], singles[other])
                guard a.onset <= b.onset, b.onset < a.offset + 500, groups[one] != groups[other] else { continue }
                let (kept, dropped) = (groups[one], groups[other])
                for index in groups.indices where groups[index] == dropped { groups[index] = kept }
            }
        }
        let expected = Set(
            Dictionary(grouping: singles.indices) { groups[$0] }.values.map { Set($0.map { singles[$0] }) })
        #expect(Set(night.scored(under: .wasm2016).movements.map { Set($0.parts) }) == expected)
        #expect(expected.contains { $0.count > 3 })
    }

    @Test func aChainOfTwoHundredThousandMovementsTakesNoLongerThanAsManyAlone() {
        // Joined one by one into a copy of the chain so far, this took 10 s in a debug build, and four times that for twice as many.
        let rows = (0..<200_000).map { ($0, ($0 * 700, 550)) }
        let night = MovementNight(
            left: rows.filter { $0.0 % 2 == 0 }.map(\.1), right: rows.filter { $0.0 % 2 == 1 }.map(\.1))
        let duration = ContinuousClock().measure { #expect(night.joined().map(\.parts) == [200_000]) }
        #expect(duration < .seconds(5))
    }
}
