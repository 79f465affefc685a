// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings

/// Scores recordings, of sensors or of muscles.
enum NightScorer {
    /// One night of a recording.
    struct Night {
        /// The date of its evening.
        var evening: String
        /// The result, or why there is none.
        var result: Result<any NightAnswer, Failure>

        /// A night that was scored.
        init(_ answer: any NightAnswer) {
            evening = NightScorer.evening(of: answer.start)
            result = .success(answer)
        }

        /// A night that could not be.
        init(evening: String, failure: Failure) {
            self.evening = evening
            result = .failure(failure)
        }
    }

    /// The nights: one, or one for each noon-to-noon night of a sensor's recording of several days.
    ///
    /// Where there is only one, what keeps it from being scored is thrown.
    ///
    /// - Parameters:
    ///   - leg: the leg of a single file that holds one, where it is known.
    ///   - events: a file with staging and events.
    ///   - emg: the channels of the left and the right leg, where their names do not tell.
    ///   - notch: the frequency of the mains to take out of electromyograms.
    ///   - map: what the columns of texts are, where they cannot be found out.
    static func nights(
        _ recordings: [String], leg: Leg? = nil, under profiles: [ScoringRules], parameters: DetectionParameters,
        lightsOut: ClockTime?, wakeUp: ClockTime?, events: String? = nil, emg: [String] = [], notch: Double? = nil,
        map: CSVMap? = nil
    ) async throws -> [Night] {
        let file = try events.map { try MarkFile(path: $0) }
        if map == nil, let sources = try muscles(in: recordings, named: emg) {
            var parameters = EMGParameters.wasm2016
            parameters.notch = notch
            let recording = try EMGRecording(recordings[0], sources, parameters: parameters)
            return [
                Night(
                    try EMGReport(
                        recording, under: profiles, lightsOut: lightsOut, wakeUp: wakeUp,
                        events: file?.events(from: recording.start) ?? NightEvents()))
            ]
        }
        let whole = try await RecordedNight(recordings, leg: leg, map: map, parameters: parameters)
        // Limits with their dates are those of one night.
        let isOne = lightsOut?.isDated == true || wakeUp?.isDated == true
        let nights = isOne ? [whole] : whole.nights
        return try nights.map { recorded in
            do {
                return Night(
                    try NightReport(
                        recorded, under: profiles, lightsOut: lightsOut, wakeUp: wakeUp,
                        events: file?.events(from: recorded.night.start) ?? recorded.events,
                        isOneOfSeveral: nights.count > 1))
            } catch let failure as Failure where nights.count > 1 {
                return Night(evening: evening(of: recorded.night.start), failure: failure)
            }
        }
    }

    /// The date of the evening of a night: of the noon before a time.
    static func evening(of time: Double) -> String {
        String(NightReport.clock(time - 43_200).prefix(10))
    }

    /// The channels of leg muscles to score; nil where the recording is of a sensor.
    private static func muscles(in recordings: [String], named names: [String]) throws -> [EMGRecording.LegSource]? {
        // A pipe could not be opened a second time.
        guard recordings.count == 1, FileType.isRegular(recordings[0]) else { return nil }
        let header = try RecordingFile.open(recordings[0]).header
        guard !names.isEmpty || !header.streams.contains(where: \.isAcceleration) else { return nil }
        let sources = try EMGRecording.sources(in: header, named: names, recordings[0])
        guard !sources.isEmpty else {
            throw RecordingError(
                .unsupported, path: recordings[0],
                problem: "has neither an accelerometer nor a channel of a leg's muscle among "
                    + header.streams.flatMap(\.channels).joined(separator: ", "),
                remedy: "name the channels with --emg LEFT,RIGHT")
        }
        return sources
    }
}

/// What a name in the file system is.
enum FileType {
    /// Whether it is a file that can be opened again and again, or a link to one.
    static func isRegular(_ path: String) -> Bool {
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        let attributes = try? FileManager.default.attributesOfItem(atPath: target)
        return attributes?[.type] as? FileAttributeType == .typeRegular
    }
}
