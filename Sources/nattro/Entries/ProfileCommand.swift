// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Journal
import Nights

/// What the person said of themselves.
struct ProfileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Age, kidneys, laboratory values, your own plan: what published figures depend on.",
        subcommands: [
            ProfileShow.self, ProfileSet.self, ProfileLab.self, ProfilePlan.self, ProfileImport.self, ProfileUndo.self,
        ],
        defaultSubcommand: ProfileShow.self)
}

/// Shows the profile.
struct ProfileShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the profile as JSON, and the plan.")
    @OptionGroup var options: JournalOptions

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            try writeResult(store.profile().json)
            for step in try store.planSteps().map(\.value) { complain(ProfilePlan.line(step)) }
        }
    }
}

/// Changes the profile.
struct ProfileSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Say something of yourself; the rest stays.")

    @OptionGroup var options: JournalOptions
    @Option(help: .init("The year of birth.", valueName: "year"))
    var birthYear: Int?
    @Option(help: .init("The sex that published figures go by: female, male, unknown.", valueName: "word"))
    var sex: String?
    @Option(help: .init("Pregnant: yes, no, unknown.", valueName: "answer"))
    var pregnant: String?
    @Option(help: .init("Breast-feeding: yes, no, unknown.", valueName: "answer"))
    var lactating: String?
    @Option(help: .init("A kidney condition: yes, no, unknown.", valueName: "answer"))
    var kidney: String?
    @Option(help: .init("On dialysis: yes, no, unknown.", valueName: "answer"))
    var dialysis: String?
    @Option(help: .init("The estimated glomerular filtration rate, mL/min/1.73 m².", valueName: "number"))
    var egfr: Double?
    @Option(help: .init("When that was measured.", valueName: "date"))
    var egfrDate: NightArgument?
    @Option(help: .init("Whose upper levels are shown: us, eu, both.", valueName: "word"))
    var region: String?
    @Option(help: .init("The zone of your home clock, by its IANA name.", valueName: "zone"))
    var zone: String?

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            var profile = try store.profile()
            if let birthYear {
                guard (1900...2100).contains(birthYear) else {
                    throw Failure(message: "\(birthYear) is no year of birth", outcome: .wrongUsage)
                }
                profile.birthYear = birthYear
            }
            if let egfr {
                guard egfr >= 0, egfr < 1000 else {
                    throw Failure(message: "\(egfr) is no filtration rate", outcome: .wrongUsage)
                }
                profile.kidney.egfr = egfr
            }
            if let date = egfrDate?.date { profile.kidney.egfrDate = date }
            try Self.set(&profile.sex, sex)
            try Self.set(&profile.pregnant, pregnant)
            try Self.set(&profile.lactating, lactating)
            try Self.set(&profile.kidney.condition, kidney)
            try Self.set(&profile.kidney.dialysis, dialysis)
            try Self.set(&profile.limitsRegion, region)
            if let zone { profile.zone = try EntryTime.clock(zone).name }
            try store.keep(profile, "profile set", at: options.time)
            try writeResult(store.profile().json)
        }
    }

    private static func set<Word: RawRepresentable & CaseIterable>(
        _ field: inout Word, _ text: String?
    ) throws where Word.RawValue == String {
        guard let text else { return }
        guard let word = Word(rawValue: text.lowercased()) else {
            throw Failure(
                message: "'\(text)' is none of \(Word.allCases.map(\.rawValue).joined(separator: ", "))",
                outcome: .wrongUsage)
        }
        field = word
    }
}

/// Adds a laboratory value.
struct ProfileLab: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lab", abstract: "Add a laboratory value.",
        usage: "nattro profile lab ferritin 48 ng/mL --date 2026-03-04 --fasting")

    @OptionGroup var options: JournalOptions
    @Argument(help: "ferritin, tsat, iron, tibc or serum_mg.")
    var test: String
    @Argument(help: "The value.")
    var value: Double
    @Argument(help: "Its unit, as the laboratory writes it.")
    var unit: String
    @Option(help: .init("When the blood was taken.", valueName: "date"))
    var date: NightArgument
    @Flag(inversion: .prefixedNo, help: "In the morning, and without iron for 24 h before.")
    var fasting: Bool?
    @Option(help: .init("The laboratory or its assay.", valueName: "text"))
    var assay = ""

    func run() async throws {
        try await endingInExitCode {
            guard let test = LabResult.Test(rawValue: test.lowercased()), let day = date.date, value.isFinite,
                value >= 0
            else {
                throw Failure(
                    message: "'\(self.test)' is none of "
                        + LabResult.Test.allCases.map(\.rawValue).joined(separator: ", ")
                        + ", or its value or date cannot be read",
                    outcome: .wrongUsage)
            }
            let store = try options.open()
            var profile = try store.profile()
            profile.labs.append(
                LabResult(date: day, test: test, value: value, unit: unit, isFastingIronFree: fasting, assay: assay))
            try store.keep(profile, "profile lab", at: options.time)
            try writeResult("\(test.rawValue) \(value.formatted) \(unit), \(day)\n")
        }
    }
}

/// Keeps a step of the person's own plan.
struct ProfilePlan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Keep what you planned to take from a night on; the program plans no dose.",
        usage: "nattro profile plan 200 --from 2026-03-04 --set-with provider")

    @OptionGroup var options: JournalOptions
    @Argument(help: .init("Elemental milligrams a night.", valueName: "mg"))
    var milligrams: Double
    @Option(help: .init("The first night.", valueName: "date"))
    var from: NightArgument
    @Option(help: .init("The form, if one is planned.", valueName: "form"))
    var form: String?
    @Option(help: .init("With whom: provider or self.", valueName: "word"))
    var setWith: String?
    @Option(help: .init("What you noted.", valueName: "text"))
    var note = ""

    func run() async throws {
        try await endingInExitCode {
            guard let day = from.date, milligrams.isFinite, (0...100_000).contains(milligrams),
                setWith.map({ PlanStep.SetWith(rawValue: $0) != nil }) ?? true
            else {
                throw Failure(
                    message: "give milligrams from 0, a date, and --set-with provider or self", outcome: .wrongUsage)
            }
            let step = PlanStep(
                from: day, targetMg: milligrams, form: form, setWith: setWith.flatMap(PlanStep.SetWith.init(rawValue:)),
                note: note)
            try options.open().keep(step, at: options.time)
            try writeResult(Self.line(step) + "\n")
        }
    }

    static func line(_ step: PlanStep) -> String {
        "your plan from the night of \(step.from): \(DoseText.milligrams(step.targetMg)) mg elemental a night"
            + (step.form.map { " (\($0))" } ?? "") + (step.setWith.map { ", set with \($0.rawValue)" } ?? "")
    }
}

/// A profile from a file.
struct ProfileImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "import", abstract: "Read a profile, JSON.")

    @OptionGroup var options: JournalOptions
    @Argument(help: .init("The file; - is standard input.", valueName: "file"))
    var file: String

    func run() async throws {
        try await endingInExitCode {
            let (profile, warnings) = try WholeFile.read(file) { try Profile.reading($0) }
            for warning in warnings { complain(warning.text(file: file)) }
            let store = try options.open()
            try store.keep(profile, "profile import \(file)", at: options.time)
            try writeResult(store.profile().json)
            if !warnings.isEmpty { throw ExitCode(Outcome.incomplete.rawValue) }
        }
    }
}

/// Takes the last change of the profile back.
struct ProfileUndo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "undo", abstract: "Take the last change back.")
    @OptionGroup var options: JournalOptions

    func run() async throws {
        try await endingInExitCode { try EntryUndo(options, .profile, "profile").run() }
    }
}
