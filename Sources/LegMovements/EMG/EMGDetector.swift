// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings

/// A movement of one leg as its muscle's electromyogram shows it.
public struct EMGMovement: Hashable, Sendable {
    /// The leg.
    public var leg: Leg
    /// Where it begins, in seconds since the Unix epoch on the recording's clock.
    public var onset: Double
    /// Where it ends.
    public var offset: Double
    /// Its largest amplitude in the band, in µV.
    public var peak: Float
    /// Whether it has the shape of a movement: what has not is an artefact.
    public var hasShape: Bool
}

/// Finds the movements of one leg in the electromyogram of its muscle, in a second pass, when its level of rest is known.
///
/// Output depends on the samples alone, not on how they are cut into calls; memory does not grow with the night.
public struct EMGDetector: ~Copyable {
    /// The leg.
    public let leg: Leg
    /// The movements found so far, in order; all of them after ``finish()``.
    public private(set) var movements: [EMGMovement] = []
    /// The stretches with data so far, in seconds since the Unix epoch.
    public private(set) var coverage: [Range<Double>] = []

    private let rate: Double
    private let on: Float
    private let off: Float
    private let shape: Float
    private let restLength: Int64
    private var filter: EMGFilter
    private var amplitudes: [Float] = []
    /// When the stretch begins, the samples taken of it, and the amplitudes looked at.
    private var start: Double?
    private var taken: Int64 = 0
    private var seen: Int64 = 0
    private var window: ShapeWindow
    private var open: OpenMovement?

    /// A movement that has not come to rest: places in the stretch.
    private struct OpenMovement {
        var onset: Int64
        var last: Int64
        var peak: Float
        var hasShape = false
    }

    /// A detector for a channel of `rate` samples a second of a muscle with this level of rest.
    ///
    /// - Precondition: the rate is in ``EMGParameters/rates``.
    public init(leg: Leg, rate: Double, rest: EMGRest, parameters: EMGParameters = .wasm2016) {
        precondition(EMGParameters.rates.contains(rate), "a rate of \(rate) Hz is not in \(EMGParameters.rates)")
        self.leg = leg
        self.rate = rate
        on = rest.peak + Float(parameters.onAboveRest)
        off = rest.peak + Float(parameters.offAboveRest)
        shape = rest.median + Float(parameters.shapeAboveRest)
        restLength = Int64((parameters.restTime * rate).rounded())
        window = ShapeWindow(length: max(1, Int((parameters.shapeTime * rate).rounded())))
        filter = EMGFilter(rate: rate, parameters: parameters)
    }

    /// Takes the next samples, in µV.
    ///
    /// - Parameter time: when the first of them was taken, in seconds since the Unix epoch; only that of a stretch's first counts.
    public mutating func append(_ samples: [Float], time: Double) {
        guard !samples.isEmpty else { return }
        if start == nil { start = time }
        taken += Int64(samples.count)
        filter.append(samples, to: &amplitudes)
        look()
    }

    /// Ends a stretch: what comes next does not follow, and a movement under way ends here.
    public mutating func endStretch() {
        filter.finish(into: &amplitudes)
        look()
        guard let start else { return }
        if let movement = open { close(movement, at: seen) }
        coverage.append(start..<start + Double(taken) / rate)
        self.start = nil
        (taken, seen) = (0, 0)
        window.removeAll()
    }

    /// Ends the recording.
    public mutating func finish() { endStretch() }

    private mutating func look() {
        for amplitude in amplitudes {
            window.append(amplitude >= shape)
            if var movement = open {
                if amplitude > off {
                    movement.last = seen
                    movement.peak = max(movement.peak, amplitude)
                    if seen - movement.onset + 1 >= Int64(window.length), window.isMostlyTrue {
                        movement.hasShape = true
                    }
                    open = movement
                } else if seen - movement.last >= restLength {
                    close(movement, at: movement.last + 1)
                }
            } else if amplitude > on {
                open = OpenMovement(onset: seen, last: seen, peak: amplitude)
            }
            seen += 1
        }
        amplitudes.removeAll(keepingCapacity: true)
    }

    private mutating func close(_ movement: OpenMovement, at end: Int64) {
        open = nil
        guard let start else { return }
        movements.append(
            EMGMovement(
                leg: leg, onset: start + Double(movement.onset) / rate, offset: start + Double(end) / rate,
                peak: movement.peak, hasShape: movement.hasShape))
    }
}

/// The last samples' answers to one question, and how many are yes.
private struct ShapeWindow {
    let length: Int
    private var answers: [Bool]
    private var next = 0
    private var count = 0

    init(length: Int) {
        self.length = length
        answers = [Bool](repeating: false, count: length)
    }

    /// Whether at least half are yes: then the median reaches what was asked.
    var isMostlyTrue: Bool { 2 * count >= length }

    mutating func append(_ answer: Bool) {
        if answers[next] { count -= 1 }
        if answer { count += 1 }
        answers[next] = answer
        next = next + 1 == length ? 0 : next + 1
    }

    mutating func removeAll() { self = ShapeWindow(length: length) }
}
