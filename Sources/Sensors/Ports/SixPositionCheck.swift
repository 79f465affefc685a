// SPDX-License-Identifier: GPL-3.0-or-later

/// Finds out what three numbers of an unknown board mean: it lies still on each of its six sides in turn, in any order.
///
/// Gravity is the only acceleration that everybody has at hand. Each axis must have it once upwards and once downwards: then the
/// three numbers are the axes of one accelerometer, and what 1 g reads as is known. Touches no port and asks no clock.
public struct SixPositionCheck: Hashable, Sendable {
    /// A side that lies up: one axis, one sign.
    public struct Side: Hashable, Sendable {
        /// 0 to 2: x, y, z as the board prints them.
        public var axis: Int
        /// Whether the axis reads upwards.
        public var isPositive: Bool

        /// Its name: `+x`.
        public var name: String { (isPositive ? "+" : "-") + ["x", "y", "z"][axis] }
    }

    /// What became of a sample.
    public enum Answer: Hashable, Sendable {
        /// Nothing new.
        case wait
        /// It lay still for long enough on a side that is new; so many are missing.
        case seen(Side, missing: Int)
        /// It lies still on a side that was there already.
        case known(Side)
        /// It lies still and no axis points up or down: on an edge, or this is no accelerometer.
        case tilted
        /// All six are there.
        case finished
    }

    /// What was found.
    public struct Result: Hashable, Sendable {
        /// What 1 g reads as.
        public var gravity: Double
        /// What each axis reads without any acceleration.
        public var offsets: [Double]
        /// What 1 g reads as on each axis.
        public var gravities: [Double]

        /// The unit, in words.
        public var unit: String {
            switch gravity {
            case 0.9...1.1: "g"
            case 9...10.6: "m/s²"
            case 900...1100: "mg"
            default: "counts"
            }
        }

        /// What is wrong, in words; empty if nothing is.
        public var problems: [String] {
            var problems: [String] = []
            for (axis, own) in gravities.enumerated() {
                let name = ["x", "y", "z"][axis]
                if abs(own / gravity - 1) > SixPositionCheck.largestDifference {
                    problems.append(
                        "1 g reads as \(SixPositionCheck.short(own)) on \(name) and as \(SixPositionCheck.short(gravity)) on average: "
                            + "are these three axes of one accelerometer?")
                }
                if abs(offsets[axis]) > SixPositionCheck.largestOffset * gravity {
                    problems.append(
                        "\(name) reads \(SixPositionCheck.short(offsets[axis])) without any acceleration: is it an axis of an accelerometer?"
                    )
                }
            }
            return problems
        }
    }

    /// Seconds that it must lie still.
    public static let stillness = 2.0
    /// The noise of a still sensor, as a share of gravity.
    private static let largestNoise = 0.03
    /// An axis points up or down where it has so much of gravity: within 37° of upright.
    private static let smallestShare = 0.8
    fileprivate static let largestDifference = 0.15
    fileprivate static let largestOffset = 0.25
    private static let fewestSamples = 20

    private var start: Double?
    private var sums = [0.0, 0.0, 0.0]
    private var squares = [0.0, 0.0, 0.0]
    /// What is subtracted before squaring: sums of large numbers would lose their ends.
    private var origin = [0.0, 0.0, 0.0]
    private var count = 0
    private var means: [Side: [Double]] = [:]
    /// What was said of the position that it lies in; said once.
    private var last: Answer?

    /// A check that has seen nothing yet.
    public init() {}

    /// The sides that were not yet up.
    public var missing: [Side] {
        (0..<3).flatMap { [Side(axis: $0, isPositive: true), Side(axis: $0, isPositive: false)] }
            .filter { means[$0] == nil }
    }

    /// Takes a sample.
    ///
    /// - Parameters:
    ///   - values: its three numbers.
    ///   - time: when it came, in seconds.
    public mutating func take(_ values: [Double], at time: Double) -> Answer {
        precondition(values.count == 3, "\(values.count) numbers are no three axes")
        guard !missing.isEmpty else { return .finished }
        guard let start else {
            begin(values, time)
            return .wait
        }
        for axis in 0..<3 {
            let value = values[axis] - origin[axis]
            sums[axis] += value
            squares[axis] += value * value
        }
        count += 1
        let mean = (0..<3).map { origin[$0] + sums[$0] / Double(count) }
        let size = (mean[0] * mean[0] + mean[1] * mean[1] + mean[2] * mean[2]).squareRoot()
        let noise = (0..<3).map { axis in
            max(0, squares[axis] / Double(count) - (sums[axis] / Double(count)) * (sums[axis] / Double(count)))
                .squareRoot()
        }
        guard count < Self.fewestSamples || noise.allSatisfy({ $0 <= Self.largestNoise * size }) else {
            // It moves: a stay begins anew.
            begin(values, time)
            last = nil
            return .wait
        }
        guard time - start >= Self.stillness, count >= Self.fewestSamples else { return .wait }
        defer { begin(values, time) }
        return judge(mean, size)
    }

    private mutating func judge(_ mean: [Double], _ size: Double) -> Answer {
        let axis = (0..<3).max { abs(mean[$0]) < abs(mean[$1]) } ?? 0
        var answer: Answer
        if size <= 0 || abs(mean[axis]) < Self.smallestShare * size {
            answer = .tilted
        } else {
            let side = Side(axis: axis, isPositive: mean[axis] > 0)
            if means[side] != nil {
                answer = .known(side)
                // Where it just was seen, it still lies.
                if case .seen(side, _) = last { return .wait }
            } else {
                means[side] = mean
                answer = .seen(side, missing: missing.count)
            }
        }
        defer { last = answer }
        if missing.isEmpty { return .finished }
        return answer == last ? .wait : answer
    }

    private mutating func begin(_ values: [Double], _ time: Double) {
        start = time
        origin = values
        sums = [0, 0, 0]
        squares = [0, 0, 0]
        count = 1
    }

    /// What was found; nil before all six sides were up.
    public var result: Result? {
        var offsets: [Double] = []
        var gravities: [Double] = []
        for axis in 0..<3 {
            guard let up = means[Side(axis: axis, isPositive: true)]?[axis],
                let down = means[Side(axis: axis, isPositive: false)]?[axis]
            else { return nil }
            offsets.append((up + down) / 2)
            gravities.append((up - down) / 2)
        }
        return Result(gravity: gravities.reduce(0, +) / 3, offsets: offsets, gravities: gravities)
    }

    /// A number for people, of three digits.
    private static func short(_ value: Double) -> String {
        abs(value) >= 100 ? String(Int(value.rounded())) : String((value * 100).rounded() / 100)
    }
}
