// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings
import TestSupport
import Testing

@testable import nattro

private let left = Fixtures.path("nights/plmd/night_L.cwa")
private let right = Fixtures.path("nights/plmd/night_R.cwa")

/// Rows of cells.
private func table(_ path: String) throws -> [[String]] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
        $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
}

@Suite struct StudyTests {
    @Test func everyNightHasARowAndEveryFailureAReason() throws {
        try Fixtures.withTemporaryFolder { folder in
            let damaged = folder.appending(path: "empty.cwa")
            try Data().write(to: damaged)
            let manifest = folder.appending(path: "nights.tsv").path
            let rows = [
                "participant\tnight\tleg\tsite\tpath\tlights-out\twake-up\tcondition",
                "P1\t2026-01-25\tL\tankle\t\(left)\t\t\tbefore", "P1\t2026-01-25\tR\tankle\t\(right)\t\t\tbefore",
                "P2\t1\tR\tankle\t\(right)\t23:57\t00:50\tafter", "P3\t1\tL\tankle\tempty.cwa\t\t\t",
                "P4\t1\tL\tankle\tmissing.cwa\t\t\t", "P5\t1\tL\tankle\t\(left)\tsoon\t\t", "P6\t1\t\t\t\(left)\t\t\t",
                "P6\t1\t\t\t\(right)\t\t\t",
            ]
            try Data((rows.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: manifest))
            let out = folder.appending(path: "results").path
            let run = try ProgramRun("nattro", ["score", "--manifest", manifest, "--out", out])
            #expect(run.status == 1, "\(run.errors)")
            #expect(run.output == "\(out)/nights.tsv: 2 nights, 4 failed (quality.tsv says why)\n")

            let nights = try table(out + "/nights.tsv")
            #expect(nights.count == 3 && nights.allSatisfy { $0.count == nights[0].count })
            func cell(_ row: Int, _ name: String) throws -> String {
                nights[row][try #require(nights[0].firstIndex(of: name))]
            }
            let cells = try [
                cell(1, "participant"), cell(1, "legs"), cell(2, "legs"), cell(2, "rest_source"), cell(2, "condition"),
                cell(1, "usable"),
            ]
            #expect(cells == ["P1", "LR", "R", "given", "after", "0"])
            let single = try JSONValue(parsing: ProgramRun("nattro", ["score", left, right, "--json"]).output)[
                "summary"]
            let count = try cell(1, "n_plm")
            #expect(single?["n_plm_rest"] == .integer(try #require(Int(count))))

            let quality = try table(out + "/quality.tsv")
            #expect(
                quality.dropFirst().map { [$0[0], $0[2], $0[3]] }.filter { $0[1] == "failed" } == [
                    ["P3", "failed", "5"], ["P4", "failed", "6"], ["P5", "failed", "7"], ["P6", "failed", "8"],
                ])
            for (row, words) in [
                ("P3", "is empty"), ("P4", "there is no such file"), ("P5", "is no time"),
                ("P6", "does not tell left and right"),
            ] {
                #expect(quality.contains { $0[0] == row && $0[5].contains(words) }, "\(row)")
            }
            for name in ["nights.tsv", "quality.tsv"] {
                let dictionary = try JSONSerialization.jsonObject(
                    with: Data(contentsOf: URL(filePath: "\(out)/\(name).json")))
                let described = try #require(dictionary as? [String: [String: Any]])
                let header = try table("\(out)/\(name)")[0]
                #expect(Set(described.keys) == Set(header) && Set(header).count == header.count)
                #expect(described.values.allSatisfy { ($0["Description"] as? String)?.isEmpty == false })
            }
        }
    }

    @Test func theColumnsOfATextAndTheChannelsOfAStudyAreSaidRowByRow() throws {
        try Fixtures.withTemporaryFolder { folder in
            let text = folder.appending(path: "plain.csv").path
            let converted = try ProgramRun("nattro", ["convert", left, "-"])
            // No heading, and z before x: nobody could guess it.
            let rows = converted.output.split(separator: "\n").dropFirst().map { row in
                let fields = row.split(separator: ",")
                return "\(fields[3]),\(fields[1]),\(fields[2]),\(fields[0])"
            }
            try Data((rows.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: text))
            let map = "time=4,x=2,y=3,z=1,unit=g"
            let psg = Fixtures.path("edf/short_psg.edf")
            let manifest = folder.appending(path: "nights.csv").path
            let lines = [
                "participant,leg,path,map,emg,notch", "P1,L,plain.csv,\"\(map)\",,", "P2,L,plain.csv,\"time=4\",,",
                "P3,,\(psg),,\"NOPE,X\",50", "P4,,\(psg),,\"A,B,C\",", "P5,,\(psg),,,16.7",
            ]
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: manifest))
            let out = folder.appending(path: "results").path
            let run = try ProgramRun("nattro", ["score", "--manifest", manifest, "--out", out])
            #expect(run.status == 1 && run.output.contains("1 nights, 4 failed"), "\(run.output)\(run.errors)")
            let quality = try table(out + "/quality.tsv")
            for (row, words) in [("P2", "x, y and z"), ("P3", "'NOPE'"), ("P4", "a comma"), ("P5", "50 or 60")] {
                #expect(quality.contains { $0[0] == row && $0[5].contains(words) }, "\(row): \(quality)")
            }
            let alone = try ProgramRun("nattro", ["score", text, "--map", map, "--json"])
            #expect(alone.status == 0, "\(alone.errors)")
            let count = try JSONValue(parsing: alone.output)["summary"]?["n_plm_rest"]
            let nights = try table(out + "/nights.tsv")
            let column = try #require(nights[0].firstIndex(of: "n_plm"))
            #expect(count == .integer(try #require(Int(nights[1][column]))) && count != .integer(0))
            #expect(try ProgramRun("nattro", ["score", left, "--map", map]).status == 64)
        }
    }

    @Test func marksMadeElsewhereAreComparedNightByNight() throws {
        try Fixtures.withTemporaryFolder { folder in
            // Marks of the first night are nattro's own; of the second every third one is missing.
            let marks = folder.appending(path: "marks.annot").path
            let export = try ProgramRun(
                "nattro", ["export", left, right, "--annot", marks])
            #expect(export.status == 0, "\(export.errors)")
            let lines = try String(contentsOfFile: marks, encoding: .utf8).split(separator: "\n")
            var count = 0
            let thinned = lines.filter { line in
                guard line.hasPrefix("LM") || line.hasPrefix("PLM") else { return true }
                count += 1
                return count % 3 != 0
            }
            let some = folder.appending(path: "some.annot").path
            try Data((thinned.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: some))
            let manifest = folder.appending(path: "nights.tsv").path
            let rows = [
                "participant\tleg\tpath\tmovements", "P1\tL\t\(left)\tmarks.annot", "P1\tR\t\(right)\tmarks.annot",
                "P2\tL\t\(left)\tsome.annot", "P2\tR\t\(right)\tsome.annot", "P3\tL\t\(left)\t",
            ]
            try Data((rows.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: manifest))
            let out = folder.appending(path: "results").path
            let run = try ProgramRun("nattro", ["score", "--manifest", manifest, "--out", out])
            #expect(run.status == 0, "\(run.errors)")
            let nights = try table(out + "/nights.tsv")
            func cells(_ name: String) throws -> [String] {
                let place = try #require(nights[0].firstIndex(of: name))
                return nights.dropFirst().map { $0[place] }
            }
            #expect(try cells("f1")[0] == "1.0000" && cells("f1")[2] == "n/a")
            #expect(try cells("plm_index_difference")[0] == "0.0000")
            let agreement = try JSONValue(parsing: String(contentsOfFile: out + "/agreement.json", encoding: .utf8))
            let counts = try cells("n_matched").compactMap(Int.init)
            #expect(agreement["matched"] == .integer(counts.reduce(0, +)) && agreement["missed"] == .integer(0))
            let differences = try cells("plm_index_difference").compactMap(Double.init)
            #expect(differences.count == 2 && differences[1] > 0)
            let band = try #require(agreement["bland_altman"])
            #expect(band["count"] == .integer(2))
            guard case .number(let bias) = band["bias"], case .number(let upper) = band["upper"] else {
                Issue.record("no limits in \(band)")
                return
            }
            // Of two differences, 0 and d: the mean is d/2 and the standard deviation d/sqrt 2.
            #expect(abs(bias - differences[1] / 2) < 1e-3)
            #expect(abs(upper - differences[1] * (0.5 + 1.96 / 2.0.squareRoot())) < 1e-2)
            #expect(run.output.contains("limits of agreement"))
        }
    }

    @Test func aNightIsScoredOnceUntilItsInputChanges() throws {
        try Fixtures.withTemporaryFolder { folder in
            let recording = folder.appending(path: "night.cwa")
            try FileManager.default.copyItem(atPath: left, toPath: recording.path)
            let manifest = folder.appending(path: "nights.csv").path
            try Data("participant,path,leg\nP/1 ä,night.cwa,L\n".utf8).write(to: URL(filePath: manifest))
            let out = folder.appending(path: "results").path
            func run(_ more: String...) throws -> String {
                let run = try ProgramRun("nattro", ["score", "--manifest", manifest, "--out", out] + more)
                #expect(run.status == 0, "\(run.errors)")
                return run.output
            }
            #expect(try !run().contains("kept"))
            let first = try FileManager.default.contentsOfDirectory(atPath: out + "/nights")
            let tables = try ["nights.tsv", "quality.tsv"].map { try table("\(out)/\($0)") }
            #expect(try run().contains("1 results kept from before"))
            #expect(try ["nights.tsv", "quality.tsv"].map { try table("\(out)/\($0)") } == tables)
            #expect(try FileManager.default.contentsOfDirectory(atPath: out + "/nights") == first && first.count == 1)
            #expect(try !run("--set", "envelopeOn=7").contains("kept"))
            #expect(try !run().contains("kept"))
            // What a run that was killed leaves, or a file that somebody cut, is made anew.
            try Data("{\"key\":".utf8).write(to: URL(filePath: "\(out)/nights/\(first[0])"))
            #expect(try !run().contains("kept"))
            try FileManager.default.removeItem(at: recording)
            try FileManager.default.copyItem(atPath: Fixtures.path("cwa/ax3_testfile.cwa"), toPath: recording.path)
            #expect(try !run().contains("kept"))
        }
    }

    @Test(arguments: [
        ("", "is empty"), ("participant\tnight\n", "has no column 'path'"),
        ("participant\tpath\n", "names no recording"),
        ("a,b\n1,2\n", "has no column 'participant'"),
    ])
    func whatIsNoManifestIsOneClearError(text: String, words: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let manifest = folder.appending(path: "nights.tsv")
            try Data(text.utf8).write(to: manifest)
            let run = try ProgramRun("nattro", ["score", "--manifest", manifest.path, "--out", folder.path])
            #expect(run.status == 2 && run.output == "" && run.errors.contains(words), "\(run.errors)")
        }
    }

    @Test func aRecordingOfSeveralDaysGivesEachNightFromNoonToNoon() throws {
        try Fixtures.withTemporaryFolder { folder in
            // An hour now and then of a still leg at 25 Hz, with a movement every quarter of one: from 20:00 and 02:00 in the first
            // night, from 22:00 in the second, from 13:00 in the third.
            let start = 1_772_395_200.0
            let path = folder.appending(path: "days.cwa").path
            var writer = try CWAWriter(path: path, rate: 25, range: 8, site: "left ankle")
            var generator = SplitMix64(seed: 9)
            for hour in [0, 6, 26, 41] {
                for sample in stride(from: 0, to: 3600 * 25, by: 80) {
                    var counts: [Int16] = []
                    for place in sample..<sample + 80 {
                        let phase = (Double(place) / 25 - 100).truncatingRemainder(dividingBy: 900)
                        let swing = phase >= 0 && phase < 2 ? 2500 * sin(phase * 9) : 0
                        for axis in 0..<3 {
                            let noise = Double(generator.next() % 21) - 10
                            counts.append(Int16(noise + swing + (axis == 2 ? 4096 : 0)))
                        }
                    }
                    try writer.append(counts, time: start + Double(hour * 3600) + Double(sample) / 25)
                }
            }
            try writer.finish()
            let answer = try JSONValue(parsing: ProgramRun("nattro", ["score", path, "--json"]).output)
            guard case .array(let nights)? = answer["nights"] else {
                Issue.record("no nights")
                return
            }
            let names = ["2026-03-01", "2026-03-02", "2026-03-03"]
            #expect(nights.map { $0["night"] } == names.map { .string($0) })
            for (night, hours) in zip(nights, [7, 1, 1]) {
                guard case .integer(let milliseconds)? = night["recording"]?["duration_ms"] else {
                    Issue.record("no duration")
                    continue
                }
                #expect(abs(milliseconds - hours * 3_600_000) < 5000)
            }
            #expect(nights.map { $0["summary"]?["n_lm"] } == [.integer(8), .integer(4), .integer(4)])

            // The other nights have no data between these times, and are named.
            let limits = ["--lights-out", "23:30", "--wake-up", "07:00"]
            let tsv = try ProgramRun("nattro", ["score", path, "--tsv"] + limits)
            #expect(
                tsv.status == 1
                    && tsv.errors.contains("the night of 2026-03-02: the rest interval from 2026-03-02 23:30:00"))
            let rows = tsv.output.split(separator: "\n").map {
                $0.split(separator: "\t", omittingEmptySubsequences: false)
            }
            #expect(rows.first?.last == "night" && Set(rows.dropFirst().compactMap(\.last)) == ["2026-03-01"])

            let manifest = folder.appending(path: "nights.tsv")
            try Data("participant\tpath\tlights-out\tsite\nP1\tdays.cwa\t\tankle\nP2\tdays.cwa\t23:30\tankle\n".utf8)
                .write(to: manifest)
            let out = folder.appending(path: "results").path
            let study = try ProgramRun("nattro", ["score", "--manifest", manifest.path, "--out", out])
            #expect(study.status == 1)
            let found = try table(out + "/nights.tsv").dropFirst().map { [$0[0], $0[1]] }
            #expect(found == names.map { ["P1", $0] } + [["P2", names[0]]])
            let failed = try table(out + "/quality.tsv").filter { $0[2] == "failed" }.map { [$0[0], $0[1]] }
            #expect(failed == [["P2", names[1]], ["P2", names[2]]])
        }
    }
}
