// SPDX-License-Identifier: GPL-3.0-or-later
import Nights
import Testing
import TestSupport

/// Diaries, medicines, plans, products and profiles.
@Suite struct CompanionTests {
    private static let clock = ZoneClock("Europe/Berlin")

    @Test func theExampleDiaryIsReadAndWrittenBack() throws {
        let diary = try DiaryLog(reading: Fixtures.bytes("dosing/diary.csv"))
        #expect(diary.rejected.isEmpty && diary.warnings.isEmpty)
        #expect(diary.nights.map(\.urge) == [6, 6])
        #expect(diary.nights.first?.firstSymptom == DayTime("19:30").map { .at($0) })
        #expect(diary.nights.last?.reliefByMovement == .partly)
        #expect(diary.nights.last?.stool == .loose)
        let back = try DiaryLog(reading: Array(diary.csv.utf8))
        #expect(back.nights == diary.nights)
        #expect(back.csv == diary.csv)
    }

    @Test func aBadCellCostsItself() throws {
        let text = """
            # tz: Europe/Berlin
            night,urge_0_10,lights_out,wake_up,stool,caffeine_mg,red_flags,first_symptom,mood,entered_at
            2026-03-01,11,22:45,25:00,soft,-5,slow pulse;tired,none,good,2026-03-04T08:00:00Z
            2026-03-01,5,22:45,06:00,,,,,,
            2026-02-30,5,22:45,06:00,,,,,,
            2026-03-02,0,23:00,22:00,,,,,,2026-03-04T08:00:00Z

            """
        let diary = try DiaryLog(reading: Array(text.utf8))
        #expect(diary.nights.count == 2)
        #expect(
            diary.rejected.map(\.code) == [
                "E_RATING_RANGE", "E_TIME", "E_VALUE", "E_NUMBER", "E_DUPLICATE_OF_LINE_3", "E_DATE_IMPOSSIBLE",
            ])
        #expect(diary.warnings.map(\.code) == ["W_RED_FLAG_UNKNOWN", "W_SLEEP_SPAN"])
        #expect(diary.nights.first?.urge == nil)
        #expect(diary.nights.first?.firstSymptom == DiaryNight.FirstSymptom.none)
        #expect(diary.nights.first?.extra == [ExtraField(name: "mood", value: "good")])
        #expect(try DiaryLog(reading: Array(diary.csv.utf8)).nights == diary.nights)
    }

    @Test func aNightInBedGoesOverMidnight() throws {
        let clock = try #require(Self.clock)
        var night = DiaryNight(night: try #require(CivilDay("2026-03-28")))
        night.lightsOut = DayTime("00:30")
        night.wakeUp = DayTime("07:00")
        let bedtime = try #require(night.bedtime(clock))
        #expect(bedtime.lightsOut.description == "2026-03-28T23:30:00Z")
        #expect(bedtime.wakeUp?.description == "2026-03-29T05:00:00Z")
        night.enteredAt = UTCInstant("2026-03-30T17:00:00Z")
        #expect(night.isRetrospective(clock) == false)
        night.enteredAt = UTCInstant("2026-03-30T17:01:00Z")
        #expect(night.isRetrospective(clock) == true)
    }

    @Test func theExampleMedicinesAreReadAndWrittenBack() throws {
        let log = try MedicineLog(reading: Fixtures.bytes("dosing/meds.csv"), now: Log.now)
        #expect(log.rejected.isEmpty)
        #expect(log.medicines.map(\.action) == [.taken, .taken, .taken, .started])
        #expect(log.medicines[3].time.instant == nil)
        let back = try MedicineLog(reading: Array(log.csv.utf8), now: Log.now)
        #expect(back.medicines == log.medicines)
        let text = "date,name,action\n2026-03-01,x,taken\n"
        #expect(throws: RefusedFile.self) { try MedicineLog(reading: Array(text.utf8), now: Log.now) }
        #expect(try MedicineLog(reading: Array(text.utf8), zone: "Asia/Tokyo", now: Log.now).medicines.count == 1)
        let bad = "# tz: Europe/Berlin\ndate,name,action\n2026-03-01,,taken\n2026-03-01,x,eaten\nnever,x,taken\n"
        #expect(
            try MedicineLog(reading: Array(bad.utf8), now: Log.now).rejected.map(\.code) == [
                "E_NAME_MISSING", "E_VALUE", "E_DATE",
            ])
    }

    @Test func theExampleProfileIsReadAndWrittenBack() throws {
        let (profile, warnings) = try Profile.reading(Fixtures.bytes("dosing/profile.json"))
        #expect(warnings.isEmpty)
        #expect(profile.birthYear == 1971 && profile.sex == .female && profile.limitsRegion == .both)
        #expect(profile.labs.map(\.value) == [48])
        #expect(try Profile.reading(Array(profile.json.utf8)).profile == profile)
    }

    @Test func whatAProfileDoesNotSayRightlyIsUnknownAndNamed() throws {
        let text = """
            {"birth_year":"old","sex":"x","kidney":{"egfr":"28","date":"2026-02-30","dialysis":true,"condition":"maybe"},
             "labs":[{"date":"2026-01-01","test":"ferritin","value":48,"unit":"stone"},{"test":"ferritin"}],"limits_region":"mars"}
            """
        let (profile, warnings) = try Profile.reading(Array(text.utf8))
        #expect(profile.kidney.dialysis == .yes)
        #expect(profile.kidney.egfr == nil && profile.birthYear == nil && profile.labs.isEmpty)
        #expect(warnings.count == 9, "\(warnings.map(\.message))")
        #expect(throws: RefusedFile.self) { try Profile.reading(Array("[]".utf8)) }
    }

    @Test func plansAndProductsAreReadAndWrittenBack() throws {
        let plan =
            "from,target_mg_elemental,form,set_with,note\n2026-03-08,200,citrate,provider,\n2026-03-01,100,,self,start\nx,1,,,\n2026-03-09,-1,,,\n"
        let log = try PlanLog(reading: Array(plan.utf8))
        #expect(log.steps.map(\.targetMg) == [100, 200])
        #expect(log.rejected.map(\.code) == ["E_DATE", "E_NUMBER"])
        #expect(try PlanLog(reading: Array(PlanLog.csv(log.steps).utf8)).steps == log.steps)
        let text =
            "product,form,elemental_mg_per_unit\nMagCitrate,citrate,100\n,citrate,100\nOther,moonstone,100\nThird,oxide,0\n"
        let products = try ProductLog(reading: Array(text.utf8))
        #expect(products.products.map(\.elementalMgPerUnit) == [100])
        #expect(products.rejected.map(\.code) == ["E_NAME_MISSING", "E_FORM_UNKNOWN", "E_NUMBER"])
        #expect(try ProductLog(reading: Array(ProductLog.csv(products.products).utf8)).products == products.products)
    }

    @Test func aLabelOfTheCompoundIsConvertedOnce() throws {
        let product = try Product.labelled("Mag", form: "glycinate", labelMg: 1350, basis: .compound)
        #expect(isNear(product.elementalMgPerUnit, 190.3))
        #expect(product.elementalMgRange != nil)
        #expect(throws: Finding.self) { try Product.labelled("Mag", form: "blend", labelMg: 500, basis: .compound) }
    }
}
