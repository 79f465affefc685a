// SPDX-License-Identifier: GPL-3.0-or-later

/// A stretch of activity between its thresholds: the detector's raw material.
struct Burst {
    var start: Int64
    var end: Int64
}

/// Finds bursts by hysteresis, one instant after the other.
struct BurstFinder {
    /// The bursts found and not yet taken.
    var found: [Burst] = []

    private let join: Int64
    private let longest: Int64
    private var run: Burst?
    private var isTriggered = false
    private var now: Int64 = 0

    init(rate: Double, parameters: DetectionParameters) {
        join = Int64((parameters.burstJoin * rate).rounded(.toNearestOrEven))
        longest = Int64((parameters.burstLongest * rate).rounded(.toNearestOrEven))
    }

    /// No burst that begins before this instant is still to come.
    var horizon: Int64 { run?.start ?? now }

    /// Takes the instants from `first` on, over which the thresholds stay.
    mutating func visit(
        from first: Int64, envelope: Span<Float>, step: Span<Float>, _ limits: LegSignals.Thresholds
    ) {
        if run == nil {
            let envelopeLimit = min(limits.envelopeOn, limits.envelopeOff)
            let stepLimit = min(limits.stepOn, limits.stepOff)
            // Most of a night is at rest: many instants at a time tell that.
            var active: Int32 = 0
            for index in envelope.indices {
                active |= (envelope[index] > envelopeLimit ? 1 : 0) | (step[index] > stepLimit ? 1 : 0)
            }
            if active == 0 {
                now = first + Int64(envelope.count)
                return
            }
        }
        for index in envelope.indices { visit(first + Int64(index), envelope[index], step[index], limits) }
    }

    private mutating func visit(_ instant: Int64, _ envelope: Float, _ step: Float, _ limits: LegSignals.Thresholds) {
        now = instant + 1
        let isOn = !limits.isSuspended && (envelope > limits.envelopeOn || step > limits.stepOn)
        if isOn || envelope > limits.envelopeOff || step > limits.stepOff {
            if run == nil {
                run = Burst(start: instant, end: instant)
                isTriggered = false
            }
            run?.end = now
            if isOn { isTriggered = true }
            if let run, run.end - run.start >= longest { close() }
        } else if let run, now - run.end >= join {
            close()
        }
    }

    /// Ends the stretch: what is open is a burst too.
    mutating func finish() { close() }

    private mutating func close() {
        if let run, isTriggered { found.append(run) }
        run = nil
    }
}
