// SPDX-License-Identifier: GPL-3.0-or-later

/// Something that numbers were made from, or by.
public struct Provenance: Hashable, Sendable {
    /// What: rules, scoring version, a file.
    public var name: String
    /// Which: a name, a number, a digest.
    public var value: String

    /// A line by its parts.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Lines as a table.
    static func table(_ lines: [Provenance]) -> DataTable {
        DataTable(
            "origin", "What the numbers were made from, and by what",
            columns: [.init("what", "What"), .init("value", "Value")],
            rows: lines.map { [.text($0.name), .text($0.value)] })
    }
}
