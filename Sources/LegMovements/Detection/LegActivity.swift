// SPDX-License-Identifier: GPL-3.0-or-later

/// What is kept of a leg's whole night beside its movements: enough for rest, sleep and non-wear, little enough for a week.
struct LegActivity: Sendable {
    /// Activity second by second since the Unix epoch: the mean of the envelope above its off threshold, in mg.
    var excess = StretchedSeries<Float>()
    /// The envelope's running floor at the beginning of each second, in mg; 0 where too little came before.
    var floors = StretchedSeries<Float>()
    /// The mean slow signal, in mg, of each whole 5 s since the Unix epoch.
    var directions = StretchedSeries<SIMD3<Float>>()
    /// The stillness of each whole block of 5 minutes since the Unix epoch.
    var blocks: [StillnessBlock] = []
    /// The sensor's temperature, in °C, minute by minute since the Unix epoch; empty where it is not recorded.
    var temperatures = StretchedSeries<Float>()

    /// Seconds in a place of ``directions``.
    static let directionSpan: Int64 = 5
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
            activity.excess.append(excess / Float(samplesInSecond), at: second)
            activity.floors.append(history.floor[first], at: second)
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
            activity.directions.append(SIMD3<Float>(direction.sum / count), at: place)
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
