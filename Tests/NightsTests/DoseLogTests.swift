// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Nights
import TestSupport
import Testing

/// Examples of whole files, and the acceptance cases MC-01 to MC-16 of the specification of doses.
@Suite struct DoseLogTests {
    @Test func everyRowOfTheGoodExampleIsRead() throws {
        let log = try Log.fixture("doses.csv")
        #expect(log.rejected == [])
        #expect(log.entries.map(\.line) == Array(5...12))
        let mg = log.doses.map(\.elementalMg)
        #expect(isNear(mg[0], 100) && isNear(mg[1], 100) && isNear(mg[2], 100.1) && isNear(mg[3], 199.3))
        #expect(mg[6] == 0 && mg[7] == nil)
        #expect(log.doses[4].night == log.doses[5].night)
        #expect(log.doses[5].note == "after midnight - belongs to the night of 5 March")
    }

    @Test func everyBadRowOfTheBadExampleIsNamedByItsCode() throws {
        struct Expected: Decodable {
            var accepted: Int
            var rejected: [String: String]
        }
        let expected = try JSONDecoder().decode(Expected.self, from: Data(Fixtures.bytes("dosing/expected-bad.json")))
        let log = try Log.fixture("doses-bad.csv")
        #expect(log.entries.count == expected.accepted)
        #expect(Dictionary(uniqueKeysWithValues: log.rejected.map { ("\($0.line)", $0.code) }) == expected.rejected)
        #expect(log.rejected.allSatisfy { $0.column >= 1 && !$0.message.isEmpty })
        #expect(log.needsAcceptance)
    }

    @Test(arguments: [
        ("1350,mg,compound,bisglycinate", 190.3), ("250,mg,elemental,oxide", 250.0), ("250,mg,compound,oxide", 150.8),
        ("\"8,2\",mmol,,citrate", 199.3), ("12.4,mmol,elemental,citrate", 301.4), ("16,mEq,,lactate", 194.4),
        ("21,meq,,chloride", 255.2), ("2g,,compound,glycinate", 281.9), ("404.85,mg,compound,lactate_anhydrous", 48.6),
        ("250000,mcg,elemental,Magnesium Citrate", 250), ("0.2,g,elemental,unknown", 200),
    ])
    func amountsBecomeElementalMilligrams(_ amount: String, _ expected: Double) throws {
        let dose = try Log.dose("2026-03-01,21:00,\(amount)")
        #expect(isNear(dose.elementalMg, expected), "\(dose.elementalMg ?? -1)")
    }

    @Test func everyFormOfTheTableHoldsWhatStoichiometrySays() throws {
        let table = try String(decoding: Fixtures.bytes("dosing/forms.csv"), as: UTF8.self).split(
            whereSeparator: \.isNewline
        )
        .dropFirst()
        #expect(table.count == 29)
        for line in table {
            let id = try #require(line.split(separator: ",").first)
            let fraction = try #require(ReferenceData.current.forms[String(id)]?.elementalFraction)
            #expect(line.contains(","), "\(line)")
            let printed = try #require(line.split(separator: ",").compactMap { Double($0) }.first { $0 < 1 })
            #expect(abs(fraction - printed) < 6e-6, "\(id) \(fraction)")
        }
    }

    @Test func aGenericSaltKeepsTheRangeOfItsHydrates() throws {
        let log = try Log.read("2026-03-01,21:00,1000,mg,compound,citrate")
        let range = try #require(log.doses.first?.elementalMgRange)
        #expect(isNear(range.lowerBound, 113.4) && isNear(range.upperBound, 161.6))
        #expect(log.warnings.map(\.code) == ["W_HYDRATE_ASSUMED"])
        #expect(try Log.dose("2026-03-01,21:00,1000,mg,compound,citrate_nonahydrate").elementalMgRange == nil)
        #expect(try Log.dose("2026-03-01,21:00,1000,mg,compound,oxide").elementalMgRange == nil)
    }

    @Test func oneBadRowLeavesTheOthers() throws {
        let rows = (1...19).map { "2026-03-\(String($0 + 9)),21:00,200,mg,elemental,citrate" }
        let log = try Log.read(
            (["2026-03-01,21:00,-100,mg,elemental,citrate"] + rows).joined(separator: "\n"))
        #expect(log.rejected.map(\.line) == [3])
        #expect(log.rejected.map(\.code) == ["E_DOSE_NEGATIVE"])
        #expect(log.entries.count == 19)
        #expect(!log.needsAcceptance)
    }

    @Test func anUnknownFormIsAnsweredWithTheNearestNames() throws {
        let rejected = try #require(try Log.read("2026-03-01,21:00,200,mg,elemental,citrat").rejected.first)
        #expect(rejected.code == "E_FORM_UNKNOWN")
        #expect(rejected.hint.hasPrefix("citrate"))
        #expect(rejected.hint.split(separator: ",").count == 3)
        #expect(rejected.column == 35)
    }

    @Test func aTimeThatTheClockJumpedOverIsMovedForward() throws {
        let log = try Log.read("2026-03-29,02:30,200,mg,elemental,citrate")
        #expect(log.doses.first?.instant?.description == "2026-03-29T01:30:00Z")
        #expect(log.doses.first?.night.description == "2026-03-28")
        #expect(log.warnings.map(\.code) == ["W_TIME_NONEXISTENT"])
        let clock = try #require(ZoneClock("Europe/Berlin"))
        #expect(clock.length(ofNight: try #require(CivilDay("2026-03-28"))) == 23 * 3600)
        #expect(clock.length(ofNight: try #require(CivilDay("2026-10-24"))) == 25 * 3600)
    }

    @Test func aTimeThatTheClockShowedTwiceIsTheFirstUnlessItsOffsetSaysMore() throws {
        let log = try Log.read(
            "2026-10-25,02:30,200,mg,elemental,citrate", "2026-10-25T02:30+01:00,,100,mg,elemental,citrate")
        #expect(log.doses.map { $0.instant?.description } == ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"])
        #expect(log.doses.allSatisfy { $0.night.description == "2026-10-24" })
        #expect(log.warnings.filter { $0.code == "W_TIME_AMBIGUOUS" }.map(\.line) == [3])
    }

    @Test(arguments: [
        ("America/Sao_Paulo", "2018-11-04", "00:15", "2018-11-04T03:15:00Z", "W_TIME_NONEXISTENT"),
        ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45:00Z", "W_TIME_AMBIGUOUS"),
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45:00Z", "W_TIME_NONEXISTENT"),
        ("Asia/Kolkata", "2026-03-29", "02:30", "2026-03-28T21:00:00Z", ""),
    ])
    func clocksOfOtherPlacesJumpToo(
        _ zone: String, _ date: String, _ time: String, _ expected: String, _ warning: String
    ) throws {
        let log = try Log.read("\(date),\(time),200,mg,elemental,citrate,,,,,,,\(zone)")
        #expect(log.doses.first?.instant?.description == expected)
        #expect(log.warnings.map(\.code) == (warning.isEmpty ? [] : [warning]))
        #expect(log.doses.first?.time.zone == zone)
    }

    @Test(arguments: [
        ("2026-02-30", "E_DATE_IMPOSSIBLE"), ("2026-13-01", "E_DATE_IMPOSSIBLE"), ("2025-02-29", "E_DATE_IMPOSSIBLE"),
        ("03/04/2026", "E_DATE_AMBIGUOUS"), ("15/03/2026", "E_DATE_AMBIGUOUS"), ("1999-12-31", "E_DATE_RANGE"),
        ("yesterday", "E_DATE"), ("", "E_DATE"), ("26-03-04", "E_DATE"), ("2026-11-26", "E_DATE_FUTURE"),
        ("2026-03-04T24:00", "E_TIME"), ("2026-03-04T21:10:00+25:00", "E_TIME"), ("4 Foo 2026", "E_DATE"),
    ])
    func aDateThatCannotBeReadIsNamed(_ date: String, _ code: String) throws {
        let time = date.contains("T") ? "" : "21:00"
        #expect(try Log.code("\(date),\(time),200,mg,elemental,citrate") == code)
    }

    @Test(arguments: [
        ("2026/03/04", "2026-03-04T20:00:00Z"), ("4 Mar 2026", "2026-03-04T20:00:00Z"),
        ("4 March 2026", "2026-03-04T20:00:00Z"), ("03/04/2026", "2026-04-03T19:00:00Z"),
        ("3.4.2026", "2026-04-03T19:00:00Z"),
    ])
    func datesAreReadInTheirWays(_ date: String, _ expected: String) throws {
        let dose = try Log.dose("\(date),21:00,200,mg,elemental,citrate", metadata: ["date_order: dmy"])
        #expect(dose.instant?.description == expected)
    }

    @Test(arguments: ["25:10", "24:00", "13:05 pm", "21:60", "nine", "0:10 am"])
    func aTimeThatNoClockShowsIsNamed(_ time: String) throws {
        #expect(try Log.code("2026-03-01,\(time),200,mg,elemental,citrate") == "E_TIME")
    }

    @Test func aDayAheadIsNotYetTheFuture() throws {
        // Now is 13:00 in Berlin.
        #expect(try Log.code("2026-11-25,13:00,200,mg,elemental,citrate") == nil)
        #expect(try Log.code("2026-11-25,13:01,200,mg,elemental,citrate") == "E_DATE_FUTURE")
        #expect(try Log.code("2031-03-10,25:10,200,mg,elemental,citrate") == "E_DATE_FUTURE")
    }

    @Test(arguments: [
        ("nan", "E_NUMBER"), ("inf", "E_NUMBER"), ("two", "E_NUMBER"), ("0x10", "E_NUMBER"), ("1e999", "E_NUMBER"),
        ("\"1,250\"", "E_NUMBER_AMBIGUOUS"), ("\"1.250,5\"", "E_NUMBER_AMBIGUOUS"), ("1 250", "E_NUMBER"),
        ("", "E_AMOUNT_MISSING"), ("-100", "E_DOSE_NEGATIVE"), ("−5", "E_DOSE_NEGATIVE"), ("200-300", "E_NUMBER"),
    ])
    func anAmountThatIsNoNumberIsNamed(_ amount: String, _ code: String) throws {
        #expect(try Log.code("2026-03-01,21:00,\(amount),mg,elemental,citrate") == code)
    }

    @Test(arguments: [
        ("400,IU,elemental,citrate", "E_UNIT"), ("400,,elemental,citrate", "E_UNIT_MISSING"),
        ("2g,mg,elemental,citrate", "E_UNIT_CONFLICT"), ("10,spray,,chloride", "E_UNIT"),
        ("2,tablet,,citrate", "E_UNIT"), ("500,mg,compound,buffered glycinate", "E_FORM_NEEDS_ELEMENTAL"),
        ("500,mg,compound,magnesium complex", "E_FORM_NEEDS_ELEMENTAL"),
        ("500,mg,compound,blend", "E_FORM_NEEDS_ELEMENTAL"),
        ("500,mg,compound,chelate 20 %", "E_FORM_NEEDS_ELEMENTAL"),
        ("500,mg,compound,unknown", "E_FORM_NEEDS_ELEMENTAL"),
        ("500,mg,,unknown", "E_FORM_NEEDS_ELEMENTAL"), ("200,mg,elemental,", "E_FORM_UNKNOWN"),
        ("8,mmol,compound,citrate", "E_BASIS_CONFLICT"), ("16,mEq,compound,unknown", "E_BASIS_CONFLICT"),
        ("501,mg,,citrate", "E_BASIS_REQUIRED"), ("1.25,g,,citrate", "E_BASIS_REQUIRED"),
        ("2501,mg,elemental,oxide", "E_DOSE_IMPLAUSIBLE"), ("200,mg,elemntal,citrate", "E_VALUE"),
    ])
    func unitFormAndBasisAreCheckedInThisOrder(_ rest: String, _ code: String) throws {
        #expect(try Log.code("2026-03-01,21:00,\(rest)") == code)
    }

    @Test(arguments: [
        ("2500,mg,elemental,oxide", ["W_DOSE_HIGH"]), ("500,mg,elemental,oxide", []),
        ("500,mg,,citrate", ["W_BASIS_ASSUMED"]), ("200,mg,elemental,buffered chelate", []),
        ("3000,mg,compound,citrate_anhydrous", []), ("200 mg,mg,elemental,citrate", []), ("8,mmol,,complex", []),
    ])
    func whatIsReadKeepsItsWarnings(_ rest: String, _ codes: [String]) throws {
        let log = try Log.read("2026-03-01,21:00,\(rest)")
        #expect(log.rejected.isEmpty)
        #expect(log.warnings.map(\.code) == codes)
    }

    @Test func aConfirmedAmountIsKept() throws {
        let log = try Log.read("2026-03-01,21:00,6000,mg,elemental,oxide,,,,,yes")
        #expect(log.doses.first?.elementalMg == 6000)
        #expect(log.warnings.map(\.code) == ["W_DOSE_HIGH"])
    }

    @Test func aWeightWithoutBasisIsAskedForWithWhatItWouldBe() throws {
        let rejected = try #require(try Log.read("2026-03-05,21:00,1250,mg,,citrate").rejected.first)
        #expect(rejected.code == "E_BASIS_REQUIRED")
        #expect(rejected.hint == "if compound: 202.0 mg elemental")
        let small = try Log.read("2026-03-05,21:00,400,mg,,citrate")
        #expect(small.doses.first?.elementalMg == 400)
        let assumed = try #require(small.assumedBasis)
        #expect(assumed.doses == 1 && isNear(assumed.ifCompoundMg, 64.7))
    }

    @Test func theFileCanSayTheBasis() throws {
        let elemental = try Log.read("2026-03-05,21:00,1250,mg,,citrate", metadata: ["default_basis: elemental"])
        #expect(elemental.doses.first?.elementalMg == 1250)
        #expect(elemental.warnings.map(\.code) == ["W_BASIS_FILE_DEFAULT", "W_DOSE_HIGH"])
        let compound = try Log.read("2026-03-05,21:00,1250,mg,,citrate", metadata: ["default_basis: compound"])
        #expect(isNear(compound.doses.first?.elementalMg, 202))
        #expect(
            try Log.code("2026-03-05,21:00,400,mg,,blend", metadata: ["default_basis: compound"])
                == "E_FORM_NEEDS_ELEMENTAL")
    }

    @Test func twoDosesAroundMidnightAreOfOneNight() throws {
        let log = try Log.read("2026-03-05,23:58,200,mg,elemental,citrate", "2026-03-06,00:20,200,mg,elemental,citrate")
        #expect(log.doses.allSatisfy { $0.night.description == "2026-03-05" })
        #expect(log.warnings.map(\.code) == ["W_TWO_WITHIN_6H"])
        #expect(log.warnings.map(\.line) == [4])
    }

    @Test func whatIsTakenInBedIsNamed() throws {
        let night = try #require(CivilDay("2026-03-05"))
        let lights = try #require(UTCInstant("2026-03-05T21:45:00Z"))
        let wakeUp = try #require(UTCInstant("2026-03-06T06:00:00Z"))
        let options = DoseLog.Options(now: Log.now, bedtimes: [night: .init(lightsOut: lights, wakeUp: wakeUp)])
        let log = try Log.read(
            "2026-03-05,22:45,100,mg,elemental,citrate", "2026-03-05,23:58,200,mg,elemental,citrate",
            "2026-03-06,07:30,50,mg,elemental,oxide", options: options)
        #expect(log.warnings.filter { $0.code == "W_DURING_NIGHT" }.map(\.line) == [4])
    }

    @Test func whatIsOnTheSkinIsListedAndNotCounted() throws {
        let log = try Log.read(
            "2026-03-08,20:00,10,spray,,chloride spray,topical", "2026-03-08,20:30,5,g,,chloride,topical",
            "2026-03-08,21:00,5,ml,,unknown,topical")
        #expect(log.doses.map(\.elementalMg) == [nil, nil, nil])
        #expect(log.doses.map(\.countedMg) == [0, 0, 0])
        #expect(
            log.warnings.map(\.code) == ["W_TOPICAL_NOT_COUNTED", "W_TOPICAL_NOT_COUNTED", "W_TOPICAL_NOT_COUNTED"])
    }

    @Test func theSameDoseTwiceIsDroppedUnlessItHasANameOfItsOwn() throws {
        let log = try Log.read(
            "2026-03-06,21:00,200,mg,elemental,citrate", "2026-03-06,9:00 pm,0.2,g,elemental,magnesium citrate",
            "2026-03-06T20:00Z,,200,mg,elemental,citrate,,,,,,second", "2026-03-06,21:00,200,mg,elemental,oxide")
        #expect(log.rejected.map(\.code) == ["E_DUPLICATE_OF_LINE_3"])
        #expect(log.rejected.map(\.line) == [4])
        #expect(log.entries.map(\.line) == [3, 5, 6])
    }

    @Test func nearTwinsAreListed() throws {
        let log = try Log.read(
            "2026-03-06,21:00,200,mg,elemental,citrate", "2026-03-06,21:10,200,mg,elemental,citrate",
            "2026-03-07,21:00,200,mg,elemental,citrate", "2026-03-07,21:11,200,mg,elemental,citrate",
            "2026-03-08,,200,mg,elemental,citrate", "2026-03-08,,200,mg,elemental,citrate")
        #expect(log.warnings.filter { $0.code == "W_POSSIBLE_DUPLICATE" }.map(\.line) == [4, 8])
        #expect(log.rejected.isEmpty)
    }

    @Test func halfADayFromTheUsualTimeIsAsked() throws {
        let log = try Log.read(
            "2026-03-01,21:00,200,mg,elemental,citrate", "2026-03-02,21:10,200,mg,elemental,citrate",
            "2026-03-03,9:00,200,mg,elemental,citrate", "2026-03-05,00:20,200,mg,elemental,citrate")
        let unusual = log.warnings.filter { $0.code == "W_TIME_UNUSUAL" }
        #expect(unusual.map(\.line) == [5])
        #expect(unusual.first?.message.contains("did you mean 21:00?") == true)
    }

    @Test func strictReadingRejectsWhatWouldBeAWarning() throws {
        let log = try Log.read(
            "2026-03-01,21:00,400,mg,,citrate", "2026-03-02,21:00,200,mg,elemental,citrate",
            options: .init(now: Log.now, isStrict: true))
        #expect(log.rejected.map(\.code) == ["W_BASIS_ASSUMED"])
        #expect(log.entries.map(\.line) == [4])
        #expect(log.warnings.isEmpty)
    }

    @Test func piecesOfAKnownProductAreCounted() throws {
        let product = Product(
            name: "MagCitrate", form: "citrate_anhydrous", unit: "tablet", labelMg: 100, basis: .elemental,
            elementalMgPerUnit: 100)
        let log = try Log.read(
            "2026-03-01,21:00,2,tablet,,,,,MagCitrate", "2026-03-02,21:00,3 tablets,,,citrate,,,magcitrate",
            options: .init(now: Log.now, products: [product]))
        #expect(log.rejected.isEmpty)
        #expect(log.doses.map(\.elementalMg) == [200, 300])
        #expect(log.doses.map(\.form) == ["citrate_anhydrous", "citrate_anhydrous"])
    }

    @Test func withoutAZoneEveryEntryNeedsItsOffset() throws {
        func read(_ rows: String) throws -> DoseLog {
            try DoseLog(
                reading: Array("date,time,amount,unit,basis,form\n\(rows)\n".utf8), options: .init(now: Log.now))
        }
        let log = try read("2026-03-04T21:10:00-05:00,,200,mg,elemental,citrate")
        #expect(log.doses.first?.instant?.description == "2026-03-05T02:10:00Z")
        #expect(log.doses.first?.night.description == "2026-03-04")
        let refused = try #require(throws: RefusedFile.self) {
            try read("2026-03-04T21:10:00-05:00,,200,mg,elemental,citrate\n2026-03-05,21:10,200,mg,elemental,citrate")
        }
        #expect(refused.finding.code == "E_TZ_MISSING")
        #expect(refused.finding.line == 3)
        #expect(throws: RefusedFile.self) {
            try DoseLog(
                reading: Array("# tz: Europe/Berlinn\ndate,amount,form\n".utf8), options: .init(now: Log.now))
        }
    }

    @Test(arguments: [
        "", "\n\n", "# tz: Europe/Berlin\n", "time,amount\n21:00,200\n", "\u{0}\u{1}", "date,date,amount,form\n",
    ])
    func aFileWithoutAHeaderIsRefused(_ text: String) {
        #expect(throws: RefusedFile.self) { try DoseLog(reading: Array(text.utf8), options: .init(now: Log.now)) }
    }

    @Test(arguments: [
        "\u{FEFF}# tz: Europe/Berlin\r\nDatum;Uhrzeit;dose;unit;basis;type\r\n2026-03-04;21:10;8,2;mmol;;citrate\r\n",
        "# tz: Europe/Berlin\t\t\ndate\ttime\tamount\tunit\tbasis\tform\n2026-03-04\t21:10\t8,2\tmmol\t\tcitrate",
        "\"# tz: Europe/Berlin\"\n\"date\",\"time\",\"amount\",\"unit\",\"form\"\n2026-03-04,\"21:10\",\"8,2 mmol\",,\"citrate\"\n",
    ])
    func spreadsheetsInManyDialectsAreRead(_ text: String) throws {
        let log = try DoseLog(reading: Array(text.utf8), options: .init(now: Log.now))
        #expect(log.rejected.isEmpty)
        #expect(isNear(log.doses.first?.elementalMg, 199.3))
        #expect(log.doses.first?.instant?.description == "2026-03-04T20:10:00Z")
    }

    @Test func aColumnNamedMgSaysTheUnit() throws {
        let log = try Log.read(
            "2026-03-04,21:10,200,citrate", "2026-03-05,21:10,2g,citrate", header: "date,time,mg,form")
        #expect(log.doses.map(\.elementalMg) == [200])
        #expect(log.rejected.map(\.code) == ["E_UNIT_CONFLICT"])
    }

    @Test func damagedRowsCostThemselvesOnly() throws {
        let log = try Log.read(
            "2026-03-01,21:00,200,mg,elemental,citrate,,,\"not closed",
            "2026-03-02,21:00,8,2,mmol,elemental,citrate,,,,,,,,surplus",
            "2026-03-03,21:00,\"200\"x,mg,elemental,citrate",
            "2026-03-04,21:00,200,mg,elemental,citrate,,,,,,,,\"two\nlines\"",
            "2026-03-05,21:00,200,mg,elemental,oxide")
        #expect(log.rejected.map(\.code) == ["E_STRUCTURE", "E_STRUCTURE", "E_STRUCTURE"])
        #expect(log.entries.map(\.line) == [6, 8])
        #expect(log.doses.first?.note == "two\nlines")
    }

    @Test func completenessIsWhatTheFileDeclares() throws {
        let log = try Log.read(metadata: ["complete_from: 2026-03-01", "complete_to: 2026-03-31"])
        #expect(log.complete?.lowerBound.description == "2026-03-01")
        #expect(try Log.read(metadata: ["complete_from: 2026-03-31", "complete_to: 2026-03-01"]).complete == nil)
        #expect(try Log.read("2026-03-04,21:10,200,mg,elemental,citrate").complete == nil)
    }
}
