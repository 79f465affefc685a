// SPDX-License-Identifier: GPL-3.0-or-later
import LegMovements
import Recordings
import Signal

/// One leg's samples on a grid that both legs share: second by second, each with a whole number of instants.
///
/// What is kept is what was read and not yet taken: seconds, where both legs were recorded at the same time.
struct LegGrid {
    /// Which leg, and with what.
    let leg: Leg
    let stream: StreamInfo
    /// Instants a second.
    let rate: Int
    /// Samples left out because their times lie before what came earlier.
    var skippedInstants: Int { lanes[0].resampler.skippedInstants }

    /// One for the acceleration, one for the gyroscope where there is one.
    private var lanes: [Lane]
    private var pieces: [Piece] = []
    private(set) var hasEnded = false

    /// Three channels on their way onto the grid.
    private struct Lane {
        var resampler: Resampler
        var grid = GridBlock()

        mutating func append(_ values: Span<Float>, channelCount: Int, _ block: borrowing SampleBlock) {
            resampler.append(
                values, channelCount: channelCount, firstIndex: block.firstIndex, anchorIndex: block.anchor.index,
                anchorTime: block.anchor.time, to: &grid)
        }

        mutating func finish() { resampler.finish(into: &grid) }
    }

    /// Instants without a hole, channel by channel.
    private struct Piece {
        var start: Int64
        var channels: [[Float]]
        var end: Int64 { start + Int64(channels[0].count) }
    }

    init(leg: Leg, stream: StreamInfo, rate: Int) {
        self.leg = leg
        self.stream = stream
        self.rate = rate
        lanes = Array(
            repeating: Lane(resampler: Resampler(nominalRate: stream.nominalRate, rate: Double(rate))),
            count: stream.channels.count >= 6 ? 2 : 1)
    }

    /// The channels: three of acceleration in g, then three of rotation in °/s where there is a gyroscope.
    var channelCount: Int { 3 * lanes.count }

    /// Whether all is known of a second since the Unix epoch.
    func knows(second: Int) -> Bool {
        hasEnded || (pieces.last.map { $0.end >= Int64(second + 1) * Int64(rate) } ?? false)
    }

    /// Takes the next samples.
    mutating func append(_ block: borrowing SampleBlock) {
        if block.gapBefore != nil { endStretch() }
        lanes[0].append(block.values.span, channelCount: block.channelCount, block)
        if lanes.count == 2 {
            var rotation: [Float] = []
            rotation.reserveCapacity(block.count * 3)
            for sample in 0..<block.count {
                let start = sample * block.channelCount + 3
                rotation.append(contentsOf: block.values[start..<start + 3])
            }
            lanes[1].append(rotation.span, channelCount: 3, block)
        }
        take()
    }

    /// Ends the recording.
    mutating func finish() {
        endStretch()
        hasEnded = true
    }

    /// The values of a second, channel by channel, NaN where they are missing; what lies before is forgotten.
    mutating func takeSecond(_ second: Int) -> [[Float]] {
        let first = Int64(second) * Int64(rate)
        let end = first + Int64(rate)
        var values = Array(repeating: [Float](repeating: .nan, count: rate), count: channelCount)
        for piece in pieces {
            let common = max(first, piece.start)..<max(max(first, piece.start), min(end, piece.end))
            for (channel, samples) in piece.channels.enumerated() {
                for instant in common { values[channel][Int(instant - first)] = samples[Int(instant - piece.start)] }
            }
        }
        pieces.removeAll { $0.end <= end }
        // In one go for several seconds: removing from the front moves what is left.
        if let piece = pieces.first, end - piece.start >= Int64(Self.secondsKept * rate) {
            for channel in 0..<channelCount { pieces[0].channels[channel].removeFirst(Int(end - piece.start)) }
            pieces[0].start = end
        }
        return values
    }

    private static let secondsKept = 16

    private mutating func endStretch() {
        for index in lanes.indices { lanes[index].finish() }
        take()
    }

    private mutating func take() {
        guard lanes[0].grid.count > 0 else { return }
        let start = lanes[0].grid.firstIndex
        let channels = lanes.flatMap { [$0.grid.x, $0.grid.y, $0.grid.z] }
        if let last = pieces.last, last.end == start {
            for channel in channels.indices { pieces[pieces.count - 1].channels[channel] += channels[channel] }
        } else {
            pieces.append(Piece(start: start, channels: channels))
        }
        for index in lanes.indices { lanes[index].grid.removeAll() }
    }
}

/// A night's legs on one grid, read from their files at the same pace.
struct GriddedNight {
    private struct File {
        var reader: any RecordingReader
        /// The place of each stream's leg in ``grids``.
        var places: [Int: Int]
        var hasEnded = false
    }

    private(set) var grids: [LegGrid] = []
    private var files: [File] = []
    private var block = SampleBlock()
    /// The seconds since the Unix epoch, on the recording's clock, that the night takes.
    let seconds: Range<Int>
    private var next: Int

    /// A longer recording has a wrong time stamp: a year.
    private static let longest = 366 * 86_400

    /// Opens the files of a night that was read before.
    ///
    /// - Parameter rate: the instants a second of each stream.
    init(_ recorded: RecordedNight, rate: (StreamInfo) -> Int) throws {
        let night = recorded.night
        seconds = Int(night.start.rounded(.down))..<Int(night.end.rounded(.up))
        next = seconds.lowerBound
        guard seconds.count <= Self.longest else {
            throw RecordingError(
                .unsupported, path: recorded.files[0].path,
                problem: "lasts from \(NightReport.clock(night.start)) to \(NightReport.clock(night.end))",
                remedy: "no night is that long: check its time stamps")
        }
        for parts in recorded.legParts {
            let reader = try LegReader(parts)
            let info = reader.header.streams[0]
            files.append(File(reader: reader, places: [0: grids.count]))
            grids.append(LegGrid(leg: parts.leg, stream: info, rate: rate(info)))
        }
        guard recorded.legParts.isEmpty else { return }
        for file in recorded.files {
            let reader = try RecordingFile.open(file.path)
            var places: [Int: Int] = [:]
            for (stream, leg) in file.streamLegs {
                places[stream] = grids.count
                let info = reader.header.streams[stream]
                grids.append(LegGrid(leg: leg, stream: info, rate: rate(info)))
            }
            files.append(File(reader: reader, places: places))
        }
    }

    /// The next second: for each of ``grids`` its channels' values; nil at the end.
    mutating func takeSecond() throws -> [[[Float]]]? {
        guard next < seconds.upperBound else { return nil }
        for index in files.indices {
            let places = files[index].places.values
            while !files[index].hasEnded, !places.allSatisfy({ grids[$0].knows(second: next) }) {
                if try files[index].reader.read(into: &block) {
                    if let place = files[index].places[block.stream] { grids[place].append(block) }
                } else {
                    files[index].hasEnded = true
                    for place in places { grids[place].finish() }
                }
            }
        }
        defer { next += 1 }
        return grids.indices.map { grids[$0].takeSecond(next) }
    }
}
