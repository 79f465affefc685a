// SPDX-License-Identifier: GPL-3.0-or-later
import Glibc

/// By what a pyramid knows the recording that it was made from: its size, and the checksums of its start and end.
public struct PyramidSource: Hashable, Sendable {
    /// The bytes of the file.
    public var size: UInt64
    /// The CRC-32C of the first 4096 bytes, or of all.
    public var start: UInt32
    /// The CRC-32C of the last 4096 bytes, or of all.
    public var end: UInt32

    private static let length = 4096

    init(size: UInt64, start: UInt32, end: UInt32) {
        self.size = size
        self.start = start
        self.end = end
    }

    /// The marks of a file as it is now.
    public init(ofFile path: String) throws(RecordingError) {
        let file = try RandomFile(path)
        let length = min(Self.length, file.size)
        size = UInt64(file.size)
        let first = try file.bytes(at: 0, count: length)
        let last = try file.bytes(at: file.size - length, count: length)
        start = CRC32C.checksum(first.span)
        end = CRC32C.checksum(last.span)
    }
}

/// A file, or bytes, to be read at any place.
final class RandomFile: Sendable {
    private enum Origin {
        case descriptor(Int32)
        case memory([UInt8])
    }

    /// The file as it was named, for messages.
    let path: String
    /// The size in bytes when it was opened.
    let size: Int
    private let origin: Origin

    /// Opens a regular file.
    init(_ path: String) throws(RecordingError) {
        self.path = path
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw RecordingError(errno, path, "open") }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw RecordingError(.unsupported, path: path, problem: "is no file", remedy: "check the name")
        }
        size = Int(status.st_size)
        origin = .descriptor(descriptor)
    }

    /// Bytes already in memory.
    init(_ bytes: [UInt8], path: String) {
        self.path = path
        size = bytes.count
        origin = .memory(bytes)
    }

    deinit {
        if case .descriptor(let descriptor) = origin { close(descriptor) }
    }

    /// The bytes at a place; all of them, or it throws.
    func bytes(at offset: Int, count: Int) throws(RecordingError) -> [UInt8] {
        guard offset >= 0, count >= 0, offset <= size, count <= size - offset else { throw cut(offset) }
        switch origin {
        case .memory(let bytes): return Array(bytes[offset..<offset + count])
        case .descriptor(let descriptor):
            var bytes = [UInt8](repeating: 0, count: count)
            var filled = 0
            while filled < count {
                let came = unsafe bytes.withUnsafeMutableBytes { buffer in
                    unsafe pread(
                        descriptor, buffer.baseAddress.map { unsafe $0 + filled }, count - filled, offset + filled)
                }
                if came < 0, errno == EINTR { continue }
                if came < 0 { throw RecordingError(errno, path, "read") }
                if came == 0 { throw cut(offset + filled) }
                filled += came
            }
            return bytes
        }
    }

    private func cut(_ offset: Int) -> RecordingError {
        RecordingError(.damaged, path: path, place: "byte \(offset)", problem: "ends too early")
    }
}
