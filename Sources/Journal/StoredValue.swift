// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import GRDB

/// A value of a row as SQLite stores it; as JSON it loses nothing.
enum StoredValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
}

extension StoredValue: DatabaseValueConvertible {
    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .real(let value): value.databaseValue
        case .text(let value): value.databaseValue
        }
    }

    static func fromDatabaseValue(_ value: DatabaseValue) -> StoredValue? {
        switch value.storage {
        case .null: .null
        case .int64(let number): .integer(number)
        case .double(let number): .real(number)
        case .string(let text): .text(text)
        case .blob: nil
        }
    }
}

extension StoredValue: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let number = try? container.decode(Int64.self) {
            self = .integer(number)
        } else if let number = try? container.decode(Double.self) {
            self = .real(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .integer(let value): try container.encode(value)
        case .real(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        }
    }
}

/// A row of a table by its columns' names.
struct StoredRow: Hashable, Sendable {
    var values: [String: StoredValue]

    init(_ values: [String: StoredValue]) { self.values = values }

    init(_ row: Row) {
        values = [:]
        for (column, value) in row { values[column] = StoredValue.fromDatabaseValue(value) ?? .null }
    }

    /// The row as a line of JSON, its columns by name.
    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(values), as: UTF8.self)
        }
    }

    /// The row in a line of JSON.
    init(json: String) throws {
        values = try JSONDecoder().decode([String: StoredValue].self, from: Data(json.utf8))
    }

    /// The failure where a line names what is no column.
    static func malformed(_ name: String) -> JournalError {
        JournalError(
            .damaged, path: "journal", problem: "names a table or column '\(name.prefix(40))' that does not exist",
            remedy: "use an export as nattro wrote it")
    }

    /// The columns' names in order. They become part of SQL, and a line may come from anybody's file.
    private var columns: [String] {
        get throws {
            let letters = "abcdefghijklmnopqrstuvwxyz0123456789_"
            if let strange = values.keys.first(where: { $0.isEmpty || !$0.allSatisfy(letters.contains) }) {
                throw Self.malformed(strange)
            }
            return values.keys.sorted()
        }
    }

    static func fetch(_ id: Int64, of table: String, _ db: Database) throws -> StoredRow? {
        try Row.fetchOne(db, sql: "SELECT * FROM \(table) WHERE id = ?", arguments: [id]).map(StoredRow.init)
    }

    /// Puts the row into a table; gives its number.
    @discardableResult
    func insert(into table: String, _ db: Database) throws -> Int64 {
        let columns = try columns
        try db.execute(
            sql: "INSERT INTO \(table) (\(columns.joined(separator: ", "))) "
                + "VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))",
            arguments: StatementArguments(columns.map { values[$0] ?? .null }))
        return db.lastInsertedRowID
    }

    /// Gives the row of a number these values, and leaves its other columns alone.
    func update(_ id: Int64, of table: String, _ db: Database) throws {
        let columns = try columns
        guard !columns.isEmpty else { return }
        try db.execute(
            sql: "UPDATE \(table) SET \(columns.map { "\($0) = ?" }.joined(separator: ", ")) WHERE id = ?",
            arguments: StatementArguments(columns.map { values[$0] ?? .null } + [.integer(id)]))
    }
}

extension StoredValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral {
    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int64) { self = .integer(value) }
    init(nilLiteral: ()) { self = .null }
    init(_ value: String?) { self = value.map { .text($0) } ?? .null }
    init(_ value: Double?) { self = value.map { .real($0) } ?? .null }
    init(_ value: Int64) { self = .integer(value) }
    init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }
    init(_ value: Bool?) { self = value.map { .integer($0 ? 1 : 0) } ?? .null }
}
