// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@testable import nattro

/// A row of the table, by the names of its columns.
private typealias Row = [String: String]

private func rows(_ run: ProgramRun) throws -> (columns: [String], rows: [Row]) {
    let lines = run.output.split(separator: "\n").map {
        $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
    let columns = try #require(lines.first)
    return (
        columns,
        lines.dropFirst().map { fields in
            #expect(fields.count == columns.count)
            return Dictionary(uniqueKeysWithValues: zip(columns, fields))
        }
    )
}

private func number(_ row: Row, _ column: String) throws -> Double {
    let text = try #require(row[column])
    return try #require(Double(text), "\(column) of \(row)")
}

@Suite struct ScoreAnswerTests {
    private static let files = ["L", "R"].map { Fixtures.path("nights/plmd/night_\($0).cwa") }
    private static let columns = ["onset", "duration", "leg", "type", "amplitude", "series", "imi", "sleep"]

    private static func score(_ arguments: String...) throws -> ProgramRun {
        let run = try ProgramRun("nattro", ["score"] + files + arguments)
        #expect(run.status == 0 && run.errors == "")
        return run
    }

    @Test func theTableHasTheColumnsThatOtherProgramsRelyOn() throws {
        let (columns, rows) = try rows(Self.score("--tsv"))
        #expect(columns == Self.columns)
        let types: Set = ["LM", "CLM", "PLM", "posture", "gait", "rhythmic", "artefact", "nonwear", "gap"]
        var last = 0.0
        for row in rows {
            #expect(["L", "R", "B"].contains(row["leg"]) && types.contains(row["type"] ?? ""), "\(row)")
            let onset = try number(row, "onset")
            #expect(onset >= last && onset < 3_600)
            #expect(try number(row, "duration") > 0)
            last = onset
            #expect(["", "0", "1"].contains(row["sleep"]))
            if row["type"] == "gap" {
                #expect(row["amplitude"] == "" && row["series"] == "" && row["imi"] == "")
            } else {
                #expect((0.001..<20).contains(try number(row, "amplitude")))
            }
            if row["series"] != "" { #expect(row["type"] == "PLM") }
        }
        #expect(rows.count > 100 && rows.contains { $0["type"] == "gap" })
    }

    @Test func aBilateralMovementHasOneRowThatCarriesSeriesAndInterval() throws {
        let rows = try rows(Self.score("--tsv")).rows.filter { $0["type"] != "gap" }
        let answer = try JSONValue(parsing: Self.score("--json").output)
        let names = try #require(answer["columns"]).elements
        func value(_ movement: JSONValue, _ name: String) throws -> JSONValue {
            let column = try #require(names.firstIndex(of: .string(name)))
            return movement.elements[column]
        }
        let movements = try #require(answer["lms"]).elements
        var (bilateral, parts) = (0, 0)
        for movement in movements {
            let onset = (try value(movement, "onset_ms").double ?? -1) / 1000
            let duration = (try value(movement, "duration_ms").double ?? -1) / 1000
            guard case .string(let side) = try value(movement, "side") else { continue }
            let row = try #require(
                rows.first { $0["leg"] == side && $0["onset"] == String(format: "%.3f", onset) }, "\(movement)")
            #expect(row["duration"] == String(format: "%.3f", duration))
            let series = try value(movement, "series")
            #expect(row["series"] == (series == .integer(0) ? "" : "\(series)"))
            let interval = try value(movement, "imi_ms").double
            #expect(row["imi"] == interval.map { String(format: "%.3f", $0 / 1000) } ?? "")
            #expect(try value(movement, "clm") == .bool(row["type"] == "PLM" || row["type"] == "CLM"))
            if side == "B" {
                bilateral += 1
                parts += Int(try value(movement, "parts").double ?? 0)
                let inside = try rows.filter {
                    let start = try number($0, "onset")
                    return $0["leg"] != "B" && start >= onset - 0.0005 && start < onset + duration
                }
                #expect(Set(inside.map { $0["leg"] }) == ["L", "R"])
                #expect(inside.allSatisfy { $0["series"] == "" && $0["imi"] == "" })
            }
        }
        #expect(bilateral > 10 && rows.count { $0["leg"] == "B" } == bilateral)
        // A movement of one leg has one row; one of both legs one for each part and its own.
        // What is no movement of the leg has a row and no part in the rules.
        #expect(rows.count { !["artefact", "gap", "nonwear"].contains($0["type"]) } == movements.count + parts)
    }

    @Test func severalProfilesAreNamedInAColumn() throws {
        let (columns, both) = try rows(Self.score("--tsv", "--rules", "wasm2006,wasm2016"))
        #expect(columns == Self.columns + ["rules"])
        #expect(both.allSatisfy { ["wasm2006", "wasm2016"].contains($0["rules"]) })
        for profile in ["wasm2006", "wasm2016"] {
            let alone = try rows(Self.score("--tsv", "--rules", profile)).rows
            #expect(both.filter { $0["rules"] == profile }.map { $0.filter { $0.key != "rules" } } == alone)
        }
    }

    @Test func theAnswerInJSONSaysWhatWasScoredAndHow() throws {
        let answer = try JSONValue(parsing: Self.score("--json").output)
        #expect(
            answer.names.isSuperset(
                of: ["schema", "rules", "columns", "lms", "summary", "recording", "detected", "parameters"]))
        #expect(answer["schema"] == .string("nattro-score/1") && answer["rules"] == .string("wasm2016"))
        let recording = try #require(answer["recording"])
        #expect(recording["files"]?.elements.map { $0["path"] } == Self.files.map { .string($0) })
        #expect(recording["legs"]?.elements.map { $0["leg"] } == [.string("L"), .string("R")])
        #expect(recording["monolateral"] == .bool(false) && recording["rest_source"] == .string("whole_recording"))
        #expect(recording["rest_end_ms"] == recording["duration_ms"])
        #expect((answer["parameters"]?.names.count ?? 0) > 20)
        let summary = try #require(answer["summary"])
        // Sleep is estimated, and said to be.
        #expect(recording["sleep_source"] == .string("estimated") && summary["plms_index"]?.double != nil)
        let (count, rest) = (try #require(summary["n_plm_rest"]?.double), try #require(summary["rest_ms"]?.double))
        let index = try #require(summary["plm_index"]?.double)
        #expect(count > 0 && abs(index - count * 3_600_000 / rest) < 1e-9)
    }

    @Test func severalProfilesStandUnderTheirNames() throws {
        let answer = try JSONValue(parsing: Self.score("--json", "--rules", "aasm,wasm2016").output)
        #expect(answer.names.isSuperset(of: ["schema", "profiles", "recording", "parameters"]))
        #expect(answer["profiles"]?.names == ["aasm", "wasm2016"])
        #expect((answer["profiles"]?["aasm"]?["summary"]?["n_plms"]?.double ?? 0) > 0)
    }

    @Test func theRestIntervalIsWhatWasSaid() throws {
        let answer = try JSONValue(
            parsing: Self.score("--json", "--lights-out", "00:10", "--wake-up", "2026-01-26T00:40:30").output)
        let recording = try #require(answer["recording"])
        let (start, end) = (recording["rest_start_ms"]?.double ?? 0, recording["rest_end_ms"]?.double ?? 0)
        #expect(recording["rest_source"] == .string("given") && end - start == 1_830_000)
        #expect(answer["summary"]?["rest_ms"] == .integer(1_830_000))
        let whole = try JSONValue(parsing: Self.score("--json").output)
        // The movements are the same; only sleep, which is wake outside of the rest interval, may differ.
        let onsets = [whole, answer].map { $0["lms"]?.elements.map { Array($0.elements.prefix(9)) } }
        #expect(onsets[0] == onsets[1])
    }

    @Test func oneLegAloneIsAMonolateralEstimate() throws {
        let run = try ProgramRun("nattro", ["score", Self.files[1]])
        #expect(run.status == 0 && run.output.contains("right leg: ") && run.output.contains("a monolateral estimate"))
        let answer = try JSONValue(parsing: ProgramRun("nattro", ["score", Self.files[1], "--json"]).output)
        #expect(answer["recording"]?["monolateral"] == .bool(true))
    }

    @Test func aNightLogHoldsBothLegsAlone() throws {
        let run = try ProgramRun("nattro", ["score", Fixtures.path("nightlog/small.nightlog")])
        #expect(run.status == 0 && run.output.contains("left leg: ") && run.output.contains("right leg: "))
        let second = try ProgramRun("nattro", ["score", Fixtures.path("nightlog/small.nightlog"), Self.files[1]])
        #expect(second.status == 64 && second.output == "" && second.errors.contains("score it alone"))
    }
}
