// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import GRDB

/// The journal of one participant: nights, results, doses and diary in one SQLite file.
///
/// One file may hold several participants; a store is opened for one of them and never sees another's entries. What a
/// call has returned from is on the disk, whatever becomes of the process afterwards. Several processes may have the same
/// journal open; each write waits for up to ``patience`` seconds for the others.
public struct JournalStore: Sendable {
    /// The file.
    public let path: String
    /// Whose entries these are.
    public let participant: Participant
    let queue: DatabaseQueue

    /// Seconds that a write waits for another process.
    public static let patience = 20.0

    /// Somebody whose nights are kept.
    public struct Participant: Hashable, Sendable {
        let id: Int64
        /// The name: letters, digits, `.`, `_` and `-`.
        public let name: String

        /// The participant of a journal of one's own.
        public static let defaultName = "me"

        /// Whether a name can be one: it names a folder too.
        public static func isValid(name: String) -> Bool {
            !name.isEmpty && name.utf8.count <= 64 && !name.hasPrefix(".") && !name.hasPrefix("-")
                && name.unicodeScalars.allSatisfy {
                    ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                        || [".", "_", "-"].contains($0)
                }
        }
    }

    /// Opens a journal, and makes it where there is none: a file that only its owner may read.
    ///
    /// - Parameter now: the time, in seconds since the Unix epoch; a new participant's entry keeps it.
    public init(path: String, participant name: String = Participant.defaultName, now: Double) throws(JournalError) {
        guard Participant.isValid(name: name) else {
            throw JournalError(
                .invalid, path: path, problem: "'\(name)' is no participant's name",
                remedy: "use letters, digits, '.', '_' and '-'")
        }
        do {
            try Self.create(path)
            let queue = try Self.open(path)
            participant = try queue.write { db in try Self.participant(name, now, db) }
            self.queue = queue
        } catch {
            throw JournalError(error, path: path)
        }
        self.path = path
    }

    /// The folder of the journal: paths of recordings in it are kept relative to it.
    public var folder: String { (path as NSString).deletingLastPathComponent }

    /// The file of a recording as it is kept in the journal.
    public func absolutePath(_ stored: String) -> String {
        stored.hasPrefix("/") ? stored : (folder.isEmpty ? "." : folder) + "/" + stored
    }

    /// Reads in one transaction: everything that `work` sees is of one moment.
    func read<T>(_ work: (Database) throws -> T) throws(JournalError) -> T {
        do { return try queue.read(work) } catch { throw JournalError(error, path: path) }
    }

    /// Writes in one transaction: all of it is on the disk afterwards, or nothing.
    @discardableResult
    func write<T>(_ work: (Database) throws -> T) throws(JournalError) -> T {
        do { return try queue.write(work) } catch { throw JournalError(error, path: path) }
    }

    // MARK: Opening

    /// An empty file for its owner alone, where there is none; SQLite gives its companions the same mode.
    private static func create(_ path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        do {
            // Never over another process's file that came in the meantime.
            try Data().write(to: URL(filePath: path), options: .withoutOverwriting)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        } catch {
            guard !FileManager.default.fileExists(atPath: path) else { return }
            throw JournalError(
                .accessDenied, path: path, problem: "cannot be created",
                remedy: "make its folder, check that you may write there, or name another file with --journal")
        }
    }

    private static func open(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "journal"
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(patience)
        configuration.prepareDatabase { db in
            // An acknowledged entry survives a power cut too, not only the end of the process.
            try db.execute(sql: "PRAGMA synchronous = FULL")
        }
        // Several processes at once make the file a journal: whoever comes second finds it done.
        let deadline = ContinuousClock.now + .seconds(patience)
        while true {
            do {
                let queue = try DatabaseQueue(path: path, configuration: configuration)
                try migrate(queue, path)
                return queue
            } catch let error as DatabaseError {
                guard races.contains(error.resultCode), ContinuousClock.now < deadline else { throw error }
                Thread.sleep(forTimeInterval: 0.02)
            }
        }
    }

    /// What SQLite answers whoever makes the same tables at the same time.
    private static let races: [ResultCode] = [.SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_ERROR, .SQLITE_CONSTRAINT]

    private static func migrate(_ queue: DatabaseQueue, _ path: String) throws {
        let migrator = Schema.migrator
        let isDone = try queue.read { db in
            if try migrator.hasBeenSuperseded(db) {
                throw JournalError(
                    .newer, path: path, problem: "was written by a later version of nattro",
                    remedy: "install that version, or name another file with --journal")
            }
            return try migrator.hasCompletedMigrations(db)
        }
        if !isDone { try migrator.migrate(queue) }
    }

    private static func participant(_ name: String, _ now: Double, _ db: Database) throws -> Participant {
        let known = try Int64.fetchOne(db, sql: "SELECT id FROM participants WHERE name = ?", arguments: [name])
        if let known { return Participant(id: known, name: name) }
        try db.execute(sql: "INSERT INTO participants (name, created) VALUES (?, ?)", arguments: [name, now])
        return Participant(id: db.lastInsertedRowID, name: name)
    }
}

extension JournalStore {
    /// The participants of the file, by name; their entries are seen by opening it for them.
    public func participantNames() throws(JournalError) -> [String] {
        try read { db in try String.fetchAll(db, sql: "SELECT name FROM participants ORDER BY name") }
    }

    /// What SQLite finds wrong with the file, and references that lead nowhere; empty where all is well.
    public func integrityProblems() throws(JournalError) -> [String] {
        try read { db in
            let problems = try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
            let dangling = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").map { row in
                "row \(row[1] as Int64? ?? 0) of \(row[0] as String? ?? "?") refers to what is not there"
            }
            return problems + dangling
        }
    }

    /// A copy of the whole file, made while others may write.
    ///
    /// - Parameter copy: a file that is not there yet.
    public func backUp(to copy: String) throws(JournalError) {
        guard !FileManager.default.fileExists(atPath: copy) else {
            throw JournalError(
                .conflict, path: copy, problem: "exists already, and nothing is overwritten",
                remedy: "name another file")
        }
        do {
            try Self.create(copy)
            let target = try DatabaseQueue(path: copy)
            try queue.backup(to: target)
            try target.close()
        } catch {
            throw JournalError(error, path: copy)
        }
    }
}
