// SPDX-License-Identifier: GPL-3.0-or-later
import Recordings
import Testing

@testable import LegMovements

/// What a walk says of a movement.
private struct Verdict: Hashable {
    var series: Int?
    var interval: Milliseconds?
    var isShort: Bool
}

/// Series found in another way: first the chains of intervals that keep a series going, then what may not start one.
private func expectedVerdicts(
    _ night: [(onset: Milliseconds, isCandidate: Bool)], _ rules: ScoringRules
) -> [Verdict] {
    var verdicts = night.map { _ in Verdict(isShort: false) }
    var chains: [[Int]] = []
    var before: Int?
    for index in night.indices {
        guard night[index].isCandidate else {
            before = nil
            continue
        }
        let interval = before.map { night[index].onset - night[$0].onset }
        verdicts[index].interval = interval
        verdicts[index].isShort = interval.map { $0 < rules.interval.lowerBound } ?? false
        if verdicts[index].isShort && rules.name == "wasm2006" { continue }
        if let interval, rules.interval.contains(interval) {
            chains[chains.count - 1].append(index)
        } else {
            chains.append([index])
        }
        before = index
    }
    if rules.name == "wasm2016" {
        chains = chains.map { chain in
            let first = chain[0]
            return first > 0 && night[first].onset - night[first - 1].onset < 10_000 ? Array(chain.dropFirst()) : chain
        }
    }
    for (number, chain) in chains.filter({ $0.count >= 4 }).enumerated() {
        for index in chain { verdicts[index].series = number + 1 }
    }
    return verdicts
}

private let wasmProfiles = [ScoringRules.wasm2016, .wasm2016Lenient, .wasm2006]

@Suite struct SeriesTests {
    static let intervals = [4_999, 5_000, 9_999, 10_000, 90_000, 90_001]

    /// Walks over every sequence of a number of movements; `isWanted` takes those whose candidates it likes.
    private func checkAll(count: Int, _ rules: ScoringRules, where isWanted: (Int) -> Bool = { _ in true }) {
        var onsets = [Int](repeating: 0, count: count)
        let sequences = (1..<count).reduce(1) { product, _ in product * Self.intervals.count }
        for sequence in 0..<sequences {
            var rest = sequence
            for index in 1..<max(count, 1) {
                onsets[index] = onsets[index - 1] + Self.intervals[rest % Self.intervals.count]
                rest /= Self.intervals.count
            }
            for candidates in 0..<(1 << count) where isWanted(candidates) {
                var movements = onsets.map { onset in
                    CombinedMovement(parts: [LegMovement(.left, onset: onset, duration: 500)], stretch: 0)
                }
                for index in movements.indices where candidates & (1 << index) == 0 {
                    movements[index].disqualification = .longPart
                }
                _ = SeriesWalk.mark(&movements, under: rules)
                let verdicts = movements.map {
                    Verdict(series: $0.series, interval: $0.interval, isShort: $0.hasShortInterval)
                }
                let expected = expectedVerdicts(movements.map { ($0.onset, $0.isCandidate) }, rules)
                if verdicts != expected {
                    Issue.record("\(rules.name), \(movements.map { ($0.onset, $0.isCandidate) }): \(verdicts)")
                }
            }
        }
    }

    @Test(arguments: wasmProfiles) func everySequenceOfUpToFiveMovementsHasTheSeriesOfTheRules(rules: ScoringRules) {
        for count in 1...5 { checkAll(count: count, rules) }
    }

    @Test(arguments: wasmProfiles) func everySequenceOfSixWithOneThatIsNoCandidateHasTheSeriesOfTheRules(
        rules: ScoringRules
    ) {
        checkAll(count: 6, rules) { $0.nonzeroBitCount >= 5 }
    }

    @Test(arguments: wasmProfiles) func everySequenceOfDurationsOnOneLegHasTheSeriesOfTheRules(rules: ScoringRules) {
        let durations = [500, 10_000, 10_001]
        for sequence in 0..<(216 * 81) {
            var (rest, onset) = (sequence, 0)
            var rows: [(Milliseconds, Milliseconds)] = []
            for _ in 0..<4 {
                rows.append((onset, durations[rest % 3]))
                onset += Self.intervals[rest / 3 % 6]
                rest /= 18
            }
            let scored = MovementNight(left: rows).scored(under: rules)
            var joined: [(Milliseconds, Milliseconds)] = []
            for (onset, duration) in rows {
                if let last = joined.last, onset < last.0 + last.1 + 500 {
                    joined[joined.count - 1].1 = max(last.1, onset + duration - last.0)
                } else {
                    joined.append((onset, duration))
                }
            }
            #expect(scored.movements.map(\.onset) == joined.map(\.0))
            #expect(scored.movements.map(\.isCandidate) == joined.map { $0.1 <= 10_000 })
            let expected = expectedVerdicts(joined.map { ($0.0, $0.1 <= 10_000) }, rules)
            #expect(scored.movements.map(\.series) == expected.map(\.series), "\(rows)")
        }
    }
}
