// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings

/// What a night is simulated from: the same settings give the same night, byte for byte.
public struct SimulationSettings: Hashable, Sendable {
    /// A stretch for which a sensor is not on the leg.
    public struct Absence: Hashable, Sendable {
        /// Where it lies meanwhile.
        public enum Place: String, Hashable, Sendable {
            /// Still, and as cold as the room.
            case table
            /// Beside the sleeper: lukewarm, and moved when the bed is.
            case mattress
        }

        /// Where it lies.
        public var place: Place
        /// The legs it is taken off.
        public var legs: Set<Leg>
        /// From when a hand takes it off until it is strapped on again, in seconds from the start of the night.
        public var span: Range<Double>

        /// A sensor of some legs off for a while.
        public init(_ place: Place, legs: Set<Leg> = Set(Leg.allCases), span: Range<Double>) {
            self.place = place
            self.legs = legs
            self.span = span
        }
    }

    /// The sleeper.
    public var profile: SimulationProfile
    /// Seconds from the first sample to the last.
    public var duration: Double
    /// Samples a second that the sensors were set to; their true rates are others.
    public var rate: Int
    /// The accelerometer.
    public var part: SensorPart
    /// The legs that wear one.
    public var legs: [Leg]
    /// The seed of everything that is left to chance.
    public var seed: UInt64
    /// The wall clock at the first sample, in seconds since the Unix epoch.
    public var start: Double
    /// When sensors are off.
    public var absences: [Absence] = []
    /// Stretches of missing data for each leg; nil for as many as the profile has.
    public var gapCount: Int?
    /// How much faster the sensors sample than they were set to; nil for -2 to +0.5 % by chance.
    public var rateError: Double?
    /// Whether each sensor keeps its own time, as loggers do, or the recording computer's.
    public var hasOwnClocks = true

    /// The rates that can be simulated.
    public static let rates = [25, 50, 100, 200]

    /// When nights begin unless said otherwise: 2026-01-15 23:00.
    public static let usualStart = 1_768_518_000.0

    /// A night of two legs.
    ///
    /// - Precondition: the duration is above 0 and the rate is one of ``rates``.
    public init(
        _ profile: SimulationProfile, hours: Double, rate: Int = 100, part: SensorPart = .lis3dh,
        legs: [Leg] = Leg.allCases, seed: UInt64, start: Double = usualStart
    ) {
        precondition(hours > 0, "a night of \(hours) h")
        precondition(Self.rates.contains(rate), "a rate of \(rate) Hz is none of \(Self.rates)")
        precondition(!legs.isEmpty && Set(legs).count == legs.count, "each leg once")
        self.profile = profile
        duration = hours * 3600
        self.rate = rate
        self.part = part
        self.legs = legs
        self.seed = seed
        self.start = start
    }

    /// When one leg's sensor is off, in order, joined where they touch.
    func absences(of leg: Leg) -> [Absence] {
        absences.filter { $0.legs.contains(leg) && $0.span.lowerBound < duration && $0.span.upperBound > 0 }
            .sorted { $0.span.lowerBound < $1.span.lowerBound }
    }
}
