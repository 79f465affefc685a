// SPDX-License-Identifier: GPL-3.0-or-later
internal import GRDB
public import Nights
public import Recordings

/// A recording that the journal knows.
public struct StoredRecording: Hashable, Sendable {
    let id: Int64
    /// The file's SHA-256.
    public let sha256: String
    /// Its size in bytes.
    public let bytes: Int
    /// Where it is: relative to the journal's folder, or absolute.
    public let path: String
    /// The file format's name.
    public let format: String
    /// Maker and model.
    public let device: String
    /// The sensor's serial number.
    public let serial: String
    /// The firmware's version; empty where the file tells none.
    public let firmware: String
    /// The body site as the file words it.
    public let site: String
    /// The first sample, in seconds since the Unix epoch on the recording's local clock.
    public let start: Double
    /// The end of the last sample.
    public let end: Double
    /// Seconds to add to UTC for its local time; nil where the format keeps none.
    public let zoneOffset: Int?
    /// When the sleeper turned the light off, where the log tells.
    public let lightsOut: Double?
    /// When the sleeper got up, where the log tells.
    public let lightsOn: Double?
    /// Whether it was closed in order.
    public let isClosed: Bool
    /// Its streams.
    public let streams: [Stream]

    /// A stream of a recording.
    public struct Stream: Hashable, Sendable {
        /// The leg, where the file tells.
        public let leg: Leg?
        /// Samples a second as the sensor was set.
        public let rate: Double
        /// The largest acceleration that can be measured, in g; 0 where unknown.
        public let range: Double
    }

    init(_ row: Row, _ db: Database) throws {
        id = row["id"]
        sha256 = row["sha256"]
        bytes = row["bytes"]
        path = row["path"]
        format = row["format"]
        device = row["device"]
        serial = row["serial"]
        firmware = row["firmware"]
        site = row["site"]
        start = row["start_local"]
        end = row["end_local"]
        zoneOffset = row["zone_offset"]
        lightsOut = row["lights_out"]
        lightsOn = row["lights_on"]
        isClosed = row["closed"]
        streams = try Row.fetchAll(
            db, sql: "SELECT * FROM streams WHERE recording_id = ? ORDER BY number", arguments: [id]
        ).map { Stream(leg: ($0["leg"] as String?).flatMap(Leg.init(rawValue:)), rate: $0["rate"], range: $0["range"]) }
    }
}

extension JournalStore {
    /// The recording of a digest, where the journal has it.
    public func recording(sha256: String) throws(JournalError) -> StoredRecording? {
        try read { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM recordings WHERE participant_id = ? AND sha256 = ?",
                arguments: [participant.id, sha256]
            ).map { try StoredRecording($0, db) }
        }
    }

    /// The paths of all recordings, as they are kept.
    public func recordingPaths() throws(JournalError) -> Set<String> {
        try read { db in
            try Set(
                String.fetchAll(
                    db, sql: "SELECT path FROM recordings WHERE participant_id = ?", arguments: [participant.id]))
        }
    }

    /// Takes a recording into the journal, with the nights that it is of; one that is there already changes nothing.
    ///
    /// - Parameters:
    ///   - stored: where the file is: relative to the journal's folder, or absolute.
    ///   - leg: the leg of a recording of one stream, where the person told.
    ///   - night: the night, where the person told.
    /// - Returns: the nights that it is of, and whether it is new.
    @discardableResult
    public func register(
        _ survey: RecordingSurvey, at stored: String, leg: Leg? = nil, night: CivilDay? = nil, now: Double
    ) throws(JournalError) -> (nights: [CivilDay], isNew: Bool) {
        try write { db in
            let known = try Int64.fetchOne(
                db, sql: "SELECT id FROM recordings WHERE participant_id = ? AND sha256 = ?",
                arguments: [participant.id, survey.sha256])
            if let known {
                try forgetPending(stored, db)
                return (try nights(ofRecording: known, db), false)
            }
            if let grown = try Int64.fetchOne(
                db, sql: "SELECT id FROM recordings WHERE participant_id = ? AND path = ? AND closed = 0",
                arguments: [participant.id, stored])
            {
                // A recorder went on with a log that a crash had left: the same recording, longer. Results of the
                // shorter one keep its digest.
                try grow(grown, survey, db)
                try forgetPending(stored, db)
                return (try nights(ofRecording: grown, db), true)
            }
            let id = try insert(survey, stored, now, db)
            let nights = night.map { [$0] } ?? survey.nights
            for date in nights {
                let night = try nightID(date, db)
                try StoredRow([
                    "night_id": .init(night), "recording_id": .init(id), "leg": .init(leg?.rawValue),
                ]).insert(into: "night_recordings", db)
            }
            try forgetPending(stored, db)
            return (nights, true)
        }
    }

    private func nights(ofRecording id: Int64, _ db: Database) throws -> [CivilDay] {
        try String.fetchAll(
            db,
            sql: """
                SELECT date FROM nights JOIN night_recordings ON night_id = nights.id WHERE recording_id = ?
                ORDER BY date
                """,
            arguments: [id]
        ).compactMap { CivilDay($0) }
    }

    private func grow(_ id: Int64, _ survey: RecordingSurvey, _ db: Database) throws {
        try StoredRow([
            "sha256": .init(survey.sha256), "bytes": .init(survey.bytes), "end_local": .init(survey.end),
            "lights_out": .init(survey.lightsOut), "lights_on": .init(survey.lightsOn),
            "closed": .init(survey.isClosed),
        ]).update(id, of: "recordings", db)
        let known = try Int.fetchOne(db, sql: "SELECT count(*) FROM streams WHERE recording_id = ?", arguments: [id])
        try insertStreams(survey, from: known ?? 0, of: id, db)
    }

    private func insert(_ survey: RecordingSurvey, _ stored: String, _ now: Double, _ db: Database) throws -> Int64 {
        let header = survey.header
        let id = try StoredRow([
            "participant_id": .init(participant.id), "sha256": .init(survey.sha256), "bytes": .init(survey.bytes),
            "path": .init(stored), "format": .init(header.format.rawValue), "device": .init(header.device),
            "serial": .init(header.serial), "firmware": .init(header.firmware), "site": .init(header.site),
            "start_local": .init(survey.start), "end_local": .init(survey.end),
            "zone_offset": .init(survey.zone.map { Int($0.offset) }), "zone": .init(survey.zone?.name),
            "lights_out": .init(survey.lightsOut), "lights_on": .init(survey.lightsOn),
            "closed": .init(survey.isClosed), "imported": .init(now),
        ]).insert(into: "recordings", db)
        try insertStreams(survey, from: 0, of: id, db)
        return id
    }

    private func insertStreams(_ survey: RecordingSurvey, from first: Int, of id: Int64, _ db: Database) throws {
        for (number, stream) in survey.header.streams.enumerated().dropFirst(first) {
            try StoredRow([
                "recording_id": .init(id), "number": .init(number), "leg": .init(stream.leg?.rawValue),
                "rate": .init(stream.nominalRate), "range": .init(stream.range),
                "channels": .init(stream.channels.joined(separator: ",")),
            ]).insert(into: "streams", db)
        }
    }

    // MARK: Logs that are being written

    /// Notes that a log is going to be written, so that a crash does not lose sight of it.
    public func notePending(_ path: String, now: Double) throws(JournalError) {
        try write { db in
            try db.execute(
                sql: """
                    INSERT INTO pending (participant_id, path, started) VALUES (?, ?, ?)
                    ON CONFLICT (path) DO UPDATE SET participant_id = excluded.participant_id, started = excluded.started
                    """,
                arguments: [participant.id, path, now])
        }
    }

    /// The logs that were going to be written and are not in the journal yet.
    public func pendingPaths() throws(JournalError) -> [String] {
        try read { db in
            try String.fetchAll(
                db, sql: "SELECT path FROM pending WHERE participant_id = ? ORDER BY id", arguments: [participant.id])
        }
    }

    /// When a log was going to be begun; nil for one that nobody noted.
    public func pendingStart(_ path: String) throws(JournalError) -> Double? {
        try read { db in
            try Double.fetchOne(
                db, sql: "SELECT started FROM pending WHERE participant_id = ? AND path = ?",
                arguments: [participant.id, path])
        }
    }

    /// Forgets a log that was going to be written: nothing came of it.
    public func forgetPending(_ path: String) throws(JournalError) { try write { db in try forgetPending(path, db) } }

    private func forgetPending(_ path: String, _ db: Database) throws {
        try db.execute(
            sql: "DELETE FROM pending WHERE participant_id = ? AND path = ?", arguments: [participant.id, path])
    }
}
