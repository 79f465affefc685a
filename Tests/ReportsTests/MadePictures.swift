// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Nights

@testable import Reports

/// Pictures of made-up numbers: one of each kind.
enum MadePictures {
    static let day = CivilDay("2026-01-01") ?? CivilDay(daysSince1970: 0)
    /// What somebody might type.
    static let nasty = "<script>alert(\"&'\")</script>"

    static var trend: NightTrend {
        NightTrend(
            (0..<30).filter { $0 != 7 }.map { night in
                NightTrend.Night(
                    day: day + night, index: night == 9 ? nil : 10 + Double(night * 7 % 11), isActive: night >= 15,
                    part: night == 3 ? .leftOut("excluded: \(nasty)") : night == 15 ? .transition : .compared,
                    dose: night == 8 ? nil : night >= 15 ? 200 : 0)
            },
            phases: [
                .init(days: day...(day + 14), isActive: false), .init(days: day + 15...(day + 29), isActive: true),
            ])
    }

    static var beforeAfter: BeforeAfter {
        BeforeAfter(
            before: .init(name: "before magnesium", rates: [10, 12.5, 11, 30], mean: 15),
            with: .init(name: "with magnesium", rates: [8, 8, 8, 12], mean: 9),
            ratio: .init(estimate: 0.6, lower: 0.4, upper: 0.9))
    }

    static var forest: Forest {
        Forest([
            .init("primary analysis", 0.6, 0.4, 0.9, isPrimary: true), .init("not possible", nil),
            .init("wide open", 1, 0.001, 900), .init(nasty, 0.7),
        ])
    }

    static var doseResponse: DoseResponse {
        DoseResponse(
            [
                .init(dose: 0, rate: 20), .init(dose: 100, rate: 18), .init(dose: 200, rate: 19),
                .init(dose: 200, rate: 9),
            ],
            steps: [
                .init(dose: 0, mean: 20, fit: 20), .init(dose: 100, mean: 18, fit: 18),
                .init(dose: 200, mean: 13, fit: 13),
            ])
    }

    static var thresholds: ThresholdBand {
        ThresholdBand([
            .init(factor: 0.5, threshold: 16, count: 90, index: 13),
            .init(factor: 1, threshold: 32, count: 70, index: 10),
            .init(factor: 2, threshold: 64, count: 40, index: 6),
        ])
    }

    static var correlation: NightCorrelation {
        // Alternating: −1 at odd distances, 1 at even ones.
        NightCorrelation((0..<20).map { ($0, $0 % 2 == 0 ? 0.5 : -0.5) }, modelled: 0.25)
    }

    static var intervals: IntervalPicture {
        IntervalPicture([.init(name: "intervals", intervals: [1, 9.99, 20, 21, 22, 95, 5000])])
    }

    static var hours: HourProfile {
        HourProfile([
            .init(start: 82_800, analysed: 3600, periodic: 30, candidates: 40),
            .init(start: 86_400, analysed: 1200, periodic: 5, candidates: 6),
            .init(start: 90_000, analysed: 0, periodic: 0, candidates: 0),
        ])
    }

    static var raster: HourRaster {
        HourRaster(
            [0, 1, 3].map { night in
                let noon = Double((day + night).daysSince1970) * 86_400 + 43_200
                let start = noon + 11 * 3600
                return HourRaster.Night(
                    day: day + night, isActive: night > 1,
                    analysed: [start..<(start + 3600), (start + 5400)..<(start + 9000)],
                    onsets: [start + 10, start + 20, start + 700, start + 4000])
            })
    }

    static var strip: NightStrip {
        let start = 1_768_518_000.0
        var envelope = SignalEnvelope(span: start..<(start + 7200), columns: 60)
        let samples: [Float] = (0..<5000).flatMap { (sample: Int) -> [Float] in [0, Float(sample % 7) / 10, 1] }
        envelope.add(samples, channels: 3, start: start, period: 1)
        return NightStrip(
            span: start..<(start + 7200), rest: (start + 600)..<(start + 7000),
            legs: [
                .init(
                    name: "left leg", letter: "L", envelope: envelope.axes, gaps: [(start + 5000)..<(start + 5400)],
                    nonwear: [(start + 6000)..<(start + 6600)]),
                .init(name: "right leg", letter: "R", envelope: [], gaps: [], nonwear: []),
            ],
            marks: (0..<8).map { mark($0, start) },
            sleep: [
                .init(span: start..<(start + 900), isSleep: false),
                .init(span: (start + 900)..<(start + 7200), isSleep: true),
            ],
            sleepIsEstimated: true)
    }

    private static func mark(_ index: Int, _ start: Double) -> NightStrip.Mark {
        let type = index < 5 ? "PLM" : index == 5 ? "LM" : "posture"
        return NightStrip.Mark(
            onset: start + 1000 + Double(index) * 30, duration: 1.5, leg: index % 2 == 0 ? "L" : "R", type: type,
            series: index < 5 ? 1 : nil, interval: index == 0 ? nil : 30)
    }

    /// One of each kind.
    static var all: [Picture] {
        [
            trend.picture(), beforeAfter.picture(), forest.picture(), doseResponse.picture(), thresholds.picture(),
            correlation.picture(), intervals.picture(), hours.picture(), raster.picture(), strip.picture(),
        ].compactMap(\.self)
    }

    /// Nights before and with magnesium, without and with what may go wrong.
    static func nights(before: Int, with: Int, drop: Int = 30) -> [ComparedNight] {
        (0..<before + with).map { night in
            ComparedNight(
                day: day + night, isIncluded: night != 2, hours: 6 + Double(night * 7 % 10) / 10,
                movements: 90 + night * 37 % 60 - (night < before ? 0 : drop),
                setting: ["rules": "wasm2016", "leg": "L"])
        }
    }

    static func page(before: Int = 30, with: Int = 30, drop: Int = 30) throws -> ComparisonPage {
        var design = StudyDesign(
            kind: .beforeAfter, first: day, nights: before + with,
            condition: (0..<before + with).map { $0 >= before })
        design.transition = 3
        let nights = nights(before: before, with: with, drop: drop)
        let doses = (before..<before + with).map { ComparedDose(night: day + $0, elementalMg: 200, form: "citrate") }
        let comparison = try NightComparison(nights: nights, doses: doses, design: design)
        var surroundings = ComparisonPage.Surroundings()
        surroundings.subtitle = nasty
        surroundings.provenance = [Provenance(nasty, nasty)]
        surroundings.remarks = [nasty]
        return ComparisonPage(comparison, nights: nights, doses: doses, surroundings: surroundings)
    }
}
