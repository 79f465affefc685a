// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import Synchronization
import TestSupport
import Testing

/// A board on a serial port that prints what it measures, on a thread of its own.
private final class Board: Sendable {
    private let isOff = Mutex(false)
    /// The index of the next sample; it goes on over cables.
    private let next = Mutex(0)

    /// Prints `line(index)` so many times a second until it is off.
    init(_ port: PseudoTerminal, rate: Double, from first: Int = 0, line: @escaping @Sendable (Int) -> [UInt8]) {
        next.withLock { $0 = first }
        let thread = Thread { [self] in
            let begin = ContinuousClock.now
            while !isOff.withLock(\.self) {
                let seconds = (ContinuousClock.now - begin) / .seconds(1)
                next.withLock { next in
                    while Double(next - first) < seconds * rate {
                        port.send(line(next))
                        next += 1
                    }
                }
                usleep(2000)
            }
        }
        thread.start()
    }

    /// Switches it off; gives the index of the sample that it would have printed next.
    func switchOff() -> Int {
        isOff.withLock { $0 = true }
        usleep(20_000)
        return next.withLock { $0 }
    }
}

@Suite struct PortCommandTests {
    private static func environment(_ folder: URL) -> [String: String] {
        ["XDG_CONFIG_HOME": folder.path + "/config", "XDG_DATA_HOME": folder.path + "/data"]
    }

    /// x tells the sample's index in steps of 4 mg, y and z are gravity.
    private static func line(_ index: Int) -> [UInt8] {
        Array(String(format: "%.3f,0.000,1.000\r\n", Double(index % 1000 - 500) * 0.004).utf8)
    }

    private static func index(ofX value: Float) -> Int { Int((value / 0.004).rounded()) + 500 }

    @Test func aNightFromAPortThatIsUnpluggedAndComesBack() throws {
        try Fixtures.withTemporaryFolder { folder in
            let environment = Self.environment(folder)
            let name = folder.appending(path: "usb-Board-if00").path
            let out = folder.appending(path: "night.nightlog").path
            let first = try PseudoTerminal()
            try FileManager.default.createSymbolicLink(atPath: name, withDestinationPath: first.path)
            var board = Board(first, rate: 100, line: Self.line)
            let setup = try ProgramRun(
                "nattro",
                [
                    "sensors", "setup", name, "--format", "text", "--unit", "g", "--listen", "2.5", "--name", "ankle",
                    "--json",
                ],
                environment: environment)
            #expect(setup.status == 0, "\(setup.errors)")
            #expect(setup.output.contains("\"gap_detection\":false"))
            let list = try ProgramRun("nattro", ["sensors"], environment: environment)
            #expect(list.output.contains("ankle") && list.output.contains("no gap detection"))
            let doctor = try ProgramRun("nattro", ["doctor", "--seconds", "2"], environment: environment)
            #expect(doctor.status != 4 && doctor.output.contains("good  sensor: ankle"), "\(doctor.output)")
            #expect(doctor.output.contains(/self-test: ankle: \d+ samples/), "\(doctor.output)\(doctor.errors)")
            #expect(doctor.output.contains("ankle: no earlier night of this sensor"))
            // The nights that it is compared with are those of the journal that is named.
            let other = folder.appending(path: "other.sqlite").path
            let older = folder.appending(path: "older").path
            let simulated = try ProgramRun(
                "nattro",
                [
                    "simulate", "--hours", "0.1", "--gaps", "0", "--rate", "50", "--format", "nightlog", "--out", older,
                ])
            #expect(simulated.status == 0, "\(simulated.errors)")
            let imported = try ProgramRun(
                "nattro", ["import", older + "/night.nightlog", "--no-score", "--journal", other],
                environment: environment)
            #expect(imported.status == 0, "\(imported.errors)")
            let earlier = try NightLogReader(path: older + "/night.nightlog")
            let apart = environment.merging(["XDG_CONFIG_HOME": older]) { $1 }
            let serial = try #require(earlier.log.streams.first?.serial)
            let renamed = try ProgramRun(
                "nattro",
                [
                    "sensors", "setup", name, "--format", "text", "--unit", "g", "--listen", "2.5", "--name", serial,
                    "--json",
                ], environment: apart)
            #expect(renamed.status == 0, "\(renamed.errors)\(renamed.output)")
            for (journal, words) in [(other, "earlier night"), (older + "/new.sqlite", "no earlier night")] {
                let doctor = try ProgramRun(
                    "nattro", ["doctor", "--seconds", "2", "--journal", journal], environment: apart)
                let line = doctor.output.split(separator: "\n").first { $0.contains("orientation: \(serial)") } ?? ""
                #expect(line.contains(words) && line.contains("no earlier") == (journal != other), "\(doctor.output)")
            }

            let cable = Mutex<(first: PseudoTerminal?, last: Int)>((first, 0))
            let plugs = Thread { [board] in
                for _ in 0..<200 where !FileManager.default.fileExists(atPath: out) { usleep(20_000) }
                usleep(1_500_000)
                try? FileManager.default.removeItem(atPath: name)
                let last = board.switchOff()
                cable.withLock {
                    $0.last = last
                    $0.first?.unplug()
                    $0.first = nil
                }
            }
            plugs.start()
            let second = try PseudoTerminal()
            let again = Thread {
                while cable.withLock({ $0.first != nil }) { usleep(20_000) }
                usleep(700_000)
                try? FileManager.default.createSymbolicLink(atPath: name, withDestinationPath: second.path)
            }
            again.start()
            board = Board(second, rate: 100, from: 2000, line: Self.line)
            let run = try ProgramRun(
                "nattro", ["record", "--right", "ankle", "--hours", "0.0017", "--out", out, "--json"],
                environment: environment)
            _ = board.switchOff()
            #expect(run.status == 3, "\(run.errors)")
            #expect(run.errors.contains("no gap detection") && run.errors.contains("is back"))
            let log = try NightLogReader(path: out)
            #expect(log.log.streams.map(\.serial) == ["ankle"] && log.log.streams.map(\.leg) == [.right])
            let recording = try WholeRecording(out)
            #expect(recording.report.isEmpty)
            #expect(recording.gaps.count == 1, "\(recording.gaps)")
            // Every sample once and in order on both sides of the gap; x tells which it is.
            let indices = stride(from: 0, to: recording.values.count, by: 3).map {
                Self.index(ofX: recording.values[$0])
            }
            let jumps = zip(indices, indices.dropFirst()).filter { $1 != ($0 + 1) % 1000 }
            #expect(jumps.count == 1, "\(jumps)")
            #expect(indices.count > 300)
            // The first sample after the gap came at least as late as the cable was out.
            let pause = zip(recording.times, recording.times.dropFirst()).map { $1 - $0 }.max() ?? 0
            #expect(pause > 0.6 && pause < 3)
        }
    }

    @Test func sixPositionsAreCheckedWithoutATerminalWhereThatIsAsked() throws {
        try Fixtures.withTemporaryFolder { folder in
            let port = try PseudoTerminal()
            let sides = [[0, 0, 1], [1, 0, 0], [0, -1, 0], [-1, 0, 0], [0, 0, -1], [0, 1, 0]]
            let board = Board(port, rate: 100) { index in
                let side = sides[index / 260 % 6].map { $0 * 256 }
                return Array("\(index * 10),\(side[0]),\(side[1]),\(side[2])\n".utf8)
            }
            defer { _ = board.switchOff() }
            let run = try ProgramRun(
                "nattro",
                [
                    "sensors", "setup", port.path, "--format", "text", "--check", "--listen", "2.2", "--patience", "60",
                    "--name", "raw", "--json",
                ], environment: Self.environment(folder))
            #expect(run.status == 0, "\(run.errors)")
            #expect(
                run.output.contains("\"one_g_reads_as\":256") && run.output.contains("\"clock\":\"ms\""),
                "\(run.output)")
            #expect(run.output.contains("\"measured\":true"))
            #expect(run.errors.matches(of: #/is up: good/#).count == 5 && run.errors.contains("all six sides"))
        }
    }

    @Test func aWitMotionSensorOfTenASecondIsRefusedWithTheReason() throws {
        try Fixtures.withTemporaryFolder { folder in
            let port = try PseudoTerminal()
            let board = Board(port, rate: 10) { index in
                var bytes: [UInt8] = [0x55, 0x51, UInt8(index & 0xFF), 0, 0, 0, 0, 8, 0xB8, 0x0B]
                bytes.append(bytes.reduce(0) { $0 &+ $1 })
                return bytes
            }
            defer { _ = board.switchOff() }
            let run = try ProgramRun(
                "nattro", ["sensors", "setup", port.path, "--format", "witmotion", "--listen", "3"],
                environment: Self.environment(folder))
            #expect(run.status == 2)
            #expect(run.errors.contains("25") && run.errors.contains("sold with 10"), "\(run.errors)")
            let list = try ProgramRun("nattro", ["sensors"], environment: Self.environment(folder))
            #expect(!list.output.contains(port.path))
        }
    }

    @Test func aPortThatIsSilentOrSendsSomethingElseIsSaid() throws {
        try Fixtures.withTemporaryFolder { folder in
            let port = try PseudoTerminal()
            let arguments = [
                "sensors", "setup", port.path, "--format", "text", "--unit", "g", "--listen", "0.5", "--name", "x",
            ]
            let silent = try ProgramRun("nattro", arguments, environment: Self.environment(folder))
            #expect(silent.status == 4 && silent.errors.contains("nothing comes"))
            let board = Board(port, rate: 50) { _ in Array("hello\n".utf8) }
            defer { _ = board.switchOff() }
            let odd = try ProgramRun("nattro", arguments, environment: Self.environment(folder))
            #expect(odd.status == 2 && odd.errors.contains("is not of the format text"))
        }
    }

    @Test(arguments: [
        ["sensors", "setup", "/dev/none", "--format", "text"], ["sensors", "setup", "/dev/none"],
        ["sensors", "setup", "/dev/none", "--format", "morse"],
        ["sensors", "setup", "/dev/none", "--format", "text", "--unit", "x"],
        ["sensors", "setup", "/dev/none", "--format", "text", "--unit", "g", "--rate", "100"],
        ["sensors", "setup", "/dev/none", "--format", "witmotion", "--unit", "g"],
        ["sensors", "setup", "/dev/none", "--format", "text", "--unit", "g", "--baud", "1"],
        ["sensors", "setup", "/dev/none", "--format", "text", "--unit", "g", "--range", "8"],
        ["sensors", "setup", "12345", "--unit", "g"], ["sensors", "setup", "12345", "--rate", "99"],
        ["record", "--left", "/dev/none"],
    ])
    func wrongUsageIsCode64(arguments: [String]) throws {
        try Fixtures.withTemporaryFolder { folder in
            let run = try ProgramRun("nattro", arguments, environment: Self.environment(folder))
            #expect(run.status == 64, "\(run.errors)")
            #expect(run.output.isEmpty && !run.errors.isEmpty)
        }
    }

    @Test func aPortThatNeverComesIsNoSensorAndOneForBothLegsIsRefused() throws {
        try Fixtures.withTemporaryFolder { folder in
            let ports = folder.appending(path: "config/nattro/ports")
            try FileManager.default.createDirectory(at: ports, withIntermediateDirectories: true)
            try Data(
                "nattro port 1\nname = gone\nport = /dev/serial/by-id/gone\nformat = text\nbaud = 9600\nrate = 100\ngravity = 1\nmeasured = no\n"
                    .utf8
            ).write(to: ports.appending(path: "gone"))
            try Data("rubbish".utf8).write(to: ports.appending(path: "bad"))
            let out = folder.appending(path: "night.nightlog").path
            let run = try ProgramRun(
                "nattro", ["record", "--left", "gone", "--wait", "1", "--out", out],
                environment: Self.environment(folder))
            #expect(run.status == 4 && run.errors.contains("no sensor to record from"))
            #expect(run.errors.contains("bad: cannot be understood"))
            let both = try ProgramRun(
                "nattro", ["record", "--left", "gone", "--right", "/dev/serial/by-id/gone", "--out", out],
                environment: Self.environment(folder))
            #expect(both.status == 64 && both.errors.contains("one serial port has one sensor"))
        }
    }
}
