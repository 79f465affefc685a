// SPDX-License-Identifier: GPL-3.0-or-later
import Nights
import Testing

@Suite struct ExposureTests {
    private static func day(_ text: String) throws -> CivilDay { try #require(CivilDay(text)) }

    private static func rows(from first: String, nights: Int, _ mg: Int, _ form: String = "citrate") throws -> [String]
    {
        let first = try day(first)
        return (0..<nights).map { "\(first + $0),21:00,\(mg),mg,elemental,\(form)" }
    }

    @Test func whatIsTakenAfterLightsOutIsInTheMeanAndNotBeforeTheNight() throws {
        let doses = try Log.read("2026-03-05,23:58,200,mg,elemental,citrate").doses
        let night = try Self.day("2026-03-05")
        let lights = try #require(UTCInstant("2026-03-05T21:45:00Z"))
        let exposure = try #require(
            Exposure.nights(
                night...night, doses: doses, complete: (night - 6)...night, bedtimes: [night: .init(lightsOut: lights)]
            ).first)
        #expect(exposure.sameEveningMg == 0)
        #expect(exposure.nightMg == 200)
        #expect(isNear(exposure.trailingMeanMg, 200.0 / 7))
        #expect(exposure.mgByForm == ["citrate_anhydrous": 200])
    }

    @Test func theSameEveningIsTheTwelveHoursBeforeLightsOut() throws {
        let doses = try Log.read(
            "2026-03-05,10:45,1,mg,elemental,citrate", "2026-03-05,10:46,10,mg,elemental,citrate",
            "2026-03-05,22:45,100,mg,elemental,citrate", "2026-03-05,22:46,1000,mg,elemental,citrate",
            "2026-03-05,,40,mg,elemental,citrate"
        ).doses
        let night = try Self.day("2026-03-05")
        let lights = try #require(UTCInstant("2026-03-05T21:45:00Z"))
        let exposure = Exposure.nights(night...night, doses: doses, bedtimes: [night: .init(lightsOut: lights)])
        #expect(exposure.first?.sameEveningMg == 110)
    }

    @Test func aNightWithoutAnEntryIsUnknownUnlessTheLogIsComplete() throws {
        let rows = try Self.rows(from: "2026-03-01", nights: 3, 200) + Self.rows(from: "2026-03-05", nights: 3, 200)
        let doses = try Log.read(rows.joined(separator: "\n")).doses
        let (first, last) = (try Self.day("2026-03-01"), try Self.day("2026-03-07"))
        let open = Exposure.nights(first...last, doses: doses)
        #expect(open[3].nightMg == nil)
        #expect(open[6].trailingMeanMg == nil && open[6].knownNights == 6)
        let complete = Exposure.nights(first...last, doses: doses, complete: first...last)
        #expect(complete[3].nightMg == 0)
        #expect(isNear(complete[6].trailingMeanMg, 1200.0 / 7))
    }

    @Test func theFadingMeanHalvesInItsHalfLife() throws {
        let rows = try Self.rows(from: "2026-03-01", nights: 1, 800) + Self.rows(from: "2026-03-02", nights: 9, 0)
        let doses = try Log.read(rows.joined(separator: "\n")).doses
        let (first, last) = (try Self.day("2026-03-01"), try Self.day("2026-03-10"))
        let fading = Exposure.nights(first...last, doses: doses, halfLife: 3).map(\.fadingMg)
        let start = 800 * (1 - 0.7937005259840998)
        #expect(isNear(fading[0], start) && isNear(fading[3], start / 2) && isNear(fading[9], start / 8))
        let later = Exposure.nights(last...last, doses: doses, halfLife: 3)
        #expect(later.first?.fadingMg == fading[9])
    }

    @Test func aSteadyDoseBecomesItself() throws {
        let doses = try Log.read(Self.rows(from: "2026-01-01", nights: 80, 200).joined(separator: "\n")).doses
        let last = try Self.day("2026-03-21")
        let exposure = Exposure.nights((last - 66)...last, doses: doses)
        #expect(isNear(exposure.last?.fadingMg, 200))
        // After 14 nights three quarters of the plateau are reached.
        #expect(abs((exposure[0].fadingMg ?? 0) - 150) < 0.5)
    }

    @Test func phasesAreTheStepsOfATitration() throws {
        let rows =
            try Self.rows(from: "2026-03-01", nights: 7, 100) + Self.rows(from: "2026-03-08", nights: 7, 200)
            + Self.rows(from: "2026-03-15", nights: 7, 300)
        let doses = try Log.read(rows.joined(separator: "\n")).doses
        let phases = DosePhases(doses).phases
        #expect(phases.map(\.mg) == [100, 200, 300])
        #expect(phases.map(\.step) == [nil, 100, 100])
        #expect(phases.map(\.loggedNights.count) == [7, 7, 7])
        let plan = [
            PlanStep(from: try Self.day("2026-03-01"), targetMg: 100),
            PlanStep(from: try Self.day("2026-03-08"), targetMg: 200),
            PlanStep(from: try Self.day("2026-03-22"), targetMg: 300),
        ]
        let differences = DosePhases.differences(doses, from: plan)
        #expect(differences.count == 7)
        #expect(differences.first?.text == "logged 300 mg; plan 200 mg until 21 March 2026")
    }

    @Test func aPhasesUpsetsAreCountedAndNothingIsAdvised() throws {
        let rows =
            try Self.rows(from: "2026-03-01", nights: 7, 100) + Self.rows(from: "2026-03-08", nights: 7, 200)
            + Self.rows(from: "2026-03-15", nights: 7, 300)
        let doses = try Log.read(rows.joined(separator: "\n")).doses
        let first = try Self.day("2026-03-01")
        let diary = (0..<21).map { number in
            var night = DiaryNight(night: first + number)
            night.digestiveUpset = number >= 16 ? 1 : 0
            night.urge = 5
            return night
        }
        let counts = (0..<21).map {
            ClinicianSummary.CountedNight(night: first + $0, plmPerHour: $0 % 7 < 4 || $0 > 6 ? 20 : nil)
        }
        let summary = ClinicianSummary(
            .init(doses: doses, diary: diary, today: first + 30), nights: counts)
        #expect(summary.phases.map { "\($0.upsetNights)/\($0.nightsAskedForUpset)" } == ["0/7", "0/7", "5/7"])
        #expect(summary.text.contains("not enough nights counted (4)"))
        #expect(summary.text.contains("median 20.0 PLM per hour of rest, 7 nights, an early look"))
        #expect(summary.text.contains(ReferenceData.current.causalDisclaimer))
        #expect(summary.text.contains(ReferenceData.current.version))
        #expect(summary.text.contains("limited: small, mostly uncontrolled studies"))
    }

    @Test func aFormThatChangedWithTimeIsNotSeparable() throws {
        let rows =
            try Self.rows(from: "2026-03-01", nights: 14, 200, "glycinate")
            + Self.rows(from: "2026-03-15", nights: 14, 200)
        let doses = try Log.read(rows.joined(separator: "\n")).doses
        #expect(DosePhases(doses).phases.map(\.forms) == [["bisglycinate"], ["citrate_anhydrous"]])
        #expect(DosePhases(doses).phases.map(\.mg) == [200, 200])
        let log = NoticeBoard.Log(doses: doses, today: try Self.day("2026-04-01"))
        #expect(NoticeBoard(log).notices.contains { $0.text.hasPrefix("Form changed with time: not separable.") })
        let forms = ClinicianSummary(log).sections.first { $0.title == "Forms" }
        #expect(forms?.lines.count == 2)
    }
}
