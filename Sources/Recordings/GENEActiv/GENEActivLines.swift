// SPDX-License-Identifier: GPL-3.0-or-later

/// The lines of a GENEActiv file as ranges of a buffer, so that a page's 3600 digits are never copied or searched.
struct GENEActivLines {
    private(set) var buffer: [UInt8]
    /// Where the last line handed out begins in the file.
    private(set) var lineOffset = 0
    /// What ended the last line handed out: LF or CRLF.
    private(set) var lineEnd: [UInt8] = []
    /// Whether the last line handed out ended with the file and not with a line end.
    private(set) var isCut = false
    var fractionRead: Double? { source.fraction }

    private let source: ByteSource
    private var filled = 0
    private var position = 0
    private var atEnd = false

    /// Also the longest line: longer ones are handed out in pieces.
    private static let bufferSize = 256 << 10

    init(_ source: ByteSource) {
        self.source = source
        buffer = [UInt8](repeating: 0, count: Self.bufferSize)
    }

    /// The next line without its end (LF or CRLF), as a range of ``buffer``; nil at the end of the file.
    ///
    /// - Parameter expected: the length that the line probably has, to find its end without a search.
    mutating func next(expecting expected: Int = 0) throws(RecordingError) -> Range<Int>? {
        if filled - position < expected + 2 { try refill() }
        guard position < filled else { return nil }
        var end = position + expected
        if expected == 0 || end >= filled || !(buffer[end] == 0x0D || buffer[end] == 0x0A) {
            while true {
                if let found = buffer[position..<filled].firstIndex(of: 0x0A) {
                    end = found
                    break
                }
                end = filled
                if atEnd || filled - position == buffer.count { break }
                try refill()
            }
        } else if buffer[end] == 0x0D, end + 1 < filled, buffer[end + 1] == 0x0A {
            end += 1
        }
        let start = position
        lineOffset = source.offset - filled + start
        isCut = end == filled
        position = min(end + 1, filled)
        let hasReturn = end > start && buffer[end - 1] == 0x0D
        lineEnd = hasReturn ? [0x0D, 0x0A] : [0x0A]
        return start..<(hasReturn ? end - 1 : end)
    }

    private mutating func refill() throws(RecordingError) {
        guard !atEnd else { return }
        let rest = filled - position
        for index in 0..<rest { buffer[index] = buffer[position + index] }
        position = 0
        filled = rest + (try source.read(into: &buffer, from: rest))
        atEnd = filled < buffer.count
    }
}
