// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@testable import Comparison

/// Nights that vary, by a fixed rule.
func someNights(_ count: Int, days: [Int]? = nil) -> NightSeries {
    NightSeries(
        days: days ?? Array(0..<count), counts: (0..<count).map { 60 + $0 * 37 % 83 - ($0 >= count / 2 ? 15 : 0) },
        hours: (0..<count).map { 6 + Double($0 * 13 % 17) / 8 })
}

private func halves(_ count: Int) -> ModelMatrix { ModelMatrix([(0..<count).map { $0 >= count / 2 ? 1 : 0 }]) }

@Suite struct ModelTests {
    @Test func longerHoursOfAllNightsLeaveTheRatio() throws {
        let nights = someNights(20)
        let longer = NightSeries(days: nights.days, counts: nights.counts, hours: nights.hours.map { $0 * 3.7 })
        let effects = [nights, longer].compactMap { MarginalisedEffect(countsOf: $0, halves(20)) }
        #expect(effects.count == 2 && abs(effects[0].median - effects[1].median) < 1e-10)
        #expect(abs(effects[0].pValue - effects[1].pValue) < 1e-10)
    }

    @Test func exchangedConditionsInvertTheRatioAndKeepTheP() throws {
        let nights = someNights(20)
        let plain = try #require(MarginalisedEffect(countsOf: nights, halves(20)))
        let exchanged = try #require(
            MarginalisedEffect(countsOf: nights, ModelMatrix([(0..<20).map { $0 < 10 ? 1 : 0 }])))
        #expect(abs(plain.median + exchanged.median) < 1e-9 && abs(plain.pValue - exchanged.pValue) < 1e-10)
        #expect(abs(plain.interval95.lowerBound + exchanged.interval95.upperBound) < 1e-9)
    }

    @Test func reversedTimeKeepsRatioAndP() throws {
        let days = [0, 1, 2, 5, 6, 7, 9, 10, 11, 12, 14, 15, 16, 17, 18, 21]
        let nights = someNights(16, days: days)
        let condition = (0..<16).map { $0 >= 8 ? 1.0 : 0 }
        let reversed = NightSeries(
            days: days.reversed().map { 21 - $0 }, counts: nights.counts.reversed(), hours: nights.hours.reversed())
        let plain = try #require(MarginalisedEffect(countsOf: nights, ModelMatrix([condition])))
        let back = try #require(MarginalisedEffect(countsOf: reversed, ModelMatrix([condition.reversed()])))
        #expect(abs(plain.median - back.median) < 1e-9 && abs(plain.pValue - back.pValue) < 1e-10)
    }

    @Test func doubledMilligramsHalveTheSlope() throws {
        let nights = someNights(20)
        let doses = (0..<20).map { Double($0 * 7 % 5) }
        let plain = try #require(MarginalisedEffect(countsOf: nights, ModelMatrix([doses])))
        let doubled = try #require(MarginalisedEffect(countsOf: nights, ModelMatrix([doses.map { 2 * $0 }])))
        #expect(abs(plain.median - 2 * doubled.median) < 1e-9 && abs(plain.pValue - doubled.pValue) < 1e-10)
    }

    @Test func aGapInTheCalendarIsNotANightAfterTheOther() throws {
        let near = try #require(MarginalisedEffect(countsOf: someNights(16), halves(16)))
        let apart = someNights(16, days: (0..<16).map { $0 * 40 })
        let far = try #require(MarginalisedEffect(countsOf: apart, halves(16)))
        // Nights 40 days apart are all but independent, whatever the correlation of neighbours.
        #expect(abs(far.median - far.components[0].estimate) < 0.02)
        #expect(near.components[38].estimate != near.components[0].estimate)
    }

    @Test func theDistributionIsOne() throws {
        let effect = try #require(MarginalisedEffect(countsOf: someNights(14), halves(14)))
        #expect(abs(effect.probability(below: 0.1) + effect.probability(above: 0.1) - 1) < 1e-12)
        for share in [0.001, 0.025, 0.5, 0.975, 0.999] {
            #expect(abs(effect.probability(below: effect.quantile(share)) - share) < 1e-10)
        }
        #expect(effect.components.count == 39 && abs(effect.components.reduce(0) { $0 + $1.weight } - 1) < 1e-12)
        #expect(effect.components.last.map { abs($0.correlation - 0.95) < 1e-12 } == true)
    }

    @Test func whatHasNoFiniteFitGivesNoEffect() {
        let none = NightSeries(
            days: Array(0..<12), counts: (0..<12).map { $0 < 6 ? 50 : 0 }, hours: .init(repeating: 7, count: 12))
        #expect(MarginalisedEffect(countsOf: none, halves(12)) == nil)
        let same = NightSeries(
            days: Array(0..<12), counts: .init(repeating: 70, count: 12), hours: .init(repeating: 7, count: 12))
        #expect(MarginalisedEffect(countsOf: same, halves(12)) == nil)
        let twice = ModelMatrix([(0..<12).map { $0 < 6 ? 0 : 1 }, (0..<12).map { $0 < 6 ? 0 : 2 }])
        #expect(MarginalisedEffect(countsOf: someNights(12), twice) == nil)
    }

    @Test func countsThatVaryOnlyByChanceAreAtThePoissonLimit() throws {
        let nights = NightSeries(
            days: Array(0..<12), counts: (0..<12).map { 100 + $0 % 3 }, hours: .init(repeating: 7, count: 12))
        let fit = try #require(LogLinearFit(halves(12), counts: nights.counts, hours: nights.hours))
        let effect = try #require(
            NegativeBinomialEffect(fit, halves(12), counts: nights.counts, hours: nights.hours))
        #expect(effect.shape == nil && abs(effect.estimate - fit.coefficients[1]) < 1e-10)
    }

    /// Quine's absences of school children: in R's MASS package, and so not in the project.
    @Test(.enabled(if: Fixtures.extra != nil, "NATTRO_EXTRA names no folder"))
    func theNegativeBinomialFitOfQuinesDataIsTheKnownOne() throws {
        let table = try PublishedTable("quine")
        let columns = [
            table.indicator("Eth", "N"), table.indicator("Sex", "M"), table.indicator("Age", "F1"),
            table.indicator("Age", "F2"), table.indicator("Age", "F3"), table.indicator("Lrn", "SL"),
        ]
        let counts = table.numbers("Days").map { Int($0) }
        let hours = [Double](repeating: 1, count: counts.count)
        let matrix = ModelMatrix(columns)
        let poisson = try #require(LogLinearFit(matrix, counts: counts, hours: hours))
        let fit = try #require(NegativeBinomialEffect(poisson, matrix, counts: counts, hours: hours))
        #expect(abs((fit.shape ?? 0) / 1.27489264505361 - 1) < 1e-5)
        #expect(abs(fit.logLikelihood / -546.575509144992 - 1) < 1e-5)
        let expected = [
            -0.569371697357921, 0.0823202841459153, -0.448428149877592, 0.0880801521141242, 0.356900971429692,
        ]
        // Centring moves the constant alone.
        for (given, expected) in zip(fit.coefficients.dropFirst(), expected) {
            #expect(abs(given - expected) < 1e-5 * abs(expected) + 1e-9)
        }
    }
}

@Suite struct GroupTests {
    /// The BCG trials, from metafor, and so not in the project.
    @Test(.enabled(if: Fixtures.extra != nil, "NATTRO_EXTRA names no folder"))
    func theTrialsOfBCGGiveWhatMetaforGives() throws {
        let table = try PublishedTable("dat_bcg")
        let group = GroupEffect(effects: table.numbers("yi"), variances: table.numbers("vi"))
        func near(_ value: Double, _ expected: Double) -> Bool { abs(value - expected) <= 1e-6 * abs(expected) + 1e-9 }
        #expect(near(group.q, 152.2330080823735) && near(group.inconsistency, 92.11734685456207))
        #expect(near(group.qPValue, 1.9967645908457904e-26))
        #expect(near(group.fixed.mean, -0.43028516365409114) && near(group.fixed.standardError, 0.04049875171086381))
        #expect(near(group.derSimonianLaird.spread, 0.3087602628623766))
        #expect(near(group.derSimonianLaird.knappHartungInterval.upperBound, -0.32041308997812573))
        let restricted = group.restricted
        #expect(near(restricted.spread, 0.3132432581364807) && near(restricted.mean, -0.7145323421581391))
        #expect(near(restricted.knappHartungInterval.lowerBound, -1.10844371368555))
        #expect(near(restricted.knappHartungPValue, 0.0019200150960572912))
        #expect(near(restricted.predictionInterval.upperBound, 0.5669521498799235))
        #expect(near(restricted.normalPValue, 7.054258101641668e-05))
    }

    @Test func peopleWhoAgreeTooWellGetTheWiderInterval() {
        let group = GroupEffect(
            effects: [-0.30, -0.31, -0.29, -0.30, -0.305], variances: [0.04, 0.05, 0.04, 0.06, 0.05])
        #expect(group.restricted.spread == 0 && group.restricted.knappHartungError < group.restricted.standardError)
        #expect(group.restricted.reportedInterval == group.restricted.normalInterval)
        #expect(group.borrowed.allSatisfy { abs($0 - group.restricted.mean) < 1e-12 })
    }
}
