// SPDX-License-Identifier: GPL-3.0-or-later

/// Something about one place of a file that the person should know: why a row was not read, or what was assumed of it.
public struct Finding: Hashable, Sendable, Error {
    /// The line, counted from 1.
    public var line: Int
    /// The character of the line, counted from 1.
    public var column: Int
    /// The code by which other programs know it: `E_DATE_IMPOSSIBLE`, `W_BASIS_ASSUMED`.
    public var code: String
    /// What is wrong, or what was assumed.
    public var message: String
    /// What to do about it; empty if nothing.
    public var hint: String

    /// A finding by its parts.
    public init(line: Int, column: Int, code: String, message: String, hint: String = "") {
        self.line = line
        self.column = column
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// `file:line:column CODE message; hint`.
    public func text(file: String) -> String {
        "\(file):\(line):\(column) \(code) \(message)\(hint.isEmpty ? "" : "; \(hint)")"
    }
}

/// Why a whole file was not read.
public struct RefusedFile: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, and where.
    public var finding: Finding

    /// A refusal by what is wrong.
    public init(_ finding: Finding) {
        self.finding = finding
    }

    init(line: Int = 1, column: Int = 1, _ code: String, _ message: String, hint: String = "") {
        finding = Finding(line: line, column: column, code: code, message: message, hint: hint)
    }

    /// `line 1: E_TZ_MISSING …`
    public var description: String { finding.text(file: "line") }
}
