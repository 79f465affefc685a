// SPDX-License-Identifier: GPL-3.0-or-later
internal import GRDB

/// Why the journal cannot do what was asked: what failed, where, and what to do next.
public struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Reason: Hashable, Sendable {
        /// The file or its folder may not be read or written.
        case accessDenied
        /// Another process kept it locked for longer than anybody waits.
        case busy
        /// It is no journal, or it is damaged.
        case damaged
        /// A later version of nattro wrote it.
        case newer
        /// The disk is full.
        case noSpace
        /// Reading or writing failed.
        case inputOutput
        /// What was asked for is not in it.
        case notFound
        /// What was asked for contradicts what is in it.
        case conflict
        /// The text or number given cannot be stored.
        case invalid
    }

    /// What kind of failure it is.
    public let reason: Reason
    /// The journal or the file of an export.
    public let path: String
    /// What is wrong.
    public let problem: String
    /// What the person can do.
    public let remedy: String
    /// SQLite's or the system's code; 0 where there is none.
    public let code: Int32

    /// A failure.
    public init(_ reason: Reason, path: String, problem: String, remedy: String, code: Int32 = 0) {
        self.reason = reason
        self.path = path
        self.problem = problem
        self.remedy = remedy
        self.code = code
    }

    /// One line: what, where, what to do.
    public var description: String { "\(path): \(problem); \(remedy)" + (code == 0 ? "" : " (code \(code))") }

    /// What an error from below means.
    init(_ error: any Error, path: String) {
        if let own = error as? JournalError {
            self = own
            return
        }
        guard let database = error as? DatabaseError else {
            self.init(
                .inputOutput, path: path, problem: "failed: \(error)", remedy: "run `nattro doctor`")
            return
        }
        let code = database.resultCode.rawValue
        switch database.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(
                .busy, path: path, problem: "another nattro keeps it locked",
                remedy: "wait for that one to end, and do it again", code: code)
        case .SQLITE_NOTADB, .SQLITE_CORRUPT:
            self.init(
                .damaged, path: path, problem: "is damaged, or no journal of nattro",
                remedy: "keep the file, and read your last export into a new journal: "
                    + "nattro import DIR --journal NEW", code: code)
        case .SQLITE_FULL:
            self.init(.noSpace, path: path, problem: "no space left on its disk", remedy: "make room", code: code)
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(
                .accessDenied, path: path, problem: "cannot be opened for writing",
                remedy: "check the owner and mode of the file and of its folder", code: code)
        default:
            self.init(
                .inputOutput, path: path, problem: "failed: \(database.message ?? database.description)",
                remedy: "run `nattro doctor`", code: code)
        }
    }
}
