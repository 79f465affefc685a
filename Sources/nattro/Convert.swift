// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Recordings

/// Between formats, without the journal.
struct Convert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a recording as CSV.",
        discussion: """
            The columns are time (seconds since 1970 on the recording's own clock), x, y, z in g and, where the sensor has \
            them, gx, gy, gz in °/s. Missing data are missing rows.
            """)

    @Argument(help: "The recording: night log, CWA or CSV; - for standard input.")
    var input: String
    @Argument(help: "The file to write, ending in .csv; - for standard output.")
    var output: String
    @Flag(help: "Fill gaps with the last value, as some vendors' exports do.")
    var holdGaps = false
    @Option(help: "The leg to write, of a recording that holds both: L or R.")
    var leg: LegName?

    func validate() throws {
        guard output == "-" || output.lowercased().hasSuffix(".csv") else {
            throw ValidationError("\(output): only CSV can be written yet; let the name end in .csv")
        }
        guard input == "-" || (input != output && !areSameFile(input, output)) else {
            throw ValidationError("\(output): input and output are the same file; choose another name")
        }
    }

    func run() async throws {
        try await endingInExitCode {
            var reader = try RecordingFile.open(input)
            let stream = try chosenStream(of: reader.header)
            let channels = reader.header.streams[stream].channels
            var block = SampleBlock()
            var writer = try CSVWriter(path: output, channels: channels, holdsGaps: holdGaps)
            while try reader.read(into: &block) {
                if block.stream == stream { try writer.append(block) }
            }
            let rows = writer.rowCount
            guard rows > 0 else {
                throw RecordingError(
                    .noSamples, path: input, problem: "holds no samples", remedy: "there is nothing to convert")
            }
            try writer.finish()
            try Failure.check([(input, reader.report)])
        }
    }

    private func chosenStream(of header: RecordingHeader) throws(RecordingError) -> Int {
        if let leg {
            guard let stream = header.streams.firstIndex(where: { $0.leg == leg.leg }) else {
                throw RecordingError(
                    .noSamples, path: input, problem: "holds no stream of the \(leg.leg.name) leg",
                    remedy: "leave --leg out")
            }
            return stream
        }
        guard header.streams.count == 1 else {
            throw RecordingError(
                .unsupported, path: input, problem: "holds \(header.streams.count) streams and a CSV file one",
                remedy: "choose with --leg L or --leg R")
        }
        return 0
    }
}

/// A leg as it is typed: L, R, left or right.
struct LegName: ExpressibleByArgument {
    let leg: Leg

    init?(argument: String) {
        switch argument.lowercased() {
        case "l", "left": leg = .left
        case "r", "right": leg = .right
        default: return nil
        }
    }
}

extension Leg {
    /// The leg in words.
    var name: String { self == .left ? "left" : "right" }
}
