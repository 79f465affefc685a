// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import Nights
import TestSupport
import Testing

@Suite struct JournalRecordTests {
    @Test func aNightThatEndsCleanlyIsRegisteredScoredAndToldInEightLines() throws {
        try JournalHome.with { home in
            let run = try home.run("record", "--synthetic", "3", "--time-scale", "500", "--hours", "0.1")
            let lines = run.output.split(separator: "\n")
            #expect((6...8).contains(lines.count), "\(run.output)")
            for word in ["recorded", "gaps:", "worn:", "left leg:", "PLM index:", "magnesium:", "of 14 nights"] {
                #expect(run.output.contains(word), "\(word) is missing in \(run.output)")
            }
            let nights = try home.nights()
            #expect(nights.count == 1 && nights[0]["plm_index"] is Double)
            #expect(try home.store().pendingPaths().isEmpty)
            // A second recording of the same evening takes another name, and both are one night.
            let more = try home.run(
                "record", "--synthetic", "3", "--time-scale", "500", "--hours", "0.1", "--json")
            #expect(more.output.split(separator: "\n").last?.contains("\"event\":\"night\"") == true)
            let files = try #require(try home.nights().last?["recordings"] as? [[String: Any]])
            #expect(files.count == 2)
        }
    }

    @Test func aNightCanStayOutOfTheJournal() throws {
        try JournalHome.with { home in
            let run = try home.run(
                "record", "--synthetic", "3", "--time-scale", "500", "--hours", "0.05", "--no-journal", "--out",
                home.path("night.nightlog"))
            #expect(run.output.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: home.journal))
        }
    }

    @Test(arguments: [true, false]) func aLogThatACrashLeftIsPickedUpByTheNextCommand(isNamed: Bool) throws {
        try JournalHome.with { home in
            let out = isNamed ? home.path("elsewhere.nightlog") : home.path("data/nattro/nights/*.nightlog")
            let script = """
                "$0" record --synthetic 1 --time-scale 20 \(isNamed ? "--out \(out)" : "") 2>/dev/null & child=$!
                for _ in $(seq 200); do [ -s \(out) ] && break; sleep 0.05; done
                sleep 3; "$0" dose list >/dev/null; kill -KILL $child; wait $child; sleep 2.2
                """
            let crash = try ProgramRun("bash", ["-c", script, ProgramRun.nattro], environment: home.environment)
            #expect(crash.status == 0 && !crash.errors.contains("picked up"), "a log being written is left alone")
            let next = try home.run("dose", "list")
            #expect(next.errors.contains("picked up for the night of"))
            #expect(next.errors.contains("had not closed it"))
            #expect(try home.run("dose", "list").errors.isEmpty, "once is enough")
            let nights = try home.nights()
            #expect(nights.count == 1 && (nights[0]["duration_s"] as? Double ?? 0) > 20)
            try home.run("verify")
        }
    }

    @Test func aRecordingAndEntriesAtTheSameTimeDisturbNoOne() throws {
        try JournalHome.with { home in
            let script = """
                "$0" record --synthetic 1 --time-scale 50 --hours 0.05 >"$1.txt" 2>&1 & child=$!
                for minute in $(seq 10 29); do
                    "$0" dose add 1mg oxide 2026-01-15 21:$minute 2>/dev/null >&2 &
                done
                wait $child; status=$?; wait; exit $status
                """
            let run = try ProgramRun(
                "bash", ["-c", script, ProgramRun.nattro, home.path("r")], environment: home.environment)
            #expect(run.status == 0)
            #expect(try home.store().doses().count == 20)
            let said = try String(contentsOfFile: home.path("r.txt"), encoding: .utf8)
            #expect(try home.nights().count == 1, "\(said)")
            #expect(try home.store().integrityProblems().isEmpty)
        }
    }

    @Test func aJournalThatIsBrokenStopsNoNight() throws {
        try JournalHome.with { home in
            try FileManager.default.createDirectory(
                atPath: home.path("data/nattro"), withIntermediateDirectories: true)
            try Data(String(repeating: "no journal\n", count: 1000).utf8).write(to: URL(filePath: home.journal))
            let run = try home.run(
                "record", "--synthetic", "3", "--time-scale", "500", "--hours", "0.05", "--out", home.path("n.nightlog")
            )
            #expect(run.errors.contains("not be in the journal yet"))
            #expect(FileManager.default.fileExists(atPath: home.path("n.nightlog")))
            #expect(try home.run("nights", expecting: 2).errors.contains("damaged, or no journal"))
            #expect(try home.run("doctor", expecting: nil).output.contains("look  journal:"))
        }
    }
}
