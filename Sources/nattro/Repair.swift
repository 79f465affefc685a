// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Recordings

/// Salvages a damaged recording.
struct Repair: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a clean night log with all that is good in a damaged one.",
        discussion:
            "The damaged file stays as it is. What is lost stays lost: it is a gap in the new log, and is named.")

    @Argument(help: "The damaged night log.")
    var input: String
    @Argument(help: "The file to write; there must be none of that name.")
    var output: String

    func run() async throws {
        try await endingInExitCode {
            let repair = try NightLog.repair(from: input, to: output)
            let samples = zip(repair.header.streams, repair.samples).map { stream, count in
                "\(stream.leg?.name ?? "unknown") leg \(count) samples"
            }
            try writeResult("\(output): \(repair.sectors) sectors, \(samples.joined(separator: ", "))\n")
            for field in repair.unknownFields { complain("\(output): no sector tells the \(field); it is empty now") }
            try Failure.check([(input, repair.report)])
        }
    }
}
