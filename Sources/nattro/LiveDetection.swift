// SPDX-License-Identifier: GPL-3.0-or-later
import LegMovements
import Recordings

/// Finds movements in a night log while it is written: the blocks and the code are those of `score` on the finished file.
struct LiveDetection: ~Copyable {
    /// A stream of the log. A class because detectors are not copied and arrays would.
    private final class Line {
        var detector: LegDetector
        var reported = 0

        init(_ detector: consuming LegDetector) { self.detector = detector }
    }

    private var reader: NightLogReader
    private var block = SampleBlock()
    private let lines: [Line?]

    /// Follows a log from its start.
    init(following path: String, parameters: DetectionParameters = .standard) throws(RecordingError) {
        reader = try NightLogReader(following: path)
        lines = reader.header.streams.map { stream in
            guard let leg = stream.leg, LegDetector.rates.contains(stream.nominalRate) else { return nil }
            return Line(LegDetector(leg: leg, nominalRate: stream.nominalRate, parameters: parameters))
        }
    }

    /// Takes what was written since; gives the movements that were found by it.
    mutating func advance() throws(RecordingError) -> [DetectedMovement] {
        while try reader.read(into: &block) {
            if block.stream < lines.count { lines[block.stream]?.detector.append(block) }
        }
        return found()
    }

    /// Takes the rest of a log that is finished; gives the last movements.
    mutating func finish() throws(RecordingError) -> [DetectedMovement] {
        var movements = try advance()
        for line in lines { line?.detector.finish() }
        movements += found()
        return movements
    }

    /// The night as a whole, once finished; nil where there was too little to detect in.
    func night(parameters: DetectionParameters = .standard) -> DetectedNight? {
        let results = lines.compactMap { $0.flatMap { DetectedNight.LegResult($0.detector) } }
        return results.isEmpty ? nil : DetectedNight(results, parameters: parameters)
    }

    private func found() -> [DetectedMovement] {
        var movements: [DetectedMovement] = []
        for line in lines {
            guard let line else { continue }
            movements += line.detector.movements[line.reported...]
            line.reported = line.detector.movements.count
        }
        return movements.sorted { $0.onset < $1.onset }
    }
}
