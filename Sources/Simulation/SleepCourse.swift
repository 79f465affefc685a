// SPDX-License-Identifier: GPL-3.0-or-later
internal import LegMovements

/// When the sleeper sleeps.
struct SleepCourse {
    /// The length of an epoch.
    static let epochLength: Milliseconds = 30_000

    /// The stretches awake, in seconds, in order and apart.
    let wake: [Range<Double>]
    private let duration: Double

    /// Sleep with a while to fall asleep and bouts of wake; awake through `interruptions` too.
    init(until duration: Double, interruptions: [Range<Double>], drawnBy generator: inout SplitMix64) {
        self.duration = duration
        var bouts = interruptions
        var time = min(generator.uniform(8 * 60...22 * 60), duration * 0.2)
        bouts.append(0..<time)
        while true {
            time += generator.exponential(mean: 75 * 60)
            guard time < duration else { break }
            let end = time + min(1800, generator.logNormal(median: 240, deviation: 0.7))
            bouts.append(time..<end)
            time = end
        }
        var joined: [Range<Double>] = []
        for bout in bouts.map({ $0.clamped(to: 0..<duration) }).sorted(by: { $0.lowerBound < $1.lowerBound })
        where !bout.isEmpty {
            if let last = joined.last, bout.lowerBound <= last.upperBound {
                joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, bout.upperBound)
            } else {
                joined.append(bout)
            }
        }
        wake = joined
    }

    /// A night that nobody sleeps.
    init(awakeUntil duration: Double) {
        self.duration = duration
        wake = [0..<duration]
    }

    func isAsleep(at time: Double) -> Bool { bout(at: time) == nil }

    /// The stretch of wake that holds a time.
    func bout(at time: Double) -> Range<Double>? {
        let next = wake.partitionIndex { $0.upperBound > time }
        return next < wake.count && wake[next].contains(time) ? wake[next] : nil
    }

    /// The epochs: each is what the greater part of it is.
    var epochs: [SleepStage] {
        let length = Double(Self.epochLength) / 1000
        return (0..<Int(duration / length)).map { index in
            let epoch = Double(index) * length..<Double(index + 1) * length
            let first = wake.partitionIndex { $0.upperBound > epoch.lowerBound }
            var awake = 0.0
            for bout in wake[first...] {
                guard bout.lowerBound < epoch.upperBound else { break }
                let common = bout.clamped(to: epoch)
                awake += common.upperBound - common.lowerBound
            }
            return awake >= length / 2 ? .wake : .sleep
        }
    }
}
