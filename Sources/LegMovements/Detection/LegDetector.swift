// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings
internal import Signal

/// Finds the movements of one leg in its samples, as they come: live or from a file, in pieces of any size, with the same result.
///
/// Memory is bounded by the longest movement, not by the night. What a movement is called depends on the other leg too:
/// ``MovementLabels`` decides it.
public struct LegDetector: ~Copyable {
    /// The leg.
    public let leg: Leg
    /// The numbers that it detects by.
    let parameters: DetectionParameters
    /// Instants of the grid in a second.
    public let rate: Double
    /// The movements found so far, in order; all of them after ``finish()``.
    public private(set) var movements: [DetectedMovement] = []
    /// The stretches with data so far, in seconds since the Unix epoch: between them lie gaps.
    public private(set) var coverage: [Range<Double>] = []
    /// The true time of the first sample, in seconds since the Unix epoch; nil before it is known.
    public private(set) var start: Double?
    /// What is kept of the whole night beside the movements.
    var activity: LegActivity { recorder.activity }
    /// Samples left out because their times lie before the end of what came earlier.
    public var overlappingSamples: Int { resampler.skippedInstants }

    private var resampler: Resampler
    private var grid = GridBlock()
    private var signals: LegSignals
    private var history = SignalHistory()
    private var bursts: BurstFinder
    private var finder: MovementFinder
    private var recorder: ActivityRecorder
    /// Movements whose surroundings are not yet all there.
    private var untraced: [DetectedMovement] = []

    /// The slowest and fastest sensors that can be scored, in samples a second.
    public static let rates = 20.0...1000.0
    /// How much of the envelope before and after a movement is kept with it, in seconds.
    private static let traceMargin = 1.0
    /// What filters and windows may look back on, in seconds.
    private static let signalReach = 2.0

    /// A detector for a sensor set to `nominalRate` samples a second.
    ///
    /// - Precondition: the rate is in ``rates``.
    public init(leg: Leg, nominalRate: Double, parameters: DetectionParameters = .standard) {
        precondition(Self.rates.contains(nominalRate), "a rate of \(nominalRate) Hz is not in \(Self.rates)")
        self.leg = leg
        self.parameters = parameters
        rate = nominalRate.rounded()
        resampler = Resampler(nominalRate: nominalRate, rate: rate)
        signals = LegSignals(rate: rate, parameters: parameters)
        bursts = BurstFinder(rate: rate, parameters: parameters)
        finder = MovementFinder(leg: leg, rate: rate, parameters: parameters)
        recorder = ActivityRecorder(rate: rate, parameters: parameters)
    }

    /// Takes the next samples of the leg.
    public mutating func append(_ block: borrowing SampleBlock) {
        if block.gapBefore != nil { endStretch() }
        if let temperature = block.temperature { recorder.note(temperature: temperature, at: block.anchor.time) }
        resampler.append(
            block.values.span, channelCount: block.channelCount, firstIndex: block.firstIndex,
            anchorIndex: block.anchor.index, anchorTime: block.anchor.time, to: &grid)
        takeGrid()
    }

    /// Ends the recording.
    public mutating func finish() { endStretch() }

    private mutating func takeGrid() {
        guard grid.count > 0 else { return }
        start = start ?? resampler.firstTime
        cover(grid.firstIndex..<grid.firstIndex + Int64(grid.count))
        signals.append(grid, to: &history, &bursts)
        grid.removeAll()
        advance(isEnd: false)
    }

    private mutating func endStretch() {
        resampler.finish(into: &grid)
        takeGrid()
        signals.finish(&history, &bursts)
        bursts.finish()
        advance(isEnd: true)
        recorder.endStretch()
        history.removeAll()
    }

    private mutating func advance(isEnd: Bool) {
        for burst in bursts.found {
            let places = history.place(burst.start)..<history.place(burst.end)
            recorder.note(burst, peak: history.envelope.span.extracting(places).highest())
        }
        recorder.advance(history, to: isEnd ? history.end : min(history.end, bursts.horizon))
        finder.advance(&bursts.found, horizon: bursts.horizon, isEnd: isEnd, history, to: &untraced)
        while let first = untraced.first,
            isEnd || Double(history.end) / rate >= first.offset + Self.traceMargin + 1 / EnvelopeTrace.rate
        {
            movements.append(traced(untraced.removeFirst()))
        }
        let needed = min(
            finder.earliestNeeded(horizon: bursts.horizon), history.end - Int64(Self.signalReach * rate),
            untraced.first.map { Int64((($0.onset - Self.traceMargin) * rate).rounded(.down)) } ?? .max,
            recorder.earliestNeeded ?? .max)
        history.drop(before: needed)
    }

    private func traced(_ movement: DetectedMovement) -> DetectedMovement {
        let tenths = EnvelopeTrace.rate
        let first = max(
            ((movement.onset - Self.traceMargin) * tenths).rounded(.up),
            (Double(history.start) / rate * tenths).rounded(.up))
        let last = min(
            ((movement.offset + Self.traceMargin) * tenths).rounded(.down),
            (Double(history.end - 1) / rate * tenths).rounded(.down))
        var movement = movement
        movement.trace = EnvelopeTrace(firstTenth: Int64(first), values: [])
        guard last >= first else { return movement }
        movement.trace.values = (Int64(first)...Int64(last)).map { tenth in
            history.envelope[history.place(Int64((Double(tenth) / tenths * rate).rounded()))]
        }
        return movement
    }

    private mutating func cover(_ instants: Range<Int64>) {
        let (start, end) = (Double(instants.lowerBound) / rate, Double(instants.upperBound) / rate)
        if let last = coverage.last, last.upperBound == start {
            coverage[coverage.count - 1] = last.lowerBound..<end
        } else {
            coverage.append(start..<end)
        }
    }
}
