// SPDX-License-Identifier: GPL-3.0-or-later

/// A stretch in which a sensor shows no sign of a living leg.
public struct NonwearStretch: Hashable, Sendable {
    /// How sure it is that nobody wore the sensor.
    public enum Verdict: String, Hashable, Sendable {
        /// Still, without breathing or pulse, and cold or lying as it never lay on the leg: treated like a gap.
        case nonwear
        /// Still, without breathing or pulse, and nothing else to tell by: flagged, not removed.
        case undecidable
    }

    /// When, in seconds since the Unix epoch.
    public var span: Range<Double>
    /// How sure it is.
    public var verdict: Verdict
    /// The largest power of breathing and pulse as a multiple of the noise; 1.2 to 1.4 in noise alone.
    public var ripple: Float
    /// How much colder the sensor was at the end than before, in °C; nil where the temperature is not recorded.
    public var cooling: Float?
}

/// Finds non-wear in the blocks of a leg.
struct NonwearFinder {
    let parameters: DetectionParameters
    let rate: Double

    /// The stretches, in order.
    func stretches(in activity: LegActivity) -> [NonwearStretch] {
        let blocks = activity.blocks
        var stretches: [NonwearStretch] = []
        var start = 0
        while start < blocks.count {
            var end = start
            while end < blocks.count, isDead(blocks[end]),
                end == start || blocks[end].place == blocks[end - 1].place + 1
            {
                end += 1
            }
            if Double(end - start) >= parameters.nonwearFewestBlocks {
                stretches.append(judge(blocks, start..<end, activity.temperatures))
            }
            start = max(end, start + 1)
        }
        return stretches
    }

    private func isDead(_ block: StillnessBlock) -> Bool { Double(block.ripple) < parameters.rippleOfNobody }

    private func judge(
        _ blocks: [StillnessBlock], _ run: Range<Int>, _ temperatures: StretchedSeries<Float>
    ) -> NonwearStretch {
        let dead = blocks[run]
        let sampling = rate / max(1, (rate / parameters.rippleRate).rounded(.toNearestOrEven))
        var power = dead[run.lowerBound].power
        for block in dead.dropFirst() { power = zip(power, block.power).map(+) }
        let ripple = RippleMeasure(rate: sampling, parameters: parameters)(power)
        let span = self.span(of: blocks, run)
        let direction = dead.reduce(SIMD3<Float>()) { $0 + $1.direction } / Float(run.count)
        // The blocks beside the run hold the taking off and the putting on: how they lie says nothing of life.
        let alive = blocks.indices.filter {
            !isDead(blocks[$0]) && $0 != run.lowerBound - 1 && $0 != run.upperBound
        }.map { blocks[$0].direction }
        let isNovel =
            Double(run.count) >= parameters.nonwearNovelBlocks && !alive.isEmpty
            && alive.allSatisfy { Double(MovementMeasure.angle($0, direction)) > parameters.nonwearNovelAngle }
        let cooling = self.cooling(over: span, temperatures)
        let isCold = Double(cooling ?? 0) >= parameters.nonwearCooling
        let isNobody = Double(ripple) < parameters.rippleOfNobodyInRun
        return NonwearStretch(
            span: span, verdict: isNobody && (isCold || isNovel) ? .nonwear : .undecidable, ripple: ripple,
            cooling: cooling)
    }

    /// The run of blocks, and the still parts of the blocks beside it up to their bursts.
    private func span(of blocks: [StillnessBlock], _ run: Range<Int>) -> Range<Double> {
        let length = parameters.stillnessSpan.rounded()
        var start = Double(blocks[run.lowerBound].place) * length
        var end = Double(blocks[run.upperBound - 1].place + 1) * length
        if run.lowerBound > 0, blocks[run.lowerBound - 1].place == blocks[run.lowerBound].place - 1,
            let burst = blocks[run.lowerBound - 1].lastBurst
        {
            start = min(start, max(burst, start - length))
        }
        if run.upperBound < blocks.count, blocks[run.upperBound].place == blocks[run.upperBound - 1].place + 1,
            let burst = blocks[run.upperBound].firstBurst
        {
            end = max(end, min(burst, end + length))
        }
        return start..<end
    }

    /// The fall of temperature from the half hour before a stretch to its last 5 minutes.
    private func cooling(over span: Range<Double>, _ temperatures: StretchedSeries<Float>) -> Float? {
        func median(_ range: Range<Double>) -> Float? {
            let minutes = Int64((range.lowerBound / 60).rounded(.up))..<Int64((range.upperBound / 60).rounded(.up))
            let values = minutes.compactMap { temperatures[$0] }.sorted()
            return values.isEmpty ? nil : values[values.count / 2]
        }
        let before = 1800.0
        guard let earlier = median(span.lowerBound - before..<span.lowerBound),
            let later = median(span.upperBound - parameters.stillnessSpan..<span.upperBound)
        else { return nil }
        return earlier - later
    }
}
