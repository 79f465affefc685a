// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc
internal import LegMovements

/// The test that a design itself gives: how rare the observed contrast is among all that chance could have laid out.
public struct RandomisationTest: Hashable, Sendable {
    /// What is contrasted between conditions.
    public enum Statistic: Hashable, Sendable {
        /// The difference of the means of log((movements + ½) / hours).
        case meanOfLogRates
        /// The difference of the logarithms of (all movements + ½) / all hours.
        case logOfPooledRates
        /// The slope of the nights on what is left of the effect, with a half-life in nights.
        case exposure(halfLife: Double)
        /// The slope of the nights on their doses.
        case dose
    }

    /// What was contrasted.
    public let statistic: Statistic
    /// How many assignments the design allows.
    public let assignments: UInt64
    /// How many were drawn, where they were too many to list.
    public let draws: Int?
    /// The seed of the draws.
    public let seed: UInt64?
    /// The contrast as observed.
    public let observed: Double
    /// The share of assignments with a contrast at least as far from 0.
    public let pValue: Double
    /// The share of assignments with a contrast as low or lower.
    public let pValueOfDecrease: Double
    /// The smallest two-sided p value that the design can give.
    public let smallestPValue: Double
    /// The lower end of the 95 % interval of the logarithm of the rate ratio; nil where there is none.
    public let lower95: End?
    /// The upper end.
    public let upper95: End?

    /// An end of an interval.
    public struct End: Hashable, Sendable {
        /// The outermost value that was tried and is not ruled out.
        public let value: Double
        /// Whether values further out are ruled out.
        public let isBound: Bool
    }

    /// Two contrasts that differ by less are equal.
    static let tolerance = 1e-10
    /// The draws from a design with too many assignments.
    static let drawCount = 99_999
}

/// The assignments that a test goes through.
package struct TestedAssignments {
    let allowed: AllowedAssignments
    package let conditions: [[Bool]]
    let isComplete: Bool
    let seed: UInt64

    /// Lists all, or draws them from a seed; a draw is one more beside the observed one.
    package init(_ allowed: AllowedAssignments, seed: UInt64) {
        self.allowed = allowed
        self.seed = seed
        if let all = allowed.all {
            conditions = all
            isComplete = true
        } else {
            var generator = SplitMix64(seed: seed)
            conditions = (0..<RandomisationTest.drawCount).map { _ in allowed.drawn(by: &generator) }
            isComplete = false
        }
    }

    /// The share of assignments for which something holds.
    func share(_ number: Int) -> Double {
        isComplete ? Double(number) / Double(conditions.count) : Double(number + 1) / Double(conditions.count + 1)
    }
}

extension RandomisationTest {
    /// Tests two conditions.
    ///
    /// - Parameters:
    ///   - series: The nights, days counted from the design's first night.
    ///   - condition: Whether each planned night was with magnesium.
    ///   - transition: The nights left out after each switch, under every assignment its own.
    package init?(
        _ statistic: Statistic, _ series: NightSeries, condition: [Bool], transition: Int,
        among tested: TestedAssignments, interval: Bool = true
    ) {
        let contrasts: Contrasts
        switch statistic {
        case .meanOfLogRates:
            contrasts = .means(
                MeanContrasts(series, condition: condition, transition: transition, among: tested.conditions))
        case .logOfPooledRates:
            contrasts = .pooled(
                PooledContrasts(series, condition: condition, transition: transition, among: tested.conditions))
        case .exposure(let halfLife):
            contrasts = .slopes(
                observed: Self.exposureSlope(series, condition, halfLife),
                among: tested.conditions.map { Self.exposureSlope(series, $0, halfLife) })
        case .dose: return nil
        }
        guard let observed = contrasts.observed(shift: 0) else { return nil }
        self.statistic = statistic
        assignments = tested.allowed.count
        draws = tested.isComplete ? nil : tested.conditions.count
        seed = tested.isComplete ? nil : tested.seed
        self.observed = observed
        let counted = contrasts.counts(shift: 0)
        pValue = tested.share(counted.far)
        pValueOfDecrease = tested.share(counted.low)
        switch statistic {
        // This block's convention is one assignment; the other's, the design's own smallest value.
        // What is left of an effect does not mirror when conditions are exchanged.
        case .meanOfLogRates, .exposure: smallestPValue = 1 / Double(tested.allowed.count)
        default: smallestPValue = tested.allowed.smallestPValue
        }
        guard interval else {
            (lower95, upper95) = (nil, nil)
            return
        }
        let p = { (shift: Double) in tested.share(contrasts.counts(shift: shift).far) }
        switch contrasts {
        case .means(let means): (lower95, upper95) = means.hull(of: p)
        case .pooled:
            (lower95, upper95) = Self.gridHull(around: observed, of: p, thoroughly: tested.conditions.count <= 2000)
        case .slopes: (lower95, upper95) = (nil, nil)
        }
    }

    /// Tests doses that were drawn for every night: the observed ones are exchanged between the nights, seeded draws of all orders.
    init?(doses: [Double], _ series: NightSeries, seed: UInt64) {
        guard let response = Self.nullResponse(series), doses.sampleVariance > 0 else { return nil }
        let mean = doses.mean
        let scale = doses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        func slope(_ doses: [Double]) -> Double {
            var sum = 0.0
            for (dose, value) in zip(doses, response) { sum += (dose - mean) * value }
            return sum / scale
        }
        let observed = slope(doses)
        var generator = SplitMix64(seed: seed)
        var (far, low) = (0, 0)
        var shuffled = doses
        let tolerance = Self.tolerance / 100
        for _ in 0..<Self.drawCount {
            for last in stride(from: shuffled.count - 1, to: 0, by: -1) {
                shuffled.swapAt(last, Int(generator.drawn(below: UInt64(last + 1))))
            }
            let drawn = slope(shuffled)
            if abs(drawn) >= abs(observed) - tolerance { far += 1 }
            if drawn <= observed + tolerance { low += 1 }
        }
        statistic = .dose
        assignments = Self.orders(of: doses)
        draws = Self.drawCount
        self.seed = seed
        self.observed = observed
        pValue = Double(far + 1) / Double(Self.drawCount + 1)
        pValueOfDecrease = Double(low + 1) / Double(Self.drawCount + 1)
        smallestPValue = max(1 / Double(assignments), 1 / Double(Self.drawCount + 1))
        (lower95, upper95) = (nil, nil)
    }

    /// The number of different orders of some values; the largest number of 64 bits where it is larger.
    private static func orders(of doses: [Double]) -> UInt64 {
        let logarithm =
            logGamma(Double(doses.count + 1)) - doses.tieCounts.reduce(0) { $0 + logGamma(Double($1 + 1)) }
        return logarithm < 43 ? UInt64(exp(logarithm).rounded()) : .max
    }

    /// What each night is above or below the mean of all, on the scale of the working response: the same for every assignment.
    private static func nullResponse(_ series: NightSeries) -> [Double]? {
        let rate = series.pooledRate
        guard rate > 0 else { return nil }
        return zip(series.counts, series.hours).map { Double($0) / (rate * $1) - 1 }
    }

    private static func exposureSlope(_ series: NightSeries, _ condition: [Bool], _ halfLife: Double) -> Double? {
        guard let response = nullResponse(series) else { return nil }
        let all = Exposure.exponential(condition.map { $0 ? 1 : 0 }, halfLife: halfLife)
        let exposure = series.days.map { all[$0] }
        let mean = exposure.mean
        let (cross, scale) = zip(exposure, response).reduce((0.0, 0.0)) {
            ($0.0 + ($1.0 - mean) * $1.1, $0.1 + ($1.0 - mean) * ($1.0 - mean))
        }
        return scale > 0 ? cross / scale : nil
    }

    /// The outermost points of a grid of 0.001 at which p is above 0.05; nil where none is beyond which it stays below.
    ///
    /// Without thoroughness p is taken to fall on both sides, and the edges are found by halving.
    private static func gridHull(
        around estimate: Double, of p: (Double) -> Double, thoroughly: Bool
    ) -> (End?, End?) {
        let step = 0.001
        let centre = (estimate / step).rounded()
        func edge(_ direction: Double) -> End? {
            var reach = 64.0
            while p((centre + direction * reach) * step) > 0.05 {
                reach *= 2
                if reach * step > 16 { return nil }
            }
            if thoroughly {
                // p may rise once more beyond its first fall: from the far end inwards, twice as far out.
                for distance in stride(from: reach * 2, through: 0, by: -1)
                where p((centre + direction * distance) * step) > 0.05 {
                    return End(value: (centre + direction * distance) * step, isBound: true)
                }
                return End(value: centre * step, isBound: true)
            }
            var inside = 0.0
            while reach - inside > 1 {
                let middle = ((reach + inside) / 2).rounded()
                if p((centre + direction * middle) * step) > 0.05 { inside = middle } else { reach = middle }
            }
            return End(value: (centre + direction * inside) * step, isBound: true)
        }
        return (edge(-1), edge(1))
    }
}

/// The contrasts of all assignments, after the observed effect is taken off the nights with magnesium.
private enum Contrasts {
    case means(MeanContrasts)
    case pooled(PooledContrasts)
    case slopes(observed: Double?, among: [Double?])

    func observed(shift: Double) -> Double? {
        switch self {
        case .means(let means): means.observed.map { $0 - shift }
        case .pooled(let pooled): pooled.observed?.contrast(factor: exp(-shift))
        case .slopes(let observed, _): observed
        }
    }

    /// How many assignments have a contrast at least as far from 0, and as low; one without a contrast counts as both.
    func counts(shift: Double) -> (far: Int, low: Int) {
        guard let observed = observed(shift: shift) else { return (0, 0) }
        let (distance, height) = (abs(observed) - RandomisationTest.tolerance, observed + RandomisationTest.tolerance)
        var (far, low) = (0, 0)
        func count(_ contrast: Double?) {
            guard let contrast else {
                far += 1
                low += 1
                return
            }
            if abs(contrast) >= distance { far += 1 }
            if contrast <= height { low += 1 }
        }
        switch self {
        case .means(let means): for one in means.all { count(one.map { $0.contrast - shift * $0.carried }) }
        case .pooled(let pooled):
            let factor = exp(-shift)
            for one in pooled.all { count(one.contrast(factor: factor)) }
        case .slopes(_, let all): for one in all { count(one) }
        }
        return (far, low)
    }
}

/// The mean log rate with magnesium less that without, under each assignment.
private struct MeanContrasts {
    /// An assignment's contrast, and how much of an effect of the observed nights with magnesium it would carry.
    struct One {
        var contrast: Double
        var carried: Double
    }

    let observed: Double?
    let all: [One?]

    init(_ series: NightSeries, condition: [Bool], transition: Int, among conditions: [[Bool]]) {
        let values = series.logRates
        func contrast(_ assigned: [Bool]) -> One? {
            let skipped = transition > 0 ? StudyDesign.isTransition(assigned, nights: transition) : nil
            var (active, other) = ((sum: 0.0, carried: 0.0, count: 0.0), (sum: 0.0, carried: 0.0, count: 0.0))
            for (day, value) in zip(series.days, values) where skipped?[day] != true {
                let carried = condition[day] ? 1.0 : 0
                if assigned[day] {
                    active = (active.sum + value, active.carried + carried, active.count + 1)
                } else {
                    other = (other.sum + value, other.carried + carried, other.count + 1)
                }
            }
            guard active.count > 0, other.count > 0 else { return nil }
            return One(
                contrast: active.sum / active.count - other.sum / other.count,
                carried: active.carried / active.count - other.carried / other.count)
        }
        observed = contrast(condition)?.contrast
        all = conditions.map(contrast)
    }

    /// The hull of the shifts at which p is above 0.05, tried midway between the points where p can change.
    func hull(of p: (Double) -> Double) -> (RandomisationTest.End?, RandomisationTest.End?) {
        guard let observed else { return (nil, nil) }
        var points: Set<Double> = []
        for case let one? in all {
            if abs(1 - one.carried) > 1e-12 { points.insert((observed - one.contrast) / (1 - one.carried)) }
            if abs(1 + one.carried) > 1e-12 { points.insert((observed + one.contrast) / (1 + one.carried)) }
        }
        let ordered = points.sorted()
        guard let first = ordered.first, let last = ordered.last else { return (nil, nil) }
        // Between neighbouring points p is constant; outside all points too.
        func isInside(_ gap: Int) -> Bool {
            switch gap {
            case 0: p(first - 1) > 0.05
            case ordered.count: p(last + 1) > 0.05
            default: p((ordered[gap - 1] + ordered[gap]) / 2) > 0.05
            }
        }
        func ends(_ lowest: Int, _ highest: Int) -> (RandomisationTest.End, RandomisationTest.End) {
            (
                RandomisationTest.End(value: ordered[max(0, lowest - 1)], isBound: !isInside(0)),
                RandomisationTest.End(
                    value: ordered[min(ordered.count - 1, highest)], isBound: !isInside(ordered.count))
            )
        }
        // With very many assignments p is taken to fall on both sides, and the edges are found by halving.
        if all.count > 2000 {
            let middle = ordered.firstIndex { $0 > observed } ?? ordered.count
            func edge(_ outside: Int) -> Int {
                var (inside, outside) = (middle, outside)
                while abs(inside - outside) > 1 {
                    let half = (inside + outside) / 2
                    if isInside(half) { inside = half } else { outside = half }
                }
                return inside
            }
            return ends(edge(0), edge(ordered.count))
        }
        let inside = (1..<ordered.count).filter(isInside)
        guard let lowest = inside.first, let highest = inside.last else { return (nil, nil) }
        return ends(lowest, highest)
    }
}

/// The pooled log rate with magnesium less that without, under each assignment.
private struct PooledContrasts {
    /// The movements and hours that an assignment puts under each condition, those of the observed nights with magnesium apart.
    struct Sums {
        var activeCarried = 0.0
        var activeOther = 0.0
        var otherCarried = 0.0
        var otherOther = 0.0
        var activeHours = 0.0
        var otherHours = 0.0

        func contrast(factor: Double) -> Double? {
            guard activeHours > 0, otherHours > 0 else { return nil }
            return log((activeCarried * factor + activeOther + 0.5) / activeHours)
                - log((otherCarried * factor + otherOther + 0.5) / otherHours)
        }
    }

    let observed: Sums?
    let all: [Sums]

    init(_ series: NightSeries, condition: [Bool], transition: Int, among conditions: [[Bool]]) {
        func sums(_ assigned: [Bool]) -> Sums {
            let skipped = transition > 0 ? StudyDesign.isTransition(assigned, nights: transition) : nil
            var sums = Sums()
            for night in 0..<series.count where skipped?[series.days[night]] != true {
                let (day, movements, hours) = (series.days[night], Double(series.counts[night]), series.hours[night])
                switch (assigned[day], condition[day]) {
                case (true, true): sums.activeCarried += movements
                case (true, false): sums.activeOther += movements
                case (false, true): sums.otherCarried += movements
                case (false, false): sums.otherOther += movements
                }
                if assigned[day] { sums.activeHours += hours } else { sums.otherHours += hours }
            }
            return sums
        }
        observed = sums(condition)
        all = conditions.map(sums)
    }
}
