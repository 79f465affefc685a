// SPDX-License-Identifier: GPL-3.0-or-later
import Nights
import Testing
import TestSupport

/// Builds logs for the tests, in Berlin, with its header unless the rows bring their own.
enum Log {
    static let now = UTCInstant(secondsSince1970: 1_795_521_600)  // 2026-11-24T12:00:00Z
    static let header = "date,time,amount,unit,basis,form,route,kind,product,with_food,confirm,id,tz,note"

    static func read(
        _ rows: String..., metadata: [String] = [], header: String = header, options: DoseLog.Options = .init(now: now)
    ) throws -> DoseLog {
        let lines = (["tz: Europe/Berlin"] + metadata).map { "# \($0)" } + [header] + rows
        return try DoseLog(reading: Array((lines.joined(separator: "\n") + "\n").utf8), options: options)
    }

    /// The one dose of a row.
    static func dose(_ row: String, metadata: [String] = []) throws -> Dose {
        let log = try read(row, metadata: metadata)
        #expect(log.rejected.isEmpty, "\(log.rejected)")
        return try #require(log.doses.first)
    }

    /// The code for which a row is rejected; nil if it is read.
    static func code(_ row: String, metadata: [String] = []) throws -> String? {
        try read(row, metadata: metadata).rejected.first?.code
    }

    static func fixture(_ name: String) throws -> DoseLog {
        try DoseLog(reading: Fixtures.bytes("dosing/\(name)"), options: .init(now: now))
    }
}

/// Whether two weights are the same as far as the specification asks.
func isNear(_ value: Double?, _ expected: Double) -> Bool { value.map { abs($0 - expected) <= 0.1 } ?? false }
