// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Recordings

/// Salvages a damaged recording.
struct Repair: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a clean recording with all that is good in a damaged one.",
        discussion: """
            Of night logs, CWA, GENEActiv, GT3X, EDF and BDF, cut off, unfinished or damaged within. The damaged file stays as it \
            is. What is lost stays lost: it is a gap in the new file, and is named.
            """)

    @Argument(help: "The damaged recording.")
    var input: String
    @Argument(help: "The file to write; there must be none of that name.")
    var output: String

    func run() async throws {
        try await endingInExitCode {
            let repair = try RecordingRepair.repair(from: input, to: output)
            try writeResult("\(output): \(repair.kept)\n")
            for remark in repair.remarks { complain("\(output): \(remark)") }
            try Failure.check([(input, repair.report)])
        }
    }
}
