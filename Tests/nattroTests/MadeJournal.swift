// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import Nights
import TestSupport

@testable import nattro

/// A journal whose nights were made by arithmetic, not recorded: a comparison of weeks in milliseconds.
struct MadeJournal {
    let home: JournalHome
    let store: JournalStore
    /// The first night; all others follow without a hole.
    static let first = CivilDay("2026-01-01") ?? CivilDay(daysSince1970: 0)
    /// The nights before the first dose, and all nights.
    let before: Int
    let count: Int
    static let now = ["--now", "2026-03-20T07:30:00Z"]

    /// Fills a new journal.
    ///
    /// - Parameters:
    ///   - isDeclared: whether the nights before the first dose are declared to be without magnesium.
    ///   - drop: how many movements fewer there are in a night with magnesium.
    ///   - change: changes a night's result before it is kept; nil leaves the night out.
    init(
        _ home: JournalHome, before: Int = 20, with: Int = 34, isDeclared: Bool = true, drop: Int = 40,
        change: (Int, inout StoredResult) -> Bool = { _, _ in true }
    ) throws {
        self.home = home
        self.before = before
        count = before + with
        try FileManager.default.createDirectory(
            atPath: (home.journal as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        store = try home.store()
        for night in 0..<count {
            var result = Self.result(night, movements: 100 + night * 37 % 60 - (night < before ? 0 : drop))
            if change(night, &result) { try store.keep(result, of: Self.day(night)) }
        }
        try store.add((before..<count).map { Self.dose(Self.day($0)) }, "dose add", at: 1)
        if isDeclared {
            try store.declareComplete(Self.day(-1)...Self.day(before - 1), "dose none", at: 1)
        }
    }

    /// Runs a body with a journal in new folders.
    static func with<T>(
        before: Int = 20, with: Int = 34, isDeclared: Bool = true, drop: Int = 40,
        change: (Int, inout StoredResult) -> Bool = { _, _ in true }, _ body: (MadeJournal) throws -> T
    ) throws -> T {
        try JournalHome.with { home in
            try body(MadeJournal(home, before: before, with: with, isDeclared: isDeclared, drop: drop, change: change))
        }
    }

    static func day(_ night: Int) -> CivilDay { first + night }

    static func result(_ night: Int, movements: Int) -> StoredResult {
        let hours = 6 + Double(night * 7 % 10) / 10
        let start = Double(day(night).daysSince1970) * 86_400 + 82_800
        return StoredResult(
            scored: 1,
            provenance: StoredResult.Provenance(
                programVersion: "0", scoringVersion: 1, rules: "wasm2016", parameters: "{\"envelopeOn\":6}",
                inputs: "[{\"leg\":\"L\",\"sha256\":\"\(night)\",\"stream\":0}]", lightsOut: nil, wakeUp: nil,
                masks: "[]"),
            start: start, duration: 28_800, rest: start + 600..<start + 600 + hours * 3600, restSource: "given",
            legs: "L", analysed: hours * 3600, periodicCount: movements, index: Double(movements) / hours, band: nil,
            summary: "{\"n_plmw\":\(movements / 5),\"pi_ferri_rest_num\":\(night % 5 + 4),\"pi_ferri_rest_den\":10,"
                + "\"mean_plm_duration_ms\":\(1500 + night * 13 % 200)}",
            movements: [
                .init(onset: 700, duration: 1, leg: "L", type: "PLM", interval: 20 + Double(night % 7)),
                .init(onset: 800, duration: 1, leg: "L", type: "CLM", interval: 25.5),
                .init(onset: 900, duration: 1, leg: "L", type: "posture"),
            ],
            sensitivity: ["L": .init(floor: 0.8 + Double(night % 3) / 10, threshold: 6)])
    }

    static func dose(_ night: CivilDay, mg: Double = 200, form: String = "citrate_anhydrous") -> Dose {
        Dose(
            time: DoseTime(
                UTCInstant(secondsSince1970: night.daysSince1970 * 86_400 + 73_800), utcOffset: 3600,
                zone: "Europe/Berlin"),
            amount: EnteredAmount(value: mg, entered: "\(mg)", unit: .mg, basis: .elemental), form: form,
            elementalMg: mg)
    }

    /// Runs `nattro compare`.
    func compare(_ more: String...) throws -> ProgramRun {
        try ProgramRun("nattro", ["compare"] + Self.now + more, environment: home.environment)
    }

    /// The answer in JSON.
    func answer(_ more: String...) throws -> JSONValue {
        let run = try ProgramRun("nattro", ["compare", "--json"] + Self.now + more, environment: home.environment)
        return try JSONValue(parsing: run.output)
    }
}
