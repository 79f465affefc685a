// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser

/// What was taken.
struct DoseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dose",
        abstract: "Log magnesium: add, list, edit, remove, undo; check and import files.",
        discussion: """
            A dose is kept as it was entered, with its elemental milligrams beside it; each answer names both the \
            milligrams and the night, which runs from noon to noon. A night without an entry is unknown, not zero: \
            `nattro dose none` declares it.
            """,
        subcommands: [
            DoseAdd.self, DoseSame.self, DoseList.self, DoseEdit.self, DoseRemove.self, DoseNone.self, DoseImport.self,
            DoseCheck.self, DoseUndo.self,
        ])
}
