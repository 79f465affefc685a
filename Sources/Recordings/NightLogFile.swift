// SPDX-License-Identifier: GPL-3.0-or-later
import Glibc

/// A file that is being written: sole owner of its descriptor.
struct NightLogFile: ~Copyable {
    let path: String
    private let descriptor: Int32
    private let calls: NightLogCalls

    /// Creates a file that only its owner may read, and locks it; never opens one that exists.
    init(creating path: String, _ calls: NightLogCalls) throws(RecordingError) {
        try self.init(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, calls)
    }

    /// Opens a file that exists, and locks it.
    init(opening path: String, _ calls: NightLogCalls) throws(RecordingError) {
        try self.init(path, O_RDWR | O_CLOEXEC, calls)
    }

    private init(_ path: String, _ flags: Int32, _ calls: NightLogCalls) throws(RecordingError) {
        let descriptor = unsafe open(path, flags, 0o600)
        guard descriptor >= 0 else { throw RecordingError(errno, path, "open") }
        // A file system without locks is no reason not to record.
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            close(descriptor)
            throw RecordingError(
                .inUse, path: path, problem: "another recorder is writing it",
                remedy: "stop that one, or take another name", code: EWOULDBLOCK)
        }
        self.path = path
        self.descriptor = descriptor
        self.calls = calls
    }

    deinit { close(descriptor) }

    /// Its size in bytes.
    func size() throws(RecordingError) -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw RecordingError(errno, path, "examine") }
        return Int(status.st_size)
    }

    /// Writes the bytes from `done` on so that byte 0 would stand at `offset`; `done` counts what came through.
    func write(_ bytes: [UInt8], done: inout Int, at offset: Int) throws(RecordingError) {
        while done < bytes.count {
            let count = calls.write(descriptor, bytes, done, offset + done)
            if count > 0 {
                done += count
            } else if count != -Int(EINTR) {
                throw RecordingError(count == 0 ? EIO : Int32(-count), path, "write")
            }
        }
    }

    /// Brings what was written onto the disk.
    func synchronize() throws(RecordingError) {
        while true {
            let code = calls.synchronize(descriptor)
            if code == 0 { return }
            if code != EINTR { throw RecordingError(code, path, "save") }
        }
    }

    /// Sets room on the disk aside for a file of so many bytes, whose size stays as it is; 0 or an error number.
    func reserve(_ bytes: Int) -> Int32 { calls.reserve(descriptor, bytes) }

    /// Gives back what was set aside beyond the end of the file.
    func release() {
        var status = stat()
        // Room that stays set aside costs no sample.
        if unsafe fstat(descriptor, &status) == 0 { _ = ftruncate(descriptor, status.st_size) }
    }

    /// Brings the names of the folder that the file stands in onto the disk.
    static func synchronizeFolder(of path: String, _ calls: NightLogCalls) throws(RecordingError) {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw RecordingError(errno, folder, "open") }
        defer { close(descriptor) }
        let code = calls.synchronizeFolder(descriptor)
        // Some file systems cannot do this for folders, and keep names by themselves.
        if code != 0 && code != EINVAL { throw RecordingError(code, folder, "save") }
    }
}

/// The system calls that write, so that tests can let each one fail.
package struct NightLogCalls: Sendable {
    /// Writes the bytes from an index on to an offset of the file; how many came through, or an error number below 0.
    package var write: @Sendable (_ descriptor: Int32, _ bytes: [UInt8], _ start: Int, _ offset: Int) -> Int
    /// Brings a file onto the disk; 0 or an error number.
    package var synchronize: @Sendable (_ descriptor: Int32) -> Int32
    /// Brings a folder onto the disk; 0 or an error number.
    package var synchronizeFolder: @Sendable (_ descriptor: Int32) -> Int32
    /// Sets room aside from the start of a file on, without making it longer; 0 or an error number.
    package var reserve: @Sendable (_ descriptor: Int32, _ bytes: Int) -> Int32

    package init(
        write: @escaping @Sendable (_ descriptor: Int32, _ bytes: [UInt8], _ start: Int, _ offset: Int) -> Int,
        synchronize: @escaping @Sendable (_ descriptor: Int32) -> Int32,
        synchronizeFolder: @escaping @Sendable (_ descriptor: Int32) -> Int32,
        reserve: @escaping @Sendable (_ descriptor: Int32, _ bytes: Int) -> Int32
    ) {
        self.write = write
        self.synchronize = synchronize
        self.synchronizeFolder = synchronizeFolder
        self.reserve = reserve
    }

    /// The calls of the system itself.
    package static let system = NightLogCalls(
        write: { descriptor, bytes, start, offset in
            let count = unsafe bytes.withUnsafeBytes { raw in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: raw[start...])
                return unsafe pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset))
            }
            return count < 0 ? -Int(errno) : count
        },
        synchronize: { fdatasync($0) == 0 ? 0 : errno },
        synchronizeFolder: { fsync($0) == 0 ? 0 : errno },
        reserve: { descriptor, bytes in
            // struct space_resv of <linux/falloc.h>: from the start of the file, so many bytes.
            var request: [Int64] = [0, 0, Int64(bytes), 0, 0, 0]
            let result = unsafe request.withUnsafeMutableBytes { bytes in
                unsafe bytes.baseAddress.map { unsafe ioctl(descriptor, reserveSpace, $0) } ?? 0
            }
            return result == 0 ? 0 : errno
        })

    /// FS_IOC_RESVSP64: `fallocate` with FALLOC_FL_KEEP_SIZE, which Glibc's module hides from Swift.
    private static let reserveSpace: UInt = 0x4030_582A
}

extension RecordingError {
    /// An error number of the system as a file's writer met it.
    init(_ code: Int32, _ path: String, _ operation: String) {
        switch code {
        case ENOSPC, EDQUOT, EFBIG:
            self.init(
                .noSpace, path: path, problem: "no space left to \(operation) it",
                remedy: "make room on the disk; what was written stays readable", code: code)
        case EEXIST:
            self.init(
                .alreadyExists, path: path, problem: "it exists already",
                remedy: "take another name; nothing was changed",
                code: code)
        case ENOENT, ENOTDIR:
            self.init(
                .notFound, path: path, problem: "there is no such file or folder", remedy: "check the name", code: code)
        case EACCES, EPERM, EROFS:
            self.init(
                .accessDenied, path: path, problem: "no permission to \(operation) it",
                remedy: "check the owner and mode of its folder", code: code)
        default:
            self.init(
                .inputOutput, path: path, problem: "cannot \(operation) it (system error \(code))",
                remedy: "check the disk; what was written stays readable", code: code)
        }
    }
}
