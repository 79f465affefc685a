// SPDX-License-Identifier: GPL-3.0-or-later

/// What is kept of a leg's whole night beside its movements: enough for rest, sleep and non-wear, little enough for a week.
struct LegActivity: Sendable {
    /// The whole seconds with data, since the Unix epoch, in order.
    var seconds: [Range<Int64>] = []
    /// Activity second by second since the Unix epoch: the mean of the envelope above its off threshold, in mg. Of long rest
    /// nothing is kept: it is 0 where no value is.
    var excess = StretchedSeries<Float>()
    /// The envelope's running floor at the beginning of each 10 s since the Unix epoch, in mg; 0 where too little came before.
    var floors = StretchedSeries<Float>()
    /// The angle, in degrees, between the mean slow signals of each whole 5 s since the Unix epoch and of the 5 s before.
    var turns = StretchedSeries<Float>()
    /// The stillness of each whole block of 5 minutes since the Unix epoch.
    var blocks: [StillnessBlock] = []
    /// The sensor's temperature, in °C, minute by minute since the Unix epoch; empty where it is not recorded.
    var temperatures = StretchedSeries<Float>()

    /// Seconds in a place of ``turns``.
    static let directionSpan: Int64 = 5
    /// Seconds in a place of ``floors``: the floor looks a minute back, and moves slowly.
    static let floorSpan: Int64 = 10
    /// Seconds of rest that are kept as zeros: a new stretch takes the memory of as many.
    private static let bridgedRest: Int64 = 16

    /// Takes a second's activity; all seconds come in order.
    mutating func note(excess: Float, at second: Int64) {
        if let last = seconds.last, last.upperBound == second {
            seconds[seconds.count - 1] = last.lowerBound..<second + 1
        } else {
            seconds.append(second..<second + 1)
        }
        guard excess != 0 else { return }
        if let end = self.excess.end, second - end < Self.bridgedRest {
            for place in end..<second { self.excess.append(0, at: place) }
        }
        self.excess.append(excess, at: second)
    }
}

/// Fills a ``LegActivity`` as the signals of a leg are settled: whole seconds since the Unix epoch, each looked at once.
struct ActivityRecorder: ~Copyable {
    private(set) var activity = LegActivity()

    private let samplesInSecond: Int64
    private let parameters: DetectionParameters
    private var stillness: StillnessRecorder
    /// The second that comes next, since the Unix epoch; nil before the first of a stretch.
    private var next: Int64?
    /// The 5 s under way: their place, and the sum over those seconds of it that are there.
    private var direction: (place: Int64, sum: SIMD3<Double>, seconds: Int64) = (0, SIMD3(), 0)
    /// The last whole 5 s: their place and mean.
    private var lastDirection: (place: Int64, mean: SIMD3<Float>)?
    private var minute: (place: Int64, sum: Double, count: Int)?

    init(rate: Double, parameters: DetectionParameters) {
        self.parameters = parameters
        samplesInSecond = Int64(rate)
        stillness = StillnessRecorder(rate: rate, parameters: parameters)
    }

    /// The first instant that it has still to look at; nil before the first of a stretch.
    var earliestNeeded: Int64? { next.map { $0 * samplesInSecond } }

    /// Takes the whole seconds before `end` that are new; all bursts that begin before it are known.
    mutating func advance(_ history: SignalHistory, to end: Int64) {
        guard end > history.start else { return }
        var second = next ?? -(-history.start).dividedDown(by: samplesInSecond)
        while (second + 1) * samplesInSecond <= end {
            let first = history.place(second * samplesInSecond)
            let places = first..<first + Int(samplesInSecond)
            let excess = history.envelope.span.extracting(places).excess(
                above: Float(parameters.envelopeOff), factor: Float(parameters.envelopeOffFloors),
                of: history.floor.span.extracting(places))
            activity.note(excess: excess / Float(samplesInSecond), at: second)
            if second % LegActivity.floorSpan == 0 {
                activity.floors.append(history.floor[first], at: second / LegActivity.floorSpan)
            }
            let sum = SIMD3<Double>(history.slow.sum(places))
            takeDirection(sum, of: second)
            stillness.take(second, sum, history.wide, from: first, &activity.blocks)
            second += 1
        }
        next = second
    }

    private mutating func takeDirection(_ sum: SIMD3<Double>, of second: Int64) {
        let place = second.dividedDown(by: LegActivity.directionSpan)
        if direction.place != place { direction = (place, SIMD3(), 0) }
        direction.sum += sum
        direction.seconds += 1
        if direction.seconds == LegActivity.directionSpan {
            let count = Double(samplesInSecond * LegActivity.directionSpan)
            let mean = SIMD3<Float>(direction.sum / count)
            if let last = lastDirection, last.place + 1 == place {
                activity.turns.append(MovementMeasure.angle(last.mean, mean), at: place)
            }
            lastDirection = (place, mean)
        }
    }

    /// Takes a burst, so that its block is not still.
    mutating func note(_ burst: Burst, peak: Float) { stillness.note(burst, peak: peak) }

    /// Takes a reading of the thermometer.
    mutating func note(temperature: Float, at time: Double) {
        guard temperature.isFinite, abs(time) < 1e12 else { return }
        let place = Int64((time / 60).rounded(.down))
        if let current = minute, current.place != place {
            if place > current.place {
                activity.temperatures.append(Float(current.sum / Double(current.count)), at: current.place)
            }
            minute = place > current.place ? nil : current
        }
        let current = minute ?? (place, 0, 0)
        minute = (current.place, current.sum + Double(temperature), current.count + 1)
    }

    /// Ends a stretch: what is not whole is left out.
    mutating func endStretch() {
        direction.seconds = 0
        direction.sum = SIMD3()
        next = nil
        stillness.endStretch(to: &activity.blocks)
    }
}

extension Int64 {
    /// The quotient rounded down.
    func dividedDown(by divisor: Int64) -> Int64 {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? quotient - 1 : quotient
    }
}
