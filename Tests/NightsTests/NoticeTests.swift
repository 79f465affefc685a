// SPDX-License-Identifier: GPL-3.0-or-later
import Nights
import Testing
import TestSupport

/// The acceptance cases MC-13 to MC-28 of the specification of doses, as far as they are about notices.
@Suite struct NoticeTests {
    private static let clock = ZoneClock("Europe/Berlin")
    private static let today = CivilDay(daysSince1970: 20_781)  // 2026-11-24

    private static func log(
        _ rows: [String], medicines: [String] = [], diary: [DiaryNight] = [], profile: Profile? = nil
    ) throws -> NoticeBoard.Log {
        let doses = try Log.read(rows.joined(separator: "\n")).doses
        let table = (["# tz: Europe/Berlin", "date,time,name,class,action,note"] + medicines).joined(separator: "\n")
        let list = try MedicineLog(reading: Array(table.utf8), now: Log.now)
        #expect(list.rejected.isEmpty)
        return NoticeBoard.Log(
            doses: doses, medicines: list.medicines, diary: diary, profile: profile, clock: clock, today: today)
    }

    private static func notices(
        _ rows: [String] = [], medicines: [String] = [], diary: [DiaryNight] = [], profile: Profile? = nil,
        _ prefix: String = ""
    ) throws -> [Notice] {
        NoticeBoard(try log(rows, medicines: medicines, diary: diary, profile: profile)).notices.filter {
            $0.id.hasPrefix(prefix)
        }
    }

    private static func dose(_ mg: Int, _ day: String, _ time: String = "21:00", form: String = "citrate") -> String {
        "\(day),\(time),\(mg),mg,elemental,\(form)"
    }

    @Test(arguments: [
        (Profile.LimitsRegion.both, 300, ["limit.both"]), (.us, 300, []), (.eu, 300, ["limit.eu"]),
        (.us, 351, ["limit.us"]),
        (.us, 350, []), (.eu, 250, []), (.both, 250, []),
    ])
    func aLimitIsNamedAboveItAndNotAtIt(_ region: Profile.LimitsRegion, _ mg: Int, _ ids: [String]) throws {
        let found = try Self.notices([Self.dose(mg, "2026-03-08")], profile: Profile(limitsRegion: region), "limit.")
        #expect(found.map(\.id) == ids)
    }

    @Test func theTextOfALimitIsTheApprovedOne() throws {
        let found = try Self.notices([Self.dose(220, "2026-03-08", "08:00"), Self.dose(200, "2026-03-08")], "limit.")
        #expect(
            found.map(\.text) == [
                "Supplement magnesium logged for 8 March adds up to 420 mg elemental. Published upper levels for supplements are 350 mg a day (US, NASEM) and 250 mg a day (EU, SCF/EFSA). Loose stools are the usual effect above them. A pharmacist or clinician can advise."
            ])
    }

    @Test func aNightOverMidnightIsOneExcess() throws {
        let rows = [Self.dose(200, "2026-03-05", "23:58"), Self.dose(200, "2026-03-06", "00:20")]
        let found = try Self.notices(rows, profile: Profile(limitsRegion: .us), "limit.")
        #expect(found.map { $0.date?.description } == ["2026-03-05"])
    }

    @Test func regularEveningsAFewMinutesEarlyAreNoExcess() throws {
        let rows = (1...9).map { Self.dose(200, "2026-03-0\($0)", "21:0\(9 - $0)") }
        #expect(try Self.notices(rows, "limit.").isEmpty)
    }

    @Test func skinAndFoodAreNeverPartOfALimitOrOfSpacing() throws {
        let rows = [
            "2026-03-10,21:00,10,spray,,chloride,topical", "2026-03-10,21:00,400,mg,elemental,unknown,oral,food",
            "2026-03-10,21:00,900,mg,elemental,sulfate,iv",
        ]
        let medicines = ["2026-03-10,22:00,gabapentin,,taken,"]
        #expect(try Self.notices(rows, medicines: medicines, "limit.").isEmpty)
        #expect(try Self.notices(rows, medicines: medicines, "spacing.").isEmpty)
    }

    @Test(arguments: [
        ("gabapentin", "22:00", "spacing.gabapentin", "Gabapentin at 22:00 was 1 h 00 after magnesium at 21:00."),
        ("gabapentin", "23:00", nil, ""), ("gabapentin", "20:00", nil, ""),
        ("Gabapentin 300 mg", "21:00", "spacing.gabapentin", "at the same time as magnesium"),
        (
            "ciprofloxacin", "20:30", "spacing.fluoroquinolone",
            "Ciprofloxacin at 20:30 was 0 h 30 before magnesium at 21:00."
        ),
        ("ciprofloxacin", "19:00", nil, ""), ("ciprofloxacin", "19:01", "spacing.fluoroquinolone", "1 h 59 before"),
        ("doxycycline", "23:59", "spacing.tetracycline", "2 h 59 after"),
        ("alendronate", "17:01", "spacing.bisphosphonate", "3 h 59"),
        ("levothyroxine", "23:00", "spacing.levothyroxine", "2 h 00 after"),
        ("ferrous sulfate", "18:30", "spacing.iron", "2 h 30"),
        ("penicillamine", "18:00", "spacing.uk_3_4_hours", "3 h 00"),
        ("lisinopril", "22:00", "spacing.binding", "1 h 00"),
        ("iron infusion", "21:30", nil, ""), ("pramipexole", "21:00", nil, ""), ("furosemide", "21:00", nil, ""),
    ])
    func medicinesTooCloseToMagnesiumAreNamedByPair(
        _ name: String, _ time: String, _ id: String?, _ text: String
    ) throws {
        let found = try Self.notices(
            [Self.dose(200, "2026-03-10")], medicines: ["2026-03-10,\(time),\(name),,taken,"], "spacing.")
        #expect(found.map(\.id) == (id.map { [$0] } ?? []))
        #expect(found.allSatisfy { $0.text.contains(text) }, "\(found)")
    }

    @Test func spacingReachesOverMidnightAndNamesEveryPair() throws {
        let rows = [
            Self.dose(200, "2026-03-10", "23:30"), Self.dose(100, "2026-03-11", "00:30"),
            Self.dose(0, "2026-03-11", "01:00"),
        ]
        let found = try Self.notices(rows, medicines: ["2026-03-11,01:00,levothyroxine,,taken,"], "spacing.")
        #expect(found.count == 2)
        #expect(found.allSatisfy { $0.text.contains("Levothyroxine") })
    }

    @Test func aTimeThatIsMissingIsSaidOnce() throws {
        let rows = [Self.dose(200, "2026-03-10"), Self.dose(200, "2026-03-11")]
        let medicines = ["2026-03-10,,levothyroxine,,started,", "2026-03-11,,levothyroxine,,taken,"]
        let found = try Self.notices(rows, medicines: medicines)
        #expect(found.filter { $0.id.hasPrefix("spacing.") }.isEmpty)
        #expect(found.filter { $0.id == "medicine.levothyroxine" }.count == 1)
    }

    @Test(arguments: [
        ("furosemide", "medicine.loop_diuretic", "can lower body magnesium"),
        ("amlodipine", "medicine.calcium_channel_blocker", "blood pressure"),
        ("spironolactone", "medicine.potassium_sparing_diuretic", "can raise body magnesium"),
        ("omeprazole", "medicine.proton_pump_inhibitor", "low magnesium"),
        ("pramipexole", "medicine.dopamine_agonist", "no spacing rule in the table"),
        ("moonstone", "medicine.unknown", "not in the table"),
        ("sertraline", "medicine.antidepressant", "more restless legs"),
    ])
    func eachClassOfMedicinesIsNamedOnce(_ name: String, _ id: String, _ text: String) throws {
        let events = ["2026-03-10,,\(name),,started,", "2026-03-11,22:00,\(name),,taken,"]
        let found = try Self.notices([Self.dose(200, "2026-03-10")], medicines: events, "medicine.")
        #expect(found.map(\.id) == [id])
        #expect(found.first?.text.contains(text) == true)
    }

    @Test func aClassThatThePersonWroteIsUnderstood() throws {
        let found = try Self.notices(medicines: ["2026-03-12,,Unheardol,loop diuretic,started,"], "medicine.")
        #expect(found.map(\.id) == ["medicine.loop_diuretic"])
    }

    @Test(arguments: [
        (28.0, "kidney.egfr-below-30", Notice.Severity.important), (29.9, "kidney.egfr-below-30", .important),
        (30, "kidney.egfr-30-44", .important), (44.9, "kidney.egfr-30-44", .important),
        (45, "kidney.egfr-45-59", .notice),
        (59, "kidney.egfr-45-59", .notice),
    ])
    func theKidneysAreReadByBands(_ egfr: Double, _ id: String, _ severity: Notice.Severity) throws {
        let profile = Profile(kidney: .init(egfr: egfr, egfrDate: CivilDay("2026-01-02")))
        let found = try Self.notices(profile: profile, "kidney.")
        #expect(found.map(\.id) == [id])
        #expect(found.map(\.severity) == [severity])
        #expect(found.first?.text.contains("(2 Jan 2026)") == true)
        #expect(found.first?.text.contains("months old") == false)
    }

    @Test func otherAnswersAboutTheKidneysAreHeardToo() throws {
        #expect(try Self.notices([], "kidney.").map(\.id) == ["kidney.unknown"])
        #expect(
            try Self.notices(profile: Profile(kidney: .init(dialysis: .yes)), "kidney.").map(\.id) == [
                "kidney.dialysis"
            ])
        #expect(
            try Self.notices(profile: Profile(kidney: .init(condition: .yes)), "kidney.").map(\.id) == [
                "kidney.condition"
            ])
        #expect(try Self.notices(profile: Profile(kidney: .init(condition: .no)), "kidney.").isEmpty)
        #expect(try Self.notices(profile: Profile(kidney: .init(egfr: 90)), "kidney.").isEmpty)
        let old = Profile(kidney: .init(egfr: 28, egfrDate: CivilDay("2025-11-23")))
        #expect(
            try Self.notices(profile: old, "kidney.").first?.text.hasSuffix("That value is more than 12 months old.")
                == true)
    }

    @Test(arguments: [
        ("ng/mL", 48.0, "iron.ferritin-low", "75"), ("ug/L", 80, "iron.ferritin-between", "IV"),
        ("ug/L", 75, "iron.ferritin-low", "75"),
        ("µg/L", 101, "", ""),
    ])
    func ferritinIsReadByBands(_ unit: String, _ value: Double, _ id: String, _ text: String) throws {
        let lab = LabResult(date: Self.today - 30, test: .ferritin, value: value, unit: unit)
        let found = try Self.notices(profile: Profile(labs: [lab]), "iron.")
        #expect(found.map(\.id) == (id.isEmpty ? [] : [id]))
        #expect(found.allSatisfy { $0.text.contains(text) && $0.text.contains("discuss") })
    }

    @Test func ironThatNobodyEnteredIsSaid() throws {
        #expect(try Self.notices([], "iron.").first?.text.hasPrefix("Iron status not entered") == true)
        let labs = [
            LabResult(date: Self.today, test: .iron, value: 40, unit: "ug/dL"),
            LabResult(date: Self.today, test: .tibc, value: 400, unit: "ug/dL"),
        ]
        let found = try Self.notices(profile: Profile(labs: labs), "iron.")
        #expect(found.map(\.id) == ["iron.tsat-low"])
        #expect(found.first?.text.contains("10 %") == true)
    }

    @Test func serumMagnesiumIsConverted() {
        func value(_ number: Double, _ unit: String) -> Double? {
            LabResult(date: Self.today, test: .serumMagnesium, value: number, unit: unit).canonicalValue
        }
        #expect(abs((value(2.0, "mg/dL") ?? 0) - 0.823) < 0.0005)
        #expect(value(1.7, "mEq/L") == 0.85)
        #expect(value(0.8, "mmol/L") == 0.8)
        #expect(value(2, "stone") == nil)
    }

    @Test(arguments: [
        (1971, Profile.Sex.female, "320"), (2001, .male, "400"), (1990, .male, "420"), (2000, .female, "310"),
    ])
    func theAllowanceIsThatOfTheProfile(_ year: Int, _ sex: Profile.Sex, _ mg: String) throws {
        let found = try Self.notices(profile: Profile(birthYear: year, sex: sex), "evidence.")
        #expect(found.first { $0.id == "evidence.allowance" }?.text.contains(" \(mg) mg") == true)
        #expect(found.allSatisfy { !$0.text.contains("240") })
    }

    @Test func nobodyUnderAgeIsComparedWithAdults() throws {
        let found = try Self.notices([Self.dose(500, "2026-03-08")], profile: Profile(birthYear: 2014, sex: .male))
        #expect(found.contains { $0.id == "evidence.under-18" && $0.text.contains("under-18s") })
        #expect(
            !found.contains { $0.id.hasPrefix("limit.") || $0.id == "evidence.allowance" || $0.id.hasPrefix("iron.") })
    }

    private static func flagged(_ night: String, _ tags: [String]) throws -> DiaryNight {
        var diary = DiaryNight(night: try #require(CivilDay(night)))
        diary.lightsOut = DayTime("22:45")
        diary.wakeUp = DayTime("06:50")
        diary.redFlags = tags
        return diary
    }

    @Test func whatIsUrgentStandsAloneOnTopAndTakesTheHeadline() throws {
        let diary = try Self.flagged("2026-03-10", ["muscle weakness", "slow heartbeat"])
        let profile = Profile(kidney: .init(egfr: 28, egfrDate: CivilDay("2026-01-02")))
        let events = ["2026-03-09,,furosemide,,started,", "2026-03-09,,amlodipine,,started,"]
        let board = NoticeBoard(
            try Self.log([Self.dose(200, "2026-03-09")], medicines: events, diary: [diary], profile: profile))
        #expect(
            board.notices.first?.text
                == "You logged muscle weakness and a slow heartbeat. With magnesium these can be signs of too much magnesium in the blood. Contact emergency or urgent medical care now."
        )
        #expect(board.notices.map(\.severity) == board.notices.map(\.severity).sorted())
        #expect(board.notices[1].id == "kidney.egfr-below-30")
        #expect(
            board.notices[1].text
                == "Your profile has an eGFR of 28 (2 Jan 2026). The kidneys remove magnesium, and sources advise against magnesium supplements at this level unless a clinician directs and monitors them. Please speak with your clinician before the next dose."
        )
        #expect(board.suppressesHeadline)
        #expect(!NoticeBoard(try Self.log([Self.dose(400, "2026-03-09")])).suppressesHeadline)
    }

    @Test(arguments: [
        ("2026-03-10", "21:00", true), ("2026-03-07", "22:45", true), ("2026-03-07", "22:44", false),
        ("2026-03-11", "21:00", false),
        ("2026-03-11", "06:00", true),
    ])
    func aSignIsUrgentWithMagnesiumInThreeDaysBefore(_ day: String, _ time: String, _ isUrgent: Bool) throws {
        let diary = try Self.flagged("2026-03-10", ["trouble breathing"])
        let found = try Self.notices([Self.dose(200, day, time)], diary: [diary], "redflag.")
        #expect(found.isEmpty != isUrgent)
    }

    @Test(arguments: [
        "confusion", "Fainting", "slow pulse", "irregular heart beat", "marked drowsiness", "very low BP",
        "new muscle weakness",
    ])
    func signsAreKnownByManyWords(_ tag: String) throws {
        let found = try Self.notices(
            [Self.dose(0, "2026-03-10"), Self.dose(200, "2026-03-09")], diary: [Self.flagged("2026-03-10", [tag])],
            "redflag.")
        #expect(found.map(\.severity) == [.urgent])
    }

    @Test func aPatternThatDiffersIsSaidOnceAndNotBelowSevenNights() throws {
        func diary(_ count: Int, no: Int) throws -> [DiaryNight] {
            try (0..<count).map { number in
                var night = DiaryNight(night: try #require(CivilDay("2026-03-01")) + number)
                night.reliefByMovement = number < no ? .no : .yes
                night.worseAtRest = .yes
                night.firstSymptom = DayTime("20:00").map { .at($0) }
                return night
            }
        }
        let id = "evidence.pattern-differs"
        #expect(
            try Self.notices(diary: diary(7, no: 5), id).map(\.text) == [
                "The logged pattern differs from the one described for RLS; a clinician can assess it."
            ])
        #expect(try Self.notices(diary: diary(7, no: 3), id).isEmpty)
        #expect(try Self.notices(diary: diary(6, no: 6), id).isEmpty)
    }

    @Test func looseStoolsOnTwoOfThreeNightsAreNamed() throws {
        let diary = try [DiaryNight.Stool.loose, .normal, .normal, .watery, .loose].enumerated().map { number, stool in
            var night = DiaryNight(night: try #require(CivilDay("2026-03-01")) + number)
            night.stool = stool
            return night
        }
        #expect(try Self.notices(diary: diary, "evidence.digestive").count == 1)
        #expect(try Self.notices(diary: Array(diary.prefix(4)), "evidence.digestive").isEmpty)
    }

    @Test func aChangeOfAMedicineForRestlessLegsConfoundsAComparison() throws {
        let events = [
            "2026-03-20,,pramipexole,,started,", "2026-03-21,,amlodipine,,started,",
            "2026-03-22,22:00,gabapentin,,taken,",
        ]
        let log = try Self.log([], medicines: events)
        let nights = try #require(CivilDay("2026-03-15"))...(try #require(CivilDay("2026-04-15")))
        let confounding = Confounding(medicines: log.medicines, diary: [], nights: nights)
        #expect(confounding.isConfounded)
        #expect(
            confounding.notices.map(\.text).first?.hasPrefix("Confounded by medicine change on 20 March 2026") == true)
        #expect(confounding.notices.count == 1)
        #expect(
            !Confounding(medicines: log.medicines, diary: [], nights: nights.lowerBound...nights.lowerBound)
                .isConfounded)
        #expect(Confounding.phaseBreaks(log.medicines).map(\.description) == ["2026-03-20", "2026-03-21"])
    }
}
