// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc
internal import LegMovements
internal import Recordings

extension NightPlan {
    /// The sleeper's own way of moving.
    private struct Habit {
        let intervalLogMean: Double
        let medianDuration: Double
        /// How much more of the night than usual is spent in series: indices of one diagnosis differ widely.
        let level: Double

        init(_ profile: SimulationProfile, drawnBy generator: inout SplitMix64) {
            intervalLogMean = generator.uniform(profile.intervalLogMean)
            // Means differ between sleepers by 0.65 of 3.2 s.
            medianDuration = generator.logNormal(median: 2.6, deviation: 0.2)
            level = generator.logNormal(median: 1, deviation: 0.35)
        }
    }

    /// The mode of intervals awake is 11 to 12 s (Michaud 2001).
    private static let wakeIntervalMode = 11.5
    /// The deviation of the logarithm of a duration.
    private static let durationLogDeviation = 0.5
    /// What shorter series and single movements may last, in seconds.
    private static let durations = 0.55...13.0
    /// There are pauses in any night.
    private static let largestSeriesShare = 0.85
    /// Ticks in which a stretch without series is passed over.
    private static let idleStep = 60.0

    /// Series, single movements and doublets through the night.
    mutating func planMovements(_ generator: inout SplitMix64) {
        let profile = settings.profile
        guard profile.seriesShare > 0 || profile.isolatedPause != nil else { return }
        let habit = Habit(profile, drawnBy: &generator)
        var time = generator.uniform(15...45)
        while time < settings.duration {
            if let pause = profile.isolatedPause {
                time += 90 + generator.exponential(mean: pause)
                move(at: time, as: "isolated", habit, &generator)
                if generator.chance(profile.shortSeriesShare) { time = runSeries(from: time, habit, &generator) }
                continue
            }
            let share = min(Self.largestSeriesShare, habit.level * seriesShare(at: time))
            guard share > 0.005 else {
                time += Self.idleStep
                continue
            }
            let end = runSeries(from: time, habit, &generator)
            // The longer the series the longer the pause, so that the share comes out; the sleeper is not a clock.
            let wanted = (end - time) * (1 / share - 1) * generator.logUniform(0.5...1.8)
            var pause = min(max(wanted, 90), 3600)
            // Few series awake are no reason for few when sleep comes.
            if let bout = course.bout(at: time) {
                pause = min(pause, max(90, bout.upperBound - end + generator.uniform(30...200)))
            }
            if pause > 200, generator.chance(0.3) { move(at: end + pause / 2, as: "isolated", habit, &generator) }
            time = end + pause
        }
    }

    /// The share of the time around a moment that is spent in series.
    private func seriesShare(at time: Double) -> Double {
        let profile = settings.profile
        guard course.isAsleep(at: time) else { return profile.wakeSeriesShare }
        // A file of several days is one night after the other.
        let hour = time.truncatingRemainder(dividingBy: 86_400) / 3600
        return profile.seriesShare * exp(-profile.hourlyDecline * hour)
    }

    /// One series; the time of its last movement.
    private mutating func runSeries(
        from start: Double, _ habit: Habit, _ generator: inout SplitMix64
    ) -> Double {
        let profile = settings.profile
        let isAsleep = course.isAsleep(at: start)
        let deviation = profile.intervalLogDeviation
        let mean = isAsleep ? habit.intervalLogMean : log(Self.wakeIntervalMode) + deviation * deviation
        var length = generator.integer(profile.seriesLength)
        if !isAsleep { length = max(4, length / 2) }
        var time = start
        var last = start
        for _ in 0..<length where time < settings.duration {
            move(at: time, as: "series", habit, &generator)
            last = time
            if course.isAsleep(at: time) != isAsleep, generator.chance(0.5) { break }
            time += generator.logNormal(median: exp(mean), deviation: deviation)
        }
        return last
    }

    /// A movement of one leg or both, and perhaps the second of a doublet.
    private mutating func move(
        at time: Double, as role: String, _ habit: Habit, _ generator: inout SplitMix64
    ) {
        let end = flex(at: time, as: role, habit, &generator)
        guard generator.chance(settings.profile.doubletShare) else { return }
        let interval = generator.logNormal(median: exp(1.2), deviation: 0.6)
        flex(at: max(time + interval, end + 0.9), as: "doublet", habit, &generator)
    }

    /// Movements of one leg or both that are one to the rules; their end.
    @discardableResult
    private mutating func flex(
        at time: Double, as role: String, _ habit: Habit, _ generator: inout SplitMix64
    ) -> Double {
        let profile = settings.profile
        var own = generator.branch()
        var duration = own.logNormal(median: habit.medianDuration, deviation: Self.durationLogDeviation)
        // Awake, movements of 5 to 10 s are common.
        if !course.isAsleep(at: time), own.chance(0.35) { duration = own.uniform(5...10) }
        let tilt = own.logNormal(median: profile.medianTilt, deviation: profile.tiltLogDeviation)
        let isBilateral = own.chance(profile.bilateralShare)
        let leader: Leg = own.chance(0.5) ? .left : .right
        let legs = isBilateral ? [leader, leader == .left ? .right : .left] : [leader]
        let number = newEvent()
        var ends: [Double] = []
        for leg in legs {
            let lag = ends.isEmpty ? 0 : min(0.45, abs(own.normal(deviation: 0.15)))
            let part = own.logNormal(median: duration, deviation: isBilateral ? 0.15 : 0)
            let size = own.logNormal(median: tilt, deviation: isBilateral ? 0.4 : 0)
            var flexion = Flexion(
                at: time + lag, duration: min(max(part, Self.durations.lowerBound), Self.durations.upperBound),
                tilt: size, role: role, drawnBy: &own)
            if own.chance(profile.residualShare) { flexion.residual = own.uniform(0...1.5) * .pi / 180 }
            ends.append(put(flexion, number, on: leg, &own) ? flexion.end : time)
        }
        // A third and a fourth part follow while the other leg still moves.
        if ends.count == 2, own.chance(0.10) {
            for index in 0..<(own.chance(0.3) ? 2 : 1) {
                let (next, other) = (ends[index] + 1.0, ends[1 - index])
                guard next < other + 0.3 else { break }
                let flexion = Flexion(
                    at: next, duration: own.uniform(0.8...2), tilt: tilt * 0.7, role: role, drawnBy: &own)
                if put(flexion, number, on: legs[index], &own) { ends[index] = flexion.end }
            }
        }
        return ends.max() ?? time
    }

    /// Puts a movement on a leg, if it is recorded and free, and its echo on the other one.
    @discardableResult
    private mutating func put(
        _ flexion: Flexion, _ number: Int, on leg: Leg, _ generator: inout SplitMix64
    ) -> Bool {
        let margin = 0.6
        let span = flexion.start..<flexion.end
        guard isFree(leg, span.lowerBound - 0.3..<span.upperBound + margin) else { return false }
        place(.flexion(flexion), number, on: leg, span, margin: margin, drawnBy: &generator)
        for other in settings.legs where other != leg && generator.chance(0.5) {
            let share = generator.logUniform(0.01...0.05)
            if absence(of: other, at: span.lowerBound) == nil {
                place(.echo(flexion, share: share), number, on: other, span, drawnBy: &generator)
            }
        }
        return true
    }

    /// Movements below half a second, one in eight of both legs.
    mutating func planTwitches(_ generator: inout SplitMix64) {
        for time in generator.arrivals(hourly: settings.profile.twitches, until: settings.duration) {
            let leader: Leg = generator.chance(0.5) ? .left : .right
            let number = newEvent()
            for leg in generator.chance(0.125) ? Leg.allCases : [leader] {
                let twitch = Flexion(
                    at: time + generator.uniform(0...0.1), duration: generator.uniform(0.14...0.48),
                    tilt: generator.uniform(0.3...3), role: "twitch", drawnBy: &generator)
                put(twitch, number, on: leg, &generator)
            }
        }
    }
}
