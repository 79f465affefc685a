// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings

/// How well two lists of a night's leg movements agree, movement by movement.
///
/// Compared are the movements of single legs as the rules see them: those with less than half a second between them as one, those
/// shorter than that left out, none that is posture, gait, a rhythmic train or an artefact. Two are the same if they overlap and begin at
/// most ``largestShift`` apart; each is paired at most once.
public struct MovementAgreement: Hashable, Sendable {
    /// One movement, in one list or in both.
    public struct Pair: Hashable, Sendable {
        /// As the reference has it; nil where it has none.
        public let reference: LegMovement?
        /// As the list under test has it; nil where it has none.
        public let test: LegMovement?

        /// The leg.
        public var leg: Leg { (reference ?? test)?.leg ?? .left }
        /// The earlier onset.
        public var onset: Milliseconds { min(reference?.onset ?? .max, test?.onset ?? .max) }
        /// How much later the list under test has the onset; nil where a list has none.
        public var shift: Milliseconds? { reference.flatMap { reference in test.map { $0.onset - reference.onset } } }
    }

    /// The furthest that two onsets of one movement lie apart: a second.
    public static let largestShift: Milliseconds = 1000

    /// All movements of both lists, by onset.
    public let pairs: [Pair]
    /// The movements in both lists.
    public let matchedCount: Int
    /// Those of the reference alone.
    public let missedCount: Int
    /// Those of the list under test alone.
    public let extraCount: Int

    /// Compares two lists under the durations of a set of rules; only legs that both recorded are compared.
    ///
    /// - Complexity: O(*n* log *n*)
    public init(reference: MovementNight, test: MovementNight, under rules: ScoringRules = .wasm2016) {
        var pairs: [Pair] = []
        for leg in Leg.allCases where reference.gaps[leg] != nil && test.gaps[leg] != nil {
            pairs += Self.pairs(
                Self.movements(of: leg, reference, rules), Self.movements(of: leg, test, rules))
        }
        self.pairs = pairs.sorted { ($0.onset, $0.leg.rawValue) < ($1.onset, $1.leg.rawValue) }
        matchedCount = pairs.count { $0.reference != nil && $0.test != nil }
        missedCount = pairs.count { $0.test == nil }
        extraCount = pairs.count { $0.reference == nil }
    }

    /// The share of the list under test that the reference has too; nil where the list is empty.
    public var precision: Double? { Self.share(matchedCount, of: matchedCount + extraCount) }
    /// The share of the reference that the list under test has too; nil where the reference is empty.
    public var recall: Double? { Self.share(matchedCount, of: matchedCount + missedCount) }
    /// The harmonic mean of both; nil where both lists are empty.
    public var f1: Double? { Self.share(2 * matchedCount, of: 2 * matchedCount + missedCount + extraCount) }
    /// The median of how far the onsets of matched movements lie apart, in ms; nil without any.
    public var medianShift: Double? {
        let shifts = pairs.compactMap { $0.shift.map(abs) }.sorted()
        guard !shifts.isEmpty else { return nil }
        return Double(shifts[(shifts.count - 1) / 2] + shifts[shifts.count / 2]) / 2
    }

    private static func share(_ part: Int, of whole: Int) -> Double? { whole == 0 ? nil : Double(part) / Double(whole) }

    private static func movements(of leg: Leg, _ night: MovementNight, _ rules: ScoringRules) -> [LegMovement] {
        night.movements.filter { $0.leg == leg }.singleLegMovements(under: rules, cutAt: night.missing)
            .filter { $0.exclusion == nil }
    }

    /// Both lists are free of overlaps, so to take the first that fits is to take the most.
    private static func pairs(_ reference: [LegMovement], _ test: [LegMovement]) -> [Pair] {
        var pairs: [Pair] = []
        var next = 0
        for movement in reference {
            while next < test.count,
                test[next].offset <= movement.onset || test[next].onset < movement.onset - largestShift
            {
                pairs.append(Pair(reference: nil, test: test[next]))
                next += 1
            }
            if next < test.count, test[next].onset < movement.offset, test[next].onset <= movement.onset + largestShift
            {
                pairs.append(Pair(reference: movement, test: test[next]))
                next += 1
            } else {
                pairs.append(Pair(reference: movement, test: nil))
            }
        }
        return pairs + test[next...].map { Pair(reference: nil, test: $0) }
    }
}

/// Two measurements of the same things, by their differences (Bland and Altman, Lancet 1986;327:307-310).
public struct BlandAltman: Hashable, Sendable {
    /// How many things were measured twice.
    public let count: Int
    /// The mean of the differences, second less first; nil without any.
    public let bias: Double?
    /// Their standard deviation; nil below two.
    public let standardDeviation: Double?

    /// Takes pairs of measurements.
    public init(_ pairs: some Collection<(first: Double, second: Double)>) {
        count = pairs.count
        guard !pairs.isEmpty else {
            (bias, standardDeviation) = (nil, nil)
            return
        }
        let differences = pairs.map { $0.second - $0.first }
        let mean = differences.reduce(0, +) / Double(count)
        bias = mean
        standardDeviation =
            count < 2
            ? nil : (differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)).squareRoot()
    }

    /// The normal quantile between which 95 % of differences lie.
    private static let quantile = 1.96

    /// The limits of agreement: where 95 % of the differences lie, if they are normal; nil below two.
    public var limits: ClosedRange<Double>? {
        guard let bias, let standardDeviation else { return nil }
        return bias - Self.quantile * standardDeviation...bias + Self.quantile * standardDeviation
    }
}
