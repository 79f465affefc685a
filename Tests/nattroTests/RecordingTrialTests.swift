// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import TestSupport
import Testing

/// What may happen to a real recorder at night: killed, its terminal closed, its disk full, started twice.
@Suite struct RecordingTrialTests {
    /// A log read to its end.
    private struct Log {
        var entries: [NightLog.Entry] = []
        var gaps: [Gap] = []
        var samples = 0
        var isClosed = false
        var report = ReadingReport()

        init(_ path: String) throws {
            var reader = try NightLogReader(path: path)
            var block = SampleBlock()
            while try reader.read(into: &block) {
                samples += block.count
                if let gap = block.gapBefore { gaps.append(gap) }
            }
            (entries, isClosed, report) = (reader.entries, reader.isClosed, reader.report)
        }

        var events: [NightLog.Event] {
            entries.compactMap { if case .event(let event) = $0.kind { event } else { nil } }
        }
    }

    private func shell(_ script: String, _ arguments: String...) throws -> ProgramRun {
        try ProgramRun("bash", ["-c", script, ProgramRun.nattro] + arguments)
    }

    /// Begins `$0 record $options`, waits until its log is there, and lets it live for a second.
    private static let begun = """
        begin() { "$0" record --synthetic 1 "$@" >/dev/null & child=$!; for _ in $(seq 200); do [ -s "$log" ] && break; sleep 0.05; done; sleep 1; }
        """

    @Test func theSameCommandAfterAKillGoesOnInTheSameLog() throws {
        try Fixtures.withTemporaryFolder { folder in
            let log = folder.appending(path: "night.nightlog").path
            let run = try shell(
                """
                log=$1; \(Self.begun)
                begin --out "$log"; kill -KILL $child; wait $child; cp "$log" "$log.before"
                begin --out "$log"; kill -INT $child; wait $child
                """, log)
            #expect(run.status == 3, "recorded with a gap: \(run.errors)")
            #expect(run.errors.contains("the recording goes on after"))
            let night = try Log(log)
            #expect(night.isClosed && night.report.isEmpty && night.gaps == [Gap(.restart)])
            #expect(night.events.contains(NightLog.Event(rawValue: 1005)))
            let before = try Data(contentsOf: URL(filePath: log + ".before"))
            #expect(try Data(contentsOf: URL(filePath: log)).prefix(before.count) == before, "nothing is written over")
        }
    }

    @Test func aNightThatWasFinishedIsFollowedByAnotherLog() throws {
        try Fixtures.withTemporaryFolder { folder in
            let run = try shell(
                """
                export XDG_DATA_HOME=$1
                for _ in 1 2 3; do "$0" record --synthetic 1 --time-scale 20 --hours 0.01 || exit; done
                """, folder.path)
            #expect(run.status == 0, "\(run.errors)")
            let logs = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/nattro/nights").sorted()
            #expect(logs.count == 3)
            #expect(logs.map { String($0.dropFirst(10)) } == ["-2.nightlog", "-3.nightlog", ".nightlog"])
            for log in logs { #expect(try Log("\(folder.path)/nattro/nights/\(log)").isClosed) }
        }
    }

    @Test func aSecondRecorderOfTheSameNightIsTurnedAway() throws {
        try Fixtures.withTemporaryFolder { folder in
            let run = try shell(
                """
                export XDG_DATA_HOME=$1; log=$1/nattro/nights/$(date -d '12 hours ago' +%F).nightlog; \(Self.begun)
                begin; "$0" record --synthetic 2; code=$?; kill -INT $child; wait $child; exit $code
                """, folder.path)
            #expect(run.status == 2)
            #expect(run.errors.contains("another recorder is writing it"), "\(run.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/nattro/nights").count == 1)
        }
    }

    @Test(arguments: ["INT", "TERM", "HUP"]) func aSignalEndsTheNightInUnderThreeSeconds(signal: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let log = folder.appending(path: "night.nightlog").path
            let run = try shell(
                """
                log=$1; \(Self.begun)
                begin --out "$log"; at=$EPOCHREALTIME; kill -\(signal) $child; wait $child; code=$?
                awk -v a=$at -v b=$EPOCHREALTIME 'BEGIN {print b - a}'; exit $code
                """, log)
            #expect(run.status == 0, "\(run.errors)")
            let seconds = try #require(Double(run.output.trimmingCharacters(in: .whitespacesAndNewlines)))
            #expect(seconds < 3)
            #expect(try Log(log).isClosed)
        }
    }

    @Test func aSecondSignalEndsAtOnce() throws {
        try Fixtures.withTemporaryFolder { folder in
            let log = folder.appending(path: "night.nightlog").path
            let run = try shell(
                """
                log=$1; \(Self.begun)
                begin --out "$log"; kill -INT $child; kill -TERM $child; wait $child
                """, log)
            #expect(run.status == 130, "\(run.errors)")
            #expect(try Log(log).gaps.isEmpty)
        }
    }

    /// The table of failures names a test for each row; each must be there.
    @Test func everyFailureHasATestThatExists() throws {
        let project = Fixtures.project
        func text(_ path: String) throws -> String {
            try String(contentsOf: project.appending(path: path), encoding: .utf8)
        }
        let table = try text("Sources/Sensors/Sensors.docc/FailureModes.md").split(separator: "\n").filter {
            $0.hasPrefix("| ") && $0.contains("L")
        }
        let scripts = try text("tools/l1") + text("tools/l2/run")
        let folders = ["RecordingsTests", "SensorsTests", "nattroTests"]
        let tests = try folders.flatMap { folder in
            try FileManager.default.contentsOfDirectory(atPath: project.appending(path: "Tests/\(folder)").path).map {
                try text("Tests/\(folder)/\($0)")
            }
        }.joined()
        var rows: Set<String> = []
        for row in table {
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 4, Int(cells[0]) != nil else { continue }
            rows.insert(cells[0])
            let names = cells[3].split(separator: "`", omittingEmptySubsequences: false).enumerated().filter {
                $0.offset % 2 == 1
            }
            #expect(!names.isEmpty)
            for (_, name) in names {
                let isThere =
                    name.hasPrefix("tools/")
                    ? FileManager.default.fileExists(atPath: project.appending(path: String(name)).path)
                    : scripts.contains("\n\(name) ") || tests.contains("func \(name)(")
                #expect(isThere, "row \(cells[0]): there is no \(name)")
            }
        }
        #expect(rows.count == 20)
    }

    @Test(.enabled(if: python != nil, "python3 is not on the PATH"))
    func aTypedNoteIsKeptAndAClosedTerminalEndsTheNightCleanly() throws {
        try Fixtures.withTemporaryFolder { folder in
            let log = folder.appending(path: "night.nightlog").path
            let script = """
                import fcntl, os, pty, subprocess, sys, termios, threading, time
                program, log = sys.argv[1:]
                master, slave = pty.openpty()
                child = subprocess.Popen([program, "record", "--synthetic", "1", "--out", log], stdin=slave, stdout=slave,
                    stderr=slave, start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
                os.close(slave)
                shown = b""
                def look():
                    global shown
                    try:
                        while True: shown += os.read(master, 4096)
                    except OSError: pass
                threading.Thread(target=look, daemon=True).start()
                while not os.path.exists(log): time.sleep(0.05)
                time.sleep(1.5)
                os.write(master, "Krampf in der Wade\\n".encode())
                time.sleep(1)
                # The window is closed: a hang-up, and nobody to write to.
                os.close(os.dup(master)); at = time.monotonic(); os.close(master)
                code = child.wait(10)
                print(code, time.monotonic() - at < 3, b"movements" in shown, b"GB free" in shown, b"left 100 Hz" in shown or b"left 9" in shown or b"left 1" in shown)
                """
            let run = try ProgramRun("python3", ["-c", script, ProgramRun.nattro, log])
            #expect(run.output == "0 True True True True\n", "\(run.output) \(run.errors)")
            let night = try Log(log)
            #expect(night.isClosed)
            #expect(night.entries.filter { $0.kind == .note }.map(\.text) == ["Krampf in der Wade"])
        }
    }

    private static let python = try? ProgramRun("sh", ["-c", "command -v python3"]).status == 0 ? true : nil

    // MARK: The disk

    /// Whether a small disk of our own can be had: a tmpfs in a name space that ends with its shell.
    private static let hasSmallDisk: Bool = {
        let run = try? ProgramRun("unshare", ["-rm", "mount", "-t", "tmpfs", "-o", "size=64k", "none", "/mnt"])
        return run?.status == 0
    }()

    /// Runs a script on a disk of `size` at `$disk`; what it leaves in `$kept` outlives the disk.
    private func onSmallDisk(_ size: String, _ kept: URL, _ script: String) throws -> ProgramRun {
        let all = """
            disk=/mnt kept=$1; mount -t tmpfs -o size=\(size) none $disk || exit 99
            \(script)
            """
        return try ProgramRun("unshare", ["-rm", "bash", "-c", all, ProgramRun.nattro, kept.path])
    }

    @Test func withoutRoomForTheNightNothingIsBegun() throws {
        guard Self.hasSmallDisk else { return print("not tested: no tmpfs may be mounted here") }
        try Fixtures.withTemporaryFolder { folder in
            let run = try onSmallDisk(
                "4m", folder,
                "$0 record --synthetic 1 --hours 8 --out $disk/night.nightlog; code=$?; ls $disk; exit $code")
            #expect(run.status == 2)
            #expect(run.output.isEmpty, "no file is left: \(run.output)")
            #expect(run.errors.contains("the disk has 4 MB free, and the night may need"), "\(run.errors)")
        }
    }

    @Test func aDiskThatOthersFillTakesTheWholeNight() throws {
        guard Self.hasSmallDisk else { return print("not tested: no tmpfs may be mounted here") }
        try Fixtures.withTemporaryFolder { folder in
            // The night's room was set aside when it began.
            let run = try onSmallDisk(
                "4m", folder,
                """
                log=$disk/night.nightlog
                $0 record --synthetic 1 --time-scale 50 --hours 0.1 --out $log >/dev/null & child=$!
                while [ ! -s $log ]; do sleep 0.05; done; sleep 0.5
                dd if=/dev/zero of=$disk/filler bs=4k 2>/dev/null; df --output=avail -B1 $disk | tail -n 1
                wait $child; code=$?; cp $log $kept; exit $code
                """)
            #expect(run.status == 0, "\(run.errors)")
            #expect(
                run.output.trimmingCharacters(in: .whitespacesAndNewlines) == "0", "the disk was full: \(run.output)")
            #expect(!run.errors.contains("the disk refuses"))
            let night = try Log(folder.appending(path: "night.nightlog").path)
            #expect(night.isClosed && night.gaps.isEmpty && abs(night.samples - 36_000) < 1000)
        }
    }

    @Test func afterAFullDiskNothingIsLostThatMemoryHeld() throws {
        guard Self.hasSmallDisk else { return print("not tested: no tmpfs may be mounted here") }
        try Fixtures.withTemporaryFolder { folder in
            // A replay sets nothing aside.
            let run = try onSmallDisk(
                "1m", folder,
                """
                log=$disk/night.nightlog
                $0 replay "\(Fixtures.path("nights/plmd/night_L.cwa"))" --speed 400 --out $log & child=$!
                while [ ! -s $log ]; do sleep 0.05; done
                dd if=/dev/zero of=$disk/filler bs=4k 2>/dev/null
                sleep 3; stat -c %s $log >$kept/full; sleep 1; stat -c %s $log >>$kept/full; rm $disk/filler
                wait $child; code=$?; cp $log $kept; exit $code
                """)
            // 178 880 samples of 50 a second are 1.3 MB: the disk fills once more at the end.
            #expect([0, 2].contains(run.status), "\(run.errors)")
            #expect(run.errors.contains("the disk refuses, the night is kept in memory"))
            #expect(run.errors.contains("no space left"))
            let sizes = try String(contentsOf: folder.appending(path: "full"), encoding: .utf8).split(separator: "\n")
            #expect(sizes.count == 2 && sizes[0] == sizes[1], "it was full for a while: \(sizes)")
            let night = try Log(folder.appending(path: "night.nightlog").path)
            #expect(night.gaps.isEmpty, "what fits is there: \(night.gaps)")
            #expect(night.events.contains(.writingFailed) || run.status == 2)
            #expect(night.samples > 90_000)
        }
    }
}
