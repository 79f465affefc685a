// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import LegMovements
import Nights
import Recordings
import TestSupport
import Testing
import Web

@testable import nattro

/// The pages of one night, asked in process: no server, no browser.
@Suite struct NightPageTests {
    private struct Pages {
        let home: JournalHome
        let routes: [PageRoute]
        let store: JournalStore

        init(_ home: JournalHome) throws {
            self.home = home
            store = try home.store()
            routes = NightPages(store: store, rules: .wasm2016).routes
        }

        func get(_ path: String, night: String = "2026-01-15", query: [String: String] = [:]) async throws
            -> PageResponse
        {
            let route = try #require(routes.first { $0.path == path })
            #expect(route.method == .get)
            return try await route.answer(PageRequest(path: path, parameters: ["night": night], query: query))
        }

        func text(_ path: String, night: String = "2026-01-15", query: [String: String] = [:], status: Int = 200)
            async throws
            -> String
        {
            let response = try await get(path, night: night, query: query)
            #expect(response.status == status)
            return String(decoding: try Self.bytes(response), as: UTF8.self)
        }

        static func bytes(_ response: PageResponse) throws -> [UInt8] {
            guard case .bytes(let bytes) = response.body else { throw Unexpected() }
            return bytes
        }
    }

    private struct Unexpected: Error {}
    private static let api = "/api/nights/:night"

    private func withNight(_ body: (Pages) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nattro-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let home = JournalHome(folder: folder)
        try home.run("import", try home.simulate("sim"))
        try await body(Pages(home))
    }

    @Test func theNightIsWhatTheJournalKeeps() async throws {
        try await withNight { pages in
            let answer = try JSONValue(parsing: try await pages.text(Self.api))
            let date = try #require(CivilDay("2026-01-15"))
            let result = try #require(
                try pages.store.results(of: date, rules: "wasm2016", withMovements: true).last)
            #expect(answer["night"] == .string("2026-01-15"))
            #expect(answer["start_unix"]?.double == result.start)
            #expect(answer["duration_ms"]?.double == (result.duration * 1000).rounded())
            #expect(answer["zone_offset_s"] != nil && answer["legs"] == .array([.string("L"), .string("R")]))
            #expect(answer["result"]?["plm_index"]?.double == result.index)
            #expect(answer["rest_ms"]?.elements.count == 2)
            #expect(
                answer["summary"]?.names.contains("n_plm_rest") == true || answer["summary"]?.names.isEmpty == false)
            let shown = result.movements.filter { $0.type != "gap" && $0.type != "nonwear" }
            let rows = try #require(answer["movements"]).elements
            #expect(rows.count == shown.count && !rows.isEmpty)
            let columns = try #require(answer["columns"]).elements
            #expect(columns.count == 8)
            for (row, movement) in zip(rows, shown) {
                #expect(row.elements[0].double == (movement.onset * 1000).rounded())
                #expect(row.elements[2] == .string(movement.leg) && row.elements[3] == .string(movement.type))
                #expect(row.elements[5].double == movement.series.map(Double.init))
            }
        }
    }

    @Test func anExplanationIsTheOneOfTheCommand() async throws {
        try await withNight { pages in
            let answer = try JSONValue(parsing: try await pages.text(Self.api))
            let rows = try #require(answer["movements"]).elements.filter { $0.elements[3] == .string("PLM") }
            let onset = try #require(rows.first?.elements[0].double)
            let time = onset + 100
            let lines = try JSONValue(
                parsing: try await pages.text("\(Self.api)/explain", query: ["at": "\(time)"]))["lines"]?.elements
            let command = try pages.home.run("explain", "2026-01-15", "\(time / 1000)").output
            #expect(lines == command.split(separator: "\n").map { .string(String($0)) })
            #expect(command.contains("PLM: one of"))
            // Once more: kept, and quick.
            let start = ContinuousClock.now
            _ = try await pages.text("\(Self.api)/explain", query: ["at": "\(time + 1)"])
            #expect(ContinuousClock.now - start < .seconds(2))
            let sleep = try JSONValue(parsing: try await pages.text("\(Self.api)/sleep"))
            #expect(sleep["source"] == .string("estimated") && sleep["runs_ms"] != nil)
        }
    }

    @Test func tilesAreThoseOfTheRecording() async throws {
        try await withNight { pages in
            let whole = try await pages.get(
                "\(Self.api)/trace", query: ["leg": "R", "from": "0", "to": "900000", "px": "600"])
            #expect(whole.status == 200 && whole.contentType == "application/octet-stream")
            let tile = try ReadTile(Pages.bytes(whole))
            #expect(!tile.isSamples && tile.runs[0].count <= 600 && tile.periods >= 16)
            // Standing still it shows gravity: the largest of all values is about 1 g.
            let largest = tile.values.filter { $0 != .min && $0 != .max }.map { abs(Double($0)) * tile.step }.max() ?? 0
            #expect(largest > 500 && largest < 8000)
            // Imported: the pyramid was there before anybody looked.
            let cache = URL(filePath: pages.home.journal).deletingLastPathComponent().appending(path: "cache")
            let names = try FileManager.default.contentsOfDirectory(atPath: cache.path)
            #expect(names.count == 1 && names[0].hasSuffix(".pyramid"))
            let mode = try FileManager.default.attributesOfItem(atPath: cache.path)[.posixPermissions] as? Int
            #expect(mode == 0o700)
        }
    }

    @Test func whatIsNotThereOrMakesNoSenseIsSaidInWords() async throws {
        try await withNight { pages in
            for night in ["2025-01-01", "../../etc/passwd", "", "<script>", "2026-02-30"] {
                for path in [Self.api, "\(Self.api)/sleep"] {
                    let words = try await pages.text(path, night: night, status: 404)
                    #expect(words.hasSuffix("\n") && !words.contains("script"))
                }
                #expect(try await pages.get("/nights/:night", night: night).status == 404)
                _ = try await pages.text(
                    "\(Self.api)/trace", night: night, query: ["leg": "L", "from": "0", "to": "1", "px": "1"],
                    status: 404)
            }
            for query in [
                ["leg": "L", "from": "5", "to": "1", "px": "10"], ["leg": "L", "from": "nan", "to": "1", "px": "10"],
                ["leg": "L", "from": "0", "to": "1", "px": "0"],
                ["leg": "L", "from": "0", "to": "1", "px": "1000000000"],
                ["leg": "X", "from": "0", "to": "1", "px": "10"], [:],
            ] { #expect(try await pages.text("\(Self.api)/trace", query: query, status: 400).count > 5) }
            for time in ["nan", "-1", "1e9", "x", "900001"] {
                #expect(try await pages.text("\(Self.api)/explain", query: ["at": time], status: 400).count > 5)
            }
        }
    }

    @Test func thePageHasNothingThatItsPolicyForbids() async throws {
        try await withNight { pages in
            let page = try await pages.text("/nights/:night")
            #expect(page.contains("<h1>Night of 2026-01-15</h1>") && page.contains("data-night=\"2026-01-15\""))
            #expect(page.contains("/assets/viewer.js?v=") && page.contains("PLM index:"))
            #expect(!page.contains(" style=") && !page.contains(" onclick"))
            for script in page.components(separatedBy: "<script").dropFirst() {
                #expect(script.hasPrefix(" src=\"/assets/"))
            }
        }
    }

    @Test func aNoteOfTheJournalIsTextOnThePage() async throws {
        try await withNight { pages in
            try pages.home.run("nights", "exclude", "2026-01-15", "--reason", "<img src=x onerror=alert(1)>")
            let page = try await pages.text("/nights/:night")
            #expect(!page.contains("<img") && page.contains("&lt;img"))
            let answer = try JSONValue(parsing: try await pages.text(Self.api))
            #expect(answer["exclusion"] == .string("<img src=x onerror=alert(1)>"))
        }
    }

    @Test func aNightWithoutAResultIsShownAllTheSame() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nattro-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let home = JournalHome(folder: folder)
        try home.run("import", try home.simulate("sim"), "--no-score")
        let pages = try Pages(home)
        let answer = try JSONValue(parsing: try await pages.text(Self.api))
        #expect(answer["result"] == .null && answer["next_step"] == .string("nattro score 2026-01-15"))
        #expect(answer["legs"]?.elements.count == 2)
        #expect(try await pages.text("/nights/:night").contains("has no result yet"))
        #expect(try await pages.text("\(Self.api)/explain", query: ["at": "1"], status: 404).contains("nattro score"))
        let tile = try await pages.get(
            "\(Self.api)/trace", query: ["leg": "L", "from": "0", "to": "1000", "px": "100"])
        #expect(try ReadTile(Pages.bytes(tile)).isSamples)
    }

    @Test func aRecordedNightHasItsPyramidFromTheRecording() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nattro-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // The log as `record` would have it, followed while it is there.
        let home = JournalHome(folder: folder)
        let log = try home.simulate("sim")
        let pyramid = folder.appending(path: "night.nightlog.pyramid").path
        var live = try LiveDetection(following: log, pyramid: pyramid)
        _ = try live.advance()
        #expect(!FileManager.default.fileExists(atPath: pyramid))
        _ = try live.finish()
        let built = folder.appending(path: "built").path
        try PyramidWriter.build(of: log, at: built)
        #expect(try Data(contentsOf: URL(filePath: pyramid)) == Data(contentsOf: URL(filePath: built)))
        // Adopted under the recording's digest, it is used as it is.
        let traces = TraceFolder(path: folder.path)
        traces.adopt(log: "/elsewhere/night.nightlog", as: "digest")
        #expect(FileManager.default.fileExists(atPath: traces.pyramid("digest")))
        #expect(!FileManager.default.fileExists(atPath: pyramid))
    }

    @Test func aPyramidThatCannotBeWrittenStopsNoRecording() throws {
        try JournalHome.with { home in
            let log = try home.simulate("sim")
            var live = try LiveDetection(following: log, pyramid: home.path("no/such/folder/p"))
            #expect(try !live.finish().isEmpty)
        }
    }
}
