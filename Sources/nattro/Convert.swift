// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Recordings

/// Between formats, without the journal.
struct Convert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a recording as CSV.",
        discussion: """
            The columns are time (seconds since 1970 on the recording's own clock), x, y, z in g and, where the sensor has \
            them, gx, gy, gz in °/s. Of other signals, as in a sleep study's EDF, it is one column for each channel of one \
            rate, by name, in the file's own units. Missing data are missing rows.
            """)

    @Argument(help: "The recording: \(RecordingHeader.Format.list); - for standard input.")
    var input: String
    @Argument(help: "The file to write, ending in .csv; - for standard output.")
    var output: String
    @Flag(help: "Fill gaps with the last value, as some vendors' exports do.")
    var holdGaps = false
    @OptionGroup var choice: StreamChoice
    @OptionGroup var text: TextOptions

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
            var reader = try text.open(input)
            let chosen = try choice.stream(of: reader.header, input)
            var block = SampleBlock()
            var writer = try CSVWriter(path: output, channels: chosen.channels, holdsGaps: holdGaps)
            while try reader.read(into: &block) {
                if block.stream == chosen.stream { try writer.append(block, channels: chosen.positions) }
            }
            let rows = writer.rowCount
            guard rows > 0 else {
                throw RecordingError(
                    .noSamples, path: input, problem: "holds no samples", remedy: "there is nothing to convert")
            }
            try writer.finish()
            text.sayAssumptions(of: reader.header, input)
            try Failure.check([(input, reader.report)])
        }
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
