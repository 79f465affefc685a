// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// A process that lives on when the one that started it ends, however that happens: a session of its own, no terminal, no open file but
/// its own.
struct DetachedProcess: Hashable, Codable, Sendable {
    /// The process.
    let identifier: Int32
    /// When it began, in the kernel's ticks since it started: identifiers are used again, pairs are not.
    let start: UInt64

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - output: a file that is not there yet, for its owner alone; it takes standard output.
    ///   - errors: another one, for standard error.
    init(
        _ program: String, _ arguments: [String], environment: [String: String], output: String, errors: String
    ) throws {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_EXCL
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, flags, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, flags, 0o600)
        Self.keepFilesHere()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // What the server does with signals is not the program's.
        var (none, all) = (sigset_t(), sigset_t())
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | Self.newSession)
        var identifier: pid_t = 0
        let status = unsafe Self.withStrings(["nattro"] + arguments) { words in
            unsafe Self.withStrings(environment.map { "\($0.key)=\($0.value)" }) { variables in
                unsafe posix_spawn(&identifier, program, &actions, &attributes, words, variables)
            }
        }
        guard status == 0 else {
            throw Failure(
                message: "the recorder cannot be started (\(unsafe String(cString: strerror(status))))",
                outcome: .unusableInput)
        }
        self.identifier = identifier
        start = Self.start(of: identifier) ?? 0
    }

    /// POSIX_SPAWN_SETSID, which the headers show to GNU sources only.
    private static let newSession: Int16 = 0x80

    private static func withStrings<T>(
        _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> T
    ) -> T {
        var pointers = unsafe texts.map { unsafe strdup($0) } + [nil]
        defer { unsafe pointers.forEach { unsafe free($0) } }
        return unsafe pointers.withUnsafeMutableBufferPointer { buffer in
            // There is the closing nil at least.
            unsafe body(buffer.baseAddress.unsafelyUnwrapped)
        }
    }

    /// The server's files and sockets end with the server: no program that it starts gets them.
    private static func keepFilesHere() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
            guard let descriptor = Int32(name), descriptor > 2 else { continue }
            let flags = fcntl(descriptor, F_GETFD)
            if flags >= 0 { _ = fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC) }
        }
    }

    /// Whether it still runs.
    var isRunning: Bool {
        // One of this process's own children is taken off the kernel's list once it has ended.
        var status: Int32 = 0
        if unsafe waitpid(identifier, &status, WNOHANG) == identifier { return false }
        return Self.start(of: identifier) == start
    }

    /// Asks it to end, as Ctrl-C does; nothing where it has ended.
    func interrupt() {
        if isRunning { kill(identifier, SIGINT) }
    }

    /// When a process began; nil where there is none, or only its exit code is left.
    private static func start(of identifier: Int32) -> UInt64? {
        guard let text = try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        // proc(5): the state is the first field behind the name, the start the twentieth.
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }
}
