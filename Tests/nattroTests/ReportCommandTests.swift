// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation
import Reports
import TestSupport
import Testing

@testable import nattro

@Suite struct ReportCommandTests {
    private static let sets = [
        "d01_ab14", "d02_ab14_null_ar", "d04_ab30_null_ar6", "d05_ab21_missing", "d06_ab12_low", "d08_rand8x4",
        "d10_pairs7x3", "d11_randstart40", "d12_dose35", "d14_cov40", "d15_trend_null", "d17_tiny3", "d18_zeroB",
        "d19_small9dose",
    ]

    private static func words(_ dataset: String) -> [String] {
        let folder = Fixtures.path("statistics/datasets/\(dataset)")
        return [
            "report", "compare", "--nights", "\(folder)/nights.csv", "--doses", "\(folder)/doses.csv", "--design",
            "\(folder)/design.json",
        ]
    }

    /// What must not be said of nights that nobody drew at random.
    private static var causal: Regex<Substring> {
        /because|caused? by|due to|thanks to|works?\b|effective|treats?\b|cures?\b|heals?\b|proves?\b|reduced by|no effect|\bsafe\b/
            .ignoresCase()
    }

    @Test(arguments: sets)
    func everyReferenceSetHasAReportThatClaimsNoCause(dataset: String) throws {
        let run = try ProgramRun("nattro", Self.words(dataset) + ["--out", "-"])
        let refuses = ["d17_tiny3", "d18_zeroB"].contains(dataset)
        #expect(run.status == (refuses ? 1 : 0) && run.errors.isEmpty == !refuses)
        let read = try PersonFiles(folder: Fixtures.path("statistics/datasets/\(dataset)"))
        let report = try read.report
        let headline = try #require(report.verdict.sentences.first?.text)
        #expect(run.output.contains("<p class=\"headline\">\(headline)</p>"))
        // Quoted studies have words of their own.
        let own = run.output.components(separatedBy: "What is known from studies")
        let ours = own[0] + (own.last?.components(separatedBy: "<h2>Checklist</h2>").last ?? "")
        let body = ours.components(separatedBy: "</style>").last ?? ""
        #expect(body.firstMatch(of: Self.causal) == nil)
        #expect(!body.contains("supports an effect") || report.design.design.isRandomised)
        #expect(run.output.contains(report.design.digest))
        #expect(run.output.utf8.count < 300_000)
    }

    @Test func theTwinsOfAReportHaveTheComparisonsNumbers() throws {
        let run = try ProgramRun("nattro", Self.words("d04_ab30_null_ar6") + ["--json"])
        let answer = try JSONValue(parsing: run.output)
        #expect(answer["schema"] == .string("nattro.report/1"))
        let ratio = try #require(answer["comparison"]?["primary"]?["rr"]?.double)
        let drawn = answer["pictures"]?["robustness"]?["tables"]?["analyses"]?["rows"]?.elements.first
        #expect(drawn?["ratio"]?.double == ratio && drawn?["analysis"] == .string("primary analysis"))
        let nights = answer["pictures"]?["nightly-index"]?["tables"]?["nights"]?["rows"]?.elements
        #expect(nights?.count == 60 && nights?.first?["elemental_mg"]?.double == 0)
    }

    @Test func aFileThatIsThereIsNeverWrittenOverUnlessSaid() throws {
        try Fixtures.withTemporaryFolder { folder in
            let file = folder.appending(path: "report.html").path
            let words = Self.words("d01_ab14") + ["--out", file]
            #expect(try ProgramRun("nattro", words).status == 0)
            let first = try Data(contentsOf: URL(filePath: file))
            let second = try ProgramRun("nattro", words)
            #expect(second.status == 2 && second.errors.contains("--force"))
            #expect(try ProgramRun("nattro", words + ["--force"]).status == 0)
            #expect(try Data(contentsOf: URL(filePath: file)) == first, "the same nights give the same report")
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test func everyPictureHasItsCSVFile() throws {
        try Fixtures.withTemporaryFolder { folder in
            let run = try ProgramRun(
                "nattro", Self.words("d12_dose35") + ["--csv", folder.appending(path: "twins").path])
            #expect(run.status == 0)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "twins").path)
            for name in [
                "dose-response-nights.csv", "dose-response-steps.csv", "robustness.csv", "nightly-index.csv",
                "checklist.csv",
            ] {
                #expect(names.contains(name), "\(names)")
            }
        }
    }

    @Test func withoutABrowserThereIsOneClearErrorForAPDF() throws {
        try Fixtures.withTemporaryFolder { folder in
            let run = try ProgramRun(
                "nattro", Self.words("d01_ab14") + ["--pdf", folder.appending(path: "a.pdf").path],
                environment: ["PATH": "/nowhere"])
            #expect(run.status == 2 && run.errors.contains("apt install chromium"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
    }

    @Test func aRecordedNightHasAReport() throws {
        try JournalHome.with { home in
            let file = try home.simulate("night")
            let run = try home.run("report", "night", file, "--out", "-", expecting: nil)
            #expect(
                run.status == 0 && run.output.contains("id=\"night-strip\"") && run.output.contains("envelope axis-x"))
            try home.run("import", file)
            try home.run("report", "night", "--out", home.path("last.html"))
            let stored = try String(contentsOfFile: home.path("last.html"), encoding: .utf8)
            #expect(stored.contains("night of 15 January 2026") && stored.contains("nothing logged, which is unknown"))
            try home.run("dose", "add", "200mg", "elemental", "citrate", "2026-01-15", "21:10")
            let page = try home.run("report", "clinician", "--out", "-", "--now", "2026-01-20T12:00:00Z")
            #expect(page.output.contains("Magnesium as logged") && page.output.contains("200 mg elemental a night"))
            #expect(page.output.contains("id=\"nightly-index\""))
        }
    }

    @Test func theJournalsComparisonHasAReport() throws {
        try MadeJournal.with { journal in
            let run = try ProgramRun(
                "nattro", ["report", "compare", "--out", "-"] + MadeJournal.now, environment: journal.home.environment)
            #expect(run.status == 0, "\(run.errors)")
            let answer = try journal.answer()
            #expect(run.output.contains("read off the dose log"))
            for picture in ["before-after", "nightly-index", "hour-raster", "intervals", "robustness"] {
                #expect(run.output.contains("<figure id=\"\(picture)\">"), "\(picture)")
            }
            #expect(answer["design_sha256"].map { run.output.contains("\($0)".replacing("\"", with: "")) } == true)
        }
    }

    @Test func withoutAJournalItSaysWhatToDo() throws {
        let compare = try ProgramRun("nattro", ["report", "compare"])
        #expect(compare.status == 2 && compare.errors.contains("there is no journal yet"))
        let night = try ProgramRun("nattro", ["report", "night"])
        #expect(night.status == 2 && night.errors.contains("nattro import FILE"))
    }
}
