// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import GRDB
internal import Recordings

/// A journal as a folder of plain files: each table as lines of JSON, each recording as it is, and a list of all with digests.
///
/// Nothing is left out: also what was removed or undone stands in the log of changes. The list comes last, so a folder without one
/// is an export that was cut short.
public enum JournalArchive {
    /// The version of the folder's shape.
    public static let schema = "nattro-journal/1"
    /// The list's name in the folder.
    public static let listName = "nattro-journal.json"
    private static let recordingsFolder = "recordings"

    /// What came of an export or an import.
    public struct Outcome: Hashable, Sendable {
        /// Rows by table, of those that have any.
        public var rows: [String: Int]
        /// The recordings copied.
        public var recordings: Int
        /// The recordings whose files are not where the journal has them, or are others now.
        public var missing: [String]
    }

    private struct List: Codable {
        var schema: String
        var programVersion: String
        var files: [File]
        var missing: [String]

        struct File: Codable {
            var name: String
            var sha256: String
            var bytes: Int
            /// The lines of a table; nil for a recording.
            var rows: Int?
        }
    }

    /// Whether a folder is an export.
    public static func isArchive(_ folder: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(folder)/\(listName)")
    }

    // MARK: Export

    /// Writes all of a journal, every participant's, into a folder that is not there yet or empty.
    public static func write(
        _ store: JournalStore, to folder: String, programVersion: String
    ) throws(JournalError) -> Outcome {
        do {
            return try writeAll(store, folder, programVersion)
        } catch {
            throw JournalError(error, path: folder)
        }
    }

    private static func writeAll(_ store: JournalStore, _ folder: String, _ programVersion: String) throws -> Outcome {
        let manager = FileManager.default
        if let present = try? manager.contentsOfDirectory(atPath: folder), !present.isEmpty {
            throw JournalError(
                .conflict, path: folder, problem: "is not empty, and nothing is overwritten",
                remedy: "name a new folder")
        }
        try manager.createDirectory(
            atPath: "\(folder)/\(recordingsFolder)", withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        var outcome = Outcome(rows: [:], recordings: 0, missing: [])
        var files: [List.File] = []
        // One moment of the journal, whoever writes meanwhile.
        let recordings = try store.queue.read { db in
            for table in Schema.tables {
                let rows = try Row.fetchAll(db, sql: "SELECT * FROM \(table) ORDER BY id").map(StoredRow.init)
                let text = try rows.map { try $0.json + "\n" }.joined()
                files.append(try write(text, "\(table).jsonl", folder, rows: rows.count))
                if !rows.isEmpty { outcome.rows[table] = rows.count }
            }
            return try Row.fetchAll(db, sql: "SELECT DISTINCT sha256, path, bytes FROM recordings ORDER BY id").map {
                (sha256: $0["sha256"] as String, path: $0["path"] as String, bytes: $0["bytes"] as Int)
            }
        }
        for recording in recordings {
            let name = "\(recordingsFolder)/\(name(of: recording.path, recording.sha256))"
            guard !files.contains(where: { $0.name == name }) else { continue }
            let source = store.absolutePath(recording.path)
            guard let found = try? SHA256.digest(ofFile: source), found.digest == recording.sha256 else {
                outcome.missing.append(source)
                continue
            }
            try manager.copyItem(atPath: source, toPath: "\(folder)/\(name)")
            try manager.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(folder)/\(name)")
            files.append(List.File(name: name, sha256: recording.sha256, bytes: recording.bytes))
            outcome.recordings += 1
        }
        let list = List(schema: schema, programVersion: programVersion, files: files, missing: outcome.missing)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        _ = try write(String(decoding: encoder.encode(list), as: UTF8.self) + "\n", listName, folder, rows: nil)
        return outcome
    }

    private static func write(_ text: String, _ name: String, _ folder: String, rows: Int?) throws -> List.File {
        let url = URL(filePath: "\(folder)/\(name)")
        try Data(text.utf8).write(to: url, options: .withoutOverwriting)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: url.path)
        return List.File(name: name, sha256: SHA256.digest(of: text), bytes: text.utf8.count, rows: rows)
    }

    /// The name of a recording in the folder: its own, after enough of its digest to tell equal names apart.
    private static func name(of path: String, _ sha256: String) -> String {
        "\(sha256.prefix(12))-\((path as NSString).lastPathComponent)"
    }

    // MARK: Import

    /// Reads an export into a journal that has no entries yet; its recordings go into the folder beside the journal.
    ///
    /// Participants keep the numbers of the export: open the journal anew afterwards.
    public static func read(
        _ folder: String, into store: JournalStore, recordingsFolder target: String
    ) throws(JournalError) -> Outcome {
        do {
            return try readAll(folder, store, target)
        } catch {
            throw JournalError(error, path: folder)
        }
    }

    private static func readAll(_ folder: String, _ store: JournalStore, _ target: String) throws -> Outcome {
        let list = try list(of: folder)
        var tables: [String: [StoredRow]] = [:]
        for table in Schema.tables {
            guard let file = list.files.first(where: { $0.name == "\(table).jsonl" }) else { continue }
            let data = try Data(contentsOf: URL(filePath: "\(folder)/\(file.name)"))
            let text = String(decoding: data, as: UTF8.self)
            guard SHA256.digest(of: text) == file.sha256 else { throw changed("\(folder)/\(file.name)") }
            tables[table] = try text.split(separator: "\n").map { try StoredRow(json: String($0)) }
        }
        var outcome = Outcome(rows: [:], recordings: 0, missing: list.missing)
        try requireEmpty(store)
        let paths = try copyRecordings(list, folder, store, target, &outcome)
        try store.queue.write { db in
            try requireEmpty(store, db)
            let created =
                try Double.fetchOne(
                    db, sql: "SELECT created FROM participants WHERE name = ?", arguments: [store.participant.name])
                ?? 0
            try db.execute(sql: "DELETE FROM participants")
            for table in Schema.tables {
                for row in tables[table] ?? [] {
                    var row = row
                    if table == "recordings", case .text(let sha256) = row.values["sha256"], let path = paths[sha256] {
                        row.values["path"] = .text(path)
                    }
                    try row.insert(into: table, db)
                }
                if let rows = tables[table], !rows.isEmpty { outcome.rows[table] = rows.count }
            }
            // Whoever opened this journal is in it, as before.
            try db.execute(
                sql: "INSERT INTO participants (name, created) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
                arguments: [store.participant.name, created])
        }
        return outcome
    }

    private static func list(of folder: String) throws -> List {
        let path = "\(folder)/\(listName)"
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw JournalError(
                .notFound, path: path, problem: "is not there, so the folder is no export, or one that was cut short",
                remedy: "name a folder that `nattro export --all` finished")
        }
        guard let list = try? JSONDecoder().decode(List.self, from: data) else { throw changed(path) }
        guard list.schema == schema else {
            throw JournalError(
                .newer, path: path, problem: "has the schema \(list.schema), and this version reads \(schema)",
                remedy: "use the version of nattro that wrote it (\(list.programVersion))")
        }
        return list
    }

    private static func changed(_ path: String) -> JournalError {
        JournalError(
            .damaged, path: path, problem: "is not as it was exported: its digest differs", remedy: "copy it once more")
    }

    private static func requireEmpty(_ store: JournalStore) throws {
        try store.queue.read { db in try requireEmpty(store, db) }
    }

    private static func requireEmpty(_ store: JournalStore, _ db: Database) throws {
        for table in Schema.tables where table != "participants" {
            guard try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM \(table))") != true else {
                throw JournalError(
                    .conflict, path: store.path,
                    problem: "has entries already, and an export is read into a new journal",
                    remedy: "name one with --journal NEW")
            }
        }
    }

    /// Copies the recordings; gives where each is, by its digest.
    private static func copyRecordings(
        _ list: List, _ folder: String, _ store: JournalStore, _ target: String, _ outcome: inout Outcome
    ) throws -> [String: String] {
        var paths: [String: String] = [:]
        for file in list.files where file.rows == nil {
            let source = "\(folder)/\(file.name)"
            guard file.name.hasPrefix("\(recordingsFolder)/"), !file.name.contains("..") else { throw changed(source) }
            guard try SHA256.digest(ofFile: source).digest == file.sha256 else { throw changed(source) }
            let name = String((file.name as NSString).lastPathComponent.dropFirst(13))
            paths[file.sha256] = try RecordingFolder(target).take(
                source, named: name, relativeTo: store.folder)
            outcome.recordings += 1
        }
        return paths
    }
}
