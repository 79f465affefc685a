// SPDX-License-Identifier: GPL-3.0-or-later
internal import GRDB
public import Nights
public import Recordings

/// A night of the journal: its recordings, and what the person said about it.
public struct StoredNight: Hashable, Sendable {
    let id: Int64
    /// The date of its evening.
    public let date: CivilDay
    /// When the light went out, as the person said: a clock time.
    public let lightsOut: String?
    /// When the night ended, as the person said: a clock time.
    public let wakeUp: String?
    /// Where the sensors were worn, as the person said.
    public let site: String?
    /// Why it is left out of comparisons; nil for a night that takes part.
    public let exclusion: String?
    /// Whether it was left out after a comparison had been seen.
    public let isExcludedAfterComparison: Bool
    /// Its recordings, by their start.
    public let recordings: [Part]
    /// The stretches that the person declared to be no data.
    public let masks: [Mask]

    /// A recording's part in a night.
    public struct Part: Hashable, Sendable {
        /// The recording.
        public let recording: StoredRecording
        /// The leg that the person told, of a recording of one stream.
        public let told: Leg?
        /// Whether the person said that the sensors were on the other legs.
        public let isSwapped: Bool
    }

    /// A stretch that counts as a gap, because the person said so.
    public struct Mask: Hashable, Sendable {
        /// From when to when, in seconds since the Unix epoch on the recording's local clock.
        public let span: Range<Double>
        /// The leg; nil for both.
        public let leg: Leg?
        /// Why.
        public let reason: String
    }

    init(_ row: Row, _ db: Database) throws {
        id = row["id"]
        let name: String = row["date"]
        guard let date = CivilDay(name) else {
            throw JournalError(
                .damaged, path: "nights", problem: "a night is dated '\(name)'", remedy: "run `nattro doctor`")
        }
        self.date = date
        lightsOut = row["lights_out"]
        wakeUp = row["wake_up"]
        site = row["site"]
        exclusion = row["exclusion"]
        isExcludedAfterComparison = row["excluded_after_comparison"]
        recordings = try Row.fetchAll(
            db,
            sql: """
                SELECT recordings.*, night_recordings.leg AS told, swapped FROM recordings
                JOIN night_recordings ON recording_id = recordings.id WHERE night_id = ?
                ORDER BY start_local, recordings.id
                """,
            arguments: [id]
        ).map { row in
            Part(
                recording: try StoredRecording(row, db),
                told: (row["told"] as String?).flatMap(Leg.init(rawValue:)), isSwapped: row["swapped"])
        }
        masks = try Row.fetchAll(
            db, sql: "SELECT * FROM masks WHERE night_id = ? ORDER BY start_local, id", arguments: [id]
        ).map { row in
            let (start, end): (Double, Double) = (row["start_local"], row["end_local"])
            return Mask(
                span: start..<max(start, end), leg: (row["leg"] as String?).flatMap(Leg.init(rawValue:)),
                reason: row["reason"])
        }
    }

    /// The part of a recording that belongs to this night; nil for all of it.
    ///
    /// A recording of several days gives each night what lies between its noons.
    public func window(of recording: StoredRecording) -> Range<Double>? {
        recording.end - recording.start > RecordingSurvey.longestNight ? date.nightSpan : nil
    }
}

extension JournalStore {
    /// The nights, by date.
    public func nights() throws(JournalError) -> [StoredNight] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM nights WHERE participant_id = ? ORDER BY date", arguments: [participant.id]
            ).map { try StoredNight($0, db) }
        }
    }

    /// The night of a date, where the journal has it.
    public func night(_ date: CivilDay) throws(JournalError) -> StoredNight? {
        try read { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM nights WHERE participant_id = ? AND date = ?",
                arguments: [participant.id, date.description]
            ).map { try StoredNight($0, db) }
        }
    }

    /// The number of a date's night, which is there afterwards.
    func nightID(_ date: CivilDay, _ db: Database) throws -> Int64 {
        let known = try Int64.fetchOne(
            db, sql: "SELECT id FROM nights WHERE participant_id = ? AND date = ?",
            arguments: [participant.id, date.description])
        if let known { return known }
        return try StoredRow(["participant_id": .init(participant.id), "date": .init(date.description)])
            .insert(into: "nights", db)
    }

    // MARK: What a person decides

    /// Leaves a night out of comparisons.
    ///
    /// - Returns: whether a comparison had been seen before: the exclusion is marked so.
    @discardableResult
    public func exclude(_ date: CivilDay, reason: String, at now: Double) throws(JournalError) -> Bool {
        try edit("nights exclude \(date)", reason: reason, at: now) { editor in
            let id = try known(date, editor.db)
            let wasSeen =
                try Bool.fetchOne(
                    editor.db, sql: "SELECT EXISTS (SELECT 1 FROM comparisons WHERE participant_id = ?)",
                    arguments: [participant.id]) ?? false
            try editor.update(
                id, of: "nights", ["exclusion": .init(reason), "excluded_after_comparison": .init(wasSeen)])
            return wasSeen
        }
    }

    /// Lets a night take part in comparisons again.
    public func include(_ date: CivilDay, reason: String, at now: Double) throws(JournalError) {
        try edit("nights include \(date)", reason: reason, at: now) { editor in
            let id = try known(date, editor.db)
            try editor.update(id, of: "nights", ["exclusion": nil, "excluded_after_comparison": 0])
        }
    }

    /// Declares a stretch of a night to be no data.
    public func mask(
        _ date: CivilDay, _ span: Range<Double>, leg: Leg?, reason: String, at now: Double
    ) throws(JournalError) {
        try edit("nights mask \(date)", reason: reason, at: now) { editor in
            try editor.insert(
                [
                    "night_id": .init(known(date, editor.db)), "start_local": .init(span.lowerBound),
                    "end_local": .init(span.upperBound), "leg": .init(leg?.rawValue), "reason": .init(reason),
                ], into: "masks")
        }
    }

    /// What a person can say about a night; nil leaves a thing as it is.
    public struct NightFacts: Hashable, Sendable {
        /// When the light went out: a clock time.
        public var lightsOut: String?
        /// When the night ended: a clock time.
        public var wakeUp: String?
        /// Where the sensors were worn.
        public var site: String?
        /// The legs of recordings of one stream, by their file names.
        public var legs: [String: Leg]
        /// Whether the sensors were on the other legs than said so far.
        public var swapsLegs: Bool

        /// Facts about a night.
        public init(
            lightsOut: String? = nil, wakeUp: String? = nil, site: String? = nil, legs: [String: Leg] = [:],
            swapsLegs: Bool = false
        ) {
            self.lightsOut = lightsOut
            self.wakeUp = wakeUp
            self.site = site
            self.legs = legs
            self.swapsLegs = swapsLegs
        }
    }

    /// Keeps what a person says about a night.
    public func set(_ date: CivilDay, _ facts: NightFacts, reason: String, at now: Double) throws(JournalError) {
        try edit("nights set \(date)", reason: reason, at: now) { editor in
            var values: [String: StoredValue] = [:]
            if let text = facts.lightsOut { values["lights_out"] = .init(text) }
            if let text = facts.wakeUp { values["wake_up"] = .init(text) }
            if let text = facts.site { values["site"] = .init(text) }
            let id = try known(date, editor.db)
            try editor.update(id, of: "nights", values)
            let parts = try Row.fetchAll(
                editor.db,
                sql: """
                    SELECT night_recordings.id AS id, path, swapped FROM night_recordings
                    JOIN recordings ON recording_id = recordings.id WHERE night_id = ?
                    """,
                arguments: [id])
            for (name, leg) in facts.legs {
                let own = parts.filter { ($0["path"] as String).split(separator: "/").last.map(String.init) == name }
                guard let part = own.first else {
                    throw JournalError(
                        .notFound, path: path, problem: "the night of \(date) has no recording '\(name)'",
                        remedy: "`nattro nights --json` names its files")
                }
                try editor.update(part["id"], of: "night_recordings", ["leg": .init(leg.rawValue)])
            }
            if facts.swapsLegs {
                for part in parts {
                    try editor.update(
                        part["id"], of: "night_recordings", ["swapped": .init(!(part["swapped"] as Bool))])
                }
            }
        }
    }

    /// Notes that a comparison was shown: an exclusion made later is marked so.
    ///
    /// - Parameter what: which comparison, as JSON or in words.
    public func noteComparison(_ what: String, shownAt now: Double) throws(JournalError) {
        try write { db in
            try StoredRow([
                "participant_id": .init(participant.id), "shown": .init(now), "what": .init(what),
            ]).insert(into: "comparisons", db)
        }
    }

    private func known(_ date: CivilDay, _ db: Database) throws -> Int64 {
        guard
            let id = try Int64.fetchOne(
                db, sql: "SELECT id FROM nights WHERE participant_id = ? AND date = ?",
                arguments: [participant.id, date.description])
        else { throw missing(date) }
        return id
    }

    /// The failure where a date's night is asked for and not there.
    public func missing(_ date: CivilDay) -> JournalError {
        JournalError(
            .notFound, path: path, problem: "has no night of \(date) of participant \(participant.name)",
            remedy: "`nattro nights` lists them, `nattro import FILE` adds one")
    }
}
