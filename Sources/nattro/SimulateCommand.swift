// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Recordings
import Simulation

/// Nights with known truth.
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a night with known truth.",
        discussion: """
            Writes night_L.cwa and night_R.cwa, or night.nightlog with both legs, and truth.json with all that really \
            happened, into a folder. The same options give the same bytes. Such nights show what detection finds; they \
            are no evidence of how it does on a person.

            A sensor is taken off by --take-off 02:10-02:40 (it lies on a table) or --mattress 02:10-02:40 (beside the \
            sleeper), on the recording's clock; L: or R: before it names one leg.
            """)

    @Option(
        help: .init(
            "The sleeper: \(SimulationProfile.all.map(\.name).joined(separator: ", ")).", valueName: "profile"))
    var profile = SimulationProfile.rls.name
    @Option(help: "How long the night is.")
    var hours = 8.0
    @Option(
        help: .init(
            "Samples a second: \(SimulationSettings.rates.map(String.init).joined(separator: ", ")).",
            valueName: "rate"))
    var rate = 100
    @Option(help: "What everything that is left to chance follows from.")
    var seed: UInt64 = 1
    @Option(
        help: .init("The sensor: \(SensorPart.all.map(\.name).joined(separator: ", ")).", valueName: "part"))
    var part = SensorPart.lis3dh.name
    @Option(help: "Legs with a sensor: 1 (the left one) or 2.")
    var legs = 2
    @Option(help: .init("When the night begins; 2026-01-15T23:00 unless said.", valueName: "date-and-time"))
    var start: ClockTime?
    @Option(help: .init("When the sensors lie on a table; may be repeated.", valueName: "from-to"))
    var takeOff: [ClockSpan] = []
    @Option(help: .init("When the sensors lie on the mattress; may be repeated.", valueName: "from-to"))
    var mattress: [ClockSpan] = []
    @Option(help: .init("Stretches of missing data for each leg; as many as the profile has.", valueName: "n"))
    var gaps: Int?
    @Option(help: .init("Walks out of bed in an hour, in place of the profile's.", valueName: "n"))
    var walks: Double?
    @Option(help: .init("Changes of posture in an hour, in place of the profile's.", valueName: "n"))
    var turns: Double?
    @Option(help: .init("The median tilt of movements, in place of the profile's.", valueName: "degrees"))
    var tilt: Double?
    @Option(help: .init("The share of movements of both legs, from 0 to 1.", valueName: "share"))
    var bilateral: Double?
    @Option(help: .init("How much faster the sensors sample than set; by chance between -2 and 0.5.", valueName: "%"))
    var clockError: Double?
    @Option(help: "The file format: cwa or nightlog.")
    var format = Format.cwa
    @Option(help: .init("The folder to write into; it is made if it is not there.", valueName: "folder"))
    var out: String
    @Flag(help: "Replace files that are there.")
    var force = false

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case cwa
        case nightlog
    }

    func validate() throws {
        guard hours.isFinite, (0.02...1000).contains(hours) else {
            throw ValidationError("--hours \(hours): give 0.02 to 1000 hours.")
        }
        guard SimulationSettings.rates.contains(rate) else {
            throw ValidationError("--rate \(rate): a file holds one of \(SimulationSettings.rates).")
        }
        guard (1...2).contains(legs) else { throw ValidationError("--legs \(legs): a night has 1 or 2.") }
        guard (0...1000).contains(gaps ?? 0) else { throw ValidationError("--gaps: give 0 to 1000.") }
        for (name, value, range) in [
            ("--walks", walks, 0.0...20), ("--turns", turns, 0...60), ("--tilt", tilt, 0.01...45),
            ("--bilateral", bilateral, 0...1), ("--clock-error", clockError, -10...10),
        ] where value.map({ !range.contains($0) }) ?? false {
            throw ValidationError("\(name): give \(range.lowerBound.formatted) to \(range.upperBound.formatted).")
        }
        _ = try settings
    }

    func run() async throws {
        try await endingInExitCode {
            let night = SimulatedNight(try settings)
            let files = files
            try prepareFolder(Set(files.values).sorted() + [Self.truthFile])
            let truths =
                format == .cwa
                ? try await writeCWA(night, files)
                : try night.writeNightLog(to: path(of: Self.logFile))
            let truth = night.truth(truths)
            // Last: a folder with a truth is whole.
            var output = try OutputFile(path: path(of: Self.truthFile))
            try output.write("\(TruthReport(truth: truth, files: files).json)\n".utf8)
            try output.finish()
        }
    }

    // MARK: Files

    private static let truthFile = "truth.json"
    private static let logFile = "night.nightlog"

    private var files: [Leg: String] {
        Dictionary(
            uniqueKeysWithValues: Leg.allCases.prefix(legs).map {
                ($0, format == .cwa ? "night_\($0.rawValue).cwa" : Self.logFile)
            })
    }

    private func path(of file: String) -> String { out.hasSuffix("/") ? out + file : "\(out)/\(file)" }

    private func prepareFolder(_ files: [String]) throws {
        let manager = FileManager.default
        if let attributes = try? manager.attributesOfItem(atPath: out) {
            // A link is followed when the files are written.
            guard attributes[.type] as? FileAttributeType != .typeRegular else {
                throw RecordingError(
                    .alreadyExists, path: out, problem: "is a file, and a folder is needed",
                    remedy: "choose another name")
            }
        } else {
            do {
                try manager.createDirectory(
                    atPath: out, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw RecordingError(
                    .inputOutput, path: out, problem: "cannot make this folder (\(error.localizedDescription))",
                    remedy: "choose another place")
            }
        }
        for file in files where manager.fileExists(atPath: path(of: file)) {
            guard force else {
                throw RecordingError(
                    .alreadyExists, path: path(of: file), problem: "it exists already",
                    remedy: "choose another folder, or give --force to replace it")
            }
        }
        // An old truth beside a new recording would be a lie.
        let truth = path(of: Self.truthFile)
        guard manager.fileExists(atPath: truth) else { return }
        do {
            try manager.removeItem(atPath: truth)
        } catch {
            throw RecordingError(
                .inputOutput, path: truth, problem: "cannot remove it (\(error.localizedDescription))",
                remedy: "choose another folder")
        }
    }

    private func writeCWA(_ night: SimulatedNight, _ files: [Leg: String]) async throws -> [NightTruth.LegTruth] {
        try await withThrowingTaskGroup(of: NightTruth.LegTruth.self) { group in
            for (leg, file) in files {
                let path = path(of: file)
                group.addTask { try night.writeCWA(leg, to: path) }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.leg.rawValue < $1.leg.rawValue }
        }
    }

    // MARK: Settings

    private var settings: SimulationSettings {
        get throws {
            guard var profile = SimulationProfile.all.first(where: { $0.name == profile }) else {
                let known = SimulationProfile.all.map(\.name).joined(separator: ", ")
                throw ValidationError("There is no profile '\(profile)'. Known: \(known).")
            }
            guard let part = SensorPart.all.first(where: { $0.name == part }) else {
                let known = SensorPart.all.map(\.name).joined(separator: ", ")
                throw ValidationError("There is no part '\(part)'. Known: \(known).")
            }
            profile.outings = walks ?? profile.outings
            profile.turns = turns ?? profile.turns
            profile.medianTilt = tilt ?? profile.medianTilt
            profile.bilateralShare = bilateral ?? profile.bilateralShare
            let time = start?.instant(nearest: SimulationSettings.usualStart) ?? SimulationSettings.usualStart
            var settings = SimulationSettings(
                profile, hours: hours, rate: rate, part: part, legs: Array(Leg.allCases.prefix(legs)), seed: seed,
                start: time)
            settings.gapCount = gaps
            settings.rateError = clockError.map { $0 / 100 }
            settings.hasOwnClocks = format == .cwa
            for (place, spans) in [(SimulationSettings.Absence.Place.table, takeOff), (.mattress, mattress)] {
                for span in spans {
                    settings.absences.append(
                        .init(place, legs: span.leg.map { [$0] } ?? Set(Leg.allCases), span: span.seconds(after: time)))
                }
            }
            try Self.checkApart(settings)
            return settings
        }
    }

    /// One sensor is in one place at a time, within the night.
    private static func checkApart(_ settings: SimulationSettings) throws {
        for leg in Leg.allCases {
            let spans = settings.absences.filter { $0.legs.contains(leg) }.map(\.span).sorted {
                $0.lowerBound < $1.lowerBound
            }
            for (earlier, later) in zip(spans, spans.dropFirst()) where later.lowerBound < earlier.upperBound {
                throw ValidationError("--take-off and --mattress overlap; a sensor is in one place at a time.")
            }
            for span in spans where span.lowerBound >= settings.duration {
                throw ValidationError(
                    "--take-off or --mattress begins after the end of the night; see --start, --hours.")
            }
        }
    }
}
