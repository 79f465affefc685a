// SPDX-License-Identifier: GPL-3.0-or-later

/// A walk over the movements of a night in order, which finds intervals and series.
struct SeriesWalk {
    private let rules: ScoringRules
    /// The positions of the candidates of the series so far.
    private var open: [Int] = []
    /// The series that are long enough, by the positions of their candidates.
    private(set) var series: [[Int]] = []
    /// The onset that the next interval counts from.
    private var intervalStart: Milliseconds?
    /// The onset of the last movement of any kind in this stretch.
    private var lastOnset: Milliseconds?
    private var stretch = 0

    private init(under rules: ScoringRules) { self.rules = rules }

    /// Writes intervals and series into the movements of a night, and says how many series there are.
    ///
    /// - Precondition: the movements are sorted by onset.
    /// - Complexity: O(*n*)
    static func mark(_ movements: inout [CombinedMovement], under rules: ScoringRules) -> Int {
        var walk = SeriesWalk(under: rules)
        for position in movements.indices {
            movements[position].series = nil
            walk.visit(&movements[position], at: position)
        }
        walk.close()
        for (number, positions) in walk.series.enumerated() {
            for position in positions { movements[position].series = number + 1 }
        }
        return walk.series.count
    }

    private mutating func visit(_ movement: inout CombinedMovement, at position: Int) {
        movement.interval = nil
        movement.hasShortInterval = false
        if movement.stretch != stretch {
            close()
            (intervalStart, lastOnset, stretch) = (nil, nil, movement.stretch)
        }
        guard movement.isCandidate else {
            close()
            (intervalStart, lastOnset) = (nil, movement.onset)
            return
        }
        let interval = intervalStart.map { movement.onset - $0 }
        movement.interval = interval
        if let interval, interval < rules.interval.lowerBound {
            movement.hasShortInterval = true
            if rules.shortInterval == .isSkipped { return }
            close()
            if rules.seriesStart == .anyCandidate { open = [position] }
        } else if let interval, interval <= rules.interval.upperBound {
            open.append(position)
        } else {
            close()
            if mayStartSeries(movement) { open = [position] }
        }
        (intervalStart, lastOnset) = (movement.onset, movement.onset)
    }

    private func mayStartSeries(_ movement: CombinedMovement) -> Bool {
        switch rules.seriesStart {
        case .anyCandidate: true
        case .afterPause: lastOnset.map { movement.onset - $0 >= rules.interval.lowerBound } ?? true
        }
    }

    private mutating func close() {
        if open.count >= rules.minimumCount { series.append(open) }
        open = []
    }
}
