// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser

/// The command: arguments in, exit code out.
@main
struct Nattro: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nattro",
        abstract: "Counts periodic leg movements, and says whether magnesium changed the nights.",
        subcommands: [
            Demo.self, Doctor.self, SensorsCommand.self, Record.self, Replay.self, Score.self, Explain.self,
            Simulate.self, Convert.self, Export.self, Repair.self,
        ])
}
