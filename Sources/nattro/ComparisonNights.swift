// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation
import Nights

/// The nights of a comparison as a CSV file gives them, one row a night.
///
/// `night` (the day of its evening), `hours` and `plm` must be there. `include` is 1 or 0. What must not differ between nights:
/// `leg`, `site`, `sensor`, `firmware`, `rate_hz`, `range_g`, `rules`, `scoring`, `parameters`. Beside them `threshold_mg`, `noise_mg`,
/// `plm_fixed` (the count at one higher threshold), `urge_evening`, `urge_night`, `first_symptom` (a time), the secondary endpoints
/// by name, and any other column of numbers as a covariate.
struct ComparisonNights {
    let nights: [ComparedNight]
    /// Rows that could not be read.
    let rejected: [RejectedRow]

    /// What must not differ between nights.
    static let settings = [
        "leg", "site", "sensor", "firmware", "rate_hz", "range_g", "rules", "scoring", "parameters",
    ]
    private static let others = [
        "night", "include", "hours", "plm", "threshold_mg", "noise_mg", "plm_fixed", "urge_evening", "urge_night",
        "first_symptom",
    ]
    /// No night is longer, and none has more movements.
    private static let (longest, most) = (24.0, 100_000)

    init(path: String) throws { try self.init(TextTable(path: path)) }

    init(_ table: TextTable) throws {
        try table.require(["night", "hours", "plm"])
        let known = Set(Self.settings + Self.others + SecondaryEndpoint.allCases.map(\.rawValue))
        let free = table.columns.filter { !$0.isEmpty && !known.contains($0) }
        var nights: [ComparedNight] = []
        var rejected = table.rejected
        for row in table.rows {
            do {
                nights.append(try Self.night(row, of: table, covariates: free))
            } catch {
                rejected.append(RejectedRow(message: "\(table.name) line \(row.line): \(error.problem)"))
            }
        }
        guard !nights.isEmpty else {
            let first = rejected.first.map { "; \($0.message)" } ?? "; give one row a night"
            throw Failure(message: "\(table.name): holds no night that can be read\(first)", outcome: .unusableInput)
        }
        self.nights = nights
        self.rejected = rejected
    }

    private struct RowError: Error {
        var problem: String
    }

    private static func night(
        _ row: DelimitedTable.Row, of table: TextTable, covariates: [String]
    ) throws(RowError) -> ComparedNight {
        func number(_ column: String, in range: ClosedRange<Double>) throws(RowError) -> Double? {
            guard let text = table.field(column, of: row) else { return nil }
            guard let value = Double(text), range.contains(value) else {
                throw RowError(
                    problem:
                        "\(column) '\(text)' is no number from \(Shown.decimals(range.lowerBound, 0)) to \(Shown.decimals(range.upperBound, 0)); correct it, or leave it empty"
                )
            }
            return value
        }
        func required(_ column: String, in range: ClosedRange<Double>) throws(RowError) -> Double {
            guard let value = try number(column, in: range) else {
                throw RowError(problem: "\(column) is empty; give it, or leave the row out")
            }
            return value
        }
        let dayText = table.field("night", of: row) ?? ""
        guard let day = CivilDay(dayText) else {
            throw RowError(problem: "night '\(dayText)' is no day; write it as 2025-03-03")
        }
        let hours = try required("hours", in: 0...longest)
        let movements = try required("plm", in: 0...Double(most))
        guard movements == movements.rounded() else {
            throw RowError(problem: "plm '\(movements)' is no whole number; give the count, not the index")
        }
        let include = table.field("include", of: row) ?? "1"
        guard include == "0" || include == "1" else {
            throw RowError(problem: "include '\(include)' is neither 0 nor 1; correct it")
        }
        var night = ComparedNight(
            day: day, isIncluded: include == "1", hours: hours, movements: Int(movements))
        for name in settings { night.setting[name] = table.field(name, of: row) }
        night.effectiveThreshold = try number("threshold_mg", in: 0...10_000)
        night.noiseFloor = try number("noise_mg", in: 0...10_000)
        night.movementsAtFixedThreshold = try number("plm_fixed", in: 0...Double(most)).map { Int($0) }
        night.eveningUrge = try number("urge_evening", in: 0...10)
        night.nightUrge = try number("urge_night", in: 0...10)
        if let text = table.field("first_symptom", of: row) {
            guard let time = DayTime(text) else {
                throw RowError(problem: "first_symptom '\(text)' is no time; write it as 21:10, or leave it empty")
            }
            night.firstSymptom = Double((time.seconds + 43_200) % 86_400) / 3600
        }
        for endpoint in SecondaryEndpoint.allCases {
            night.secondary[endpoint] = try number(endpoint.rawValue, in: 0...Double(most))
        }
        for name in covariates {
            // A column of words is somebody's note, not a covariate.
            night.covariates[name] = table.field(name, of: row).flatMap { Double($0) }.flatMap {
                $0.isFinite && abs($0) < 1e9 ? $0 : nil
            }
        }
        return night
    }
}
