// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation
import Journal
import LegMovements
import Nights

/// Counts the periodic movements of nights at one threshold, so that phases of unlike sensitivity come onto one scale.
struct FixedThresholdScoring {
    let store: JournalStore
    let rules: ScoringRules
    /// The envelope that begins a burst, in mg.
    let threshold: Double

    /// The nights with their counts at the threshold; those that take no part as they are.
    ///
    /// Each is read again from its recordings, with the rest, masks and numbers of its result; what was counted once is kept.
    func count(
        _ nights: [ComparedNight], among compared: [ComparedNight], _ results: [CivilDay: StoredResult],
        showsProgress: Bool
    ) async throws -> [ComparedNight] {
        let days = Set(compared.map(\.day))
        let progress = showsProgress ? Progress("scoring nights at one threshold", parts: 1) : nil
        defer { progress?.finish() }
        var counted: [ComparedNight] = []
        for (number, night) in nights.enumerated() {
            var night = night
            if days.contains(night.day), let result = results[night.day] {
                night.movementsAtFixedThreshold = try await count(result, of: night.day)
            }
            counted.append(night)
            progress?.advance(0, to: Double(number + 1) / Double(nights.count))
        }
        return counted
    }

    private func count(_ result: StoredResult, of night: CivilDay) async throws -> Int {
        if let known = try store.countAtFixedThreshold(threshold, of: result) { return known }
        guard result.provenance.scoringVersion == ScoringVersion.current else {
            throw Failure(
                message: "the night of \(night) was scored by version \(result.provenance.scoringVersion), and this is "
                    + "\(ScoringVersion.current): nattro score --all",
                outcome: .unusableInput)
        }
        let input = try NightInput(result.provenance)
        let own = try JSONDecoder().decode(
            DetectionParameters.self, from: Data(result.provenance.parameters.utf8))
        let recorded = try await RecordedNight(
            legs: input.legs(in: store), parameters: own.fixed(at: threshold), showsProgress: false)
        // The same rest, whatever the threshold would let one guess of it.
        let scored = recorded.night.movementNight(rest: result.rest, masks: input.masksByLeg).scored(under: rules)
        let count = scored.rest?.periodic.count ?? 0
        try store.keep(countAtFixedThreshold: count, threshold, of: result)
        return count
    }
}
