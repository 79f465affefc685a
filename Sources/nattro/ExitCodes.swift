// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Recordings

/// What the command's exit code says. Wrong usage (64) comes from the argument parser.
enum ExitStatus: Int32 {
    case done = 0
    case somethingMissing = 1
    case inputUnusable = 2
    case recordedWithGaps = 3
    case sensorLost = 4
    case verificationFailed = 5
    case wrongUsage = 64
    case interrupted = 130
}

/// An end of the command that is no success: one message on standard error, and an exit code.
struct Failure: Error {
    let message: String
    let status: ExitStatus

    init(_ message: String, _ status: ExitStatus = .inputUnusable) {
        self.message = message
        self.status = status
    }

    /// Runs a command's body; its failures become one line on standard error and an exit code.
    static func reporting(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let failure as Failure {
            Terminal.complain(failure.message)
            throw ExitCode(failure.status.rawValue)
        } catch let error as RecordingError {
            Terminal.complain(error.description)
            throw ExitCode(ExitStatus.inputUnusable.rawValue)
        }
    }

    /// Names on standard error what a reader left out; true if there was anything.
    static func name(_ report: ReadingReport, of path: String) -> Bool {
        for item in report.items {
            Terminal.complain("\(path): \(item.count) \(item.what), first at \(item.firstPlace); left out as a gap")
        }
        return !report.isEmpty
    }
}

/// Standard output for results, standard error for everything else.
enum Terminal {
    static func complain(_ message: String) {
        FileHandle.standardError.write(Data("nattro: \(message)\n".utf8))
    }
}
