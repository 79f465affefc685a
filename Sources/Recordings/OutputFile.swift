// SPDX-License-Identifier: GPL-3.0-or-later
import Glibc

/// A file that appears whole or not at all: written under a temporary name, synchronised, then renamed.
///
/// `-` is standard output, written as it comes.
public struct OutputFile: ~Copyable {
    private let path: String
    private let temporary: String?
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var finished = false
    private let mustBeNew: Bool

    private static let bufferSize = 1 << 16

    /// Begins the file; nothing is at `path` before ``finish()``.
    ///
    /// The file is readable by its owner alone (0600): a night is private.
    ///
    /// - Parameter mustBeNew: never replace a file that has this name already.
    public init(path: String, mustBeNew: Bool = false) throws(RecordingError) {
        if mustBeNew { try Self.checkNew(path) }
        let temporary = path == "-" ? nil : Self.temporaryName(of: path)
        var descriptor: Int32 = 1
        if let temporary {
            descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw Self.failure("create", path) }
        }
        self.path = path
        self.mustBeNew = mustBeNew
        self.temporary = temporary
        self.descriptor = descriptor
    }

    deinit {
        guard let temporary else { return }
        close(descriptor)
        if !finished { unsafe unlink(temporary) }
    }

    /// Appends bytes.
    public mutating func write(_ bytes: some Sequence<UInt8>) throws(RecordingError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferSize { try flush() }
    }

    /// Writes what is left, synchronises, and gives the file its name, replacing what was there.
    public consuming func finish() throws(RecordingError) {
        try flush()
        guard let temporary else { return }
        guard fsync(descriptor) == 0 else { throw Self.failure("finish", path) }
        if mustBeNew {
            try Self.rename(temporary, toNew: path)
        } else if unsafe Glibc.rename(temporary, path) != 0 {
            throw Self.failure("finish", path)
        }
        finished = true
    }

    /// The name that a file has before it is finished.
    static func temporaryName(of path: String) -> String { "\(path).\(getpid()).tmp" }

    /// Refuses a name that is taken, before any work.
    static func checkNew(_ path: String) throws(RecordingError) {
        var status = stat()
        guard unsafe lstat(path, &status) != 0 else { throw RecordingError(EEXIST, path, "create") }
    }

    /// Gives a file its name, unless another has it.
    static func rename(_ temporary: String, toNew destination: String) throws(RecordingError) {
        if unsafe link(temporary, destination) == 0 {
            unsafe unlink(temporary)
            return
        }
        guard [EPERM, EOPNOTSUPP, ENOSYS, EMLINK].contains(errno) else {
            throw RecordingError(errno, destination, "create")
        }
        // A file system without links: take the name with an empty file of our own, and replace that.
        let reserved = unsafe open(destination, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard reserved >= 0 else { throw RecordingError(errno, destination, "create") }
        close(reserved)
        guard unsafe Glibc.rename(temporary, destination) == 0 else {
            throw RecordingError(errno, destination, "create")
        }
    }

    private mutating func flush() throws(RecordingError) {
        var written = 0
        while written < buffer.count {
            let count = unsafe buffer.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress.map { unsafe $0 + written }, bytes.count - written)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure("write", path)
            }
            written += count
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private static func failure(_ operation: String, _ path: String) -> RecordingError {
        let code = errno
        let (problem, remedy) =
            switch code {
            case ENOSPC, EDQUOT: ("the disk is full", "free some space; nothing was changed")
            case EACCES, EPERM, EROFS: ("no permission to \(operation) it", "choose another folder")
            case ENOENT, ENOTDIR: ("its folder does not exist", "create the folder first")
            case EPIPE: ("the program that reads the output has ended", "")
            default: ("cannot \(operation) it (system error \(code))", "choose another folder")
            }
        return RecordingError(.inputOutput, path: path, problem: problem, remedy: remedy, code: code)
    }
}
