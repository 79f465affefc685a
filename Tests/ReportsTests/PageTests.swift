// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import TestSupport
import Foundation
import Testing

@testable import Nights
@testable import Reports

@Suite struct PageTests {
    @Test func aReportIsWellFormedAndHasAPictureOnItsFirstPage() throws {
        let document = try MadePictures.page().document
        let markup = Markup(try document.html(), isHTML: true)
        #expect(markup.problem == nil)
        #expect(document.pages.map(\.name) == ["For you", "For a clinician", "Checklist and origin"])
        #expect(document.pictures.map(\.id) == ["before-after", "nightly-index", "robustness", "night-correlation"])
        #expect(markup.elements.count { $0.name == "svg" } == 4 && markup.elements.count { $0.name == "details" } == 4)
        let ids = markup.elements.compactMap { $0.attributes["id"] }
        #expect(Set(ids).count == ids.count)
    }

    @Test func thePolicyLetsInTheStyleSheetAndNothingElse() throws {
        let html = try MadePictures.page().document.html()
        let markup = Markup(html, isHTML: true)
        let style = try #require(markup.elements.first { $0.name == "style" })
        #expect(markup.elements.count { $0.name == "style" } == 1)
        let policy = try #require(markup.elements.first { $0.attributes["http-equiv"] == "Content-Security-Policy" })
        // The digest of what stands in the file, by another program.
        let digest = try Fixtures.withTemporaryFolder { folder in
            let file = folder.appending(path: "style.css")
            try Data(style.text.utf8).write(to: file)
            return try ProgramRun("openssl", ["dgst", "-sha256", "-binary", "-out", file.path + ".digest", file.path])
                .status == 0
                ? Data(contentsOf: URL(filePath: file.path + ".digest")).base64EncodedString() : ""
        }
        #expect(policy.attributes["content"] == "default-src 'none'; style-src 'sha256-\(digest)'; img-src data:")
        #expect(markup.elements.allSatisfy { $0.attributes["style"] == nil && $0.name != "script" })
        #expect(markup.elements.allSatisfy { $0.attributes["src"] == nil && $0.attributes["href"] == nil })
        #expect(!style.text.contains("@import") && !style.text.contains("url("))
        let addresses = html.replacing("xmlns=\"http://www.w3.org/2000/svg\"", with: "")
        #expect(!addresses.contains("http:") && !addresses.contains("https:"))
    }

    @Test func whatSomebodyTypedIsShownAsText() throws {
        let html = try MadePictures.page().document.html()
        #expect(!html.contains("<script") && html.contains("&lt;script&gt;"))
    }

    @Test func fewNightsAreShownAndNotCompared() throws {
        let document = try MadePictures.page(before: 6, with: 6).document
        let html = try document.html()
        #expect(html.contains("Too few nights to compare"))
        #expect(!html.contains("rate ratio, with magnesium to before (logarithmic)"))
        #expect(document.pictures.first?.id == "before-after")
    }

    @Test func whatNeedsCareStandsBeforeAnyNumberAndWithoutADifference() throws {
        var page = try MadePictures.page(drop: 60)
        let plain = try page.document.html()
        #expect(plain.contains("During the magnesium nights your movement rate was"))
        page.surroundings.suppressesHeadline = true
        page.surroundings.notices = [
            Notice(id: "redflag.x", severity: .urgent, text: "Seek care now.", source: "x", date: MadePictures.day)
        ]
        let document = page.document
        #expect(document.pages[0].blocks.first == .notice("1 January 2026: Seek care now.", severity: "urgent"))
        #expect(!(try document.html().contains("your movement rate was")))
        #expect(!document.pages[0].blocks.contains { if case .picture = $0 { true } else { false } })
    }

    @Test func aPlanThatIsNotCompleteShowsNoResult() throws {
        var page = try MadePictures.page()
        var design = page.comparison.design
        design.looks = .after([90])
        design.nights = 90
        design.condition += Array(repeating: true, count: 30)
        page.comparison = try NightComparison(nights: page.nights, doses: page.doses, design: design)
        let document = page.document
        #expect(document.pictures.isEmpty)
        let html = try document.html()
        #expect(html.contains("Interim, 60 of 90 planned nights") && !html.contains("PLM per hour, all"))
    }

    @Test func theChecklistHasEveryItemOnce() throws {
        let rows = TrialChecklist(try MadePictures.page()).rows
        let numbers = rows.map { Int($0.item.prefix { $0.isNumber }) ?? 0 }
        #expect(Set(numbers) == Set(1...25) && Set(rows.map(\.item)).count == rows.count)
        #expect(rows.allSatisfy { !$0.answer.isEmpty })
        #expect(rows.contains { $0.item == "9" && $0.answer == "not stated" })
    }

    @Test func sixtyNightsFitIntoASmallFile() throws {
        #expect(try MadePictures.page().document.html().utf8.count < 300_000)
    }

    @Test func aNightsReportHasItsPicturesInOrder() throws {
        let page = NightPage(
            subtitle: "night of 15 January 2026", analysed: 6000,
            results: [.init(rules: "wasm2016", periodic: 20, index: 12, counts: [Provenance("PLM in rest", "20")])],
            isMonolateral: true, remarks: [MadePictures.nasty], strip: MadePictures.strip, hours: MadePictures.hours,
            intervals: MadePictures.intervals, thresholds: MadePictures.thresholds, provenance: [])
        let document = page.document
        #expect(document.pictures.map(\.id) == ["night-strip", "hour-profile", "intervals", "threshold-sensitivity"])
        let html = try document.html()
        #expect(Markup(html, isHTML: true).problem == nil && !html.contains("<script"))
        #expect(html.contains("12.0 periodic limb movements per hour, in 1.7 analysed hours of rest."))
        #expect(html.contains("One leg alone was recorded"))
    }

    @Test func theCliniciansPageBeginsWithWhatMattersMost() throws {
        let log = NoticeBoard.Log(
            doses: [], medicines: [], diary: [], profile: nil, clock: nil, today: MadePictures.day)
        let page = ClinicianPage(
            summary: ClinicianSummary(log), subtitle: "", trend: MadePictures.trend, raster: MadePictures.raster,
            provenance: [])
        let html = try page.document.html()
        #expect(Markup(html, isHTML: true).problem == nil)
        #expect(html.contains("Reference data \(ReferenceData.current.version)."))
    }
}
