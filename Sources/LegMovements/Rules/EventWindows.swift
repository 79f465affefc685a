// SPDX-License-Identifier: GPL-3.0-or-later

/// Windows about events, to be asked many times whether one touches a movement.
struct EventWindows {
    private let starts: [Milliseconds]
    /// The latest end of each window and all before it.
    private let latestEnds: [Milliseconds]

    /// - Complexity: O(*n* log *n*)
    init(_ windows: [(start: Milliseconds, end: Milliseconds)]) {
        let sorted = windows.sorted { $0.start < $1.start }
        starts = sorted.map(\.start)
        latestEnds = sorted.reduce(into: []) { $0.append(max($0.last ?? .min, $1.end)) }
    }

    /// The windows in which movements are respiratory.
    init(respiratory events: [TimeSpan], _ window: ScoringRules.RespiratoryWindow) {
        self.init(
            events.map { event in
                switch window {
                case .aroundEnd(let before, let after): (event.end - before, event.end + after)
                case .aroundEvent(let margin): (event.start - margin, event.end + margin)
                }
            })
    }

    /// The windows in which movements go with an arousal.
    init(arousals: [TimeSpan], gap: Milliseconds) {
        self.init(arousals.map { ($0.start - gap, $0.end + gap) })
    }

    /// Whether a window overlaps, or has a border in common.
    ///
    /// - Complexity: O(log *n*)
    func touch(from onset: Milliseconds, to offset: Milliseconds) -> Bool {
        let started = starts.partitionIndex { $0 > offset }
        return started > 0 && latestEnds[started - 1] >= onset
    }

    /// Whether a window overlaps; a common border is not enough.
    ///
    /// - Complexity: O(log *n*)
    func overlap(from onset: Milliseconds, to offset: Milliseconds) -> Bool {
        let started = starts.partitionIndex { $0 >= offset }
        return started > 0 && latestEnds[started - 1] > onset
    }
}
