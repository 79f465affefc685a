// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// Rest and sleep as leg movement alone lets one guess them.
///
/// The rest interval is the longest stretch of sustained inactivity by the direction of the leg (the rule of HDCZA: van Hees et
/// al., Sci Rep 2018;8:12975, made for the wrist and a z-angle; here the change of the gravity vector). Sleep is decided minute
/// by minute by the weights of Cole and Kripke (Sleep 1992;15:461-469) on activity from which candidate leg movements are
/// blanked, since a leg sensor would otherwise call every one of them wake. Neither was validated on the leg; wrist actigraphy
/// itself calls much quiet wake sleep.
struct SleepEstimate {
    let parameters: DetectionParameters
    let night: DetectedNight

    static let epoch: Milliseconds = 60_000
    /// A year, in seconds: what lasts longer has a wrong time stamp, and is neither rest nor sleep.
    private static let longest = 366.0 * 86_400
    /// The minutes before, at and after, of Cole and Kripke's weights.
    private static let weights: [Double] = [106, 54, 58, 76, 230, 74, 67]
    private static let minutesBefore = 4
    /// Fewer seconds with data leave a minute unscored.
    private static let fewestSeconds = 30

    /// The estimated rest interval in seconds since the Unix epoch; nil where the recording is no whole night, or no inactivity
    /// lasted long enough.
    func restInterval() -> Range<Double>? {
        let length = night.end - night.start
        guard length >= parameters.restShortestRecording, length <= Self.longest else { return nil }
        let span = Double(LegActivity.directionSpan)
        let first = Int64((night.start / span).rounded(.down))
        let last = Int64((night.end / span).rounded(.up))
        // The larger change of both legs: rest is rest of both.
        let series = night.legs.map(\.activity.turns)
        var changes: [Double] = []
        changes.reserveCapacity(Int(last - first))
        for place in first..<last {
            changes.append(series.compactMap { $0[place] }.max().map { Double($0) } ?? .nan)
        }
        let medians = Self.rollingMedians(changes, window: Int(parameters.restWindow / span))
        let known = medians.filter(\.isFinite).sorted()
        guard !known.isEmpty else { return nil }
        let limit = min(
            parameters.restHighestAngle,
            max(parameters.restLowestAngle, parameters.restPercentileFactor * known[(known.count - 1) / 10]))
        var blocks: [Range<Int>] = []
        var start: Int?
        for index in 0...medians.count {
            let isStill = index < medians.count && medians[index] < limit
            if isStill { start = start ?? index }
            if !isStill, let begin = start {
                if Double(index - begin) * span >= parameters.restShortestBlock { blocks.append(begin..<index) }
                start = nil
            }
        }
        var joined: [Range<Int>] = []
        for block in blocks {
            if let previous = joined.last,
                Double(block.lowerBound - previous.upperBound) * span < parameters.restLongestGap
            {
                joined[joined.count - 1] = previous.lowerBound..<block.upperBound
            } else {
                joined.append(block)
            }
        }
        guard let longest = joined.max(by: { $0.count < $1.count }) else { return nil }
        let interval =
            Double(first + Int64(longest.lowerBound)) * span..<Double(first + Int64(longest.upperBound)) * span
        return interval.clamped(to: night.start..<night.end)
    }

    /// Sleep and wake minute by minute from the start of the night; wake outside of the rest interval. Nil for a span of years.
    func hypnogram(rest: Range<Double>) -> Hypnogram? {
        let end = night.end - night.start <= Self.longest ? night.end : rest.upperBound
        guard end - night.start <= Self.longest else { return nil }
        let minutes = Int(((end - night.start) / 60).rounded(.down))
        var activity = [Double](repeating: .nan, count: minutes)
        for result in night.legs {
            for (minute, value) in minuteActivity(of: result, count: minutes).enumerated() where value.isFinite {
                activity[minute] = activity[minute].isFinite ? max(activity[minute], value) : value
            }
        }
        let total = Self.weights.reduce(0, +)
        let stages = (0..<minutes).map { minute -> SleepStage in
            guard activity[minute].isFinite else { return .unscored }
            let middle = night.start + Double(minute) * 60 + 30
            guard rest.contains(middle) else { return .wake }
            var sum = 0.0
            for (place, weight) in Self.weights.enumerated() {
                let other = minute + place - Self.minutesBefore
                guard activity.indices.contains(other), activity[other].isFinite else { continue }
                sum += weight * activity[other]
            }
            return sum / total > parameters.wakeActivity ? .wake : .sleep
        }
        var runs: [(stage: SleepStage, count: Int)] = []
        for stage in stages {
            if let last = runs.last, last.stage == stage {
                runs[runs.count - 1].count += 1
            } else {
                runs.append((stage, 1))
            }
        }
        return Hypnogram(epochLength: Self.epoch, runs: runs)
    }

    /// Mean activity in mg of each minute, candidate leg movements blanked; NaN where there are too few data.
    private func minuteActivity(of result: DetectedNight.LegResult, count: Int) -> [Double] {
        var sums = [Double](repeating: 0, count: count)
        var seconds = [Int](repeating: 0, count: count)
        // The rules' own limit; the filter's rise belongs to the movement.
        let blanked = result.movements.filter {
            $0.kind == .legMovement && $0.duration <= Double(ScoringRules.wasm2016.maximumDuration) / 1000
        }
        let margin = parameters.filterReach
        func minuteHolding(_ second: Double) -> Int? {
            let minute = Int(((second + 0.5 - night.start) / 60).rounded(.down))
            return sums.indices.contains(minute) ? minute : nil
        }
        for second in result.activity.seconds.joined() {
            if let minute = minuteHolding(Double(second)) { seconds[minute] += 1 }
        }
        var next = 0
        for stretch in result.activity.excess.stretches {
            for (offset, value) in stretch.values.enumerated() {
                let second = Double(stretch.start + Int64(offset))
                guard let minute = minuteHolding(second) else { continue }
                while next < blanked.count, blanked[next].offset + margin <= second { next += 1 }
                let isBlanked = next < blanked.count && blanked[next].onset - margin < second + 1
                if !isBlanked { sums[minute] += Double(value) }
            }
        }
        return zip(sums, seconds).map { $1 >= Self.fewestSeconds ? $0 / Double($1) : .nan }
    }

    /// The median of the known values in a window around each place; NaN where more than half are missing.
    private static func rollingMedians(_ values: [Double], window: Int) -> [Double] {
        let half = window / 2
        var sorted: [Double] = []
        func insert(_ value: Double) {
            guard value.isFinite else { return }
            sorted.insert(value, at: sorted.partitionIndex { $0 >= value })
        }
        func remove(_ value: Double) {
            guard value.isFinite else { return }
            sorted.remove(at: sorted.partitionIndex { $0 >= value })
        }
        for index in 0..<min(half, values.count) { insert(values[index]) }
        return values.indices.map { index in
            if index + half < values.count { insert(values[index + half]) }
            if index - half - 1 >= 0 { remove(values[index - half - 1]) }
            return sorted.count * 2 > min(window, values.count) / 2 ? sorted[sorted.count / 2] : .nan
        }
    }
}
