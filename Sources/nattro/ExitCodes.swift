// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Journal
import Recordings

/// How the command ends, for scripts to branch on.
enum Outcome: Int32 {
    case done = 0
    /// Done, with something rejected or missing that standard error names.
    case incomplete = 1
    case unusableInput = 2
    case recordedWithGaps = 3
    case sensorLost = 4
    case verificationFailed = 5
    /// What ArgumentParser exits with for arguments that it does not understand.
    case wrongUsage = 64
    case interrupted = 130
}

/// Why a command ends early: one line for the person, one code for the script.
struct Failure: Error {
    /// What failed, where, and what to do.
    var message: String
    var outcome: Outcome
}

extension Failure {
    /// Names on standard error what readers left out; then the command ends as incomplete.
    static func check(_ reports: [(path: String, report: ReadingReport)]) throws {
        for (path, report) in reports {
            for item in report.items {
                complain("\(path): \(item.what): \(item.count), the first at \(item.firstPlace)")
            }
        }
        if reports.contains(where: { !$0.report.isEmpty }) { throw ExitCode(Outcome.incomplete.rawValue) }
    }
}

/// Says something on standard error.
func complain(_ message: String) { tell("nattro: \(message)\n") }

/// Writes to standard error; that its terminal or pipe is gone ends nothing.
func tell(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

extension ParsableCommand {
    /// Runs the work of a command, and turns a failure into a line on standard error and an exit code.
    func endingInExitCode(_ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch let failure as Failure {
            try end(failure.message, failure.outcome)
        } catch let error as RecordingError {
            try end(error.description, .unusableInput)
        } catch let error as JournalError {
            try end(error.description, error.reason == .invalid ? .wrongUsage : .unusableInput)
        }
    }

    private func end(_ message: String, _ outcome: Outcome) throws {
        complain(message)
        throw ExitCode(outcome.rawValue)
    }
}

/// Writes a result to standard output, whole or not at all as far as anyone can tell.
func writeResult(_ text: String) throws {
    do {
        try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
        throw Failure(
            message: "cannot write to standard output (\(error.localizedDescription)); free the disk or the pipe",
            outcome: .incomplete)
    }
}
