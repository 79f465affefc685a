// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import LegMovements

/// Recordings or movements to series and indices, by published rules.
struct Score: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Count periodic leg movements by published rules.",
        usage: """
            nattro score LEFT [RIGHT] [--rules PROFILE,…] [--lights-out TIME] [--wake-up TIME] [--json | --tsv]
            nattro score NIGHT | --all
            nattro score --movements FILE [--rules PROFILE,…] [--json]
            """,
        discussion: """
            A recording is a night log, a CWA or a CSV file of one leg; a night log may hold both. NIGHT is a night of the journal: \
            the date of its evening, or last; its result is kept there, and older ones stay. Index and counts are per \
            analysed hour of the rest interval: gaps are in no denominator.
            """)

    @Argument(
        help: .init("The left leg's recording, then the right one's; or one file alone.", valueName: "recording"))
    var recordings: [String] = []

    @Flag(help: "Score all nights of the journal anew; the old results stay.")
    var all = false

    @OptionGroup var journal: JournalOptions

    @Option(help: .init("A list of movements made elsewhere, as JSON; - is standard input.", valueName: "file"))
    var movements: String?

    @Option(
        help: .init(
            "The rules, one or several: \(ScoringRules.profiles.map(\.name).joined(separator: ", ")).",
            valueName: "profile,…"))
    var rules = ScoringRules.wasm2016.name

    @Option(
        help: .init("When the light went out, on the recording's clock: 23:10, or with its date.", valueName: "time"))
    var lightsOut: ClockTime?

    @Option(help: .init("When the night ended, on the recording's clock.", valueName: "time"))
    var wakeUp: ClockTime?

    @Option(help: "The detector's numbers: standard, noisySensor (ADXL345) or largeMovements (RestEaze).")
    var preset = DetectionPreset.standard

    @Option(
        name: .customLong("set"),
        help: .init(
            "Change one of the detector's numbers; may be said again. --json lists them.", valueName: "name=value"))
    var changes: [ParameterChange] = []

    @Flag(help: "Answer in JSON (schema \(RulesReport.schema)).")
    var json = false

    @Flag(help: "Answer with a table of movements and gaps, tab-separated.")
    var tsv = false

    func validate() throws {
        _ = try profiles
        _ = try parameters
        guard !(json && tsv) else { throw ValidationError("Give --json or --tsv, not both.") }
        if all {
            guard recordings.isEmpty, movements == nil, lightsOut == nil, wakeUp == nil, !json, !tsv else {
                throw ValidationError(
                    "--all scores each night as the journal has it; give no file and no limits with it.")
            }
            return
        }
        if movements != nil {
            guard recordings.isEmpty else { throw ValidationError("Give either --movements or recordings, not both.") }
            guard lightsOut == nil, wakeUp == nil else {
                throw ValidationError(
                    "A list of movements says its own \"rest\"; leave --lights-out and --wake-up out.")
            }
            guard !tsv else {
                throw ValidationError("--tsv is the table of a recording; give --json with --movements.")
            }
            return
        }
        guard !recordings.isEmpty else {
            throw ValidationError("Nothing to score. Give the left leg's recording, and the right one's.")
        }
        guard recordings.count <= 2 else {
            throw ValidationError(
                "\(recordings.count) recordings: a night has two legs. Score one night at a time: LEFT [RIGHT].")
        }
        guard recordings.count < 2 || (recordings[0] != recordings[1] && !areSameFile(recordings[0], recordings[1]))
        else {
            throw ValidationError("The same recording was given for both legs; name the other leg's, or one alone.")
        }
    }

    func run() async throws {
        try await endingInExitCode {
            if let movements {
                let night = try MovementList(path: movements).night
                let reports = try profiles.map { RulesReport(night, under: $0) }
                try writeResult(json ? "\(RulesReport.answer(reports))\n" : reports.map(\.text).joined())
                return
            }
            let nights = try NightScore(options: journal, profiles: profiles, parameters: parameters)
            if all { return try await nights.scoreAll() }
            let report: NightReport
            if let night = NightScore.names(recordings) {
                report = try await nights.score(night, lightsOut: lightsOut, wakeUp: wakeUp)
            } else {
                let recorded = try await RecordedNight(recordings, parameters: parameters)
                report = try NightReport(recorded, under: profiles, lightsOut: lightsOut, wakeUp: wakeUp)
            }
            try writeResult(tsv ? report.tsv : json ? "\(report.json)\n" : report.text)
            try Failure.check(report.recorded.files.map { ($0.path, $0.report) })
        }
    }

    private var parameters: DetectionParameters {
        get throws { try changes.reduce(preset.parameters) { try $1.applied(to: $0) } }
    }

    /// The profiles by name, each once, in the order given.
    private var profiles: [ScoringRules] {
        get throws {
            var profiles: [ScoringRules] = []
            for name in rules.split(separator: ",", omittingEmptySubsequences: false) {
                guard let profile = ScoringRules.profiles.first(where: { $0.name == name }) else {
                    let known = ScoringRules.profiles.map(\.name).joined(separator: ", ")
                    throw ValidationError("There are no rules '\(name)'. Known: \(known).")
                }
                if !profiles.contains(profile) { profiles.append(profile) }
            }
            return profiles
        }
    }
}
