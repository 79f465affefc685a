// SPDX-License-Identifier: GPL-3.0-or-later

/// What is kept of a leg's whole night beside its movements: enough for rest, sleep and non-wear, little enough for a week.
struct LegActivity: Sendable {
    /// Activity second by second since the Unix epoch: the mean of the envelope above its off threshold, in mg.
    var excess = StretchedSeries<Float>()
    /// The mean slow signal, in mg, of each whole 5 s since the Unix epoch.
    var directions = StretchedSeries<SIMD3<Float>>()
    /// The stillness of each whole block of 5 minutes since the Unix epoch.
    var blocks: [StillnessBlock] = []
    /// The sensor's temperature, in °C, minute by minute since the Unix epoch; empty where it is not recorded.
    var temperatures = StretchedSeries<Float>()

    /// Seconds in a place of ``directions``.
    static let directionSpan: Int64 = 5
}

/// Fills a ``LegActivity`` as the signals of a leg are settled.
struct ActivityRecorder: ~Copyable {
    private(set) var activity = LegActivity()

    private let rate: Double
    private let samplesInSecond: Int64
    private let parameters: DetectionParameters
    private var stillness: StillnessRecorder
    /// The instants of the second and of the 5 s under way, and their sums.
    private var second: (start: Int64, sum: Float)?
    private var direction: (start: Int64, sum: SIMD3<Double>)?
    private var next: Int64?
    private var minute: (place: Int64, sum: Double, count: Int)?

    init(rate: Double, parameters: DetectionParameters) {
        self.rate = rate
        self.parameters = parameters
        samplesInSecond = Int64(rate)
        stillness = StillnessRecorder(rate: rate, parameters: parameters)
    }

    /// Takes the settled instants before `end`; all bursts that begin before it are known.
    mutating func advance(_ history: SignalHistory, to end: Int64) {
        var instant = max(next ?? history.start, history.start)
        while instant < end {
            // Up to the end of the second at once.
            let place = instant.dividedDown(by: samplesInSecond)
            let stop = min(end, (place + 1) * samplesInSecond)
            var sum = second?.start == place * samplesInSecond ? second?.sum ?? 0 : 0
            let isWhole = second?.start == place * samplesInSecond || instant == place * samplesInSecond
            let (lowest, floors) = (Float(parameters.envelopeOff), Float(parameters.envelopeOffFloors))
            let places = history.place(instant)..<history.place(stop)
            let envelope = history.envelope.span.extracting(places)
            let floor = history.floor.span.extracting(places)
            for index in 0..<envelope.count {
                let limit = max(lowest, floors * floor[index])
                sum += max(0, envelope[index] - limit)
            }
            second = isWhole ? (place * samplesInSecond, sum) : nil
            if isWhole, stop == (place + 1) * samplesInSecond {
                activity.excess.append(sum / Float(samplesInSecond), at: place)
            }
            takeDirection(history, from: instant, to: stop)
            instant = stop
        }
        stillness.advance(history, from: max(next ?? history.start, history.start), to: end, &activity.blocks)
        next = max(next ?? end, end)
    }

    private mutating func takeDirection(_ history: SignalHistory, from instant: Int64, to stop: Int64) {
        let span = samplesInSecond * LegActivity.directionSpan
        let place = instant.dividedDown(by: span)
        guard direction?.start == place * span || instant == place * span else {
            direction = nil
            return
        }
        let sum = history.slow.sum(
            history.place(instant)..<history.place(stop),
            onto: instant == place * span ? SIMD3<Double>() : direction?.sum ?? SIMD3<Double>())
        direction = (place * span, sum)
        if stop == (place + 1) * span {
            activity.directions.append(SIMD3<Float>(sum / Double(span)), at: place)
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
        second = nil
        direction = nil
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
