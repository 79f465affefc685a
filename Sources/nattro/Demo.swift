// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import LegMovements
import Recordings

/// The whole path on what comes with the project: no sensor is needed.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the whole path on built-in material, without a sensor.",
        discussion:
            "Reads the project's Fixtures folder, which is looked for above the program and above the current folder.")

    @Option(help: .init("The Fixtures folder.", valueName: "folder"))
    var fixtures: String?

    /// A real recording of three minutes.
    private static let recording = "cwa/ax3_testfile.cwa"
    /// The evenings after the recorded one.
    private static let furtherNights = ["2026-01-16", "2026-01-17", "2026-01-18"]

    func run() async throws {
        try await endingInExitCode {
            guard let folder = fixtures.map({ URL(filePath: $0) }) ?? Self.found,
                FileManager.default.fileExists(atPath: folder.appending(path: Self.recording).path)
            else {
                throw RecordingError(
                    .notFound, path: fixtures ?? "Fixtures",
                    problem: "there is no such folder with \(Self.recording) in it",
                    remedy: "run the demo inside the project, or say --fixtures FOLDER")
            }
            try await scoreRealRecording(folder.appending(path: Self.recording).path)
            try await scoreSimulatedNight()
            try writeResult(
                """

                5. Sixty simulated nights, thirty before and thirty with magnesium, compared. They were made without any effect: what \
                looks like one is how nights resemble their neighbours.

                """)
            try await run(Compare.demonstration(fixtures: folder))
            try await report(fixtures: folder)
            try writeResult(
                """

                Nothing of this is a night of yours. Next: nattro score LEFT.cwa RIGHT.cwa --lights-out 23:10 --wake-up 06:40

                """)
        }
    }

    /// The comparison as a file to look at; it stays.
    private func report(fixtures: URL) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "nattro-report-\(UUID().uuidString.prefix(8))")
        try UserFolders.make(folder.path)
        try writeResult("\n6. The same comparison as a report, to read, print and show to somebody.\n")
        try await run(
            ["report"] + Compare.demonstration(fixtures: fixtures)
                + ["--out", folder.appending(path: "comparison.html").path])
    }

    private func scoreRealRecording(_ path: String) async throws {
        try writeResult(
            """
            1. A real recording, read and scored. It is three minutes of an Axivity AX3 on a moving wrist: a check of reading \
            and clocks, not a night of a leg. Its counts mean nothing.

            """)
        try await run(["score", path])
    }

    private func scoreSimulatedNight() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nattro-demo-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try writeResult(
            """

            2. An hour of two simulated ankles with periodic movements, of which the truth is known, sent through the recorder \
            as if it came from the sensors, into a night log.

            """)
        try await run(
            [
                "simulate", "--profile", "plmd", "--hours", "1", "--gaps", "0", "--seed", "7", "--format", "nightlog",
                "--out", folder.path,
            ])
        let night = folder.appending(path: "recorded.nightlog").path
        try await run(["replay", folder.appending(path: "night.nightlog").path, "--speed", "max", "--out", night])
        try writeResult("\n3. The recorded night, scored.\n")
        try await run(["score", night])
        try writeResult("\nThe same hour as a table, its first rows (nattro score … --tsv):\n")
        let recorded = try await RecordedNight([night])
        let report = try NightReport(recorded, under: [.wasm2016], lightsOut: nil, wakeUp: nil)
        try writeResult(report.tsv.split(separator: "\n").prefix(8).joined(separator: "\n") + "\n")
        try await keepInJournal(night, folder)
    }

    /// The recorded night and three more, with a log of doses, in a journal of their own.
    private func keepInJournal(_ recorded: String, _ folder: URL) async throws {
        let journal = ["--journal", folder.appending(path: "journal.sqlite").path]
        try writeResult("\n4. The night and three more in a journal, with what was taken in the evenings.\n")
        var nights = [recorded]
        for (number, date) in Self.furtherNights.enumerated() {
            let name = folder.appending(path: "night\(number + 2)")
            try await run(
                [
                    "simulate", "--profile", "plmd", "--hours", "0.5", "--gaps", "0", "--seed", "\(number + 8)",
                    "--format", "nightlog", "--start", "\(date)T23:00", "--out", name.path,
                ], isShown: false)
            nights.append(name.appending(path: "night.nightlog").path)
        }
        try await run(["import"] + nights + journal)
        try await run(["dose", "none", "--to", "2026-01-15"] + journal)
        for (date, amount) in zip(Self.furtherNights, ["100mg", "200mg", "200mg"]) {
            try await run(
                ["dose", "add", amount, "elemental", "citrate", date, "21:10", "--tz", "Europe/Berlin"] + journal)
        }
        try writeResult("\nCounts beside milligrams. Four short simulated nights: nothing follows from them.\n")
        try await run(["nights"] + journal)
    }

    /// Runs one of the other verbs, as typed.
    private func run(_ words: [String], isShown: Bool = true) async throws {
        if isShown { try writeResult("$ nattro \(words.joined(separator: " "))\n") }
        var command = try Nattro.parseAsRoot(words)
        if var asynchronous = command as? any AsyncParsableCommand {
            try await asynchronous.run()
        } else {
            try command.run()
        }
    }

    /// The folder above the program or above the current folder.
    private static var found: URL? {
        let program = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        let here = URL(filePath: FileManager.default.currentDirectoryPath)
        for start in [here, program] {
            var folder = start
            while folder.pathComponents.count > 1 {
                let fixtures = folder.appending(path: "Fixtures")
                if FileManager.default.fileExists(atPath: fixtures.appending(path: recording).path) { return fixtures }
                folder.deleteLastPathComponent()
            }
        }
        return nil
    }
}
