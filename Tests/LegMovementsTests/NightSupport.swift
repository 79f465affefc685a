// SPDX-License-Identifier: GPL-3.0-or-later
import LegMovements
import Recordings

extension MovementNight {
    /// A night of movements given as onset and duration in ms; a leg that is nil was not recorded.
    init(left: [(Milliseconds, Milliseconds)]?, right: [(Milliseconds, Milliseconds)]? = nil) {
        var gaps: [Leg: [TimeSpan]] = [:]
        var movements: [LegMovement] = []
        for (leg, rows) in [(Leg.left, left), (.right, right)] {
            guard let rows else { continue }
            gaps[leg] = []
            movements += rows.map { LegMovement(leg, onset: $0.0, duration: $0.1) }
        }
        self.init(movements: movements, gaps: gaps)
    }

    /// A night of movements of the left leg, 1 s long, from their onsets in ms.
    init(onsets: [Milliseconds]) { self.init(left: onsets.map { ($0, 1000) }) }

    /// The same night with epochs of 30 s, as runs of a stage and a count.
    func with(epochs: [(SleepStage, Int)]) -> MovementNight {
        var night = self
        night.hypnogram = Hypnogram(epochLength: 30_000, runs: epochs.map { (stage: $0.0, count: $0.1) })
        return night
    }

    /// A night like those that a detector gives: both legs, movements of every kind, short intervals, and long pauses.
    ///
    /// Its movements, gaps, epochs and events follow from the seed.
    static func random(seed: UInt64, hours: Int = 2, gaps: Bool = true) -> MovementNight {
        var generator = SplitMix64(seed: seed)
        let length = hours * 3_600_000
        var night = MovementNight(left: [], right: [])
        for leg in Leg.allCases {
            var onset = 0
            while true {
                let pause = [300...9_000, 9_500...11_000, 12_000...40_000, 80_000...100_000, 12_000...40_000]
                onset += Int.random(in: pause[Int.random(in: 0..<pause.count, using: &generator)], using: &generator)
                let duration = Int.random(
                    in: [300...600, 700...4_000, 9_000...11_000].randomElement(using: &generator) ?? 0...0,
                    using: &generator)
                guard onset + duration < length else { break }
                let exclusion = Int.random(in: 0..<12, using: &generator)
                night.movements.append(
                    LegMovement(
                        leg, onset: onset, duration: duration,
                        excludedAs: exclusion < 4 ? LegMovement.Exclusion.allCases[exclusion] : nil))
                onset += duration
            }
            guard gaps else { continue }
            night.gaps[leg] = (0..<4).map { _ in
                let start = Int.random(in: 0..<length, using: &generator)
                return TimeSpan(
                    from: start, to: min(length, start + Int.random(in: 1_000...600_000, using: &generator)))
            }
        }
        func events(_ count: Int) -> [TimeSpan] {
            (0..<count).map { _ in
                let start = Int.random(in: 0..<length, using: &generator)
                return TimeSpan(from: start, to: start + Int.random(in: 1_000...20_000, using: &generator))
            }
        }
        night.respiratoryEvents = events(20)
        night.arousals = events(40)
        night.rest = TimeSpan(from: length / 20, to: length - length / 10)
        let stages = SleepStage.allCases
        return night.with(
            epochs: (0..<hours * 6).map { _ in
                (stages[Int.random(in: 0..<stages.count, using: &generator)], 20)
            })
    }
}
