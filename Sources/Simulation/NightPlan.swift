// SPDX-License-Identifier: GPL-3.0-or-later
internal import LegMovements
internal import Recordings

/// All that will happen in a night, drawn before its first sample: events, not samples, so it stays small.
struct NightPlan {
    /// One leg's part of it.
    struct LegPlan {
        var clock: LegClock
        /// By start; those that turn the leg are apart from each other.
        var events: [LegEvent] = []
        /// When nobody wears the sensor: from the hand's last touch to its next.
        var nonwear: [SimulationSettings.Absence] = []
        var losses: [DataLoss] = []
        /// The samples of the night, those that get lost among them.
        var blockCount: Int
        fileprivate var taken = Reservations()
    }

    /// The samples of a block: one sector of a CWA file.
    static let samplesInBlock = CWAWriter.samplesInSector

    let settings: SimulationSettings
    private(set) var course: SleepCourse
    private(set) var legs: [Leg: LegPlan] = [:]
    /// When the sleeper is out of bed, in seconds.
    private(set) var outOfBed: [Range<Double>] = []
    private var eventCount = 0

    /// Draws a night.
    init(_ settings: SimulationSettings) {
        self.settings = settings
        var generator = SplitMix64(seed: settings.seed)
        // One sequence for each part, so that a wish for one changes no other.
        var (clocks, sleep, handling, losses) = (
            generator.branch(), generator.branch(), generator.branch(), generator.branch()
        )
        var (outings, turns, trains, movements, rest) = (
            generator.branch(), generator.branch(), generator.branch(), generator.branch(), generator.branch()
        )
        course = SleepCourse(awakeUntil: settings.duration)
        let first = settings.legs[clocks.integer(0...settings.legs.count - 1)]
        for leg in settings.legs {
            let clock = LegClock(settings, isFirst: leg == first, drawnBy: &clocks)
            let blockCount = max(1, clock.index(at: settings.duration) / Self.samplesInBlock)
            legs[leg] = LegPlan(clock: clock, blockCount: blockCount)
        }
        planLosses(&losses)
        guard settings.profile.isWorn else {
            for leg in settings.legs {
                legs[leg]?.nonwear = [.init(.table, legs: [leg], span: 0..<settings.duration)]
            }
            return
        }
        planAbsences(&handling)
        planOutings(&outings)
        let interruptions =
            outOfBed + settings.absences.map { $0.span.lowerBound - 120..<$0.span.upperBound + 120 }
        course = SleepCourse(until: settings.duration, interruptions: interruptions, drawnBy: &sleep)
        planTurns(&turns)
        planTrains(&trains)
        planMovements(&movements)
        planTwitches(&rest)
        planBedMotions(&rest)
        for leg in settings.legs { legs[leg]?.events.sort { $0.span.lowerBound < $1.span.lowerBound } }
    }

    // MARK: Placing

    /// The number of an event that may be placed on both legs.
    mutating func newEvent() -> Int {
        defer { eventCount += 1 }
        return eventCount
    }

    /// Whether a leg is free for a stretch, worn and at rest.
    func isFree(_ leg: Leg, _ span: Range<Double>) -> Bool {
        span.lowerBound >= 0 && span.upperBound <= settings.duration && legs[leg]?.taken.isFree(span) == true
    }

    /// Puts an event on a leg; with `margin` seconds on both sides no other event turns the leg.
    mutating func place(
        _ kind: LegEvent.Kind, _ number: Int, on leg: Leg, _ span: Range<Double>, margin: Double = 0.7,
        sharedSeed: UInt64 = 0, drawnBy generator: inout SplitMix64
    ) {
        let event = LegEvent(
            number: number, kind: kind, span: span, seed: generator.next(), sharedSeed: sharedSeed)
        legs[leg]?.events.append(event)
        if kind.turnsTheLeg { reserve(leg, span.lowerBound - margin..<span.upperBound + margin) }
    }

    mutating func reserve(_ leg: Leg, _ span: Range<Double>) { legs[leg]?.taken.insert(span) }

    mutating func noteOutOfBed(_ span: Range<Double>) { outOfBed.append(span) }

    /// Where a leg's sensor is at a time while it is not worn; nil while it is.
    func absence(of leg: Leg, at time: Double) -> SimulationSettings.Absence? {
        legs[leg]?.nonwear.first { $0.span.contains(time) }
    }

    // MARK: Losses and absences

    private mutating func planLosses(_ generator: inout SplitMix64) {
        for leg in settings.legs {
            let drawn = generator.arrivals(hourly: settings.profile.gaps, until: settings.duration).count
            guard let plan = legs[leg] else { continue }
            legs[leg]?.losses = DataLoss.draw(
                settings.gapCount ?? drawn, among: plan.blockCount,
                lasting: Double(Self.samplesInBlock) / plan.clock.rate, drawnBy: &generator)
        }
    }

    private mutating func planAbsences(_ generator: inout SplitMix64) {
        for leg in settings.legs {
            for absence in settings.absences(of: leg) {
                var span = absence.span.clamped(to: 0..<settings.duration)
                let whole = span
                let hands = (generator.uniform(6...14), generator.uniform(8...16))
                let shaking = (generator.uniform(0.2...0.6), generator.uniform(0.2...0.6))
                reserve(leg, span.lowerBound - 1..<span.upperBound + 1)
                let fits = span.upperBound - span.lowerBound > hands.0 + hands.1 + 1
                if span.lowerBound > 5, fits {
                    let off = whole.lowerBound..<whole.lowerBound + hands.0
                    let turn = LegEvent.Turn(name: "taken off", target: .anywhere, shaking: shaking.0)
                    place(.turn(turn), newEvent(), on: leg, off, drawnBy: &generator)
                    span = off.upperBound..<span.upperBound
                }
                if span.upperBound < settings.duration, fits {
                    let on = whole.upperBound - hands.1..<whole.upperBound
                    let turn = LegEvent.Turn(name: "put on", target: .lying, shaking: shaking.1)
                    place(.turn(turn), newEvent(), on: leg, on, drawnBy: &generator)
                    span = span.lowerBound..<on.lowerBound
                }
                legs[leg]?.nonwear.append(.init(absence.place, legs: [leg], span: span))
            }
        }
    }
}

/// Stretches of a leg's time that are spoken for.
private struct Reservations {
    /// By start; they may overlap.
    private var spans: [Range<Double>] = []
    /// The longest of them.
    private var longest = 0.0

    func isFree(_ span: Range<Double>) -> Bool {
        var index = spans.partitionIndex { $0.lowerBound >= span.upperBound }
        while index > 0 {
            index -= 1
            if spans[index].upperBound > span.lowerBound { return false }
            if spans[index].lowerBound + longest < span.lowerBound { return true }
        }
        return true
    }

    mutating func insert(_ span: Range<Double>) {
        spans.insert(span, at: spans.partitionIndex { $0.lowerBound > span.lowerBound })
        longest = max(longest, span.upperBound - span.lowerBound)
    }
}
