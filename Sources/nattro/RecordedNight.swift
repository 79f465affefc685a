// SPDX-License-Identifier: GPL-3.0-or-later
import LegMovements
import Recordings

/// One night's recording, read from one or two files and detected.
struct RecordedNight: Sendable {
    /// A file, and what it says of itself.
    struct File: Sendable {
        var path: String
        var header: RecordingHeader
        var report: ReadingReport
        /// The streams that are of a leg, and of which.
        var streamLegs: [(stream: Int, leg: Leg)] = []
        /// What the file itself marks.
        var annotations: [RecordingAnnotation] = []
    }

    /// About half a minute of signal.
    private static let blocksBetweenReports = 32

    let files: [File]
    let night: DetectedNight
    /// The parts of each leg, where a leg may be in several files; else empty.
    let legParts: [LegParts]

    /// Reads and detects, each file on a thread of its own.
    ///
    /// A single file may hold both legs, or either; of two the first is the left leg.
    ///
    /// - Parameters:
    ///   - leg: the leg of a single file that holds one, where it is known.
    ///   - map: what the columns of texts are, where they cannot be found out.
    init(
        _ paths: [String], leg: Leg? = nil, map: CSVMap? = nil, parameters: DetectionParameters = .standard
    ) async throws {
        let isAlone = paths.count == 1
        let progress = Progress("reading", parts: paths.count)
        // In the order of the paths; what was detected is nowhere else than in the night.
        var (files, results): ([File], [DetectedNight.LegResult]) = ([], [])
        try await withThrowingTaskGroup(of: (Int, File, [DetectedNight.LegResult]).self) { group in
            for (index, path) in paths.enumerated() {
                group.addTask {
                    let (file, legs) = try Self.detect(path, isAlone ? leg : Leg.allCases[index], map, parameters) {
                        progress.advance(index, to: $0)
                    }
                    return (index, file, legs)
                }
            }
            for part in try await group.reduce(into: [], { $0.append($1) }).sorted(by: { $0.0 < $1.0 }) {
                files.append(part.1)
                results += part.2
            }
        }
        progress.finish()
        for file in files {
            for assumption in file.header.assumptions { complain("\(file.path): \(assumption)") }
        }
        guard !results.isEmpty else {
            throw RecordingError(
                .noSamples, path: paths[0], problem: "holds too few samples to find a movement in",
                remedy: "check that the sensor recorded")
        }
        if results.count == 2 {
            try Self.checkTogether(results, paths)
        }
        self.files = files
        legParts = []
        night = DetectedNight(results, parameters: parameters)
    }

    init(files: [File], night: DetectedNight, legParts: [LegParts] = []) {
        self.files = files
        self.night = night
        self.legParts = legParts
    }

    /// The legs whose samples can be read again.
    var recordedLegs: [Leg] { legParts.isEmpty ? files.flatMap { $0.streamLegs.map(\.leg) } : legParts.map(\.leg) }

    /// Staging and events that the files themselves mark.
    var events: NightEvents {
        NightEvents(MarkedNight(files.flatMap(\.annotations), start: night.start))
    }

    /// The noon-to-noon nights of a recording of several days; itself where it is one night.
    var nights: [RecordedNight] {
        let length = night.end - night.start
        // What lasts for years has a wrong time stamp, and is refused as it is.
        guard length > DetectedNight.longestNight, length < RestInterval.longest else { return [self] }
        return night.nights().map { RecordedNight(files: files, night: $0, legParts: legParts) }
    }

    /// The same night with the files and streams of one leg alone.
    func only(_ leg: Leg) -> RecordedNight {
        RecordedNight(
            files: files.compactMap { file in
                var file = file
                file.streamLegs.removeAll { $0.leg != leg }
                return file.streamLegs.isEmpty ? nil : file
            }, night: night, legParts: legParts.filter { $0.leg == leg })
    }

    private static func detect(
        _ path: String, _ leg: Leg?, _ map: CSVMap?, _ parameters: DetectionParameters,
        progress: (Double?) -> Void
    ) throws -> (File, [DetectedNight.LegResult]) {
        var reader = try TextOptions.open(path, map: map)
        // Of a sleep study's many signals those of accelerometers.
        let places = reader.header.streams.indices.filter { reader.header.streams[$0].isAcceleration }
        let streams = places.map { reader.header.streams[$0] }
        guard !streams.isEmpty else {
            throw RecordingError(
                .unsupported, path: path, problem: "holds no acceleration",
                remedy: "score a study of the legs' muscles alone, without a second file")
        }
        if leg != nil, streams.count > 1 {
            throw Failure(
                message: "\(path): holds \(streams.count) streams; score it alone, it needs no second file",
                outcome: .wrongUsage)
        }
        let legs = try streams.indices.map { stream in
            try self.leg(of: streams[stream], given: leg, isOnly: streams.count == 1, path)
        }
        guard Set(legs).count == legs.count else {
            throw Failure(
                message:
                    "\(path): two of its streams are of the same leg; write them to two files with `nattro convert`",
                outcome: .unusableInput)
        }
        guard !streams.contains(where: { $0.nominalRate == 0 }) else {
            throw RecordingError(
                .unsupported, path: path, problem: "has no two samples at rising times, so their rate is unknown",
                remedy: "check the time column, and that the export was finished")
        }
        for stream in streams where !LegDetector.rates.contains(stream.nominalRate) {
            throw RecordingError(
                .unsupported, path: path,
                problem: "has \(stream.nominalRate.formatted) samples a second, and movements are found at "
                    + "\(LegDetector.rates.lowerBound.formatted) to \(LegDetector.rates.upperBound.formatted)",
                remedy: stream.nominalRate < LegDetector.rates.lowerBound
                    ? "set the sensor to 50 or 100 a second" : "check the time column")
        }
        var results: [DetectedNight.LegResult] = []
        var overlapping = 0
        var block = SampleBlock()
        var blocks = 0
        func report(_ share: Double?) {
            blocks += 1
            if blocks % blocksBetweenReports == 0 { progress(share) }
        }
        switch streams.count {
        case 1:
            var detector = LegDetector(leg: legs[0], nominalRate: streams[0].nominalRate, parameters: parameters)
            while try reader.read(into: &block) {
                if block.stream == places[0] { detector.append(block) }
                report(reader.fractionRead)
            }
            detector.finish()
            overlapping = detector.overlappingSamples
            if let result = DetectedNight.LegResult(detector) { results.append(result) }
        case 2:
            var first = LegDetector(leg: legs[0], nominalRate: streams[0].nominalRate, parameters: parameters)
            var second = LegDetector(leg: legs[1], nominalRate: streams[1].nominalRate, parameters: parameters)
            while try reader.read(into: &block) {
                if block.stream == places[0] { first.append(block) }
                if block.stream == places[1] { second.append(block) }
                report(reader.fractionRead)
            }
            first.finish()
            second.finish()
            overlapping = first.overlappingSamples + second.overlappingSamples
            results += [DetectedNight.LegResult(first), DetectedNight.LegResult(second)].compactMap(\.self)
        default:
            throw Failure(
                message: "\(path): holds \(streams.count) streams; a night has one or two legs", outcome: .unusableInput
            )
        }
        var report = reader.report
        if overlapping > 0 {
            report.note(
                "samples whose times lie before what was already read", count: overlapping, at: "a clock set back")
        }
        let file = File(
            path: path, header: reader.header, report: report, streamLegs: Array(zip(places, legs)),
            annotations: reader.annotations)
        return (file, results)
    }

    private static func leg(
        of stream: StreamInfo, given leg: Leg?, isOnly: Bool, _ path: String
    ) throws -> Leg {
        guard let leg else {
            if let own = stream.leg { return own }
            guard isOnly else {
                throw Failure(message: "\(path): does not say which stream is which leg", outcome: .unusableInput)
            }
            return .left
        }
        if let own = stream.leg, own != leg {
            throw Failure(
                message: "\(path): was given as the \(leg.name) leg and says that it is the \(own.name) one; "
                    + "name the left leg's file first",
                outcome: .wrongUsage)
        }
        return leg
    }

    /// Two legs of one night overlap in time.
    private static func checkTogether(_ results: [DetectedNight.LegResult], _ paths: [String]) throws {
        let starts = results.map(\.start)
        let ends = results.map { $0.coverage.last?.upperBound ?? $0.start }
        guard starts[0] < ends[1], starts[1] < ends[0] else {
            throw Failure(
                message: "\(paths.joined(separator: ", ")): the two legs were not recorded at the same time; "
                    + "score each night's pair, or each file alone",
                outcome: .unusableInput)
        }
    }
}

extension Double {
    /// The number without needless digits: 100, 85.7.
    var formatted: String {
        let rounded = (self * 100).rounded() / 100
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? String(Int(rounded)) : String(rounded)
    }
}
