// SPDX-License-Identifier: GPL-3.0-or-later
internal import Recordings

/// Joins bursts into movements across silent holds, cuts them where the leg rests, and measures them.
struct MovementFinder {
    private let leg: Leg
    private let measure: MovementMeasure
    private let parameters: DetectionParameters
    private let levelSpan: Int64
    private let holdLongest: Int64
    private let chainLongest: Int64
    private let rest: Int64
    /// The burst before `waiting`, and those not yet part of a movement.
    private var lastEnd: Int64?
    private var waiting: [Burst] = []

    init(leg: Leg, rate: Double, parameters: DetectionParameters) {
        self.leg = leg
        self.parameters = parameters
        measure = MovementMeasure(leg: leg, rate: rate, parameters: parameters)
        func samples(_ seconds: Double) -> Int64 { Int64((seconds * rate).rounded(.toNearestOrEven)) }
        levelSpan = samples(parameters.levelSpan)
        holdLongest = samples(parameters.holdLongest)
        chainLongest = samples(parameters.chainLongest)
        rest = samples(parameters.restShortest)
    }

    /// The first instant that a movement still to come may look at.
    func earliestNeeded(horizon: Int64) -> Int64 { (waiting.first?.start ?? horizon) - levelSpan }

    /// Makes all movements that are settled by the bursts before `horizon`; at the end of a stretch, all.
    mutating func advance(
        _ bursts: inout [Burst], horizon: Int64, isEnd: Bool, _ history: SignalHistory,
        to movements: inout [DetectedMovement]
    ) {
        waiting.append(contentsOf: bursts)
        bursts.removeAll(keepingCapacity: true)
        while !waiting.isEmpty, let chain = nextChain(horizon: isEnd ? .max : horizon, history) {
            append(chain, history, to: &movements)
            lastEnd = waiting[chain.count - 1].end
            waiting.removeFirst(chain.count)
        }
        if isEnd {
            waiting.removeAll()
            lastEnd = nil
        }
    }

    /// The first waiting bursts that make one movement.
    private struct Chain {
        var count: Int
        var isClosed: Bool
        var before: SIMD3<Float>
        var after: SIMD3<Float>
    }

    /// Nil while bursts or signals that decide it are still to come.
    private func nextChain(horizon: Int64, _ history: SignalHistory) -> Chain? {
        let first = waiting[0]
        guard let after = levelAfter(0, horizon, history) else { return nil }
        let before = levelBefore(0, history)
        let places = history.place(first.start)..<history.place(first.end)
        let peak = history.slow.distances(in: places, from: before).span.highest()
        let farthest = Float(parameters.returnFarthest)
        if (after - before).magnitude
            < max(Float(parameters.returnWithin), min(Float(parameters.returnFraction) * peak, farthest))
        {
            // A brief jerk that leaves a small shift may be the start of a hold.
            let mayHold =
                (after - before).magnitude >= Float(parameters.returnWithin)
                && measure(
                    first.start..<first.end, before: before, after: after, isClosed: true, bursts: 1, history
                ).duration < parameters.shortest
            if !mayHold { return Chain(count: 1, isClosed: true, before: before, after: after) }
        }
        var last = 0
        while true {
            guard last + 1 < waiting.count else {
                // Only a burst within reach can close the movement: is one still to come?
                if horizon <= waiting[last].end + holdLongest, horizon <= first.start + chainLongest { return nil }
                break
            }
            let next = waiting[last + 1]
            guard next.start - waiting[last].end <= holdLongest, next.end - first.start <= chainLongest else { break }
            guard let level = levelAfter(last + 1, horizon, history) else { return nil }
            last += 1
            let held = (levelBefore(last, history) - before).magnitude
            if (level - before).magnitude
                < max(Float(parameters.holdReturnWithin), min(Float(parameters.holdReturnFraction) * held, farthest))
            {
                return Chain(count: last + 1, isClosed: true, before: before, after: level)
            }
        }
        return Chain(count: 1, isClosed: false, before: before, after: after)
    }

    /// The rest level before a waiting burst.
    private func levelBefore(_ index: Int, _ history: SignalHistory) -> SIMD3<Float> {
        let start = waiting[index].start
        let previous = index > 0 ? waiting[index - 1].end : lastEnd ?? history.start
        return history.level(max(start - levelSpan, previous, history.start)..<start, else: start)
    }

    /// The rest level after a waiting burst; nil while it is not known.
    private func levelAfter(_ index: Int, _ horizon: Int64, _ history: SignalHistory) -> SIMD3<Float>? {
        let end = waiting[index].end
        var limit = end + levelSpan
        if index + 1 < waiting.count {
            limit = min(limit, waiting[index + 1].start)
        } else if horizon < limit {
            return nil
        }
        return history.level(end..<min(limit, history.end), else: min(end, history.end - 1))
    }

    private func append(_ chain: Chain, _ history: SignalHistory, to movements: inout [DetectedMovement]) {
        let stretch = waiting[0].start..<waiting[chain.count - 1].end
        let whole = measure(
            stretch, before: chain.before, after: chain.after, isClosed: chain.isClosed, bursts: chain.count, history)
        guard chain.isClosed, !whole.hasRhythm else {
            movements.append(whole)
            return
        }
        let cuts = restingPlaces(in: stretch, whole, history)
        guard !cuts.isEmpty else {
            movements.append(whole)
            return
        }
        let borders = [stretch.lowerBound] + cuts + [stretch.upperBound]
        let levels = [chain.before] + cuts.map { history.slow[history.place($0)] } + [chain.after]
        for piece in 0...cuts.count {
            movements.append(
                measure(
                    borders[piece]..<borders[piece + 1], before: levels[piece], after: levels[piece + 1],
                    isClosed: true, bursts: chain.count, history))
        }
    }

    /// Where the leg rests, for long enough to end a movement, inside a stretch: the middle of each rest.
    private func restingPlaces(
        in stretch: Range<Int64>, _ whole: DetectedMovement, _ history: SignalHistory
    ) -> [Int64] {
        let from = history.place(stretch.lowerBound)
        let count = stretch.count
        let fromBefore = history.wide.distances(in: from..<from + count, from: whole.levelBefore)
        let fromAfter = history.wide.distances(in: from..<from + count, from: whole.levelAfter)
        let limit = max(
            Float(parameters.returnWithin), Float(parameters.edgeFloors) * history.floor[from],
            Float(parameters.edgeFirstGuess) * fromBefore.span.highest())
        var pieces: [Range<Int>] = []
        var start: Int?
        func close(_ end: Int) {
            guard let begin = start else { return }
            if let last = pieces.last, begin - last.upperBound < rest {
                pieces[pieces.count - 1] = last.lowerBound..<end
            } else {
                pieces.append(begin..<end)
            }
            start = nil
        }
        for offset in 0..<count {
            let isAway = min(fromBefore[offset], fromAfter[offset]) > limit
            if isAway { start = start ?? offset } else { close(offset) }
        }
        close(count)
        // A rest counts only where the slow level is back too.
        let slowLimit = max(Float(parameters.returnWithin), Float(parameters.edgeFirstGuess) * whole.slowAmplitude)
        var kept: [Range<Int>] = []
        for piece in pieces {
            if let last = kept.last {
                let gap = stretch.lowerBound + Int64(last.upperBound)..<stretch.lowerBound + Int64(piece.lowerBound)
                let level = history.level(gap, else: gap.lowerBound)
                let distance = min((level - whole.levelBefore).magnitude, (level - whole.levelAfter).magnitude)
                if distance > slowLimit {
                    kept[kept.count - 1] = last.lowerBound..<piece.upperBound
                    continue
                }
            }
            kept.append(piece)
        }
        return zip(kept, kept.dropFirst()).map { stretch.lowerBound + Int64(($0.upperBound + $1.lowerBound) / 2) }
    }
}
