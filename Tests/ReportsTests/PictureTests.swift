// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@testable import Reports

@Suite struct PictureTests {
    @Test func everyKindOfPictureIsDrawn() { #expect(MadePictures.all.count == 10) }

    @Test(arguments: MadePictures.all)
    func aPictureIsWellFormedAndSaysWhatItShows(picture: Picture) throws {
        let markup = Markup(picture.svg)
        #expect(markup.problem == nil, "\(picture.id)")
        let svg = try #require(markup.elements.first)
        #expect(svg.name == "svg" && svg.attributes["role"] == "img")
        let named = (svg.attributes["aria-labelledby"] ?? "").split(separator: " ").map(String.init)
        let texts = named.compactMap { id in markup.elements.first { $0.attributes["id"] == id }?.text }
        #expect(texts.count == 2 && texts.allSatisfy { !$0.isEmpty })
        // Looks are the style sheet's: nothing that its policy would refuse.
        #expect(
            markup.elements.allSatisfy { $0.attributes["style"] == nil && $0.name != "script" && $0.name != "style" })
        let ids = markup.elements.compactMap { $0.attributes["id"] }
        #expect(Set(ids).count == ids.count && ids.allSatisfy { $0.hasPrefix(picture.id) })
        for element in markup.elements {
            for name in ["x", "y", "width", "height", "cx", "cy", "r", "x1", "x2", "y1", "y2"] {
                if let value = element.attributes[name] { #expect(Double(value)?.isFinite == true, "\(name)=\(value)") }
            }
        }
    }

    @Test(arguments: MadePictures.all)
    func nothingLiesOutsideAPicture(picture: Picture) throws {
        let markup = Markup(picture.svg)
        let box = (markup.elements[0].attributes["viewBox"] ?? "").split(separator: " ").compactMap { Double($0) }
        try #require(box.count == 4)
        for element in markup.elements where element.name == "text" {
            guard let x = element.attributes["x"].flatMap({ Double($0) }),
                let y = element.attributes["y"].flatMap({ Double($0) })
            else { continue }
            let width = SVGCanvas.width(element.text.replacing("&lt;", with: "<").replacing("&gt;", with: ">"))
            let look = element.attributes["class"] ?? ""
            let left = look.hasSuffix("middle") ? x - width / 2 : look.hasSuffix("end") ? x - width : x
            guard !element.text.contains("script") else { continue }
            #expect(left > -4 && left + width < box[2] + 4, "\(picture.id): \(element.text)")
            #expect(y > 0 && y < box[3] + 1, "\(picture.id): \(element.text)")
        }
    }

    @Test(arguments: MadePictures.all)
    func underEachPictureItsNumbersCanBeRead(picture: Picture) {
        let html = Markup(picture.html)
        #expect(html.problem == nil)
        #expect(html.elements.contains { $0.name == "details" } && html.elements.contains { $0.name == "table" })
        #expect(!picture.tables.isEmpty && picture.tables.contains { $0.isShown && !$0.rows.isEmpty })
    }

    @Test(arguments: MadePictures.all)
    func theTwinsHaveThePicturesNumbers(picture: Picture) throws {
        for (table, file) in zip(picture.tables, picture.csvFiles) {
            let lines = file.content.split(separator: "\r\n", omittingEmptySubsequences: false)
            #expect(lines.count == table.rows.count + 2)
            #expect(lines[0].hasPrefix(table.columns[0].name))
        }
        let json = try #require(try JSONSerialization.jsonObject(with: Data(picture.json.utf8)) as? [String: Any])
        let tables = try #require(json["tables"] as? [String: Any])
        for table in picture.tables {
            let rows = try #require((tables[table.name] as? [String: Any])?["rows"] as? [[String: Any]])
            #expect(rows.count == table.rows.count)
            for (row, cells) in zip(rows, table.rows) {
                for (column, cell) in zip(table.columns, cells) {
                    switch cell {
                    case .number(let value):
                        // Foundation's parser is off by a last digit here and there.
                        let read = try #require(row[column.name] as? Double)
                        #expect(abs(read - value) <= 1e-14 * abs(value))
                    case .integer(let value): #expect(row[column.name] as? Int == value)
                    case .text(let text): #expect(row[column.name] as? String == text)
                    case .missing: #expect(row[column.name] is NSNull)
                    }
                }
            }
        }
    }

    @Test func whatSomebodyTypedIsText() {
        for picture in MadePictures.all { #expect(!picture.html.contains("<script")) }
        #expect(MadePictures.forest.picture()?.html.contains("&lt;script&gt;") == true)
        #expect(
            MadePictures.trend.picture()?.csvFiles[0].content.contains(
                "\"excluded: <script>alert(\"\"&'\"\")</script>\"") == true)
    }

    @Test func dotsStandWhereTheirNumbersAre() throws {
        let picture = MadePictures.beforeAfter.picture()
        let dots = Markup(picture.svg).elements.filter { $0.name == "circle" && $0.attributes["class"] == "with" }
        #expect(dots.count == 4)
        let heights = dots.compactMap { $0.attributes["cy"].flatMap { Double($0) } }
        // Three nights of one rate on one height, beside each other; the axis goes from 0 at 250 to 30 × 1.08 at 26.
        #expect(heights[0] == heights[1] && heights[1] == heights[2])
        #expect(abs(heights[0] - (250 - 8 / (30 * 1.08) * 224)) < 0.06)
        #expect(Set(dots.compactMap { $0.attributes["cx"] }).count == 4 || heights[3] != heights[0])
    }

    @Test func theMarksOfARatioStandAtFourFifthsAndOne() {
        let x = RatioAxis.scale([0.4, 0.9], PlotArea(left: 0, top: 0, right: 1000, bottom: 1))
        #expect(x.domain == 0.4 / 1.08...1.3)
        let markup = Markup(MadePictures.beforeAfter.picture().svg)
        let lines = markup.elements.filter { $0.attributes["class"]?.hasPrefix("reference") == true }
        #expect(lines.count == 2)
    }

    @Test func aHollowDotIsANightThatTakesNoPart() throws {
        let picture = try #require(MadePictures.trend.picture())
        let hollow = Markup(picture.svg).elements.filter {
            $0.name == "circle" && $0.attributes["class"]?.contains("hollow") == true && $0.attributes["r"] == "3.8"
        }
        #expect(hollow.count == 2)
        // Nights that are missing leave their places empty: 30 days, one without a night, one without an index.
        let dots = Markup(picture.svg).elements.filter { $0.name == "circle" && $0.attributes["r"] == "3.8" }
        #expect(dots.count == 28 && picture.summary.contains("On 2 of the days"))
    }

    @Test func intervalsFallIntoBinsOfEqualRatio() {
        let counts = IntervalPicture.counts([1, 9.99, 10, 20, 1000, 5000, 0.5])
        #expect(counts.reduce(0, +) == 5 && counts[0] == 1 && counts[14] == 1 && counts[15] == 1 && counts[44] == 1)
        #expect(IntervalPicture.edge(15) == 10 && abs(IntervalPicture.edge(45) - 1000) < 1e-9)
    }

    @Test func anHourWithoutDataIsHatchedAndHasNoIndex() throws {
        #expect(MadePictures.hours.hours.map(\.index) == [30, 15, nil])
        let picture = try #require(MadePictures.hours.picture())
        #expect(picture.svg.contains("no data") && picture.tables[0].rows[2][4] == .missing)
    }

    @Test func tenMinutesMostlyMissingAreMissingInTheRaster() throws {
        let night = try #require(MadePictures.raster.nights.first)
        // From 23:00 an hour, then half an hour missing.
        #expect(night.counts[66] == 2 && night.counts[67] == 1 && night.counts[71] == 0)
        #expect(night.counts[72] == nil && night.counts[74] == nil && night.counts[75] == 0 && night.counts[65] == nil)
        #expect(HourRaster([]).picture() == nil)
    }

    @Test func neighboursThatAlternateHaveCorrelationsOfBothSigns() {
        let correlation = MadePictures.correlation
        #expect(correlation.lags.map(\.days) == Array(1...14))
        #expect(
            correlation.lags.allSatisfy { $0.correlation == ($0.days % 2 == 0 ? 1 : -1) && $0.pairs == 20 - $0.days })
    }

    @Test func theEnvelopeOfAColumnIsItsLowestAndHighestSample() {
        var envelope = SignalEnvelope(span: 100..<200, columns: 10, axes: 1)
        envelope.add([9, 1, 5, .nan, 2], channels: 1, start: 99, period: 1)
        envelope.add([-3], channels: 1, start: 109.5, period: 1)
        envelope.add([7, 8], channels: 1, start: 199, period: 1)
        #expect(envelope.axes[0][0] == -3...5)
        #expect(envelope.axes[0][9] == 7...7)
        #expect(envelope.axes[0][1..<9].allSatisfy { $0 == nil })
    }

    @Test func anEmptyNightHasNoPicture() {
        #expect(NightTrend([]).picture() == nil)
        #expect(DoseResponse([], steps: []).picture() == nil)
        #expect(IntervalPicture([.init(name: "none", intervals: [])]).picture() == nil)
        #expect(Forest([]).picture() == nil && HourProfile([]).picture() == nil && ThresholdBand([]).picture() == nil)
    }
}
