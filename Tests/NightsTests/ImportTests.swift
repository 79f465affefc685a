// SPDX-License-Identifier: GPL-3.0-or-later
import Nights
import Testing

@Suite struct ImportTests {
    private static func options(
        kinds: [String: Dose.Kind] = [:], only: String? = nil, incomplete: Bool = false, map: [String: String] = [:],
        basis: EnteredAmount.Basis? = nil
    ) throws -> ImportedDoses.Options {
        ImportedDoses.Options(
            now: Log.now, clock: try #require(ZoneClock("Europe/Berlin")), kinds: kinds, onlySource: only,
            includesIncomplete: incomplete, map: map, defaultBasis: basis)
    }

    private static func table(_ text: String, _ options: ImportedDoses.Options) throws -> ImportedDoses {
        try ImportedDoses(table: Array(text.utf8), options)
    }

    /// An export as Apple writes it, with the document type that crashes Foundation's parser.
    private static let export = """
        <?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE HealthData [
        <!-- HealthKit Export Version: 13 > ] -->
        <!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout)*)>
        <!ATTLIST HealthData locale CDATA #REQUIRED>
        <!ELEMENT Record ((MetadataEntry|HeartRateVariabilityMetadataList)*)>
        <!ATTLIST Record
          type CDATA #REQUIRED
          unit CDATA #IMPLIED
          value CDATA #IMPLIED
          sourceName CDATA "a]>b"
        >
        ]>
        <HealthData locale="en_DE">
         <ExportDate value="2026-03-05 10:00:00 +0100"/>
         <Record type="HKQuantityTypeIdentifierStepCount" sourceName="Phone" unit="count" value="5" startDate="2026-03-01 08:00:00 +0100" endDate="2026-03-01 08:10:00 +0100"/>
         <Record type="HKQuantityTypeIdentifierDietaryMagnesium" sourceName="Ma&amp;gs &#x1F319; > app" sourceVersion="1" unit="g" creationDate="2026-03-01 21:00:05 +0100" startDate="2026-03-01 21:00:00 +0100" endDate="2026-03-01 21:00:00 +0100" value="0.2">
          <MetadataEntry key="HKFoodType" value="Record type=HKQuantityTypeIdentifierDietaryMagnesium"/>
         </Record>
         <!-- <Record type="HKQuantityTypeIdentifierDietaryMagnesium" unit="mg" value="7" startDate="2026-03-01 21:00:00 +0100"/> -->
         <![CDATA[ <Record type="HKQuantityTypeIdentifierDietaryMagnesium" unit="mg" value="8" startDate="2026-03-01 21:00:00 +0100"/> ]]>
         <Record value='200' unit='mg' startDate='2026-03-01 20:00:00 +0000' endDate='2026-03-01 20:00:00 +0000' sourceName='Tracker' type='HKQuantityTypeIdentifierDietaryMagnesium'/>
         <Correlation type="HKCorrelationTypeIdentifierFood">
          <Record value='200' unit='mg' startDate='2026-03-01 20:00:00 +0000' endDate='2026-03-01 20:00:00 +0000' sourceName='Tracker' type='HKQuantityTypeIdentifierDietaryMagnesium'/>
         </Correlation>
         <Record type="HKQuantityTypeIdentifierDietaryMagnesiumX" unit="mg" value="9" startDate="2026-03-01 21:00:00 +0100"/>
         <RecordX type="HKQuantityTypeIdentifierDietaryMagnesium" unit="mg" value="9" startDate="2026-03-01 21:00:00 +0100"/>
         <Record type="HKQuantityTypeIdentifierDietaryMagnesium" sourceName="Tracker" unit="IU" value="9" startDate="2026-03-02 21:00:00 +0100"/>
         <Record type="HKQuantityTypeIdentifierDietaryMagnesium" sourceName="Tracker" unit="mg" value="9" startDate="2026-02-30 21:00:00 +0100"/>
        </HealthData>

        """

    private static func apple(_ text: String, pieces: Int, _ options: ImportedDoses.Options) throws -> ImportedDoses {
        var reader = AppleHealthImport(options)
        let bytes = Array(text.utf8)
        var position = 0
        while position < bytes.count {
            let end = min(position + pieces, bytes.count)
            reader.scan(bytes[position..<end])
            position = end
        }
        return try reader.finish()
    }

    @Test(arguments: [1, 2, 3, 7, 16, 61, 1000, 1 << 20])
    func anAppleExportIsReadTheSameInPiecesOfAnySize(_ pieces: Int) throws {
        let found = try Self.apple(Self.export, pieces: pieces, Self.options())
        #expect(found.items.map(\.source) == ["Ma&gs 🌙 > app", "Tracker"])
        #expect(found.items.map(\.dose.elementalMg) == [200, 200])
        #expect(found.items.map { $0.dose.instant?.description } == ["2026-03-01T20:00:00Z", "2026-03-01T20:00:00Z"])
        #expect(found.items.allSatisfy { $0.dose.form == "unknown" && $0.needsKind && $0.dose.countedMg == 0 })
        #expect(found.warnings.map(\.code) == ["W_POSSIBLE_DUPLICATE"])
        #expect(found.rejected.map(\.code) == ["E_UNIT", "E_DATE_IMPOSSIBLE"])
        #expect(found.rejected.map(\.line) == [6, 7])
        let one = try Self.apple(
            Self.export, pieces: pieces, Self.options(kinds: ["Tracker": .supplement], only: "Tracker"))
        #expect(one.items.map(\.source) == ["Tracker"])
        #expect(one.items.map(\.dose.countedMg) == [200])
        #expect(one.warnings.isEmpty)
        #expect(one.items.map(\.key) == [found.items[1].key])
    }

    @Test func anAppleExportThatIsCutAnywhereNeverCrashes() throws {
        let bytes = Array(Self.export.utf8)
        for count in 0..<bytes.count {
            var reader = AppleHealthImport(try Self.options())
            reader.scan(bytes[..<count])
            let found = try? reader.finish()
            #expect(found?.items.count ?? 0 <= 2)
        }
    }

    @Test func whatIsNoAppleExportIsRefused() throws {
        #expect(throws: RefusedFile.self) {
            try Self.apple("<html><Record/></html>                  ", pieces: 100, Self.options())
        }
        #expect(AppleHealthImport.recognizes(Array(Self.export.utf8)))
        #expect(!AppleHealthImport.recognizes(Array("date,time".utf8)))
    }

    private static let servings = """
        Day,Time,Group,Food Name,Amount,Energy (kcal),Vitamin C (mg),Magnesium (mg),Category
        2026-03-01,08:14 AM,Breakfast,"Oats, rolled","80.00 g",300,0,110.5,Grains
        2026-03-01,21:30,Supplements,Magnesium Citrate,"1.00 capsule",0,,200,Supplements
        2026-03-01,21:30,Supplements,Magnesium Citrate,"1.00 capsule",0,,200,Supplements
        2026-03-02,,Supplements,Magnesium Citrate,"1.00 capsule",0,,200,Supplements
        2026-03-02,,Lunch,Water,"1 cup",0,,,Beverages
        2026-02-30,,Lunch,Bread,"1 slice",0,,20,Grains
        2026-03-03,,Lunch,Bread,"1 slice",0,,much,Grains

        """

    @Test func cronometerServingsAreReadByTheirHeader() throws {
        let found = try Self.table(Self.servings, Self.options(kinds: ["Magnesium Citrate": .supplement]))
        #expect(found.format == .cronometerServings)
        #expect(found.items.map(\.number) == [2, 3, 4, 5])
        #expect(found.items.map(\.dose.elementalMg) == [110.5, 200, 200, 200])
        #expect(found.items.map(\.dose.kind) == [.food, .supplement, .supplement, .supplement])
        #expect(found.items[0].dose.instant?.description == "2026-03-01T07:14:00Z")
        #expect(found.items[3].dose.instant == nil)
        #expect(Set(found.items.map(\.key)).count == 4)
        #expect(found.rejected.map(\.line) == [7, 8])
        #expect(try Self.table(Self.servings, Self.options()).items.map(\.key) == found.items.map(\.key))
    }

    @Test func cronometerDaysAreIntakesAndOnlyCompleteOnes() throws {
        let text = """
            Date,Energy (kcal),Alcohol (g),Caffeine (mg),Iron (mg),Magnesium (mg),Completed
            2026-03-01,2000,0,160,9,420.5,true
            2026-03-02,900,14,,3,100,false

            """
        let found = try Self.table(text, Self.options())
        #expect(found.format == .cronometerDaily)
        #expect(found.items.isEmpty)
        #expect(found.intakes.map(\.magnesiumMg) == [420.5])
        #expect(found.warnings.map(\.code) == ["W_INCOMPLETE_DAY"])
        let all = try Self.table(text, Self.options(incomplete: true))
        #expect(all.intakes.map(\.alcoholG) == [0, 14])
        #expect(all.intakes.map(\.caffeineMg) == [160, nil])
    }

    @Test(arguments: [
        "date,weekday,time of day,category,rating/amount,detail,notes\n8th Dec 2021,Wed,pm,Symptom,3,Restless legs (Moderate),\n22nd Jan 2022,Sat,am,Sleep,4,,\n22nd Jan 2022,Sat,pm,Medication,1,Magnesium 200mg,\n",
        "date,date formatted,weekday,time of day,category,rating/amount,detail,notes\n8th Dec 2021,2021-12-08,Wed,pm,Symptom,3,Restless legs (Moderate),\n22nd Jan 2022,2022-01-22,Sat,am,Sleep,4,,\n22nd Jan 2022,2022-01-22,Sat,pm,Medication,1,Magnesium 200mg,\n",
    ])
    func bearableGivesSymptomsAndSleepAndListsMedication(_ text: String) throws {
        let found = try Self.table(text, Self.options())
        #expect(found.format == .bearable)
        #expect(found.items.isEmpty)
        #expect(found.observations.map(\.day.description) == ["2021-12-08", "2022-01-22"])
        #expect(found.unmapped.map(\.line) == [4])
    }

    @Test func daysAndObservationsGoToTheDiaryBesideWhatIsWritten() throws {
        let days = """
            Date,Energy (kcal),Alcohol (g),Caffeine (mg),Magnesium (mg),Completed
            2026-03-01,2000,14,160,420.5,true
            2026-03-02,1800,0,,300,true

            """
        let evening = try #require(CivilDay("2026-03-01"))
        var written = DiaryNight(night: evening)
        written.caffeineMg = 80
        written.urge = 4
        let found = try Self.table(days, Self.options())
        let pages = found.pages(beside: [written])
        #expect(pages.map(\.night) == [evening, evening + 1])
        #expect(pages.map(\.caffeineMg) == [80, nil] && pages.map(\.alcoholUnits) == [1.4, 0])
        #expect(pages[0].urge == 4)
        #expect(pages.map { $0.extra.map(\.value) } == [["420.5"], ["300"]])
        #expect(found.pages(beside: pages) == [])

        let bearable =
            "date,weekday,time of day,category,rating/amount,detail,notes\n8th Dec 2021,Wed,pm,Symptom,3,Restless legs (Moderate),\n"
            + "8th Dec 2021,Wed,pm,Symptom,2,Neck pain,\n9th Dec 2021,Thu,am,Sleep,4,,\n"
        let seen = try Self.table(bearable, Self.options())
        let night = seen.pages(beside: [])
        #expect(night.map(\.night.description) == ["2021-12-08"])
        #expect(
            night[0].extra.map(\.value) == [
                "2021-12-08 pm Symptom Restless legs (Moderate) 3; 2021-12-08 pm Symptom Neck pain 2; 2021-12-09 am Sleep 4"
            ])
        #expect(seen.pages(beside: night) == [])
    }

    @Test func myFitnessPalIsRefusedWithTheReason() throws {
        let text = "Date,Meal,Calories,Fat (g),Sodium (mg),Calcium,Iron,Note\n2026-03-01,Lunch,500,10,300,2,3,\n"
        let refused = try #require(throws: RefusedFile.self) { try Self.table(text, Self.options()) }
        #expect(refused.finding.code == "E_NO_MAGNESIUM")
        #expect(refused.finding.message.contains("no column for magnesium"))
    }

    @Test func columnsOfAnyProgramCanBeMapped() throws {
        let text = """
            Taken At;Medication;Strength;State
            2026-03-01T21:00;citrate;200,0;taken
            2026-03-02T21:00;citrate;200;Skipped
            never;citrate;200;taken

            """
        let map = ["taken": "Taken At", "amount": "Strength", "form": "Medication", "unit": "=mg", "status": "State"]
        let found = try Self.table(text, Self.options(map: map, basis: .elemental))
        #expect(found.items.map(\.dose.elementalMg) == [200, 0])
        #expect(found.items.map(\.dose.instant?.description) == ["2026-03-01T20:00:00Z", "2026-03-02T20:00:00Z"])
        #expect(found.rejected.map(\.line) == [4])
        #expect(throws: RefusedFile.self) { try Self.table(text, Self.options(map: ["amount": "Nowhere"])) }
        #expect(throws: RefusedFile.self) { try Self.table(text, Self.options(map: ["strength": "Strength"])) }
    }

    @Test func aDoseLogOfOurOwnIsAnImportToo() throws {
        let text = try Log.fixture("doses.csv")
        let fromCSV = try Self.table(text.csv, Self.options())
        let fromJSON = try Self.table(text.json, Self.options())
        #expect(fromCSV.items.count == 8)
        #expect(fromCSV.items.map(\.key) == fromJSON.items.map(\.key))
    }
}
