// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

/// `nattro dose check` and `nattro dose import` from outside.
@Suite struct DoseCheckTests {
    private struct Answer: Decodable {
        struct Dose: Decodable {
            var line: Int
            var instant: String?
            var night: String
            var elementalMg: Double?
            var elementalMgRange: [Double]?
            var form: String
            var route: String
        }
        struct Rejection: Decodable {
            var line: Int
            var column: Int
            var code: String
            var message: String
            var hint: String
        }
        struct Warning: Decodable {
            var line: Int
            var code: String
            var message: String
        }
        struct Notice: Decodable {
            var id: String
            var severity: String
            var text: String
            var source: String
        }
        var doses: [Dose]
        var rejected: [Rejection]
        var warnings: [Warning]
        var notices: [Notice]
    }

    private static let now = ["--now", "2026-11-24T12:00:00Z"]

    private static func check(_ arguments: [String], input: String? = nil) throws -> (run: ProgramRun, answer: Answer) {
        let run = try ProgramRun(
            "nattro", ["dose", "check", "--json"] + now + arguments, input: input.map { Array($0.utf8) })
        return (run, try JSONDecoder().decode(Answer.self, from: Data(run.output.utf8)))
    }

    @Test func goodAndBadExamplesEndInTheirCodes() throws {
        let good = try Self.check([Fixtures.path("dosing/doses.csv")])
        #expect(good.run.status == 0 && good.answer.doses.count == 8 && good.answer.rejected.isEmpty)
        let bad = try Self.check([Fixtures.path("dosing/doses-bad.csv")])
        #expect(bad.run.status == 1 && bad.answer.doses.count == 8 && bad.answer.rejected.count == 13)
        #expect(bad.answer.doses[1].instant == "2026-10-25T00:30:00Z")
        #expect(bad.run.errors.contains("doses-bad.csv:3:18 E_DOSE_NEGATIVE"))
        let unzoned = try Self.check(["-"], input: "date,time,amount,unit,form\n2026-03-01,21:00,200,mg,citrate\n")
        #expect(unzoned.run.status == 2 && unzoned.answer.rejected.map(\.code) == ["E_TZ_MISSING"])
        #expect(try ProgramRun("nattro", ["dose", "check", "/no/such/file"]).status == 2)
    }

    @Test func companionsStandBesideTheLog() throws {
        let log = """
            # tz: Europe/Berlin
            date,time,amount,unit,basis,form
            2026-03-10,21:00,300,mg,elemental,citrate
            2026-03-11,20:00,1000,mg,compound,citrate

            """
        let found = try Self.check(
            ["-", "--profile", Fixtures.path("dosing/profile.json"), "--medicines", Fixtures.path("dosing/meds.csv")],
            input: log)
        #expect(found.run.status == 0)
        #expect(found.answer.doses[1].elementalMgRange?.count == 2)
        let ids = found.answer.notices.map(\.id)
        #expect(ids.filter { $0.hasPrefix("spacing.") }.sorted() == ["spacing.fluoroquinolone", "spacing.gabapentin"])
        #expect(ids.filter { $0.hasPrefix("limit.") }.count == 1)
        #expect(ids.contains("iron.ferritin-low") && ids.contains("kidney.unknown"))
    }

    @Test func theTextSaysBothBasisWordsAndTheDataVersion() throws {
        let log =
            "# tz: UTC\ndate,time,amount,unit,basis,form\n2026-03-10,21:00,250,mg,elemental,oxide\n2026-03-11,21:00,250,mg,compound,oxide\n"
        let run = try ProgramRun("nattro", ["dose", "check", "-"] + Self.now, input: Array(log.utf8))
        #expect(run.output.contains("250 mg elemental") && run.output.contains("250 mg compound = 150.8 mg elemental"))
        #expect(run.output.contains("reference data"))
    }

    @Test func strictAndWrongUsageHaveTheirExitCodes() throws {
        let log = "# tz: UTC\ndate,time,amount,unit,form\n2026-03-10,21:00,250,mg,oxide\n"
        #expect(try Self.check(["-"], input: log).run.status == 0)
        let strict = try Self.check(["-", "--strict"], input: log)
        #expect(strict.run.status == 1 && strict.answer.rejected.map(\.code) == ["W_BASIS_ASSUMED"])
        #expect(try ProgramRun("nattro", ["dose", "check", "-", "--now", "soon"]).status == 64)
    }

    @Test func anAppleExportIsImportedOnceXMLOrZip() throws {
        let export = """
            <?xml version="1.0"?>
            <!DOCTYPE HealthData [ <!ATTLIST Record type CDATA #REQUIRED> ]>
            <HealthData>
             <Record type="HKQuantityTypeIdentifierDietaryMagnesium" sourceName="App" unit="g" value="0.2" startDate="2026-03-01 21:00:00 +0100" endDate="2026-03-01 21:00:00 +0100"/>
            </HealthData>
            """
        try Fixtures.withTemporaryFolder { folder in
            let folders = folder.appending(path: "apple_health_export")
            try FileManager.default.createDirectory(at: folders, withIntermediateDirectories: true)
            try Data(export.utf8).write(to: folders.appending(path: "export.xml"))
            let zip = folder.appending(path: "export.zip").path
            let made = try ProgramRun("python3", ["-m", "zipfile", "-c", zip, folders.path])
            #expect(made.status == 0)
            func importing(_ file: String, _ more: [String]) throws -> ProgramRun {
                try ProgramRun(
                    "nattro",
                    [
                        "dose", "import", file, "--journal", folder.appending(path: "j.sqlite").path, "--kind",
                        "App=supplement",
                    ]
                        + Self.now + more)
            }
            let dry = try importing(zip, ["--dry-run"])
            #expect(dry.status == 0)
            #expect(dry.output.contains("200 mg elemental") && dry.output.contains("1 doses read, 1 new"))
            #expect(try importing(zip, []).output.contains("1 new"))
            #expect(try importing(folders.appending(path: "export.xml").path, []).output.contains("0 new"))
        }
    }

    @Test func myFitnessPalIsRefused() throws {
        let text = "Date,Meal,Calories,Note\n2026-03-01,Lunch,500,\n"
        try Fixtures.withTemporaryFolder { folder in
            let run = try ProgramRun(
                "nattro", ["dose", "import", "-", "--journal", folder.appending(path: "j.sqlite").path] + Self.now,
                input: Array(text.utf8))
            #expect(run.status == 2)
            #expect(run.errors.contains("no column for magnesium"))
        }
    }
}
