// SPDX-License-Identifier: GPL-3.0-or-later

/// Why a recording could not be opened, read or written, and what to do about it.
///
/// Damage inside a file that still holds data is no error: it is a ``Gap`` and a line of the ``ReadingReport``.
public struct RecordingError: Error, Hashable, Sendable {
    /// The kind of failure, to switch on.
    public enum Reason: Hashable, Sendable {
        case notFound
        case accessDenied
        case isDirectory
        case empty
        case unknownFormat
        case damaged
        case noSamples
        case unsupported
        case malformed
        case alreadyExists
        case noSpace
        case inUse
        case inputOutput
    }

    /// The kind of failure.
    public let reason: Reason
    /// The file, as it was named.
    public let path: String
    /// Where in the file: a line, a byte, a sector. Empty where that has no meaning.
    public let place: String
    /// What is wrong, in one clause.
    public let problem: String
    /// What to do about it, in one clause; empty if nothing is known to help.
    public let remedy: String
    /// The error number from the system, 0 if none.
    public let code: Int32

    /// An error about one file.
    public init(
        _ reason: Reason, path: String, place: String = "", problem: String, remedy: String = "", code: Int32 = 0
    ) {
        self.reason = reason
        self.path = path
        self.place = place
        self.problem = problem
        self.remedy = remedy
        self.code = code
    }
}

extension RecordingError: CustomStringConvertible {
    /// One line: the file, the place, the problem, the remedy.
    public var description: String {
        var text = path
        if !place.isEmpty { text += ", \(place)" }
        text += ": \(problem)"
        if !remedy.isEmpty { text += "; \(remedy)" }
        return text
    }
}
