// SPDX-License-Identifier: GPL-3.0-or-later
internal import GRDB

/// A change that a person made, as the log keeps it.
public struct Change: Hashable, Sendable {
    /// The changes of one command have one number.
    public let batch: Int
    /// When, in seconds since the Unix epoch.
    public let made: Double
    /// What was done, in words: `dose add`, `nights exclude 2026-11-23`.
    public let deed: String
    /// Why, as the person said; empty where nobody asked.
    public let reason: String
    /// Whether it was taken back.
    public let isUndone: Bool
}

/// Changes rows that a person entered or decided, and logs what they were before and after: each can be taken back.
struct Editor {
    let db: Database
    let participant: Int64
    let batch: Int64
    let made: Double
    let deed: String
    let reason: String

    init(
        _ db: Database, _ participant: JournalStore.Participant, at made: Double, _ deed: String, reason: String
    ) throws {
        self.db = db
        self.participant = participant.id
        self.made = made
        self.deed = deed
        self.reason = reason
        batch = try (Int64.fetchOne(db, sql: "SELECT max(batch) FROM changes") ?? 0) + 1
    }

    @discardableResult
    func insert(_ values: [String: StoredValue], into table: String) throws -> Int64 {
        let id = try StoredRow(values).insert(into: table, db)
        try log(table, id, before: nil, after: .fetch(id, of: table, db))
        return id
    }

    func update(_ id: Int64, of table: String, _ values: [String: StoredValue]) throws {
        let before = try StoredRow.fetch(id, of: table, db)
        try StoredRow(values).update(id, of: table, db)
        let after = try StoredRow.fetch(id, of: table, db)
        if before != after { try log(table, id, before: before, after: after) }
    }

    func delete(_ id: Int64, of table: String) throws {
        let before = try StoredRow.fetch(id, of: table, db)
        try db.execute(sql: "DELETE FROM \(table) WHERE id = ?", arguments: [id])
        try log(table, id, before: before, after: nil)
    }

    private func log(_ table: String, _ id: Int64, before: StoredRow?, after: StoredRow?) throws {
        precondition(Schema.edited.contains(table), "rows of \(table) are not edited")
        try StoredRow([
            "participant_id": .init(participant), "batch": .init(batch), "made": .init(made), "deed": .init(deed),
            "reason": .init(reason), "table_name": .init(table), "row_id": .init(id), "before": .init(before?.json),
            "after": .init(after?.json),
        ]).insert(into: "changes", db)
    }
}

extension JournalStore {
    /// What kind of entries a command is about.
    public enum Scope: Sendable {
        case nights
        case doses
        case products
        case plan
        case diary
        case medicines
        case profile
        case designs

        var tables: [String] {
            switch self {
            case .nights: ["nights", "night_recordings", "masks"]
            case .doses: ["doses", "dose_coverage"]
            case .products: ["products"]
            case .plan: ["plan_steps"]
            case .diary: ["diary"]
            case .medicines: ["medicines"]
            case .profile: ["profiles", "labs"]
            case .designs: ["designs"]
            }
        }
    }

    /// Changes entries and logs it, in one transaction.
    @discardableResult
    func edit<T>(_ deed: String, reason: String = "", at now: Double, _ work: (Editor) throws -> T) throws(JournalError)
        -> T
    {
        try write { db in try work(Editor(db, participant, at: now, deed, reason: reason)) }
    }

    /// The changes of a kind of entries, latest first, one for each command.
    public func changes(of scope: Scope) throws(JournalError) -> [Change] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT batch, made, deed, reason, max(undone) AS undone FROM changes
                    WHERE participant_id = ? AND table_name IN (\(Self.list(scope.tables)))
                    GROUP BY batch ORDER BY batch DESC
                    """,
                arguments: [participant.id]
            ).map { row in
                Change(
                    batch: row["batch"], made: row["made"], deed: row["deed"], reason: row["reason"],
                    isUndone: (row["undone"] as Double?) != nil)
            }
        }
    }

    /// Takes back the last command's change of a kind of entries; gives what it was, nil where there is none left.
    ///
    /// The log keeps both the change and that it was taken back.
    @discardableResult
    public func undo(_ scope: Scope, at now: Double) throws(JournalError) -> Change? {
        try write { db in
            let last = try Row.fetchOne(
                db,
                sql: """
                    SELECT batch, made, deed, reason FROM changes
                    WHERE participant_id = ? AND table_name IN (\(Self.list(scope.tables))) AND undone IS NULL
                    ORDER BY id DESC LIMIT 1
                    """,
                arguments: [participant.id])
            guard let last else { return nil }
            let batch: Int64 = last["batch"]
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM changes WHERE participant_id = ? AND batch = ? ORDER BY id DESC",
                arguments: [participant.id, batch])
            for row in rows { try takeBack(row, db) }
            try db.execute(
                sql: "UPDATE changes SET undone = ? WHERE participant_id = ? AND batch = ?",
                arguments: [now, participant.id, batch])
            return Change(
                batch: Int(batch), made: last["made"], deed: last["deed"], reason: last["reason"], isUndone: true)
        }
    }

    private func takeBack(_ row: Row, _ db: Database) throws {
        let (table, id): (String, Int64) = (row["table_name"], row["row_id"])
        guard Schema.edited.contains(table) else { throw StoredRow.malformed(table) }
        let before = try (row["before"] as String?).map(StoredRow.init(json:))
        let after: String? = row["after"]
        // As text: JSON tells no whole number from a real one.
        guard try StoredRow.fetch(id, of: table, db)?.json == after else {
            throw JournalError(
                .conflict, path: path, problem: "what '\(row["deed"] as String)' made was changed since",
                remedy: "edit the entry instead")
        }
        if let before, after != nil {
            try before.update(id, of: table, db)
        } else if let before {
            try before.insert(into: table, db)
        } else {
            try db.execute(sql: "DELETE FROM \(table) WHERE id = ?", arguments: [id])
        }
    }

    private static func list(_ tables: [String]) -> String { tables.map { "'\($0)'" }.joined(separator: ", ") }
}
