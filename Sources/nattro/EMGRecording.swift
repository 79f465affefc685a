// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings

/// A sleep study's leg electromyogram, read from one file and detected: twice, since the level of rest comes first.
struct EMGRecording: Sendable {
    /// The channels of one leg: one, or two electrodes whose difference is taken.
    struct LegSource: Hashable, Sendable {
        var leg: Leg
        var stream: Int
        var channels: [Int]
        var names: [String]
        /// What a value is multiplied with to be in µV.
        var factor: Float
        var rate: Double
    }

    /// A leg's result.
    struct LegResult: Sendable {
        var source: LegSource
        var rest: EMGRest
        var movements: [EMGMovement]
        var coverage: [Range<Double>]
    }

    let path: String
    let header: RecordingHeader
    let report: ReadingReport
    let legs: [LegResult]
    /// What the file itself marks: staging and events of the whole study.
    let annotations: [RecordingAnnotation]
    let parameters: EMGParameters
    /// The first sample, and the end of the last one, in seconds since the Unix epoch on the recording's clock.
    let start: Double
    let end: Double
    /// What a reader of the result should know of the channels.
    let remarks: [String]

    /// The channels of leg muscles in a recording; empty where it has none.
    ///
    /// - Parameter names: the channels to take, left then right, in place of those whose names tell.
    static func sources(in header: RecordingHeader, named names: [String] = [], _ path: String) throws -> [LegSource] {
        if !names.isEmpty {
            return try zip(Leg.allCases, names).map { leg, name in
                guard let source = source(leg, in: header, where: { $0 == name }) else {
                    let all = header.streams.flatMap(\.channels)
                    throw Failure(
                        message: "\(path): no channel is named '\(name)'; there are: \(all.joined(separator: ", "))",
                        outcome: .wrongUsage)
                }
                return source
            }
        }
        let named = Leg.allCases.compactMap { leg in source(leg, in: header) { LegChannel.leg($0) == leg } }
        if !named.isEmpty { return named }
        return source(.left, in: header, where: LegChannel.isLeg).map { [$0] } ?? []
    }

    private static func source(
        _ leg: Leg, in header: RecordingHeader, where isWanted: (String) -> Bool
    ) -> LegSource? {
        for (index, stream) in header.streams.enumerated() where !stream.isAcceleration {
            let channels = stream.channels.indices.filter { isWanted(stream.channels[$0]) }
            guard let first = channels.first,
                let factor = factor(stream.units.indices.contains(first) ? stream.units[first] : "")
            else { continue }
            // Two electrodes of one leg: the muscle shows in their difference.
            let isPair = channels.count == 2 && channels.allSatisfy { stream.channels[$0].last?.isNumber == true }
            let taken = Array(channels.prefix(isPair ? 2 : 1))
            return LegSource(
                leg: leg, stream: index, channels: taken, names: taken.map { stream.channels[$0] }, factor: factor,
                rate: stream.nominalRate)
        }
        return nil
    }

    /// µV in a unit; nil for one that is no voltage. Without a unit, µV is what sleep studies mean.
    private static func factor(_ unit: String) -> Float? {
        switch unit.lowercased().filter({ !$0.isWhitespace }) {
        case "uv", "µv", "μv", "": 1
        case "mv": 1000
        case "v": 1_000_000
        case "nv": 0.001
        default: nil
        }
    }

    /// Reads and detects.
    init(_ path: String, _ sources: [LegSource], parameters: EMGParameters) throws {
        guard path != "-" else {
            throw Failure(
                message: "an electromyogram is read twice, and standard input only once; name the file",
                outcome: .wrongUsage)
        }
        for source in sources where !EMGParameters.rates.contains(source.rate) {
            throw RecordingError(
                .unsupported, path: path,
                problem:
                    "channel \(source.names[0]) has \(source.rate.formatted) samples a second, and movements of muscles are "
                    + "found at \(EMGParameters.rates.lowerBound.formatted) or more",
                remedy: "export the study at the rate it was recorded with")
        }
        let progress = Progress("reading", parts: 2)
        var levels: [EMGRest] = []
        for (index, source) in sources.enumerated() {
            var level = EMGRestLevel(rate: source.rate, parameters: parameters)
            _ = try Self.read(path, source, { values, _ in level.append(values) }, { level.endStretch() }) {
                progress.advance(0, to: (Double(index) + ($0 ?? 0)) / Double(sources.count))
            }
            guard let rest = level.level else {
                throw RecordingError(
                    .noSamples, path: path,
                    problem: "channel \(source.names.joined(separator: "-")) shows no muscle: it is flat",
                    remedy: "check the electrodes, or choose channels with --emg")
            }
            levels.append(rest)
        }
        var legs: [LegResult] = []
        var last: (any RecordingReader)?
        for (index, (source, rest)) in zip(sources, levels).enumerated() {
            var detector = EMGDetector(leg: source.leg, rate: source.rate, rest: rest, parameters: parameters)
            last = try Self.read(
                path, source, { values, time in detector.append(values, time: time) }, { detector.endStretch() }
            ) { progress.advance(1, to: (Double(index) + ($0 ?? 0)) / Double(sources.count)) }
            legs.append(
                LegResult(
                    source: source, rest: rest, movements: detector.movements, coverage: detector.coverage))
        }
        progress.finish()
        guard let reader = last, let start = legs.compactMap({ $0.coverage.first?.lowerBound }).min(),
            let end = legs.compactMap({ $0.coverage.last?.upperBound }).max()
        else {
            throw RecordingError(
                .noSamples, path: path, problem: "holds no samples", remedy: "check that the study was recorded")
        }
        self.path = path
        header = reader.header
        report = reader.report
        annotations = reader.annotations
        self.legs = legs
        self.parameters = parameters
        (self.start, self.end) = (start, end)
        remarks = Self.remarks(legs, parameters)
    }

    private static func remarks(_ legs: [LegResult], _ parameters: EMGParameters) -> [String] {
        var remarks: [String] = []
        for leg in legs {
            if leg.source.names.count == 1, LegChannel.leg(leg.source.names[0]) == nil {
                remarks.append("channel \(leg.source.names[0]) names no leg: counted as the \(leg.source.leg.name) one")
            }
            if 0.45 * leg.source.rate < parameters.upperCutoff {
                remarks.append(
                    "channel \(leg.source.names[0]) has \(leg.source.rate.formatted) samples a second: "
                        + "the band ends at \((0.45 * leg.source.rate).formatted) Hz, not at \(parameters.upperCutoff.formatted)"
                )
            }
        }
        return remarks
    }

    /// Reads one leg's channel to the end of the file, stretch by stretch.
    private static func read(
        _ path: String, _ source: LegSource, _ take: ([Float], Double) -> Void, _ endStretch: () -> Void,
        progress: (Double?) -> Void
    ) throws -> any RecordingReader {
        var reader = try RecordingFile.open(path)
        var block = SampleBlock()
        var values: [Float] = []
        while try reader.read(into: &block) {
            guard block.stream == source.stream else { continue }
            if block.gapBefore != nil { endStretch() }
            values.removeAll(keepingCapacity: true)
            for sample in 0..<block.count {
                let start = sample * block.channelCount
                var value = block.values[start + source.channels[0]]
                if source.channels.count == 2 { value -= block.values[start + source.channels[1]] }
                values.append(value * source.factor)
            }
            take(values, block.time(at: 0))
            progress(reader.fractionRead)
        }
        endStretch()
        return reader
    }

    /// Milliseconds from ``start`` of a time in seconds since the Unix epoch.
    func milliseconds(_ time: Double) -> Milliseconds { Milliseconds(((time - start) * 1000).rounded()) }

    /// Where a leg has no data, in milliseconds from ``start``.
    func gaps(of leg: LegResult) -> [TimeSpan] {
        var gaps: [TimeSpan] = []
        var last = start
        for stretch in leg.coverage + [end..<end] {
            if stretch.lowerBound - last > DetectedNight.longestHarmlessGap {
                gaps.append(TimeSpan(from: milliseconds(last), to: milliseconds(stretch.lowerBound)))
            }
            last = stretch.upperBound
        }
        return gaps
    }

    /// The night as the rules see it, without rest, staging and events.
    var movementNight: MovementNight {
        let movements = legs.flatMap { leg in
            leg.movements.filter(\.hasShape).map { movement in
                let onset = milliseconds(movement.onset)
                return LegMovement(leg.source.leg, onset: onset, duration: milliseconds(movement.offset) - onset)
            }
        }
        return MovementNight(
            movements: movements,
            gaps: Dictionary(legs.map { ($0.source.leg, gaps(of: $0)) }, uniquingKeysWith: { first, _ in first }))
    }
}
