// SPDX-License-Identifier: GPL-3.0-or-later
import Glibc

extension NightLog {
    /// Whether a recorder has a log open for writing at this moment.
    ///
    /// False for a file that cannot be opened: whoever reads it will say why.
    public static func isBeingWritten(_ path: String) -> Bool {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}
