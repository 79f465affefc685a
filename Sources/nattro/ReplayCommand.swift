// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Recordings
import Sensors

/// A recording through the way of a live night.
struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send a recording through the very path of a night from USB.",
        discussion: "The new night log has the times of the recording, whatever the speed.")

    @Argument(help: "The recording: night log, CWA or CSV.")
    var input: String
    @Option(help: .init("Times as fast as it was recorded, or max.", valueName: "speed"))
    var speed = ReplaySpeed(times: 1)
    @OptionGroup var recording: RecordingOptions

    func run() async throws {
        try await endingInExitCode {
            guard let path = recording.out else {
                throw ValidationError("Name the night log to write with --out FILE.")
            }
            let log = try? NightLogReader(path: input).log
            let (input, speed) = (input, speed.times)
            // What cannot be read is said before anything is written.
            let streams = try RecordingFile.open(input).header.streams
            guard !streams.isEmpty, streams.allSatisfy(\.isAcceleration) else {
                throw RecordingError(
                    .unsupported, path: input, problem: "holds other signals than acceleration, which no sensor sends",
                    remedy: "replay a recording of the legs' accelerometers")
            }
            var options = recording.options
            options.settling = 0
            options.patience = .infinity
            options.correctsLateFrames = false
            options.site = log?.streams.first?.site ?? ""
            options.hostBoot = 1
            let zone = log?.zone ?? NightLog.Zone(offset: 0)
            options.zone = { _ in zone }
            let session = RecordingSession(path: path)
            session.start(options, timeScale: speed ?? 1) { () throws(RecordingError) in
                try ReplaySource(RecordingFile.open(input), log: log, speed: speed)
            }
            try RecordingWatch(session, isJSON: recording.json).run()
        }
    }
}

/// A speed as it is typed: `60`, `max`.
struct ReplaySpeed: ExpressibleByArgument {
    /// Times as fast as it was recorded; nil for as fast as it can be read.
    let times: Double?

    init(times: Double?) { self.times = times }

    init?(argument: String) {
        if argument == "max" {
            times = nil
        } else {
            guard let number = Double(argument), number > 0, number <= 100_000 else { return nil }
            times = number
        }
    }
}
