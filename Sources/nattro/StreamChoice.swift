// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Recordings

/// Which stream of a recording that holds several.
struct StreamChoice: ParsableArguments {
    @Option(help: "The leg, of a recording that holds both: L or R.")
    var leg: LegName?
    @Option(help: .init("The rate, of a recording that holds several: samples a second.", valueName: "rate"))
    var rate: Double?
    @Option(
        name: .customLong("channel"),
        help: .init("A channel by its name; may be said again, for channels of one rate.", valueName: "name"))
    var channels: [String] = []

    /// A stream, and the channels of it that were chosen.
    struct Chosen {
        var stream: Int
        /// The channels' names, and where they are in a sample.
        var channels: [String]
        var positions: [Int]
    }

    func validate() throws {
        guard [leg != nil, rate != nil, !channels.isEmpty].filter(\.self).count <= 1 else {
            throw ValidationError("Choose by --leg, by --rate or by --channel, not by several of them.")
        }
    }

    /// The stream that was chosen; without a choice the only one, the only accelerometer, or the signals of the highest rate.
    func stream(of header: RecordingHeader, _ path: String) throws -> Chosen {
        let streams = header.streams
        guard !streams.isEmpty else {
            throw RecordingError(
                .noSamples, path: path, problem: "holds annotations and no samples",
                remedy: "there is nothing to convert")
        }
        if let leg {
            guard let found = streams.firstIndex(where: { $0.leg == leg.leg }) else {
                throw RecordingError(
                    .noSamples, path: path, problem: "holds no stream of the \(leg.leg.name) leg",
                    remedy: "leave --leg out")
            }
            return whole(found, streams)
        }
        if !channels.isEmpty { return try named(streams, path) }
        if let rate {
            let found = streams.indices.filter { abs(streams[$0].nominalRate - rate) <= 0.01 * rate }
            guard let first = found.first else {
                let rates = streams.map(\.nominalRate.formatted).joined(separator: ", ")
                throw RecordingError(
                    .noSamples, path: path, problem: "holds no signals at \(rate.formatted) a second (rates: \(rates))",
                    remedy: "name one of its rates")
            }
            return whole(first, streams)
        }
        if streams.count == 1 { return whole(0, streams) }
        let accelerometers = streams.indices.filter { streams[$0].isAcceleration }
        guard accelerometers.count <= 1 else {
            throw RecordingError(
                .unsupported, path: path, problem: "holds \(streams.count) streams and a CSV file one",
                remedy: "choose with --leg L or --leg R")
        }
        let chosen =
            accelerometers.first ?? streams.indices.max { streams[$0].nominalRate < streams[$1].nominalRate } ?? 0
        let others = streams.indices.filter { $0 != chosen }.map {
            "\(streams[$0].channels.count) at \(streams[$0].nominalRate.formatted) a second"
        }
        complain(
            "\(path): written are the \(streams[chosen].channels.count) channels at "
                + "\(streams[chosen].nominalRate.formatted) a second; for the others (\(others.joined(separator: ", "))) say --rate or --channel"
        )
        return whole(chosen, streams)
    }

    private func whole(_ stream: Int, _ streams: [StreamInfo]) -> Chosen {
        Chosen(
            stream: stream, channels: streams[stream].channels, positions: Array(streams[stream].channels.indices))
    }

    private func named(_ streams: [StreamInfo], _ path: String) throws -> Chosen {
        for (index, stream) in streams.enumerated() {
            let positions = channels.compactMap(stream.channels.firstIndex(of:))
            if positions.count == channels.count {
                return Chosen(stream: index, channels: channels, positions: positions)
            }
        }
        let known = streams.flatMap(\.channels)
        if let missing = channels.first(where: { !known.contains($0) }) {
            throw RecordingError(
                .noSamples, path: path,
                problem: "holds no channel \(missing) (channels: \(known.prefix(40).joined(separator: ", ")))",
                remedy: "name one of its channels")
        }
        throw RecordingError(
            .unsupported, path: path, problem: "has these channels at several rates, and a CSV file has one",
            remedy: "convert the channels of each rate to a file of their own")
    }
}

/// How a recording is read where its text does not tell.
struct TextOptions: ParsableArguments {
    @Option(
        help: .init(
            "What the columns of a text are, where that is not found out: time=1,x=2,y=3,z=4,unit=g.",
            valueName: "columns"),
        transform: { text in
            do { return try CSVMap(text) } catch { throw ValidationError("\(error)") }
        })
    var map: CSVMap?

    /// Opens a recording.
    func open(_ path: String) throws -> any RecordingReader { try Self.open(path, map: map) }

    /// Opens a recording by a map of its columns, where one was given.
    static func open(_ path: String, map: CSVMap?) throws -> any RecordingReader {
        let reader = try RecordingFile.open(path, map: map)
        if map != nil, reader.header.format != .csv {
            throw Failure(
                message:
                    "\(path): --map is for text, and this is a \(reader.header.format.rawValue) file; leave it out",
                outcome: .wrongUsage)
        }
        return reader
    }

    /// Says what was concluded that the file does not say.
    func sayAssumptions(of header: RecordingHeader, _ path: String) {
        for assumption in header.assumptions { complain("\(path): \(assumption)") }
    }
}

extension RecordingHeader.Format {
    /// All that can be read, for help texts.
    static let list = "night log, CWA, GENEActiv, GT3X, EDF, BDF or CSV"
}
