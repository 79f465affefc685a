// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import LegMovements

/// How a recording is scored, as it is typed: the same for every verb that scores.
struct ScoringOptions: ParsableArguments {
    @Option(
        help: .init(
            "The rules, one or several: \(ScoringRules.profiles.map(\.name).joined(separator: ", ")).",
            valueName: "profile,…"))
    var rules: String?

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

    func validate() throws {
        _ = try profiles
        _ = try parameters
    }

    /// The detector's numbers.
    var parameters: DetectionParameters {
        get throws { try changes.reduce(preset.parameters) { try $1.applied(to: $0) } }
    }

    /// The names as given, or as environment and configuration file set them.
    private var ruleNames: String {
        get throws {
            do {
                return try Settings().value(.rules, option: rules) ?? ScoringRules.wasm2016.name
            } catch let failure as Failure {
                throw ValidationError(failure.message)
            }
        }
    }

    /// The profiles by name, each once, in the order given.
    var profiles: [ScoringRules] {
        get throws {
            var profiles: [ScoringRules] = []
            for name in try ruleNames.split(separator: ",", omittingEmptySubsequences: false) {
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

/// What any verb that takes a night's recordings asks of their names.
enum RecordingArguments {
    /// One file, or two different ones.
    static func check(_ recordings: [String]) throws {
        guard recordings.count <= 2 else {
            throw ValidationError(
                "\(recordings.count) recordings: a night has two legs. Score one night at a time: LEFT [RIGHT].")
        }
        guard recordings.count < 2 || (recordings[0] != recordings[1] && !areSameFile(recordings[0], recordings[1]))
        else {
            throw ValidationError("The same recording was given for both legs; name the other leg's, or one alone.")
        }
    }
}
