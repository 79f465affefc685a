// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation
import Journal

/// The secondary endpoints of a stored result, all of its rest interval.
struct RestMeasures {
    let endpoints: [SecondaryEndpoint: Double]

    init(_ result: StoredResult, _ movements: [StoredResult.Movement]) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        // A summary of other rules, or of an earlier version, has other names: what is not there is not known.
        let summary = try? decoder.decode(Summary.self, from: Data(result.summary.utf8))
        var endpoints: [SecondaryEndpoint: Double] = [:]
        endpoints[.periodicInWake] = summary?.nPlmw.map { Double($0) }
        if let periodic = summary?.piFerriRestNum, let all = summary?.piFerriRestDen, all > 0 {
            endpoints[.periodicityIndex] = Double(periodic) / Double(all)
        }
        endpoints[.periodicityIndexByTime] = summary?.periodicity?.strength
        endpoints[.meanDuration] = summary?.meanPlmDurationMs.map { $0 / 1000 }
        let rest = result.rest.lowerBound - result.start..<result.rest.upperBound - result.start
        let own = movements.filter { rest.contains($0.onset) && ["LM", "CLM", "PLM"].contains($0.type) }
        if !movements.isEmpty {
            endpoints[.allMovements] = Double(Self.combined(own))
            let intervals = own.compactMap(\.interval).sorted()
            if !intervals.isEmpty {
                endpoints[.medianInterval] =
                    (intervals[(intervals.count - 1) / 2] + intervals[intervals.count / 2]) / 2
            }
        }
        self.endpoints = endpoints
    }

    private struct Summary: Decodable {
        var nPlmw: Int?
        var piFerriRestNum: Int?
        var piFerriRestDen: Int?
        var meanPlmDurationMs: Double?
        var periodicity: Periodicity?

        struct Periodicity: Decodable {
            var strength: Double?
        }
    }

    /// The table has times to the millisecond.
    private static let rounding = 0.002

    /// How many movements the rows are of: a bilateral one has a row of its own beside those of its legs.
    private static func combined(_ rows: [StoredResult.Movement]) -> Int {
        var count = 0
        var end = -Double.infinity
        for row in rows.filter({ $0.leg == "B" }).sorted(by: { $0.onset < $1.onset }) {
            count += 1
            end = max(end, row.onset + row.duration)
        }
        guard count > 0 else { return rows.count }
        let both = rows.filter { $0.leg == "B" }.map { ($0.onset - rounding)...($0.onset + $0.duration + rounding) }
            .sorted { $0.lowerBound < $1.lowerBound }
        var next = 0
        for row in rows.filter({ $0.leg != "B" }).sorted(by: { $0.onset < $1.onset }) {
            while next < both.count, both[next].upperBound < row.onset { next += 1 }
            if next == both.count || !both[next].contains(row.onset) { count += 1 }
        }
        return count
    }
}
