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
    private let path: String
    /// The log's pyramid, as far as it is written; nil where none is wanted, or none can be written.
    private var pyramid: PyramidWriter?

    /// Follows a log from its start.
    ///
    /// - Parameter pyramid: where the log's pyramid is to be once the log is finished. What goes wrong with it stops nothing.
    init(
        following path: String, parameters: DetectionParameters = .standard, pyramid: String? = nil
    ) throws(RecordingError) {
        self.path = path
        reader = try NightLogReader(following: path)
        lines = reader.header.streams.map { stream in
            guard let leg = stream.leg, LegDetector.rates.contains(stream.nominalRate) else { return nil }
            return Line(LegDetector(leg: leg, nominalRate: stream.nominalRate, parameters: parameters))
        }
        if let pyramid { self.pyramid = try? PyramidWriter(path: pyramid, header: reader.header) }
    }

    /// Takes what was written since; gives the movements that were found by it.
    mutating func advance() throws(RecordingError) -> [DetectedMovement] {
        while try reader.read(into: &block) {
            if block.stream < lines.count { lines[block.stream]?.detector.append(block) }
            if pyramid != nil { draw() }
        }
        return found()
    }

    /// Takes the rest of a log that is finished; gives the last movements.
    mutating func finish() throws(RecordingError) -> [DetectedMovement] {
        var movements = try advance()
        for line in lines { line?.detector.finish() }
        movements += found()
        if let pyramid = pyramid.take(), let source = try? PyramidSource(ofFile: path) {
            try? pyramid.finish(source: source)
        }
        return movements
    }

    /// Draws the block; a disk that is full keeps the night without a picture, which is made when it is looked at.
    private mutating func draw() {
        do throws(RecordingError) {
            try pyramid?.append(block, readBy: reader)
        } catch {
            pyramid = nil
        }
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
