// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Keeps the computer awake while a night is recorded, where logind runs.
///
/// `systemd-inhibit` holds the lock as long as its child reads from a pipe of ours: however this program ends, the pipe ends too.
final class SleepInhibitor {
    /// Why the computer may fall asleep all the same.
    private(set) var problem: String?

    private let process = Process()
    private let pipe = Pipe()

    /// Seconds that a refusal takes.
    private static let patience = 0.15

    /// Asks for the lock.
    ///
    /// - Parameters:
    ///   - program: what asks logind; tests have a stand-in.
    ///   - login: a folder that is there while logind runs.
    init(program: String = "/usr/bin/systemd-inhibit", login: String = "/run/systemd/seats") {
        guard FileManager.default.isExecutableFile(atPath: program), FileManager.default.fileExists(atPath: login)
        else {
            problem = "the computer may fall asleep: there is no systemd-logind to ask; switch its sleep off"
            return
        }
        process.executableURL = URL(filePath: program)
        process.arguments = [
            "--what=sleep:idle:handle-lid-switch", "--who=nattro", "--why=a night is being recorded", "--mode=block",
            "cat",
        ]
        process.standardInput = pipe
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
            // Who may not ask ends at once.
            Thread.sleep(forTimeInterval: Self.patience)
            if !process.isRunning {
                problem = "the computer may fall asleep: systemd-logind refuses to hold it awake; switch its sleep off"
            }
        } catch {
            problem = "the computer may fall asleep: systemd-inhibit cannot be started; switch its sleep off"
        }
    }

    /// Lets the computer sleep again.
    func end() { try? pipe.fileHandleForWriting.close() }
}
