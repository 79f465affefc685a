// SPDX-License-Identifier: GPL-3.0-or-later

/// The complete lines of a text file, without their ends (LF or CRLF) and without a byte order mark.
struct TextLines {
    /// The number of the last line handed out, from 1.
    private(set) var number = 0
    /// The bytes after the last line end: a line that may be cut.
    private(set) var cutBytes = 0
    let path: String
    private let source: ByteSource
    var fractionRead: Double? { source.fraction }
    private var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    private var filled = 0
    private var position = 0

    /// A longer line is no recording's: 1 MiB.
    private static let longest = 1 << 20

    init(_ source: ByteSource) {
        self.source = source
        path = source.path
    }

    mutating func next() throws(RecordingError) -> [UInt8]? {
        var line: [UInt8] = []
        while true {
            if position == filled {
                filled = try source.read(into: &buffer)
                position = 0
                if filled == 0 {
                    if !line.isEmpty { cutBytes = line.count }
                    return nil
                }
            }
            let end = buffer[position..<filled].firstIndex(of: 0x0A)
            line += buffer[position..<(end ?? filled)]
            guard line.count <= Self.longest else {
                throw RecordingError(
                    .malformed, path: path, place: "line \(number + 1)", problem: "the line is longer than 1 MiB",
                    remedy: "this is no table of samples")
            }
            guard let end else {
                position = filled
                continue
            }
            position = end + 1
            number += 1
            if line.last == 0x0D { line.removeLast() }
            if number == 1, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
            return line
        }
    }
}
