// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The SHA-256 of values as little-endian bytes, in hexadecimal, by the system's `sha256sum`.
package func sha256(_ values: [Float]) throws -> String { try sha256(integers: values.map(\.bitPattern)) }

/// The SHA-256 of integers as little-endian bytes, in hexadecimal, by the system's `sha256sum`.
package func sha256(integers values: [some FixedWidthInteger]) throws -> String {
    try Fixtures.withTemporaryFolder { folder in
        let file = folder.appending(path: "values")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * 8)
        for value in values {
            for shift in stride(from: 0, to: value.bitWidth, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: value >> shift))
            }
        }
        try Data(bytes).write(to: file)
        return String(try ProgramRun("sha256sum", [file.path]).output.prefix(64))
    }
}
