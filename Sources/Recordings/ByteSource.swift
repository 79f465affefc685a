// SPDX-License-Identifier: GPL-3.0-or-later
import Glibc

/// The bytes of a file from its start to its end, read once, in order.
///
/// A class because it owns a file descriptor. Not shared between threads.
public final class ByteSource {
    private enum Origin {
        case descriptor(Int32)
        case memory([UInt8])
    }

    /// The file as it was named, for messages.
    public let path: String
    /// The size in bytes when it was opened; nil for a pipe.
    public let size: Int?
    /// The bytes handed out so far.
    public private(set) var offset = 0
    /// The bytes taken from the origin, handed out or looked at.
    private var consumed = 0
    private let origin: Origin
    /// Whether the file may grow, and only its whole sectors count.
    private let follows: Bool
    /// Bytes that were looked at and not yet handed out.
    private var ahead: [UInt8] = []
    /// After how many bytes the file goes on elsewhere, and where.
    private var jump: (after: Int, to: Int)?

    /// Opens a file; `-` is standard input.
    public convenience init(path: String) throws(RecordingError) {
        try self.init(path, follows: false)
    }

    /// Opens a night log that is still being written: its end moves, and a sector that is not yet whole is not there.
    convenience init(following path: String) throws(RecordingError) {
        try self.init(path, follows: true)
    }

    /// Opens a file and passes over its middle: its first `head` bytes, then those from `offset` on.
    convenience init(path: String, head: Int, thenFrom offset: Int) throws(RecordingError) {
        try self.init(path, follows: false)
        if size != nil { jump = (head, offset) }
    }

    private init(_ path: String, follows: Bool) throws(RecordingError) {
        self.path = path
        self.follows = follows
        if path == "-" {
            origin = .descriptor(0)
            size = nil
            return
        }
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(to: "open", path) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            let error = Self.failure(to: "examine", path)
            close(descriptor)
            throw error
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw RecordingError(
                .isDirectory, path: path, problem: "is a directory, not a recording", remedy: "name a file in it")
        }
        origin = .descriptor(descriptor)
        size = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
    }

    /// Bytes already in memory, under a name for messages.
    public init(bytes: [UInt8], path: String = "(memory)") {
        self.path = path
        size = bytes.count
        follows = false
        origin = .memory(bytes)
    }

    /// The bytes where they are in memory; nil for a file or a pipe.
    var memory: [UInt8]? { if case .memory(let bytes) = origin { bytes } else { nil } }

    deinit {
        if case .descriptor(let descriptor) = origin, descriptor != 0 { close(descriptor) }
    }

    /// The share of the bytes handed out; nil for a pipe.
    var fraction: Double? { size.map { $0 == 0 ? 1 : min(1, Double(offset) / Double($0)) } }

    /// Fills `buffer` from `start` on with the next bytes, and says how many came: fewer than asked only at the end.
    public func read(into buffer: inout [UInt8], from start: Int = 0) throws(RecordingError) -> Int {
        precondition(start >= 0 && start <= buffer.count, "start \(start) outside a buffer of \(buffer.count)")
        var filled = start
        if !ahead.isEmpty {
            let count = min(buffer.count - start, ahead.count)
            buffer.replaceSubrange(start..<start + count, with: ahead[..<count])
            ahead.removeFirst(count)
            filled += count
        }
        filled += try readOrigin(into: &buffer, from: filled)
        offset += filled - start
        return filled - start
    }

    /// The next bytes, left where they are; fewer than asked only at the end of the file.
    public func peek(_ count: Int) throws(RecordingError) -> [UInt8] {
        if ahead.count < count {
            var more = [UInt8](repeating: 0, count: count - ahead.count)
            let got = try readOrigin(into: &more, from: 0)
            ahead += more[..<got]
        }
        return Array(ahead.prefix(count))
    }

    private func readOrigin(into buffer: inout [UInt8], from start: Int) throws(RecordingError) -> Int {
        var filled = start
        switch origin {
        case .memory(let bytes):
            let count = min(buffer.count - start, bytes.count - consumed)
            buffer.replaceSubrange(start..<start + count, with: bytes[consumed..<consumed + count])
            filled += count
        case .descriptor(let descriptor):
            let end = try follows ? min(buffer.count, start + wholeSectors(descriptor) - consumed) : buffer.count
            while filled < end {
                if let jump, consumed + filled - start == jump.after {
                    lseek(descriptor, jump.to, SEEK_SET)
                    self.jump = nil
                }
                let limit = jump.map { min(end, start + $0.after - consumed) } ?? end
                let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                    unsafe Glibc.read(descriptor, bytes.baseAddress.map { unsafe $0 + filled }, limit - filled)
                }
                if count < 0 {
                    if errno == EINTR { continue }
                    throw Self.failure(to: "read", path)
                }
                if count == 0 { break }
                filled += count
            }
        }
        consumed += filled - start
        return filled - start
    }

    /// The bytes in whole sectors that the file has by now.
    private func wholeSectors(_ descriptor: Int32) throws(RecordingError) -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw Self.failure(to: "examine", path) }
        return Int(status.st_size) / NightLogSector.size * NightLogSector.size
    }

    private static func failure(to operation: String, _ path: String) -> RecordingError {
        let code = errno
        return switch code {
        case ENOENT, ENOTDIR:
            RecordingError(
                .notFound, path: path, problem: "there is no such file", remedy: "check the name", code: code)
        case EACCES, EPERM:
            RecordingError(
                .accessDenied, path: path, problem: "no permission to \(operation) it",
                remedy: "check its owner and mode", code: code)
        default:
            RecordingError(
                .inputOutput, path: path, problem: "cannot \(operation) it (system error \(code))",
                remedy: "copy the file from its source once more", code: code)
        }
    }
}
