// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@Suite struct LoggerCommandTests {
    private static let night = "nights/plmd/night_L.cwa"

    /// A logger with a night on it, plugged into a computer of its own.
    private func withLogger(
        night: Bool = true, isMounted: Bool = true,
        _ body: (FakeLogger, URL, ([String]) throws -> ProgramRun) throws -> Void
    ) throws {
        try Fixtures.withTemporaryFolder { folder in
            let logger = try FakeLogger(in: folder, number: "42004", isMounted: isMounted)
            if night { try Data(Fixtures.bytes(Self.night)).write(to: logger.recording) }
            let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
            try body(logger, folder) { arguments in
                try ProgramRun(
                    "nattro", ["sensors"] + arguments + ["--root", logger.root.path],
                    environment: ["XDG_DATA_HOME": folder.path + "/data", "PATH": folder.path + "/bin:" + path])
            }
            logger.unplug()
        }
    }

    @Test func aNightIsFetchedWholeAndTheLoggerIsSetUpOnlyThen() throws {
        try withLogger { logger, folder, nattro in
            let refused = try nattro(["setup", "42004"])
            #expect(refused.status == 2 && refused.output.isEmpty)
            #expect(
                refused.errors.contains("was not fetched")
                    && refused.errors.contains("nattro sensors fetch CWA17_42004"))
            #expect(logger.lines.isEmpty, "it was told nothing")

            let fetched = try nattro(["fetch", "42004"])
            #expect(fetched.status == 0, "\(fetched.errors)")
            let copy = try #require(fetched.output.split(separator: "\n").first.map(String.init))
            #expect(try Data(contentsOf: URL(filePath: copy)) == Data(Fixtures.bytes(Self.night)))
            #expect(copy.hasPrefix(folder.path + "/data/nattro/nights/") && copy.hasSuffix("-CWA17_42004.cwa"))
            #expect(FileManager.default.fileExists(atPath: logger.recording.path) && logger.lines.isEmpty)
            let mode = try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions] as? Int
            #expect(mode == 0o600)

            let again = try nattro(["fetch", "42004", "--json"])
            #expect(again.status == 0 && again.errors.contains("was fetched earlier"))
            #expect(again.output.contains("\"erased\":false"))

            let setup = try nattro(["setup", "42004", "--start", "22:30", "--stop", "08:00", "--range", "16", "--json"])
            #expect(setup.status == 0, "\(setup.errors)")
            #expect(setup.output.contains("\"model\":\"AX3\"") && setup.output.contains(",22:30:00\""))
            #expect(logger.lines.contains("RATE 10") && logger.lines.last == "FORMAT QC")
            #expect(logger.lines.contains { $0.hasPrefix("HIBERNATE ") && $0.hasSuffix(",22:30:00") })
            #expect(logger.lines.contains { $0.hasPrefix("STOP ") && $0.hasSuffix(",08:00:00") })
            // Nothing is on it now.
            #expect(try nattro(["fetch", "42004"]).status == 2)
            #expect(try nattro(["setup", "42004"]).status == 0)
        }
    }

    @Test func aFolderThatIsNotTheLoggersIsRefused() throws {
        try withLogger(night: false) { logger, folder, nattro in
            let empty = folder.appending(path: "empty")
            try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
            for name in [empty.path, folder.path + "/nowhere"] {
                let run = try nattro(["setup", "42004", "--volume", name])
                #expect(run.status == 2 && run.errors.contains("nothing was changed"), "\(run.errors)")
            }
            var bytes = try Fixtures.bytes(Self.night)
            bytes[5] ^= 1
            try Data(bytes).write(to: empty.appending(path: "CWA-DATA.CWA"))
            for verb in ["setup", "fetch"] {
                let run = try nattro([verb, "42004", "--volume", empty.path])
                #expect(run.status == 2 && run.errors.contains("is of logger 42005"), "\(run.errors)")
            }
            #expect(logger.lines.isEmpty)
        }
    }

    @Test func aCopyThatIsGoneDoesNotCount() throws {
        try withLogger { logger, folder, nattro in
            let out = folder.appending(path: "mine.cwa").path
            #expect(try nattro(["fetch", "CWA17_42004", "--out", out]).status == 0)
            try FileManager.default.removeItem(atPath: out)
            #expect(try nattro(["setup", "42004"]).status == 2)
            #expect(logger.lines.isEmpty)
        }
    }

    @Test func anotherNightOfTheSameLengthDoesNotCountEither() throws {
        try withLogger { logger, folder, nattro in
            #expect(try nattro(["fetch", "42004"]).status == 0)
            var bytes = try Fixtures.bytes(Self.night)
            bytes[bytes.count - 100] ^= 1
            try Data(bytes).write(to: logger.recording)
            #expect(try nattro(["setup", "42004"]).status == 2)
            #expect(logger.lines.isEmpty)
        }
    }

    @Test func nothingIsErasedWithoutTheFlagAndAllWithIt() throws {
        try withLogger { logger, folder, nattro in
            let out = folder.appending(path: "mine.cwa").path
            let run = try nattro(["fetch", "42004", "--out", out, "--erase", "--json"])
            #expect(run.status == 0 && run.output.contains("\"erased\":true"), "\(run.errors)")
            #expect(logger.lines == ["HIBERNATE -1", "STOP -1", "SESSION 0", "FORMAT QC"])
            #expect(try Data(contentsOf: URL(filePath: out)) == Data(Fixtures.bytes(Self.night)))
        }
    }

    @Test func aFileThatIsThereIsNeverReplaced() throws {
        try withLogger { logger, folder, nattro in
            let out = folder.appending(path: "mine.cwa")
            try Data("mine".utf8).write(to: out)
            let run = try nattro(["fetch", "42004", "--out", out.path, "--erase"])
            #expect(run.status == 2 && run.errors.contains("exists already"))
            #expect(try Data(contentsOf: out) == Data("mine".utf8))
            #expect(logger.lines.isEmpty)
            let nowhere = try nattro(["fetch", "42004", "--out", folder.path + "/no/where.cwa", "--erase"])
            #expect(nowhere.status == 2 && logger.lines.isEmpty)
        }
    }

    @Test func aDamagedRecordingIsCopiedAndNamed() throws {
        try withLogger { logger, folder, nattro in
            var bytes = try Fixtures.bytes(Self.night)
            bytes[1024 + 512 * 20 + 100] ^= 0xFF
            try Data(bytes).write(to: logger.recording)
            let out = folder.appending(path: "mine.cwa")
            let run = try nattro(["fetch", "42004", "--out", out.path])
            #expect(run.status == 1 && run.errors.contains("wrong checksum"), "\(run.errors)")
            #expect(try Data(contentsOf: out) == Data(bytes))
            #expect(try nattro(["setup", "42004"]).status == 0, "what is there was fetched")
        }
    }

    @Test func aFullDiskLeavesNoHalfCopyAndErasesNothing() throws {
        try withLogger { logger, folder, nattro in
            let out = folder.appending(path: "mine.cwa").path
            let script = """
                trap '' XFSZ; ulimit -f 50; exec "$0" sensors fetch 42004 --out "$1" --erase --root "$2"
                """
            let run = try ProgramRun(
                "bash", ["-c", script, ProgramRun.nattro, out, logger.root.path],
                environment: ["XDG_DATA_HOME": folder.path + "/data"])
            #expect(run.status == 2, "\(run.errors)")
            #expect(!FileManager.default.fileExists(atPath: out) && logger.lines.isEmpty)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy { !$0.hasPrefix("mine") })
        }
    }

    @Test func aDiskThatIsNotMountedIsMountedOrNothingIsDone() throws {
        try withLogger(isMounted: false) { logger, folder, nattro in
            let bin = folder.appending(path: "bin")
            try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
            let program = bin.appending(path: "udisksctl")
            func write(_ script: String) throws {
                try Data("#!/bin/sh\n\(script)\n".utf8).write(to: program)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
            }
            try write("exit 1")
            let run = try nattro(["setup", "42004"])
            #expect(run.status == 2 && run.errors.contains("--volume") && logger.lines.isEmpty, "\(run.errors)")
            #expect(try nattro(["fetch", "42004", "--volume", logger.volume.path]).status == 0)
            let mounts = logger.root.path + "/proc/self/mounts"
            try write(
                "[ \"$1 $2 $4 $5\" = 'mount --block-device --options ro' ] && printf '/dev/sdb1 %s vfat ro 0 0\\n' "
                    + "'\(logger.volume.path.replacing(" ", with: "\\040"))' >\(mounts)")
            let mounted = try nattro(["fetch", "42004"])
            #expect(mounted.status == 0, "\(mounted.errors)")
        }
    }

    @Test func aLoggerThatIsNotThereAnswersOrIsLockedIsSaid() throws {
        try withLogger(night: false) { logger, _, nattro in
            let other = try nattro(["setup", "99999"])
            #expect(other.status == 4 && other.errors.contains("there is CWA17_42004"))
            logger.change { $0.answers = ["RATE": "ERROR: Locked."] }
            let locked = try nattro(["setup", "42004"])
            #expect(locked.status == 2 && locked.errors.contains("ERROR: Locked."))
            #expect(!logger.lines.contains("FORMAT QC"))
            logger.change { $0.answers = ["ID": "ID=CWA,17,44,777,1"] }
            #expect(try nattro(["setup", "42004"]).status == 2)
            logger.unplug()
            let silent = try nattro(["check", "42004", "--seconds", "1"])
            #expect(silent.status == 4 && silent.errors.contains("does not answer"))
        }
    }

    @Test func thePlacementIsALookAtTheStream() throws {
        try withLogger(night: false) { _, _, nattro in
            let run = try nattro(["check", "42004", "--seconds", "1", "--json"])
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.contains("\"direction_g\":[0.01171875,-0.01953125,1.00390625]"), "\(run.output)")
        }
    }
}
