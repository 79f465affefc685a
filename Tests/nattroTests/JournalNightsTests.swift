// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import Nights
import TestSupport
import Testing

@Suite struct JournalNightsTests {
    @Test func aRecordingIsImportedOnceAndScoredAsTheFileIs() throws {
        try JournalHome.with { home in
            let file = try home.simulate("night")
            let first = try home.run("import", file)
            #expect(first.output.contains("night of 2026-01-15, both legs"))
            let again = try home.run("import", file)
            #expect(again.output.contains("is in the journal already"))
            let nights = try home.nights()
            #expect(nights.count == 1)
            let index = try #require(nights[0]["plm_index"] as? Double)
            let alone = try home.run("score", file, "--json")
            #expect(alone.output.contains("\"plm_index\":\(index),"))
            let byNight = try home.run("score", "2026-01-15", "--json")
            #expect(byNight.output.contains("\"plm_index\":\(index),"))
            // The original may go: a copy is kept.
            try FileManager.default.removeItem(atPath: file)
            #expect(try home.run("verify").output.contains("equal, \(index)"))
            let explained = try home.run("explain", "last", "23:05:00")
            #expect(explained.output.contains("2026-01-15 23:05:00"))
        }
    }

    @Test func onlyTheUserMayLookIntoTheFolders() throws {
        try JournalHome.with { home in
            try home.run("import", home.simulate("night"))
            for name in ["data/nattro", "data/nattro/nights"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: home.path(name))
                #expect(attributes[.posixPermissions] as? Int == 0o700, "\(name)")
            }
            for name in ["data/nattro/journal.sqlite", "data/nattro/nights/night.nightlog"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: home.path(name))
                #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
            }
        }
    }

    @Test func verifyTellsAChangedNumberAChangedRecordingAndAnotherScoringVersion() throws {
        try JournalHome.with { home in
            try home.run("import", home.simulate("night"))
            let night = try #require(CivilDay("2026-01-15"))
            let store = try home.store()
            let original = try #require(try store.results(of: night, withMovements: true).last)
            var changed = original
            changed.index = (changed.index ?? 0) + 0.5
            changed.summary = changed.summary.replacing("\"n_lm\":", with: "\"n_lm\":1")
            try store.keep(changed, of: night)
            #expect(try home.run("verify", expecting: 5).output.contains("NOT EQUAL"))
            changed.provenance.scoringVersion = 0
            try store.keep(changed, of: night)
            #expect(try home.run("verify", expecting: 1).output.contains("scoring version 0 gave"))
            // Scored anew, the older ones stay, and the latest is equal again.
            try home.run("score", "--all")
            try home.run("verify")
            #expect(try store.results(of: night).count == 4)
            let log = home.path("data/nattro/nights/night.nightlog")
            var bytes = try Data(contentsOf: URL(filePath: log))
            bytes[bytes.count - 1000] ^= 1
            try bytes.write(to: URL(filePath: log))
            #expect(try home.run("verify", expecting: 5).output.contains("its digest differs"))
            try FileManager.default.removeItem(atPath: log)
            try home.run("verify", expecting: 2)
            #expect(try home.run("doctor", expecting: nil).output.contains("1 recordings are gone"))
        }
    }

    @Test func whatIsDecidedAboutANightIsLoggedAndCanBeTakenBack() throws {
        try JournalHome.with { home in
            try home.run("import", home.simulate("night"))
            let before = try #require(try home.nights()[0]["plm_index"] as? Double)
            let masked = try home.run("nights", "mask", "last", "23:02-23:06", "--reason", "cable")
            #expect(masked.output.contains("before"))
            let analysed = try #require(try home.nights()[0]["analysed_s"] as? Double)
            #expect(abs(analysed - 660) < 3)
            try home.run("nights", "set", "last", "--lights-out", "23:04", "--site", "foot")
            #expect(try home.nights()[0]["rest_start"] as? String == "2026-01-15 23:04:00")
            try home.run("nights", "exclude", "2026-01-15", "--reason", "fever")
            #expect(try home.nights()[0]["exclusion"] as? String == "fever")
            #expect(try home.nights()[0]["usable"] as? Bool == false)
            for _ in 0..<3 { try home.run("nights", "undo") }
            try home.run("nights", "undo", expecting: 2)
            #expect(try home.nights()[0]["plm_index"] as? Double == before)
            let log = try home.run("nights", "log").output
            #expect(log.contains("nights exclude 2026-01-15: fever  (taken back)"))
            #expect(log.contains("nights mask 2026-01-15: cable  (taken back)"))
            try home.run("nights", "exclude", "2026-01-15", expecting: 64)
            try home.run("nights", "exclude", "2026-02-15", "--reason", "x", expecting: 2)
        }
    }

    @Test func legsThatAreUnknownAreNeverGuessedBesideEachOther() throws {
        try JournalHome.with { home in
            try home.run(
                "simulate", "--profile", "plmd", "--hours", "0.25", "--gaps", "0", "--seed", "7", "--rate", "50",
                "--out", home.path("night"))
            for leg in ["L", "R"] {
                try home.run("convert", home.path("night/night_\(leg).cwa"), home.path("\(leg).csv"))
            }
            let first = try home.run("import", home.path("L.csv"), "--no-score")
            #expect(first.output.contains("left leg, since it does not tell"))
            let second = try home.run("import", home.path("R.csv"), expecting: 2)
            #expect(second.errors.contains("does not say which leg"))
            try home.run("import", "--right", home.path("R.csv"))
            #expect(try home.nights()[0]["legs"] as? String == "LR")
            try home.run("nights", "set", "last", "--swap-legs")
            let files = try #require(try home.nights()[0]["recordings"] as? [[String: Any]])
            for (name, leg) in [("nights/L.csv", "R"), ("nights/R.csv", "L")] {
                let file = try #require(files.first { $0["path"] as? String == name })
                #expect(file["legs"] as? [String] == [leg])
            }
        }
    }

    /// A recorder that stopped and began anew: two logs of one night.
    @Test func twoLogsOfOneNightAreOneNightWithAGapBetween() throws {
        try JournalHome.with { home in
            let (first, second) = (try home.simulate("a", hour: 22), try home.simulate("b", hour: 23))
            try home.run("import", first, second)
            let nights = try home.nights()
            #expect(nights.count == 1)
            #expect(abs((nights[0]["duration_s"] as? Double ?? 0) - 4500) < 5)
            #expect(abs((nights[0]["analysed_s"] as? Double ?? 0) - 1800) < 10)
            try home.run("verify")
            let gaps = try home.store().results(of: #require(CivilDay("2026-01-15")), withMovements: true).last?
                .movements
                .filter { $0.type == "gap" && $0.duration > 2600 }
            #expect(gaps?.count == 2, "one for each leg")
        }
    }

    /// The same hour and a bit in two nights of one recording of more than a day.
    @Test func aRecordingOfSeveralDaysGivesEachNightItsOwnPart() throws {
        try JournalHome.with { home in
            try home.run(
                "simulate", "--profile", "plmd", "--hours", "1.05", "--gaps", "0", "--seed", "7", "--rate", "25",
                "--legs", "1", "--clock-error", "0", "--out", home.path("night"))
            try home.run("convert", home.path("night/night_L.cwa"), home.path("one.csv"))
            let script = """
                import sys
                lines = open(sys.argv[1]).read().splitlines()
                with open(sys.argv[2], "w") as out:
                    print(lines[0], file=out)
                    for shift in (0, 86400 * 2):
                        for line in lines[1:]:
                            time, rest = line.split(",", 1)
                            print(f"{float(time) + shift:.6f},{rest}", file=out)
                """
            let python = try ProgramRun("python3", ["-c", script, home.path("one.csv"), home.path("two.csv")])
            #expect(python.status == 0, "\(python.errors)")
            try home.run("import", "--left", home.path("two.csv"))
            let nights = try home.nights()
            #expect(nights.compactMap { $0["night"] as? String } == ["2026-01-15", "2026-01-17"])
            let indices = nights.compactMap { $0["plm_index"] as? Double }
            let alone = try #require(indices.first)
            #expect(try home.run("score", home.path("one.csv"), "--json").output.contains("\"plm_index\":\(alone),"))
            #expect(indices.count == 2 && abs(indices[1] - alone) < 1.5, "\(indices)")
            try home.run("verify")
        }
    }

    @Test func theLastNightIsToldInEightLinesAndTheNextStep() throws {
        try JournalHome.with { home in
            #expect(try home.run().output.hasPrefix("no night yet\nnext: nattro doctor"))
            #expect(!FileManager.default.fileExists(atPath: home.journal), "looking makes no journal")
            try home.run("import", home.simulate("night"))
            let lines = try home.run().output.split(separator: "\n")
            #expect(lines.count == 9 && lines[8].contains("nattro nights set 2026-01-15 --lights-out"))
            #expect(lines[0].contains("0.25 h recorded, 23:00 to 23:14"))
            #expect(lines[6].contains("unknown"), "a night without an entry is not zero")
            try home.run("nights", "set", "last", "--lights-out", "23:00", "--wake-up", "23:14")
            #expect(try home.run().output.contains("next: nattro dose add"))
            try home.run("dose", "none", "--night", "2026-01-15")
            try home.run("diary", "2026-01-15", "urge=4")
            let later = try home.run().output
            #expect(later.contains("magnesium: none, as you declared"))
            #expect(later.contains("next: nattro record --until 07:00"))
        }
    }

    @Test func nobodySeesAnotherParticipantsNights() throws {
        try JournalHome.with { home in
            let file = try home.simulate("night")
            try home.run("import", file, "--participant", "P-2")
            #expect(try home.nights().isEmpty)
            #expect(try home.nights(["--participant", "P-2"]).count == 1)
            #expect(FileManager.default.fileExists(atPath: home.path("data/nattro/nights/P-2/night.nightlog")))
            try home.run("import", file)
            #expect(try home.nights().count == 1)
            try home.run("nights", "--participant", "../x", expecting: 64)
        }
    }

    @Test func allOfItGoesOutAndComesBack() throws {
        try JournalHome.with { home in
            try home.run("import", home.simulate("night"))
            try home.run("dose", "add", "200mg", "citrate", "2026-01-15", "21:10")
            try home.run("nights", "mask", "last", "23:02-23:06", "--reason", "cable")
            try home.run("export", "--all", home.path("out"))
            try home.run("export", "--all", home.path("out"), expecting: 2)
            try home.run("export", "--backup", home.path("copy.sqlite"))
            let new = ["XDG_DATA_HOME": home.path("other")]
            try home.run("import", home.path("out"), environment: new)
            try home.run("verify", environment: new)
            for words in [["nights", "--json"], ["dose", "list", "--json"], ["nights", "log"]] {
                let here = try ProgramRun("nattro", words, environment: home.environment)
                let there = try ProgramRun("nattro", words, environment: home.environment.merging(new) { $1 })
                #expect(here.output == there.output && !here.output.isEmpty)
            }
            try home.run("import", home.path("out"), expecting: 2, environment: new)
            try home.run("verify", "--journal", home.path("copy.sqlite"), expecting: 2)
        }
    }

    @Test func anOptionGoesBeforeTheEnvironmentAndThatBeforeTheFile() throws {
        try JournalHome.with { home in
            try FileManager.default.createDirectory(
                atPath: home.path("config/nattro"), withIntermediateDirectories: true)
            let file = URL(filePath: home.path("config/nattro/nattro.conf"))
            try Data("# mine\nparticipant = file\n".utf8).write(to: file)
            let dose = ["dose", "add", "100mg", "oxide", "2026-01-15", "21:00"]
            func participants() throws -> [String] { try home.store().participantNames() }
            _ = try ProgramRun("nattro", dose, environment: home.environment)
            #expect(try participants() == ["file", "me"])
            let variable = ["NATTRO_PARTICIPANT": "variable"]
            _ = try ProgramRun("nattro", dose, environment: home.environment.merging(variable) { $1 })
            #expect(try participants() == ["file", "me", "variable"])
            _ = try ProgramRun(
                "nattro", dose + ["--participant", "option"], environment: home.environment.merging(variable) { $1 })
            #expect(try participants() == ["file", "me", "option", "variable"])
            try Data("rules = wasm2006\n".utf8).write(to: file)
            try home.run("import", home.simulate("night"))
            #expect(try home.run().output.contains("wasm2006"))
            #expect(try home.run("score", "last").output.contains("wasm2006\n"))
            #expect(try home.run("score", "last", "--rules", "wasm2016").output.contains("wasm2016\n"))
            try Data("participant = file\nparticipants = 2\n".utf8).write(to: file)
            let wrong = try home.run("dose", "list", expecting: 64)
            #expect(wrong.errors.contains("nattro.conf:2: there is no setting 'participants'"))
        }
    }
}
