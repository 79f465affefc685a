// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import GRDB

/// Something that a person entered, with its number in the journal.
public struct StoredEntry<Value: Hashable & Sendable>: Hashable, Sendable {
    /// Its number: by it the person names it to change or remove it.
    public let id: Int
    /// What was entered.
    public let value: Value

    /// An entry under a number.
    public init(id: Int, value: Value) {
        self.id = id
        self.value = value
    }
}

/// What is entered is kept as JSON, so that a later field needs no new column and no entry loses one.
enum EntryJSON {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ text: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }

    static func entry<Value: Decodable & Hashable & Sendable>(
        _ row: Row, _ decoder: JSONDecoder
    ) throws -> StoredEntry<Value> {
        let (id, text): (Int, String) = (row["id"], row["value"])
        return StoredEntry(id: id, value: try decoder.decode(Value.self, from: Data(text.utf8)))
    }

    /// The entries of a query's rows, in their order.
    static func entries<Value: Decodable & Hashable & Sendable>(
        _ db: Database, _ sql: String, _ arguments: StatementArguments
    ) throws -> [StoredEntry<Value>] {
        let decoder = JSONDecoder()
        return try Row.fetchAll(db, sql: sql, arguments: arguments).map { try entry($0, decoder) }
    }
}

extension JournalStore {
    /// The row of an entry of this participant.
    func own(_ id: Int, in table: String, _ db: Database) throws -> Int64 {
        let known = try Int64.fetchOne(
            db, sql: "SELECT id FROM \(table) WHERE id = ? AND participant_id = ?", arguments: [id, participant.id])
        guard let known else {
            throw JournalError(
                .notFound, path: path, problem: "has no entry \(id) of that kind of participant \(participant.name)",
                remedy: "the numbers stand in the list")
        }
        return known
    }

    /// Writes an entry over the one of the same key, or adds it.
    func put(
        _ values: [String: StoredValue], key: String, _ name: String, in table: String, _ editor: Editor
    ) throws -> Int {
        let known = try Int64.fetchOne(
            editor.db, sql: "SELECT id FROM \(table) WHERE participant_id = ? AND \(key) = ?",
            arguments: [participant.id, name])
        if let known {
            try editor.update(known, of: table, values)
            return Int(known)
        }
        let row = values.merging(["participant_id": .init(participant.id), key: .init(name)]) { first, _ in first }
        return Int(try editor.insert(row, into: table))
    }

    /// Removes entries of a kind; the log keeps what they were.
    public func remove(_ ids: [Int], from scope: Scope, _ deed: String, at now: Double) throws(JournalError) {
        let table = scope.tables[0]
        try edit(deed, at: now) { editor in
            for id in ids { try editor.delete(own(id, in: table, editor.db), of: table) }
        }
    }
}
