// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser

/// Doses of magnesium.
struct DoseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dose", abstract: "Doses of magnesium: checks a file of them.", subcommands: [DoseCheck.self])
}
