// SPDX-License-Identifier: GPL-3.0-or-later
import Nights
import Recordings

/// Small files that are read whole: logs, diaries, profiles.
enum WholeFile {
    /// The largest file that is read, in bytes.
    static let largest = 64 << 20

    /// The bytes of a file; `-` is standard input.
    static func bytes(_ path: String) throws -> [UInt8] { try bytes(ByteSource(path: path)) }

    /// What is left of a file.
    static func bytes(_ source: ByteSource) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try source.read(into: &chunk)
            bytes += chunk[..<count]
            if count < chunk.count { return bytes }
            guard bytes.count <= largest else {
                throw Failure(
                    message: "\(source.path): more than \(largest >> 20) MiB; split the file", outcome: .unusableInput)
            }
        }
    }

    /// Reads a companion of a log, and names what in it could not be read.
    static func read<Value>(_ path: String, _ reading: ([UInt8]) throws -> Value) throws -> Value {
        do {
            return try reading(bytes(path))
        } catch let refused as RefusedFile {
            throw Failure(message: refused.finding.text(file: path), outcome: .unusableInput)
        }
    }
}
