// SPDX-License-Identifier: GPL-3.0-or-later
import LegMovements
import Recordings

extension RecordedNight {
    /// Reads and detects a night whose legs may each be in several files, each leg on a thread of its own.
    ///
    /// A leg in one file gives the very movements that the file alone gives.
    init(
        legs: [LegParts], parameters: DetectionParameters = .standard, showsProgress: Bool = true
    ) async throws {
        let progress = showsProgress ? Progress("reading", parts: legs.count) : nil
        let found = try await withThrowingTaskGroup(of: (Int, LegRun).self) { group in
            for (index, leg) in legs.enumerated() {
                group.addTask {
                    (index, try LegRun(leg, parameters) { progress?.advance(index, to: $0) })
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        progress?.finish()
        let results = found.compactMap(\.result)
        guard !results.isEmpty else {
            throw RecordingError(
                .noSamples, path: legs.first?.parts.first?.path ?? "the night",
                problem: "holds too few samples to find a movement in", remedy: "check that the sensor recorded")
        }
        var files: [File] = []
        for (leg, run) in zip(legs, found) {
            for (number, part) in leg.parts.enumerated() {
                // What was left out is said once, with the leg's first file.
                let report = number == 0 ? run.report : ReadingReport()
                let result = number == 0 ? run.result.map { [$0] } ?? [] : []
                files.append(File(path: part.path, header: run.headers[number], report: report, legs: result))
            }
        }
        self.init(files: files, night: DetectedNight(results, parameters: parameters), legParts: legs)
    }

    /// What came of one leg.
    private struct LegRun: Sendable {
        let headers: [RecordingHeader]
        let result: DetectedNight.LegResult?
        let report: ReadingReport

        init(_ leg: LegParts, _ parameters: DetectionParameters, progress: (Double?) -> Void) throws {
            var reader = try LegReader(leg)
            let rate = reader.header.streams[0].nominalRate
            guard LegDetector.rates.contains(rate) else {
                throw RecordingError(
                    .unsupported, path: leg.parts[0].path,
                    problem: "has \(rate.formatted) samples a second, and movements are found at "
                        + "\(LegDetector.rates.lowerBound.formatted) to \(LegDetector.rates.upperBound.formatted)",
                    remedy: "set the sensor to 50 or 100 a second, or check the time column")
            }
            var detector = LegDetector(leg: leg.leg, nominalRate: rate, parameters: parameters)
            var block = SampleBlock()
            while try reader.read(into: &block) {
                detector.append(block)
                progress(reader.fractionRead)
            }
            detector.finish()
            headers = reader.headers
            result = DetectedNight.LegResult(detector)
            var report = reader.report
            if detector.overlappingSamples > 0 {
                report.note(
                    "samples whose times lie before what was already read", count: detector.overlappingSamples,
                    at: "a clock set back")
            }
            self.report = report
        }
    }
}
