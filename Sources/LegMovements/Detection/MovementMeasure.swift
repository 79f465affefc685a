// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc
internal import Recordings

/// Measures a movement: its edges, sizes, angles and rhythm.
struct MovementMeasure {
    private let leg: Leg
    private let rate: Double
    private let parameters: DetectionParameters
    private let edgeReach: Int
    private let trim: Int
    private let beatJoin: Int

    init(leg: Leg, rate: Double, parameters: DetectionParameters) {
        self.leg = leg
        self.rate = rate
        self.parameters = parameters
        edgeReach = max(1, Int((parameters.edgeReach * rate).rounded(.toNearestOrEven)))
        beatJoin = Int((parameters.beatJoin * rate).rounded(.toNearestOrEven))
        trim = Int((parameters.edgeTrim * rate).rounded(.toNearestOrEven))
    }

    func callAsFunction(
        _ stretch: Range<Int64>, before: SIMD3<Float>, after: SIMD3<Float>, isClosed: Bool, bursts: Int,
        _ history: SignalHistory
    ) -> DetectedMovement {
        let places = history.place(stretch.lowerBound)..<history.place(stretch.upperBound)
        let fromBefore = history.wide.distances(in: places, from: before)
        let fromAfter = Array(history.wide.distances(in: places, from: after).reversed())
        let floor = history.floor[places.lowerBound]
        let lowest = max(Float(parameters.edgeLowest), Float(parameters.edgeFloors) * floor)
        var onset = edge(of: fromBefore, lowest)
        var offset = fromAfter.count - edge(of: fromAfter, lowest)
        if offset - onset > 4 * trim {
            onset += trim
            offset -= trim
        }
        let slowFromBefore = history.slow.distances(in: places, from: before)
        var farthest = 0
        for index in slowFromBefore.indices where slowFromBefore[index] > slowFromBefore[farthest] { farthest = index }
        let envelopePeak = history.envelope.span.extracting(places).highest()
        let amplitude = fromBefore.span.highest()
        let seconds = Double(offset - onset) / rate
        let rhythm =
            seconds < parameters.rhythmShortest
            ? Rhythm() : rhythm(of: history, places.lowerBound + onset..<places.lowerBound + offset, seconds)
        let hasRhythm =
            Double(rhythm.height) >= parameters.rhythmHeight
            && seconds >= parameters.rhythmCycles * Double(rhythm.period)
            && bursts == 1
        let moving = Array(fromBefore[onset..<max(onset + 1, offset)])
        // A fifth of the time nearer to rest than this: a train of taps rests between them, a long wriggle does not.
        let resting = moving.value(ofRank: Int(0.2 * Double(moving.count - 1))) / max(amplitude, 1e-9)
        let beats = beats(
            in: fromBefore[onset..<max(onset + 1, offset)],
            above: max(lowest, Float(parameters.edgeFraction) * amplitude))
        return DetectedMovement(
            leg: leg,
            onset: Double(stretch.lowerBound + Int64(onset)) / rate,
            offset: Double(stretch.lowerBound + Int64(offset)) / rate,
            amplitude: amplitude, slowAmplitude: slowFromBefore[farthest], envelopePeak: envelopePeak,
            floor: floor, tilt: Self.angle(before, history.slow[places.lowerBound + farthest]),
            lastingAngle: Self.angle(before, after), isClosed: isClosed, burstCount: bursts, levelBefore: before,
            levelAfter: after,
            rhythmHeight: rhythm.height, rhythmPeriod: rhythm.period, hasRhythm: hasRhythm,
            isRhythmic: hasRhythm && Double(resting) <= parameters.rhythmRest, restingShare: resting,
            beats: beats == [0] ? [] : beats.map { Double(stretch.lowerBound + Int64(onset + $0)) / rate },
            trace: EnvelopeTrace(firstTenth: 0, values: []))
    }

    /// The first place where a displacement passes a share of its peak nearby, from a first guess low on its flank.
    private func edge(of displacement: [Float], _ lowest: Float) -> Int {
        let peak = displacement.span.highest()
        let guess = displacement.firstIndex { $0 > max(lowest, Float(parameters.edgeFirstGuess) * peak) } ?? 0
        let nearPeak = displacement.span.extracting(guess..<min(guess + edgeReach, displacement.count)).highest()
        let limit = max(lowest, Float(parameters.edgeFraction) * nearPeak)
        return displacement[guess...].firstIndex { $0 > limit } ?? guess
    }

    /// The places, from the slice's start, where a displacement rises above a limit after a rest; the start if it never does.
    private func beats(in displacement: ArraySlice<Float>, above limit: Float) -> [Int] {
        var beats: [Int] = []
        var end = -beatJoin
        for place in displacement.indices where displacement[place] > limit {
            let offset = place - displacement.startIndex
            if beats.isEmpty || offset - end >= max(1, beatJoin) { beats.append(offset) }
            end = offset + 1
        }
        return beats.isEmpty ? [0] : beats
    }

    /// Degrees between two directions.
    static func angle(_ one: SIMD3<Float>, _ other: SIMD3<Float>) -> Float {
        let lengths = one.magnitude * other.magnitude
        guard lengths > 0 else { return 0 }
        return Float(acos(Double(max(-1, min(1, (one * other).sum() / lengths)))) * 180 / .pi)
    }

    /// The period of an envelope and how well it repeats.
    private struct Rhythm {
        var height: Float = 0
        var period: Float = 0
    }

    /// The best rhythm over the whole of a movement and, where it is long, over its halves.
    private func rhythm(of history: SignalHistory, _ places: Range<Int>, _ seconds: Double) -> Rhythm {
        let hop = max(1, Int((rate / 25).rounded(.toNearestOrEven)))
        let values = stride(from: places.lowerBound, to: places.upperBound, by: hop).map { history.envelope[$0] }
        let sampling = rate / Double(hop)
        var best = rhythm(of: values[...], sampling)
        guard seconds >= 2.5 * parameters.rhythmShortest else { return best }
        for half in [values[..<(values.count / 2)], values[(values.count / 2)...]] {
            let other = rhythm(of: half, sampling)
            if other.height > best.height || (other.height == best.height && other.period > best.period) {
                best = other
            }
        }
        return best
    }

    private func rhythm(of values: ArraySlice<Float>, _ sampling: Double) -> Rhythm {
        let count = values.count
        let longest = min(count / 2, Int(parameters.rhythmLongestPeriod * sampling))
        guard Double(count) >= 2 * sampling, longest >= 3 else { return Rhythm() }
        let mean = values.reduce(0) { $0 + Double($1) } / Double(count)
        let centred = values.map { Double($0) - mean }
        var correlation: [Double] = []
        for lag in 0...longest {
            let (one, other) = (centred.span.extracting(0..<count - lag), centred.span.extracting(lag..<count))
            var (product, early, late) = (0.0, 0.0, 0.0)
            for index in 0..<one.count {
                product += one[index] * other[index]
                early += one[index] * one[index]
                late += other[index] * other[index]
            }
            correlation.append(product / max(1e-9, early * late).squareRoot())
        }
        guard let dip = correlation.firstIndex(where: { $0 < 0 }), dip < longest - 1 else { return Rhythm() }
        let beyond = correlation[dip...]
        guard let top = beyond.max(), top > 0 else { return Rhythm() }
        let peak =
            beyond.indices.dropFirst().dropLast().first {
                beyond[$0] >= beyond[$0 - 1] && beyond[$0] >= beyond[$0 + 1] && beyond[$0] >= 0.8 * top
            } ?? beyond.firstIndex(of: top) ?? dip
        return Rhythm(height: Float(beyond[peak]), period: Float(Double(peak) / sampling))
    }
}

extension [Float] {
    /// The value that has so many values before it in ascending order, by Hoare's quickselect.
    ///
    /// - Precondition: the rank is below the count.
    /// - Complexity: O(*n*) on average
    func value(ofRank rank: Int) -> Float {
        precondition(indices.contains(rank), "rank \(rank) of \(count) values")
        var copy = self
        var values = copy.mutableSpan
        var (low, high) = (0, count - 1)
        while low < high {
            let pivot = values[(low + high) / 2]
            var (left, right) = (low, high)
            while left <= right {
                while values[left] < pivot { left += 1 }
                while values[right] > pivot { right -= 1 }
                if left <= right {
                    values.swapAt(left, right)
                    left += 1
                    right -= 1
                }
            }
            if rank <= right {
                high = right
            } else if rank >= left {
                low = left
            } else {
                break
            }
        }
        return values[rank]
    }
}
