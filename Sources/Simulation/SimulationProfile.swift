// SPDX-License-Identifier: GPL-3.0-or-later

/// What kind of sleeper, and what else happens: the numbers that a night is drawn from.
///
/// Intervals, durations, night course and rates follow published studies where there are any: periodic limb movements in
/// restless legs peak at intervals of 22 to 26 s with short ones at 2 to 4 s (Ferri 2006), last 3.2 s in the mean, and
/// become fewer through the night; foot tremor comes in trains of 10 to 15 s at 1 to 2 Hz (Wichniak 2001). No amplitudes at
/// the ankle were published: a tilt of 3° in the median is a choice. Rates are per hour.
public struct SimulationProfile: Hashable, Sendable {
    /// The name that it is asked for by.
    public let name: String
    /// The share of sleep, at its start, that is spent in series of movements.
    public var seriesShare = 0.0
    /// How the share falls: by this power of e for each hour.
    public var hourlyDecline = 0.15
    /// The range of the sleeper's mean of the logarithm of an interval in s, and the deviation around it.
    var intervalLogMean = 3.10...3.20
    var intervalLogDeviation = 0.40
    /// The movements of a series.
    var seriesLength = 4...40
    /// How many movements are followed by a second one after 2 to 6 s.
    var doubletShare = 0.10
    /// The mean of what comes on top of 90 s between two single movements, in s; nil where there are series instead.
    var isolatedPause: Double?
    /// How many of these single movements begin a short series.
    var shortSeriesShare = 0.0
    /// The share of wake that is spent in series.
    var wakeSeriesShare = 0.0
    /// How many movements are of both legs.
    public var bilateralShare = 0.42
    /// The median tilt in degrees, and the deviation of its logarithm.
    public var medianTilt = 3.0
    var tiltLogDeviation = 0.9
    /// How many movements leave the leg a little otherwise than it was.
    var residualShare = 0.0
    /// Movements below half a second.
    var twitches = 0.0
    /// Changes of posture.
    public var turns = 0.0
    /// Walks out of bed.
    public var outings = 0.0
    /// Rhythmic trains: foot tremor, or alternating.
    var trains = 0.0
    /// Coughs, the partner, the bed linen, a knock.
    var bedMotions = 0.0
    /// Stretches of missing data for each leg.
    public var gaps = 0.0
    /// Whether there is a leg in the strap: breathing, pulse, warmth.
    public var isWorn = true

    private init(_ name: String, _ change: (inout SimulationProfile) -> Void) {
        self.name = name
        change(&self)
    }

    /// Restless legs: long series, doublets, more of them early in the night, series awake too.
    public static let rls = SimulationProfile("rls") {
        $0.seriesShare = 0.60
        $0.wakeSeriesShare = 0.35
        $0.twitches = 5
        $0.turns = 3
        $0.outings = 0.15
        $0.trains = 0.7
        $0.bedMotions = 3
    }
    /// Periodic limb movement disorder: more even intervals, few short ones.
    public static let plmd = SimulationProfile("plmd") {
        $0.seriesShare = 0.50
        $0.intervalLogDeviation = 0.35
        $0.doubletShare = 0.03
        $0.wakeSeriesShare = 0.05
        $0.twitches = 3
        $0.turns = 2.5
        $0.outings = 0.12
        $0.trains = 0.4
        $0.bedMotions = 2
    }
    /// A healthy sleeper: single movements, now and then a short series.
    public static let healthy = SimulationProfile("healthy") {
        $0.hourlyDecline = 0
        $0.isolatedPause = 210
        $0.doubletShare = 0.15
        $0.shortSeriesShare = 0.04
        $0.seriesLength = 4...8
        $0.twitches = 5
        $0.turns = 3
        $0.outings = 0.12
        $0.trains = 0.3
        $0.bedMotions = 3
    }
    /// Some series among much else.
    public static let mixed = SimulationProfile("mixed") {
        $0.seriesShare = 0.35
        $0.wakeSeriesShare = 0.2
        $0.twitches = 6
        $0.turns = 4
        $0.outings = 0.5
        $0.trains = 0.8
        $0.bedMotions = 4
    }
    /// All that makes detection hard: gaps, bed motions, walks, legs that do not come back to where they lay.
    public static let hard = SimulationProfile("hard") {
        $0.seriesShare = 0.5
        $0.wakeSeriesShare = 0.4
        $0.residualShare = 0.3
        $0.twitches = 8
        $0.turns = 6
        $0.outings = 0.8
        $0.trains = 1.5
        $0.bedMotions = 10
        $0.gaps = 5
    }
    /// The sensor alone, worn by nobody.
    public static let noise = SimulationProfile("noise") { $0.isWorn = false }
    /// A sleeper who lies so still that only breathing and pulse tell of a leg.
    public static let still = SimulationProfile("still") {
        $0.turns = 0.3
        $0.bedMotions = 0.5
    }

    /// The profiles.
    public static let all = [rls, plmd, healthy, mixed, hard, noise, still]
}
