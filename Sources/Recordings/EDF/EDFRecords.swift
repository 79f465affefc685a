// SPDX-License-Identifier: GPL-3.0-or-later

/// The data records of an EDF file, one after the other.
struct EDFRecords {
    /// The number of the present record, from 0.
    private(set) var number = -1
    /// Where the present record begins in the file.
    var offset: Int { first + number * size }
    var fractionRead: Double? { source.fraction }

    private let source: ByteSource
    private let size: Int
    private let declared: Int?
    private let first: Int
    private(set) var buffer: [UInt8]
    private var filled = 0
    /// The present record in the buffer; before the first, one record before it.
    private(set) var position: Int
    private var isAtEnd = false

    /// The bytes read at a time, where a record is not larger.
    private static let bufferSize = 64 << 10

    init(_ source: ByteSource, size: Int, declared: Int?, from first: Int) {
        self.source = source
        self.size = size
        self.declared = declared
        self.first = first
        buffer = [UInt8](repeating: 0, count: size == 0 ? 0 : max(1, Self.bufferSize / size) * size)
        position = -size
    }

    /// Whether the present record holds nothing but zeros.
    var isZero: Bool { buffer[position..<position + size].allSatisfy { $0 == 0 } }

    /// Whether the present record is one that the header counts.
    var isDeclared: Bool { declared.map { number < $0 } ?? false }

    func bytes(from start: Int, count: Int) -> ArraySlice<UInt8> {
        buffer[position + start..<position + start + count]
    }

    /// A sample of the signal that begins at `start`.
    func sample(at start: Int, _ index: Int, _ isBDF: Bool) -> Int {
        let bytes = buffer.span
        return isBDF
            ? Int(bytes.int24(at: position + start + index * 3))
            : Int(Int16(bitPattern: bytes.uint16(at: position + start + index * 2)))
    }

    /// Goes to the next whole record; false at the end, where it is noted what does not agree with the header.
    mutating func next(_ report: inout ReadingReport) throws(RecordingError) -> Bool {
        guard !isAtEnd, size > 0 else { return false }
        position += size
        if position + size > filled {
            let got = try source.read(into: &buffer)
            position = 0
            filled = got / size * size
            if got % size > 0 {
                report.note("bytes of a cut record", count: got % size, at: "byte \(offset + size + filled)")
            }
        }
        guard position + size <= filled else {
            isAtEnd = true
            if let declared, declared > number + 1 {
                report.note("records missing at the end", count: declared - number - 1, at: "byte \(offset + size)")
            }
            return false
        }
        number += 1
        if declared != nil, !isDeclared {
            report.note("records beyond the declared number, read all the same", at: "byte \(offset)")
        }
        return true
    }
}
