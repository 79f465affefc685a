// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation
import Journal
import LegMovements
import Nights
import Reports

/// What the journal's results look like over weeks.
struct JournalPictures {
    /// A night's latest result, with its movements.
    struct Night {
        var day: CivilDay
        var result: StoredResult
    }

    let nights: [Night]

    /// The latest results of the nights that take part, under a profile.
    ///
    /// - Parameter days: the nights that are meant; nil for all.
    init(_ store: JournalStore, rules: String, among days: Set<CivilDay>? = nil) throws {
        nights = try store.nights().filter { $0.exclusion == nil && days?.contains($0.date) != false }.compactMap {
            night in
            try store.results(of: night.date, rules: rules, withMovements: true).last.map {
                Night(day: night.date, result: $0)
            }
        }
    }

    /// When in the night the movements came.
    ///
    /// - Parameter isActive: whether a night is with magnesium; nil where that is not asked.
    func raster(_ isActive: (CivilDay) -> Bool?) -> HourRaster? {
        guard !nights.isEmpty else { return nil }
        return HourRaster(
            nights.map { night in
                HourRaster.Night(
                    day: night.day, isActive: isActive(night.day), analysed: night.result.analysedSpans,
                    onsets: night.result.periodic.map { night.result.start + $0.onset }.filter(
                        night.result.rest.contains))
            })
    }

    /// How far apart the candidates were, without and with magnesium.
    func intervals(_ isActive: (CivilDay) -> Bool?, band: ClosedRange<Double>) -> IntervalPicture? {
        func group(_ active: Bool, _ name: String) -> IntervalPicture.Group {
            let own = nights.filter { isActive($0.day) == active }
            return IntervalPicture.Group(
                name: name, intervals: own.flatMap { $0.result.movements.compactMap(\.interval) }, isActive: active)
        }
        let groups = [group(false, "without magnesium"), group(true, "with magnesium")].filter { !$0.intervals.isEmpty }
        return groups.isEmpty ? nil : IntervalPicture(groups, band: band)
    }
}

extension StoredResult {
    /// Periodic movements after the legs are joined: one row each.
    var periodic: [Movement] { movements.filter { $0.series != nil } }

    /// The parts of the rest interval that some leg has data of, in order, in seconds since the Unix epoch on the local clock.
    var analysedSpans: [Range<Double>] {
        let missing = legs.map { leg in
            Self.merged(
                movements.filter { ($0.type == "gap" || $0.type == "nonwear") && $0.leg == String(leg) }.map {
                    start + $0.onset..<start + $0.onset + $0.duration
                })
        }
        var common = missing.first ?? []
        for other in missing.dropFirst() {
            common = common.flatMap { span in other.map { span.clamped(to: $0) }.filter { !$0.isEmpty } }
        }
        var spans: [Range<Double>] = []
        var from = rest.lowerBound
        for gap in common where gap.overlaps(rest) {
            if gap.lowerBound > from { spans.append(from..<gap.lowerBound) }
            from = max(from, gap.upperBound)
        }
        if from < rest.upperBound { spans.append(from..<rest.upperBound) }
        return spans
    }

    private static func merged(_ spans: [Range<Double>]) -> [Range<Double>] {
        spans.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { merged, span in
            if let last = merged.last, span.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, span.upperBound)
            } else {
                merged.append(span)
            }
        }
    }
}
