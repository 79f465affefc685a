// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings

/// What was detected in a night's recording of one leg or two, on one time base.
public struct DetectedNight: Sendable {
    /// What a detector found on one leg.
    public struct LegResult: Sendable {
        /// The leg.
        public var leg: Leg
        /// The movements, by onset; named once they are part of a night.
        public var movements: [DetectedMovement]
        /// The stretches with data, in seconds since the Unix epoch.
        public var coverage: [Range<Double>]
        /// The true time of the first sample.
        public var start: Double
        /// What is kept of the whole night beside the movements.
        var activity: LegActivity

        /// What a finished detector found; nil if there was nothing to detect in.
        public init?(_ detector: borrowing LegDetector) {
            guard let start = detector.start, !detector.coverage.isEmpty else { return nil }
            leg = detector.leg
            movements = detector.movements
            coverage = detector.coverage
            activity = detector.activity
            nonwear = NonwearFinder(parameters: detector.parameters, rate: detector.rate).stretches(in: activity)
            self.start = start
        }

        /// Where nobody seems to wear the sensor.
        public var nonwear: [NonwearStretch]

        var end: Double { coverage.last?.upperBound ?? start }
    }

    /// The legs recorded.
    public let legs: [LegResult]
    /// The first sample of the earlier leg, in seconds since the Unix epoch.
    public let start: Double
    /// The end of the later leg's last sample.
    public let end: Double
    /// The numbers that it was detected by.
    public let parameters: DetectionParameters
    /// What trains took the place of when the movements were named, leg by leg.
    private let replaced: [[MovementLabels.Replaced]]

    /// Gaps up to this long, in seconds, cannot hide a movement: they end the one they fall into and no series.
    public static let longestHarmlessGap = 0.5

    /// Joins one leg's result, or two's, and names the movements.
    ///
    /// - Precondition: there are one or two results, of different legs.
    public init(_ results: consuming [LegResult], parameters: DetectionParameters = .standard) {
        precondition(
            (1...2).contains(results.count) && Set(results.map(\.leg)).count == results.count, "one result a leg")
        start = results.reduce(.infinity) { min($0, $1.start) }
        end = results.reduce(-.infinity) { max($0, $1.end) }
        self.parameters = parameters
        var legs = consume results
        EnvelopeTrace.trim(&legs, reach: MovementLabels.correlationReach(parameters))
        replaced = MovementLabels.label(&legs, parameters: parameters)
        self.legs = legs
    }

    /// The same night with the size below which a movement counts as too small multiplied by a factor.
    ///
    /// Costs no second pass: smaller movements were detected too, and only the naming is done anew.
    public func withSizeThreshold(times factor: Double) -> DetectedNight {
        var changed = parameters
        changed.smallestWide *= factor
        changed.smallestSlow *= factor
        let detected = zip(legs, replaced).map { result, replaced in
            var result = result
            result.movements = MovementLabels.unjoined(result.movements, replaced)
            return result
        }
        return DetectedNight(detected, parameters: changed)
    }

    /// The movements of both legs by onset, of the kinds that a reader of the night is shown: neither too short nor too small.
    public var movements: [DetectedMovement] {
        legs.flatMap(\.movements).filter { $0.kind != .short && $0.kind != .small }.sorted { $0.onset < $1.onset }
    }

    /// Where a leg has no data between the start and the end of the night, in seconds since the Unix epoch.
    public func gaps(of result: LegResult) -> [Range<Double>] {
        var gaps: [Range<Double>] = []
        var last = start
        for stretch in result.coverage {
            // The grid begins up to one instant after the first sample.
            if stretch.lowerBound - last > 1 / LegDetector.rates.lowerBound { gaps.append(last..<stretch.lowerBound) }
            last = stretch.upperBound
        }
        if end - last > 1 / LegDetector.rates.lowerBound { gaps.append(last..<end) }
        return gaps
    }

    /// The rest interval that sustained inactivity lets one guess, in seconds since the Unix epoch; nil without any of 30 min.
    public func estimatedRest() -> Range<Double>? { SleepEstimate(parameters: parameters, night: self).restInterval() }

    /// The night as the rules see it, in milliseconds from ``start``: leg movements, what breaks series, gaps, and sleep and wake
    /// as the movements let one guess them.
    ///
    /// Where nobody wore a sensor is a gap of its leg. A movement in such a stretch is none of the leg's.
    ///
    /// - Parameters:
    ///   - rest: the rest interval in seconds since the Unix epoch.
    ///   - masks: stretches that somebody declared to be no data, leg by leg: gaps, and a movement that touches one is none.
    public func movementNight(rest: Range<Double>, masks: [Leg: [Range<Double>]] = [:]) -> MovementNight {
        let movements = legs.flatMap { result in
            result.movements.compactMap { movement -> LegMovement? in
                if masks[result.leg]?.contains(where: { $0.overlaps(movement.onset..<movement.offset) }) == true {
                    return nil
                }
                if result.nonwear.contains(where: { $0.verdict == .nonwear && $0.span.contains(movement.onset) }) {
                    return nil
                }
                let exclusion: LegMovement.Exclusion?
                switch movement.kind {
                case .legMovement: exclusion = nil
                case .posture: exclusion = .posture
                case .gait: exclusion = .gait
                case .rhythmic: exclusion = .rhythmic
                case .artefact, .short, .small: return nil
                }
                let onset = milliseconds(movement.onset)
                return LegMovement(
                    result.leg, onset: onset, duration: max(0, milliseconds(movement.offset) - onset),
                    excludedAs: exclusion)
            }
        }
        let gaps = Dictionary(
            uniqueKeysWithValues: legs.map { result in
                (
                    result.leg,
                    (self.gaps(of: result) + result.nonwear.filter { $0.verdict == .nonwear }.map(\.span)
                        + (masks[result.leg] ?? []).map { $0.clamped(to: start..<end) }).filter {
                            $0.upperBound - $0.lowerBound > Self.longestHarmlessGap
                        }.map {
                            TimeSpan(
                                from: max(0, milliseconds($0.lowerBound)),
                                to: min(milliseconds(end), milliseconds($0.upperBound)))
                        }
                )
            })
        let interval = rest.clamped(to: start..<end)
        return MovementNight(
            movements: movements, gaps: gaps,
            rest: TimeSpan(from: milliseconds(interval.lowerBound), to: milliseconds(interval.upperBound)),
            hypnogram: SleepEstimate(parameters: parameters, night: self).hypnogram(rest: interval))
    }

    /// Milliseconds from ``start`` of a time in seconds since the Unix epoch.
    public func milliseconds(_ time: Double) -> Milliseconds { Milliseconds(((time - start) * 1000).rounded()) }
}
