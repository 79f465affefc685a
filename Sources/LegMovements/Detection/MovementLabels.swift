// SPDX-License-Identifier: GPL-3.0-or-later
internal import Recordings

/// Says what each detected movement is: a leg movement, a change of posture, gait, a rhythmic train, or no movement of the leg.
///
/// Works on one leg or two; with two, movements at the same time are seen together.
struct MovementLabels {
    /// A movement as it was before a train took it in or took its place.
    struct Replaced: Sendable {
        /// Its place among the leg's movements as they were.
        var place: Int
        var movement: DetectedMovement
        /// Whether the train stands in its place.
        var isTrain: Bool
    }

    /// One leg's movements and the stretches with data.
    private struct Side {
        var movements: [DetectedMovement]
        var coverage: [Range<Double>]
        var replaced: [Replaced] = []
        var turns: [Bool] = []
        var turnsWithOthers: [Bool] = []
        var walks: [Bool] = []
        var isGait: [Bool] = []
        /// For each movement, those of the other leg at the same time.
        var partners: [Range<Int>] = []
    }

    private let parameters: DetectionParameters
    private var sides: [Side]

    /// Names the movements of the legs in their place; what trains replaced, leg by leg.
    static func label(_ legs: inout [DetectedNight.LegResult], parameters: DetectionParameters) -> [[Replaced]] {
        precondition((1...2).contains(legs.count), "\(legs.count) legs")
        var sides: [Side] = []
        for leg in legs.indices {
            sides.append(Side(movements: legs[leg].movements, coverage: legs[leg].coverage))
            // Named where they lie: a week's movements are not held twice.
            legs[leg].movements = []
        }
        var labels = MovementLabels(parameters: parameters, sides: sides)
        sides = []
        labels.run()
        for leg in legs.indices { swap(&legs[leg].movements, &labels.sides[leg].movements) }
        return labels.sides.map(\.replaced)
    }

    /// The movements as they were before they were named, but for their names.
    static func unjoined(_ named: [DetectedMovement], _ replaced: [Replaced]) -> [DetectedMovement] {
        guard !replaced.isEmpty else { return named }
        var movements: [DetectedMovement] = []
        movements.reserveCapacity(named.count + replaced.count { !$0.isTrain })
        var next = 0
        for old in replaced {
            let untouched = next..<next + old.place - movements.count
            movements += named[untouched]
            movements.append(old.movement)
            next = untouched.upperBound + (old.isTrain ? 1 : 0)
        }
        return movements + named[next...]
    }

    private init(parameters: DetectionParameters, sides: [Side]) {
        self.parameters = parameters
        self.sides = sides
    }

    private mutating func run() {
        findPartners()
        findTurns()
        for side in sides.indices { joinTrains(side) }
        findPartners()
        findGait()
        for side in sides.indices {
            let walks = sides[side].movements.indices.filter { sides[side].isGait[$0] }
            for index in sides[side].movements.indices {
                sides[side].movements[index].kind = kind(of: index, side, walks)
            }
        }
        for side in sides.indices { findAlternation(side) }
    }

    private func kind(of index: Int, _ side: Int, _ walks: [Int]) -> DetectedMovement.Kind {
        let own = sides[side]
        let movement = own.movements[index]
        let partners = self.partners(of: index, side)
        if movement.duration < parameters.shortest, !movement.isTrain { return .short }
        if own.isGait[index] || walks.contains(where: { isOutOfBed(index, side, walk: $0) }) { return .gait }
        if own.turnsWithOthers[index] { return .posture }
        let isBesideRhythm =
            movement.duration >= parameters.rhythmShortest
            && Double(movement.rhythmHeight) >= parameters.rhythmHeightBesideAnother
            && partners.contains(where: \.isRhythmic)
        if movement.isRhythmic || movement.isTrain || own.walks[index] || isBesideRhythm { return .rhythmic }
        if Double(movement.amplitude) < parameters.smallestWide,
            Double(movement.slowAmplitude) < parameters.smallestSlow
        {
            return .small
        }
        return partners.contains(where: { isBedMotion(movement, beside: $0) }) ? .artefact : .legMovement
    }

    // MARK: Two legs

    private func partners(of index: Int, _ side: Int) -> ArraySlice<DetectedMovement> {
        guard sides.count == 2 else { return [] }
        return sides[1 - side].movements[sides[side].partners[index]]
    }

    /// Movements of a leg are disjoint and in order, so those near another's form a range.
    private mutating func findPartners() {
        for side in sides.indices {
            guard sides.count == 2 else {
                sides[side].partners = sides[side].movements.map { _ in 0..<0 }
                continue
            }
            let others = sides[1 - side].movements
            var first = 0
            sides[side].partners = sides[side].movements.map { movement in
                while first < others.count, others[first].offset + parameters.pairNearness <= movement.onset {
                    first += 1
                }
                var last = first
                while last < others.count, others[last].onset < movement.offset + parameters.pairNearness { last += 1 }
                return first..<last
            }
        }
    }

    private func isBedMotion(_ movement: DetectedMovement, beside other: DetectedMovement) -> Bool {
        let correlation = largestCorrelation(movement, other)
        let ratio = Double(movement.envelopePeak / max(other.envelopePeak, .leastNormalMagnitude))
        let largest = parameters.commonLargestSlow
        if correlation >= parameters.commonCorrelation,
            Double(max(movement.slowAmplitude, other.slowAmplitude)) < largest,
            ratio < parameters.commonSizeRatio, ratio > 1 / parameters.commonSizeRatio
        {
            return true
        }
        return correlation >= parameters.echoCorrelation && ratio < parameters.echoSizeRatio
            && Double(movement.slowAmplitude) < largest
    }

    /// The largest correlation of the two legs' envelopes with one shifted against the other: two clocks are never one.
    private func largestCorrelation(_ one: DetectedMovement, _ other: DetectedMovement) -> Double {
        let reach = Self.correlationReach(parameters)
        return (-reach...reach).map { Self.correlation(one, other, lag: $0) }.max() ?? 0
    }

    /// The largest lag that envelopes are compared at, in tenths of a second.
    static func correlationReach(_ parameters: DetectionParameters) -> Int64 {
        Int64((parameters.commonLargestLag * EnvelopeTrace.rate).rounded())
    }

    /// The correlation of the two legs' envelopes around two movements, the other one read `lag` tenths of a second later.
    private static func correlation(_ one: DetectedMovement, _ other: DetectedMovement, lag: Int64 = 0) -> Double {
        let margin = 0.3
        let tenths = EnvelopeTrace.rate
        let shift = Double(lag) / tenths
        let start = max(
            Int64(((min(one.onset, other.onset - shift) - margin) * tenths).rounded(.up)), one.trace.tenths.lowerBound,
            other.trace.tenths.lowerBound - lag)
        let end = min(
            Int64(((max(one.offset, other.offset - shift) + margin) * tenths).rounded(.down)) + 1,
            one.trace.tenths.upperBound, other.trace.tenths.upperBound - lag)
        guard end - start >= 3 else { return 0 }
        let pairs = (start..<end).map { (Double(one.trace[$0]), Double(other.trace[$0 + lag])) }
        let count = Double(pairs.count)
        let means = (pairs.reduce(0) { $0 + $1.0 } / count, pairs.reduce(0) { $0 + $1.1 } / count)
        var (product, first, second) = (0.0, 0.0, 0.0)
        for pair in pairs {
            let (a, b) = (pair.0 - means.0, pair.1 - means.1)
            product += a * b
            first += a * a
            second += b * b
        }
        return product / max(1e-9, first * second).squareRoot()
    }

    /// Marks the rhythmic trains whose beats fall between those of the other leg's train.
    private mutating func findAlternation(_ side: Int) {
        for index in sides[side].movements.indices {
            let movement = sides[side].movements[index]
            sides[side].movements[index].alternates =
                movement.kind == .rhythmic
                && partners(of: index, side).contains {
                    $0.kind == .rhythmic && Self.correlation(movement, $0) < 0
                }
        }
    }

    // MARK: Posture

    private mutating func findTurns() {
        for side in sides.indices {
            sides[side].turns = sides[side].movements.map {
                !$0.isClosed && Double($0.lastingAngle) >= parameters.postureAngle
            }
        }
        for side in sides.indices {
            sides[side].turnsWithOthers = sides[side].movements.indices.map { turnsWithOthers($0, side) }
        }
    }

    private func turnsWithOthers(_ index: Int, _ side: Int) -> Bool {
        let own = sides[side]
        if own.turns[index] { return true }
        let movement = own.movements[index]
        guard Double(movement.lastingAngle) >= parameters.postureAngleBesideAnother else { return false }
        if sides.count == 2 {
            let other = sides[1 - side]
            if own.partners[index].contains(where: {
                other.turns[$0] && Double(other.movements[$0].lastingAngle) >= parameters.postureAngleOfOther
            }) {
                return true
            }
        }
        guard !movement.isClosed else { return false }
        return [index - 1, index + 1].contains { neighbour in
            guard own.movements.indices.contains(neighbour), own.turns[neighbour] else { return false }
            let near = own.movements[neighbour]
            return max(near.onset - movement.offset, movement.onset - near.offset) < parameters.postureNearness
        }
    }

    // MARK: Trains

    /// Joins brief movements that follow each other evenly, as slow foot tapping does, into the first of them.
    private mutating func joinTrains(_ side: Int) {
        let own = sides[side]
        let brief = own.movements.indices.filter { index in
            let movement = own.movements[index]
            return movement.isClosed && !own.turnsWithOthers[index] && movement.burstCount == 1 && !movement.isRhythmic
                && movement.duration > 0 && Double(movement.amplitude) >= parameters.smallestWide
                && (movement.duration <= parameters.trainLongestBurst
                    || Double(movement.restingShare) <= parameters.rhythmRest)
        }
        var dropped: Set<Int> = []
        // Where the trains end, by the place of their first movement.
        var offsets: [Int: Double] = [:]
        var start = 0
        while start < brief.count {
            var end = start
            var beats = own.movements[brief[start]].beatOnsets
            while end + 1 < brief.count, let last = beats.last,
                let next = own.movements[brief[end + 1]].beatOnsets.first,
                next - last <= parameters.rhythmLongestPeriod
            {
                end += 1
                beats += own.movements[brief[end]].beatOnsets
            }
            if isTrain(beats) {
                let train = brief[start...end]
                sides[side].replaced += train.map {
                    Replaced(place: $0, movement: own.movements[$0], isTrain: $0 == brief[start])
                }
                offsets[brief[start]] = train.map { own.movements[$0].offset }.max() ?? 0
                dropped.formUnion(train.dropFirst())
            }
            start = end + 1
        }
        guard !offsets.isEmpty else { return }
        let kept = own.movements.indices.filter { !dropped.contains($0) }
        sides[side].movements = kept.map { place in
            var movement = own.movements[place]
            if let offset = offsets[place] { (movement.isTrain, movement.offset) = (true, offset) }
            return movement
        }
        sides[side].turns = kept.map { own.turns[$0] }
        sides[side].turnsWithOthers = kept.map { own.turnsWithOthers[$0] }
    }

    /// Whether beats are enough, near and even enough, and go on for long enough.
    private func isTrain(_ beats: [Double]) -> Bool {
        let intervals = zip(beats.dropFirst(), beats).map { $0 - $1 }
        guard Double(beats.count) >= parameters.rhythmCycles, let longest = intervals.max(),
            let shortest = intervals.min(),
            let first = beats.first, let last = beats.last
        else { return false }
        return last - first >= parameters.trainShortest && longest <= parameters.rhythmLongestPeriod
            && longest <= parameters.trainEvenness * shortest
    }

    // MARK: Gait

    private mutating func findGait() {
        // The ends of all movements that raised or lowered a shank.
        let risings = sides.flatMap { side in
            side.movements.indices.filter { isRising($0, side) }.map { side.movements[$0].offset }
        }.sorted()
        for side in sides.indices {
            sides[side].walks = sides[side].movements.indices.map { isWalk($0, side) }
            sides[side].isGait = sides[side].movements.indices.map { index in
                guard sides[side].walks[index] else { return false }
                let onset = sides[side].movements[index].onset
                return isRising(index, sides[side])
                    || risings.contains { $0 <= onset && onset - $0 <= parameters.risingReach }
            }
        }
        // Later walks of the same outing; twice, so that a walk beyond a walk is found.
        for _ in 0..<2 {
            for side in sides.indices {
                for index in sides[side].movements.indices
                where !sides[side].isGait[index] && isStrongRhythm(sides[side].movements[index]) {
                    let walks = sides[side].movements.indices.filter { sides[side].isGait[$0] }
                    if walks.contains(where: { isOutOfBed(index, side, walk: $0) }) { sides[side].isGait[index] = true }
                }
            }
        }
    }

    private func isRising(_ index: Int, _ side: Side) -> Bool {
        side.turns[index] && Double(side.movements[index].lastingAngle) >= parameters.risingAngle
    }

    private func isStrongRhythm(_ movement: DetectedMovement) -> Bool {
        movement.hasRhythm && Double(movement.envelopePeak) >= parameters.gaitEnvelope
            && Double(movement.slowAmplitude) >= parameters.gaitSwing
    }

    private func isWalk(_ index: Int, _ side: Int) -> Bool {
        let movement = sides[side].movements[index]
        guard isStrongRhythm(movement), Double(movement.rhythmPeriod) <= parameters.gaitLongestPeriod else {
            return false
        }
        // Both legs walk, where both are recorded.
        guard sides.count == 2,
            sides[1 - side].coverage.contains(where: {
                $0.lowerBound <= movement.onset && movement.offset <= $0.upperBound
            })
        else { return true }
        return partners(of: index, side).contains { Double($0.envelopePeak) >= parameters.gaitEnvelope }
    }

    /// Whether a movement lies in the same upright stretch as a walk: after it or shortly before it, with no turn between.
    private func isOutOfBed(_ index: Int, _ side: Int, walk: Int) -> Bool {
        let own = sides[side]
        let movement = own.movements[index]
        let gait = own.movements[walk]
        guard index != walk, !own.isGait[index], gait.duration >= parameters.outingShortestWalk else { return false }
        if movement.onset >= gait.offset {
            guard movement.onset - gait.offset <= parameters.outingLongest,
                Double(MovementMeasure.angle(movement.levelBefore, gait.levelAfter)) <= parameters.uprightTolerance
            else { return false }
            return !own.movements.indices.contains {
                $0 != walk && isRising($0, own) && own.movements[$0].onset > gait.onset
                    && own.movements[$0].onset < movement.onset
            }
        }
        guard movement.offset <= gait.onset, !own.turns[index], gait.onset - movement.offset <= parameters.outingLead,
            Double(MovementMeasure.angle(movement.levelBefore, gait.levelBefore)) <= parameters.uprightTolerance
        else { return false }
        return !own.movements.indices.contains {
            isRising($0, own) && own.movements[$0].onset > movement.onset && own.movements[$0].onset < gait.onset
        }
    }
}
