// SPDX-License-Identifier: GPL-3.0-or-later

/// Puts a stretch of samples, as its clock tells their times, on a uniform grid.
///
/// Grid instant *k* is *k* / rate seconds since the Unix epoch, so that two legs with two clocks share one time base. Between
/// clock readings time runs evenly; ``knotSpacing`` apart, they outweigh the jitter of single readings. Values between samples
/// are interpolated linearly. A stretch holds no gap: begin a new one after each.
///
/// Output depends on the samples and readings alone, not on how they are cut into calls.
public struct Resampler: Sendable {
    /// Grid instants a second.
    public let rate: Double

    /// The shortest time between two clock readings that are used, in seconds.
    public static let knotSpacing = 10.0
    /// The shortest time over which clock readings tell the sensor's true rate, in seconds; below it the last known rate holds.
    public static let shortestRateSpan = 5.0

    /// A clock reading that is used: sample `index` was taken at `time`, in seconds since the Unix epoch.
    private struct Knot {
        var index: Double
        var time: Double
    }

    /// How samples and grid instants lie to each other between two knots: position = `position` + (k - `instant`) * `step`.
    private struct Interval {
        var instant: Int64
        var position: Double
        var step: Double

        init(from knot: Knot, period: Double, rate: Double) {
            instant = Int64((knot.time * rate).rounded(.up))
            position = knot.index + (Double(instant) / rate - knot.time) / period
            step = 1 / (period * rate)
        }

        func position(of instant: Int64) -> Double { position + Double(instant - self.instant) * step }
        func instant(of position: Double) -> Double { Double(instant) + (position - self.position) / step }

        /// How many instants surely lie between one sample and the next, one after the other, from one that lies `fraction`
        /// behind a sample; at least 1, for that one.
        func run(fraction: Double) -> Int {
            let drift = step - 1
            let room = drift > 0 ? 1 - fraction : fraction
            return max(1, Int(min(4096, (room - 1e-6) / max(drift.magnitude, 1e-9)).rounded(.down)))
        }
    }

    private let spacing: Double
    /// Seconds from sample to sample as last measured; at first as the device was set.
    private var period: Double
    /// The knot that the next instant counts from, and those after it that samples have not yet reached.
    private var knots: [Knot] = []
    private var latest: Knot?
    /// The samples that later instants need, interleaved in threes, and the index of the first.
    private var waiting: [Float] = []
    private var waitingIndex: Int64 = 0
    /// The next grid instant; nil before the first one of the stretch is known.
    private var next: Int64?
    /// The instant after the last one ever emitted: a clock set back does not overwrite what was there.
    private var floor = Int64.min
    /// The true time of the stretch's first sample, in seconds since the Unix epoch; nil before it is known.
    public private(set) var firstTime: Double?
    /// Instants left out because an earlier stretch has them.
    public private(set) var skippedInstants = 0

    /// A resampler for a sensor set to `nominalRate` samples a second, onto a grid of `rate` instants a second.
    public init(nominalRate: Double, rate: Double) {
        precondition(nominalRate > 0 && rate > 0, "rates \(nominalRate) and \(rate) must be positive")
        self.rate = rate
        period = 1 / nominalRate
        spacing = Self.knotSpacing * nominalRate
    }

    /// Appends samples of the stretch, and emits the grid values whose times are settled.
    ///
    /// - Parameters:
    ///   - values: the samples, interleaved.
    ///   - channelCount: values in a sample; the first three are used.
    ///   - firstIndex: the index of the first sample; it follows the last one of the call before.
    ///   - anchorIndex: a sample whose time is known, inside or outside `values`.
    ///   - anchorTime: its time in seconds since the Unix epoch.
    public mutating func append(
        _ values: Span<Float>, channelCount: Int, firstIndex: Int64, anchorIndex: Double, anchorTime: Double,
        to grid: inout GridBlock
    ) {
        if knots.isEmpty {
            waitingIndex = firstIndex
            firstTime = nil
        }
        if channelCount == 3 {
            waiting.append(contentsOf: values)
        } else {
            for sample in 0..<values.count / channelCount {
                waiting.append(contentsOf: values.extracting(sample * channelCount..<sample * channelCount + 3))
            }
        }
        note(Knot(index: anchorIndex, time: anchorTime))
        // A stretch between two knots is settled once its later knot is known.
        while knots.count >= 2 {
            period = (knots[1].time - knots[0].time) / (knots[1].index - knots[0].index)
            let settled = Int64(knots[1].index.rounded(.down))
            emit(upTo: min(settled, lastIndex - 1), &grid)
            guard lastIndex > settled else { return }
            knots.removeFirst()
        }
    }

    /// Ends the stretch: emits all that is left, and forgets it.
    public mutating func finish(into grid: inout GridBlock) {
        if let last = knots.last, let latest, (latest.index - last.index) * period >= Self.shortestRateSpan {
            knots.append(latest)
        }
        while knots.count >= 2 {
            period = (knots[1].time - knots[0].time) / (knots[1].index - knots[0].index)
            emit(upTo: min(Int64(knots[1].index.rounded(.down)), lastIndex - 1), &grid)
            knots.removeFirst()
        }
        emit(upTo: lastIndex, &grid)
        waiting.removeAll(keepingCapacity: true)
        knots.removeAll(keepingCapacity: true)
        latest = nil
        next = nil
    }

    private var lastIndex: Int64 { waitingIndex + Int64(waiting.count / 3) - 1 }

    private mutating func note(_ reading: Knot) {
        guard let last = knots.last else {
            knots.append(reading)
            latest = reading
            return
        }
        guard reading.time > last.time, reading.index > last.index else { return }
        if reading.index > latest?.index ?? last.index { latest = reading }
        if reading.index - last.index >= spacing { knots.append(reading) }
    }

    /// Emits the grid instants up to the time of a sample, and drops the samples that no later instant needs.
    private mutating func emit(upTo last: Int64, _ grid: inout GridBlock) {
        guard let knot = knots.first, waiting.count >= 6, last >= waitingIndex else { return }
        let interval = Interval(from: knot, period: period, rate: rate)
        // A hundred-thousandth of a sample: what is left of a double's digits in an instant of this century.
        let tolerance = 1e-5
        if firstTime == nil { firstTime = interval.instant(of: Double(waitingIndex)) / rate }
        let start = next ?? Int64((interval.instant(of: Double(waitingIndex)) - tolerance).rounded(.up))
        let end = Int64((interval.instant(of: Double(last)) + tolerance).rounded(.down))
        guard end >= start else { return }
        let first = max(start, floor)
        skippedInstants += Int(min(first, end + 1) - start)
        if end >= first {
            grid.extend(at: first, by: Int(end - first) + 1) { x, y, z in
                Self.interpolate(waiting.span, from: waitingIndex, at: first...end, interval, x: &x, y: &y, z: &z)
            }
            floor = end + 1
        }
        let highest = waiting.count / 3 - 2
        next = end + 1
        // The sample before the next instant is needed once more.
        let needed = max(0, min(highest, Int(interval.position(of: end + 1).rounded(.down)) - Int(waitingIndex)))
        waiting.removeFirst(needed * 3)
        waitingIndex += Int64(needed)
    }

    private static func interpolate(
        _ samples: Span<Float>, from origin: Int64, at instants: ClosedRange<Int64>, _ interval: Interval,
        x: inout [Float], y: inout [Float], z: inout [Float]
    ) {
        let highest = samples.count / 3 - 2
        let position = interval.position(of: instants.lowerBound)
        // From instant to instant the sample on the left moves on by one or so: no need to round each position.
        var left = max(0, min(highest, Int(position.rounded(.down)) - Int(origin)))
        var steps = Double(instants.lowerBound - interval.instant)
        var target = x.count - instants.count
        while target < x.count {
            let leftPosition = Double(origin + Int64(left))
            let position = interval.position + steps * interval.step
            if left < highest, position >= leftPosition + 1 {
                left += 1
                continue
            }
            // As long as a sample goes by with each instant, neighbours are all that the loop has to know.
            let run = min(x.count - target, highest - left + 1, interval.run(fraction: position - leftPosition))
            // The places of a run are checked as one: a check for each would keep the compiler from taking several at a time.
            let pairs = samples.extracting(left * 3..<(left + run + 1) * 3)
            let places = target..<target + run
            unsafe x.withRun(places) { x in
                unsafe y.withRun(places) { y in
                    unsafe z.withRun(places) { z in
                        unsafe pairs.withUnsafeBufferPointer { pairs in
                            for index in 0..<run {
                                let number = Double(index)
                                let position = interval.position + (steps + number) * interval.step
                                let fraction = Float(position - (leftPosition + number))
                                let at = index * 3
                                unsafe x[index] = pairs[at] + fraction * (pairs[at + 3] - pairs[at])
                                unsafe y[index] = pairs[at + 1] + fraction * (pairs[at + 4] - pairs[at + 1])
                                unsafe z[index] = pairs[at + 2] + fraction * (pairs[at + 5] - pairs[at + 2])
                            }
                        }
                    }
                }
            }
            target += run
            steps += Double(run)
            left += run - 1
        }
    }
}

/// Samples of three axes on a uniform grid, axis by axis.
public struct GridBlock: Sendable {
    /// The grid instant of the first sample.
    public private(set) var firstIndex: Int64 = 0
    /// The samples of the first axis.
    public private(set) var x: [Float] = []
    /// The samples of the second axis.
    public private(set) var y: [Float] = []
    /// The samples of the third axis.
    public private(set) var z: [Float] = []

    /// An empty block.
    public init() {}

    /// The samples in it.
    public var count: Int { x.count }

    /// Empties it, keeping its memory.
    public mutating func removeAll() {
        x.removeAll(keepingCapacity: true)
        y.removeAll(keepingCapacity: true)
        z.removeAll(keepingCapacity: true)
    }

    /// Adds samples of one axis from `index` on; the other two axes are zero.
    public mutating func append(_ samples: Span<Float>, at index: Int64) {
        extend(at: index, by: samples.count) { x, _, _ in
            let first = x.count - samples.count
            for place in 0..<samples.count { x[first + place] = samples[place] }
        }
    }

    /// Adds instants from `index` on, and has `fill` set the last `more` values of each axis.
    mutating func extend(
        at index: Int64, by more: Int,
        _ fill: (inout [Float], inout [Float], inout [Float]) -> Void
    ) {
        if x.isEmpty { firstIndex = index }
        precondition(index == firstIndex + Int64(count), "instant \(index) does not follow \(firstIndex) + \(count)")
        x.append(addingCapacity: more) { $0.append(repeating: 0, count: more) }
        y.append(addingCapacity: more) { $0.append(repeating: 0, count: more) }
        z.append(addingCapacity: more) { $0.append(repeating: 0, count: more) }
        fill(&x, &y, &z)
    }
}

extension [Float] {
    /// Lends some of the values.
    fileprivate mutating func withRun(_ places: Range<Int>, _ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
        unsafe withUnsafeMutableBufferPointer { unsafe body(UnsafeMutableBufferPointer(rebasing: $0[places])) }
    }
}
