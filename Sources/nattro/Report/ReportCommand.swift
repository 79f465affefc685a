// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser

/// One file to read, print, and show to somebody.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write a night, a comparison or a page for a clinician as one HTML file.",
        discussion: """
            The file needs nothing else: no network, no script, no other file. It prints on A4 paper; --pdf makes a PDF where \
            Chromium is installed. Every picture has its numbers under it, and as CSV and JSON.
            """,
        subcommands: [ReportNight.self, ReportCompare.self, ReportClinician.self])
}
