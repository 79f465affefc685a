// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Nights
import Testing

@testable import Comparison

private typealias Kind = StudyDesign.Kind

@Suite struct ScheduleTests {
    private static let kinds: [(StudyDesign.Kind, Int, UInt64, Bool)] = [
        (.randomisedBlocks(blocks: 8, blockNights: 4, active: 4, longestRun: nil), 32, 70, true),
        (.randomisedBlocks(blocks: 8, blockNights: 4, active: 4, longestRun: 2), 32, 34, true),
        (.randomisedBlocks(blocks: 10, blockNights: 7, active: 5, longestRun: nil), 70, 252, true),
        (.randomisedBlocks(blocks: 12, blockNights: 5, active: 6, longestRun: 2), 60, 208, true),
        (.randomisedBlocks(blocks: 6, blockNights: 5, active: 2, longestRun: nil), 30, 15, false),
        (.randomisedPairs(pairs: 7, blockNights: 3), 42, 128, true),
        (.randomisedStart(first: 10, last: 30), 40, 21, false),
    ]

    @Test(arguments: kinds.indices)
    func theAllowedOrdersAreAllDifferentAndAllAllowed(index: Int) throws {
        let (kind, nights, count, isClosed) = Self.kinds[index]
        let allowed = try #require(AllowedAssignments(kind, nights: nights))
        let all = try #require(allowed.all)
        #expect(allowed.count == count && Set(all).count == Int(count))
        #expect(all.allSatisfy { $0.count == nights && allowed.contains($0) })
        #expect(allowed.isClosedUnderExchange == isClosed)
        #expect(isClosed == all.allSatisfy { Set(all).contains($0.map { !$0 }) })
        #expect(!allowed.contains((0..<nights).map { $0.isMultiple(of: 2) }))
    }

    @Test func whatFitsNoNightsAllowsNothing() {
        #expect(
            AllowedAssignments(.randomisedBlocks(blocks: 8, blockNights: 7, active: 4, longestRun: nil), nights: 55)
                == nil)
        #expect(
            AllowedAssignments(.randomisedBlocks(blocks: 8, blockNights: 7, active: 8, longestRun: nil), nights: 56)
                == nil)
        #expect(AllowedAssignments(.randomisedStart(first: 10, last: 40), nights: 40) == nil)
        #expect(AllowedAssignments(.beforeAfter, nights: 40) == nil)
    }

    @Test func aDrawIsEvenAndCanBeRepeated() {
        var counts = [Int](repeating: 0, count: 70)
        var generator = SplitMix64(seed: 3)
        for _ in 0..<7000 { counts[Int(generator.drawn(below: 70))] += 1 }
        // 100 expected, standard deviation 10.
        #expect(counts.allSatisfy { (50...150).contains($0) })
        var (first, second) = (SplitMix64(seed: 9), SplitMix64(seed: 9))
        #expect((0..<50).allSatisfy { _ in first.drawn(below: 1 << 63 + 5) == second.drawn(below: 1 << 63 + 5) })
    }

    @Test(arguments: [0, 1, 2, 3, 6])
    func theDesignsOwnTestIsExactWhateverTheNights(index: Int) throws {
        let (kind, nights, count, _) = Self.kinds[index]
        let allowed = try #require(AllowedAssignments(kind, nights: nights))
        let tested = TestedAssignments(allowed, seed: 0)
        let series = someNights(nights)
        for statistic in [RandomisationTest.Statistic.logOfPooledRates, .meanOfLogRates, .exposure(halfLife: 2)] {
            let pValues = tested.conditions.compactMap {
                RandomisationTest(
                    statistic, series, condition: $0, transition: 0, among: tested, interval: false)?.pValue
            }
            #expect(pValues.count == Int(count))
            for level in [0.02, 0.05, 0.2, 0.5] {
                let share = Double(pValues.count { $0 <= level }) / Double(count)
                #expect(share <= level + 1e-12, "\(statistic) at \(level)")
            }
            // 34 orders that mirror each other can never reach 0.05.
            if count == 34, statistic != .exposure(halfLife: 2) { #expect(pValues.allSatisfy { $0 > 0.05 }) }
        }
    }

    @Test func transitionNightsStayExact() throws {
        let allowed = try #require(
            AllowedAssignments(.randomisedBlocks(blocks: 8, blockNights: 7, active: 4, longestRun: nil), nights: 56))
        let tested = TestedAssignments(allowed, seed: 0)
        let pValues = tested.conditions.compactMap {
            RandomisationTest(
                .logOfPooledRates, someNights(56), condition: $0, transition: 3, among: tested, interval: false)?.pValue
        }
        #expect(Double(pValues.count { $0 <= 0.05 }) / 70 <= 0.05)
    }

    @Test func tooManyOrdersAreDrawnFromTheSeed() throws {
        let allowed = try #require(
            AllowedAssignments(.randomisedBlocks(blocks: 22, blockNights: 1, active: 11, longestRun: nil), nights: 22))
        #expect(allowed.count == 705_432 && allowed.all == nil)
        #expect(allowed.contains(allowed.condition(at: allowed.count - 1)))
        #expect(Set((0..<500).map { allowed.condition(at: UInt64($0) * 1400) }).count == 500)
    }

    @Test func anIntervalHoldsTheEffectThatWasTakenIn() throws {
        let allowed = try #require(
            AllowedAssignments(.randomisedBlocks(blocks: 10, blockNights: 7, active: 5, longestRun: nil), nights: 70))
        let tested = TestedAssignments(allowed, seed: 0)
        let condition = allowed.condition(at: 101)
        let plain = someNights(70)
        let halved = NightSeries(
            days: plain.days, counts: (0..<70).map { condition[$0] ? plain.counts[$0] / 2 : plain.counts[$0] },
            hours: plain.hours)
        for statistic in [RandomisationTest.Statistic.logOfPooledRates, .meanOfLogRates] {
            let test = try #require(
                RandomisationTest(statistic, halved, condition: condition, transition: 0, among: tested))
            let (lower, upper) = (try #require(test.lower95), try #require(test.upper95))
            #expect(lower.isBound && upper.isBound && lower.value < test.observed && test.observed < upper.value)
            #expect(lower.value < log(0.5) && log(0.5) < upper.value && test.pValue <= 0.05)
        }
    }

    @Test func aTransitionBeginsAtEverySwitchAndNotAtTheStart() {
        let condition: [Bool?] = [false, false, nil, true, true, true, false, false]
        #expect(
            StudyDesign.isTransition(condition, nights: 2)
                == [false, false, false, true, true, false, true, true])
        #expect(!StudyDesign.isTransition(condition, nights: 0).contains(true))
    }

    @Test func anExposureRisesToTheDose() {
        let exposure = Exposure.exponential(Array(repeating: 250, count: 60), halfLife: 3)
        #expect(abs(exposure[0] - 250 * (1 - exp2(-1.0 / 3))) < 1e-10 && abs(exposure[59] - 250) < 1e-3)
        #expect(Exposure.exponential([100, 0], halfLife: 0) == [100, 0])
        let week = Exposure.trailingWeek([70, 0, 0, 0, 0, 0, 0, 0])
        #expect(week[0] == 70 && week[1] == 35 && week[4] == 14 && week[6] == 10 && week[7] == 0)
    }
}

@Suite struct PowerTests {
    @Test func aSimulationDependsOnItsSeedAlone() async {
        let simulation = PowerSimulation(
            condition: NightLayout.beforeAfter(10, 10), variability: NightVariability(), replicates: 250, seed: 5)
        let first = await simulation.power(rateRatio: 0.5)
        #expect(await simulation.power(rateRatio: 0.5) == first)
        #expect(first.power > 0.2 && first.standardError > 0)
        var other = simulation
        other.seed = 6
        #expect(await other.power(rateRatio: 0.5) != first)
    }

    @Test func aPersonsOwnVariabilityIsReadFromTheirNights() throws {
        var draws = SeededDraws(seed: 1)
        var simulator = NightSimulator()
        simulator.variation = 0.5
        simulator.correlation = 0.5
        let nights = simulator.nights(Array(repeating: false, count: 400), drawnBy: &draws).series
        let own = try #require(NightVariability(baseline: nights))
        #expect(abs(own.variation - 0.5) < 0.1 && abs(own.rate - 15) < 2 && own.nights == 400)
        let memory = zip(own.correlations, own.weights).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(memory - 0.45) < 0.15)
        #expect(NightVariability(baseline: nights.at(Array(0..<6))) == nil)
    }
}

@Suite struct PhasesFromDosesTests {
    private let first = CivilDay(daysSince1970: 20_000)

    private func dose(_ night: Int, _ milligrams: Double, _ form: String = "citrate") -> ComparedDose {
        ComparedDose(night: first + night, elementalMg: milligrams, form: form)
    }

    @Test func nightsBeforeTheFirstDoseCountOnlyWhereTheyAreDeclared() throws {
        let doses = [dose(1, 0), dose(2, 0), dose(4, 200), dose(5, 200), dose(7, 200), dose(8, 300)]
        let design = try StudyDesign.beforeAfter(readFrom: doses, over: first...(first + 9), logIsComplete: false)
        #expect(design.condition == [nil, false, false, nil, true, true, true, true, true, true])
        #expect(design.changes == [8] && design.transition == 14)
        let complete = try StudyDesign.beforeAfter(readFrom: doses, over: first...(first + 9), logIsComplete: true)
        #expect(complete.condition.prefix(4).allSatisfy { $0 == false })
    }

    @Test func silenceBeforeTheFirstDoseIsRefusedWithTheCommandThatMendsIt() {
        let error = #expect(throws: ComparisonRefusal.self) {
            try StudyDesign.beforeAfter(readFrom: [dose(5, 200)], over: first...(first + 9), logIsComplete: false)
        }
        #expect(error?.remedy.contains("nattro dose none") == true)
        #expect(throws: ComparisonRefusal.self) {
            try StudyDesign.beforeAfter(readFrom: [dose(5, 0)], over: first...(first + 9), logIsComplete: true)
        }
    }

    @Test func aLongLapseEndsThePhaseForGood() throws {
        let doses = [dose(2, 200), dose(6, 200), dose(10, 200)]
        let design = try StudyDesign.beforeAfter(readFrom: doses, over: first...(first + 11), logIsComplete: true)
        #expect(design.condition == [false, false, true, true, true, nil, nil, nil, nil, nil, nil, nil])
    }

    @Test func aChangeOfDoseBeginsATransition() {
        let condition: [Bool?] = [false, false, true, true, true, true, true]
        #expect(
            StudyDesign.isTransition(condition, changes: [5], nights: 2)
                == [false, false, true, true, false, true, true])
    }

    @Test func theLevelIsSharedBetweenDeclaredLooks() {
        var design = StudyDesign(kind: .beforeAfter, first: first, nights: 4, condition: [false, false, true, true])
        #expect(design.level == 0.05)
        design.looks = .after([2, 4])
        #expect(design.level == 0.025)
    }
}
