// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser

/// The command: arguments in, exit code out.
@main
struct Nattro: AsyncParsableCommand {
    /// The program's version; that of the scoring is apart from it.
    static let version = "0.6.0"

    static let configuration = CommandConfiguration(
        commandName: "nattro",
        abstract: "Counts periodic leg movements, and says whether magnesium changed the nights.",
        version: version,
        subcommands: [
            Demo.self, Doctor.self, SensorsCommand.self, Record.self, Replay.self, ImportCommand.self, Score.self,
            Explain.self, NightsCommand.self, DoseCommand.self, ProductCommand.self, DiaryCommand.self,
            MedicineCommand.self, ProfileCommand.self, Plan.self, Compare.self, ReportCommand.self, Serve.self,
            VerifyCommand.self, LastNight.self, Simulate.self, Convert.self, Export.self, Repair.self,
        ], defaultSubcommand: LastNight.self)
}
