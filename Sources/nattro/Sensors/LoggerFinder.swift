// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Sensors

/// Finds a logger that is plugged in, and the folder that its recording lies in.
struct LoggerFinder: ParsableArguments {
    @Option(
        help: .init(
            "The folder that the logger's disk is mounted on; found by itself if not given.", valueName: "folder"))
    var volume: String?
    /// For tests: the folder in which `sys`, `proc` and `dev` are.
    @Option(help: .hidden)
    var root = "/"

    /// The recording on every Axivity logger.
    static let fileName = "CWA-DATA.CWA"
    private static let mountProgram = "udisksctl"

    /// The logger that is meant.
    func logger(_ name: String) throws -> PluggedLogger {
        let all = PluggedLogger.all(root: root)
        let found = all.filter { $0.isCalled(name) }
        guard let logger = found.first else {
            let others = all.map(\.serial).joined(separator: ", ")
            throw Failure(
                message: "\(name): no such logger is plugged in"
                    + (others.isEmpty
                        ? "; plug it in and wait some seconds, for it starts twice" : "; there is \(others)"),
                outcome: .sensorLost)
        }
        guard found.count == 1 else {
            throw Failure(
                message: "\(name): two loggers are called so: \(found.map(\.serial).joined(separator: ", ")); "
                    + "give the whole serial number",
                outcome: .wrongUsage)
        }
        return logger
    }

    /// The path of its recording; mounts its disk where it is not.
    func recording(on logger: PluggedLogger) throws -> String {
        if let folder = volume ?? logger.folder { return "\(folder)/\(Self.fileName)" }
        guard let disk = logger.disk else {
            throw Failure(
                message: "\(logger.serial): its disk is not there yet; wait some seconds and try again",
                outcome: .sensorLost)
        }
        let run = Process()
        run.executableURL = URL(filePath: "/usr/bin/env")
        run.arguments = [Self.mountProgram, "mount", "--block-device", disk, "--options", "ro"]
        run.standardOutput = FileHandle.nullDevice
        run.standardError = FileHandle.nullDevice
        run.standardInput = FileHandle.nullDevice
        do {
            try run.run()
            run.waitUntilExit()
        } catch {
            // Said below: where it cannot be run, the disk is not mounted.
        }
        guard let folder = PluggedLogger.all(root: root).first(where: { $0.serial == logger.serial })?.folder else {
            throw Failure(
                message: "\(logger.serial): its disk \(disk) is not mounted and \(Self.mountProgram) cannot mount it; "
                    + "mount it and name the folder with --volume",
                outcome: .unusableInput)
        }
        return "\(folder)/\(Self.fileName)"
    }
}
