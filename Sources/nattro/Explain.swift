// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import LegMovements
import Recordings

/// Why a moment of a night counts, or does not.
struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say why a movement is, or is not, a periodic leg movement.",
        usage: "nattro explain NIGHT TIME\nnattro explain LEFT [RIGHT] TIME\nnattro explain RESULT.json TIME",
        discussion: """
            TIME is seconds from the start of the recording (742.5), or a time on its clock (23:41:07). The night is one of \
            the journal (the date of its evening, or last), a recording, or the answer of `nattro score --json`.
            """)

    @Argument(help: .init("The night, then the time.", valueName: "night… time"))
    var words: [String]

    @Option(help: .init("The rules, for a night or a recording; else those of your settings.", valueName: "profile"))
    var rules: String?

    @OptionGroup var journal: JournalOptions

    func validate() throws {
        guard (2...3).contains(words.count) else {
            throw ValidationError("Give a recording (or two, or a result) and a time.")
        }
        do {
            _ = try profile
        } catch let failure as Failure {
            throw ValidationError("\(failure.message).")
        }
        guard moment != nil else {
            throw ValidationError(
                "'\(words[words.count - 1])' is no time: give seconds (742.5) or a clock time (23:41:07).")
        }
    }

    func run() async throws {
        try await endingInExitCode {
            let result = try await self.result()
            let recording = result.recording
            let time =
                switch moment {
                case .seconds(let seconds): seconds * 1000
                case .clock(let clock): (clock.instant(after: recording.startUnix - 1) - recording.startUnix) * 1000
                case nil: 0.0
                }
            guard time >= 0, time <= recording.durationMs else {
                throw Failure(
                    message: "\(words[words.count - 1]) lies outside of the recording, which begins at "
                        + "\(NightReport.clock(recording.startUnix)) and lasts \((recording.durationMs / 1000).formatted) s",
                    outcome: .wrongUsage)
            }
            try writeResult(Explanation(result, at: time).lines.joined(separator: "\n") + "\n")
        }
    }

    private enum Moment {
        case seconds(Double)
        case clock(ClockTime)
    }

    private var moment: Moment? {
        let word = words[words.count - 1]
        if let seconds = Double(word), seconds.isFinite, abs(seconds) < 1e12 { return .seconds(seconds) }
        return ClockTime(argument: word).map { .clock($0) }
    }

    /// The rules as given, or as environment and configuration file set them; of several the first.
    private var profile: ScoringRules {
        get throws {
            let names = try Settings().value(.rules, option: rules)
            return try .named(names?.split(separator: ",").first.map(String.init))
        }
    }

    private func result() async throws -> ScoreResult {
        let nights = Array(words.dropLast())
        if let night = NightScore.names(nights) {
            return try await NightScore(options: journal, profiles: [try profile]).answer(night)
        }
        if nights.count == 1, let stored = try Self.storedResult(nights[0]) { return stored }
        let recorded = try await RecordedNight(nights)
        let report = try NightReport(recorded, under: [try profile], lightsOut: nil, wakeUp: nil)
        // The very text that --json answers: what is explained is what was said.
        return try ScoreResult(Data("\(report.json)".utf8), path: nights[0])
    }

    /// The result in a file that begins as JSON does; nil for any other file.
    private static func storedResult(_ path: String) throws -> ScoreResult? {
        let source = try ByteSource(path: path)
        guard try source.peek(1).first == UInt8(ascii: "{") else { return nil }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        var data = Data()
        while true {
            let count = try source.read(into: &bytes)
            if count == 0 { break }
            data.append(contentsOf: bytes[..<count])
            guard data.count < 1 << 28 else {
                throw RecordingError(
                    .malformed, path: path, problem: "is larger than any result", remedy: "check the name")
            }
        }
        return try ScoreResult(data, path: path)
    }
}
