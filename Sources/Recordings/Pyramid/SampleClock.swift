// SPDX-License-Identifier: GPL-3.0-or-later

/// Gives each sample of a stream its true time: evenly between clock readings that are at least 10 s apart.
///
/// The readings that count are those by which movements are detected (`Resampler`), so that a movement and its picture lie
/// at the same place. Samples wait until their clock is known: about 10 s of them, at most ``longestWait``.
struct SampleClock {
    /// Samples of even spacing in time.
    struct Line: Hashable {
        /// The index of the first one in its stream.
        var firstIndex: Int64
        var count: Int
        /// The time of the first one, in seconds since the Unix epoch on the recording's clock.
        var start: Double
        /// Seconds from one to the next.
        var period: Double
        /// Whether they follow the line before without a gap.
        var isJoined: Bool
        /// Where the block with the first one begins in the file, where that can be sought; else nil.
        var block: Block?

        /// The time of a sample, counted from the first one.
        func time(_ position: Int) -> Double { start + Double(position) * period }
        /// The time of the last one.
        var last: Double { time(count - 1) }
    }

    /// A block of samples in its file.
    struct Block: Hashable {
        /// The first byte.
        var offset: Int
        /// The index of its first sample.
        var firstIndex: Int64
    }

    /// Samples whose times are known.
    struct Settled {
        var line: Line
        /// Three values a sample.
        var values: [Float]
    }

    /// What is settled and not yet taken, in the order of time.
    var settled: [Settled] = []

    private struct Knot {
        var index: Double
        var time: Double
    }

    /// The shortest time between two clock readings that are used, in seconds.
    private static let knotSpacing = 10.0
    /// The shortest time over which readings tell the sensor's true rate, in seconds.
    private static let shortestRateSpan = 5.0
    /// The longest, in seconds, that samples wait for a clock reading.
    private static let longestWait = 600.0

    private let spacing: Double
    private let waitLimit: Int
    private var period: Double
    private var knots: [Knot] = []
    private var latest: Knot?
    private var waiting: [Float] = []
    private var waitingIndex: Int64 = 0
    private var blocks: [Block] = []
    private var isJoined = false
    /// The time of the last sample that was given out.
    private var end = -Double.infinity
    /// Samples left out because their times lie before the end of what came earlier.
    private(set) var overlapping = 0

    init(nominalRate: Double) {
        period = 1 / nominalRate
        spacing = Self.knotSpacing * nominalRate
        waitLimit = Int(min(Self.longestWait * nominalRate, 1e6))
    }

    /// Takes a block; the samples whose times are known by it join ``settled``.
    mutating func append(_ block: SampleBlock, at offset: Int?) {
        let expected = waitingIndex + Int64(waiting.count / 3)
        if block.gapBefore != nil || block.firstIndex != expected { finish() }
        if waiting.isEmpty { waitingIndex = block.firstIndex }
        if let offset { blocks.append(Block(offset: offset, firstIndex: block.firstIndex)) }
        if block.channelCount == 3 {
            waiting.append(contentsOf: block.values)
        } else {
            for sample in 0..<block.count {
                let first = sample * block.channelCount
                waiting.append(contentsOf: block.values[first..<first + 3])
            }
        }
        note(Knot(index: block.anchor.index, time: block.anchor.time))
        while knots.count >= 2, Double(waitingIndex + Int64(waiting.count / 3)) > knots[1].index { settleInterval() }
        if waiting.count / 3 > waitLimit { settle(upTo: .infinity) }
    }

    /// Ends the stretch: all that waits is settled.
    mutating func finish() {
        if let last = knots.last, let latest, (latest.index - last.index) * period >= Self.shortestRateSpan {
            knots.append(latest)
        }
        while knots.count >= 2 { settleInterval() }
        settle(upTo: .infinity)
        knots.removeAll(keepingCapacity: true)
        blocks.removeAll(keepingCapacity: true)
        latest = nil
        isJoined = false
    }

    /// Settles the samples between the first two clock readings.
    private mutating func settleInterval() {
        period = (knots[1].time - knots[0].time) / (knots[1].index - knots[0].index)
        settle(upTo: knots[1].index)
        knots.removeFirst()
    }

    private mutating func note(_ reading: Knot) {
        guard reading.time.isFinite, reading.time.magnitude < Self.latest, reading.index.isFinite else { return }
        guard let last = knots.last else {
            knots.append(reading)
            latest = reading
            return
        }
        guard reading.time > last.time, reading.index > last.index else { return }
        if reading.index > latest?.index ?? last.index { latest = reading }
        if reading.index - last.index >= spacing { knots.append(reading) }
    }

    /// Times beyond this, in seconds from the Unix epoch, are no times.
    private static let latest = 1e11

    /// Settles the samples up to an index, itself included.
    private mutating func settle(upTo index: Double) {
        let ahead = min(index - Double(waitingIndex), Double(waiting.count / 3 - 1)).rounded(.down)
        guard ahead >= 0 else { return }
        let count = Int(ahead) + 1
        defer {
            waiting.removeFirst(count * 3)
            waitingIndex += Int64(count)
            // The block that holds the next sample is needed once more.
            if let next = blocks.firstIndex(where: { $0.firstIndex > waitingIndex }), next > 1 {
                blocks.removeFirst(next - 1)
            }
        }
        guard let knot = knots.first else {
            isJoined = false
            return
        }
        var line = Line(
            firstIndex: waitingIndex, count: count, start: knot.time + (Double(waitingIndex) - knot.index) * period,
            period: period, isJoined: isJoined, block: nil)
        guard line.start.magnitude < Self.latest, line.last.magnitude < Self.latest, period >= Self.shortestPeriod
        else {
            overlapping += count
            isJoined = false
            return
        }
        var skipped = 0
        if line.start <= end {
            skipped = Int(max(0, min(Double(count), ((end - line.start) / period).rounded(.up))))
            while skipped < count, line.time(skipped) <= end { skipped += 1 }
            overlapping += skipped
        }
        guard skipped < count else {
            isJoined = false
            return
        }
        line.start = line.time(skipped)
        line.firstIndex += Int64(skipped)
        line.count -= skipped
        line.isJoined = isJoined && skipped == 0
        line.block = blocks.last { $0.firstIndex <= line.firstIndex }
        end = line.last
        isJoined = true
        settled.append(Settled(line: line, values: Array(waiting[skipped * 3..<count * 3])))
    }

    /// Seconds from sample to sample below which times of this century cannot be told apart.
    private static let shortestPeriod = 1e-6
}
