// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Glibc

/// A serial port without hardware: what is written here is read from the port, and the other way round.
///
/// To close it is to unplug the cable.
package final class PseudoTerminal: @unchecked Sendable {  // one thread unplugs it, and none else uses it then
    /// The path of the port.
    package let path: String
    private var master: Int32

    /// TIOCSPTLCK and TIOCGPTN of Linux.
    private static let unlock: UInt = 0x4004_5431
    private static let numberRequest: UInt = 0x8004_5430

    /// A new port.
    package init() throws {
        // posix_openpt, unlockpt and ptsname are these calls; Swift sees them not without _XOPEN_SOURCE.
        master = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        var unlocked: Int32 = 0
        var number: Int32 = 0
        guard master >= 0, unsafe ioctl(master, Self.unlock, &unlocked) == 0,
            unsafe ioctl(master, Self.numberRequest, &number) == 0
        else {
            throw CocoaError(.fileReadUnknown, userInfo: [NSDebugDescriptionErrorKey: "no pseudo-terminal: \(errno)"])
        }
        path = "/dev/pts/\(number)"
        // Raw from the start: a terminal would print back what is sent before the program has opened it.
        var settings = termios()
        _ = unsafe tcgetattr(master, &settings)
        unsafe cfmakeraw(&settings)
        _ = unsafe tcsetattr(master, TCSANOW, &settings)
    }

    deinit { unplug() }

    /// Sends bytes; what nobody reads is lost once its buffer is full, as on a real line.
    package func send(_ bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        var written = 0
        var waits = 0
        while written < bytes.count, waits < 200 {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.write(master, bytes.baseAddress.map { unsafe $0 + written }, bytes.count - written)
            }
            if count > 0 {
                written += count
            } else {
                waits += 1
                usleep(5000)
            }
        }
    }

    /// What the program sent, within so many seconds; empty if nothing.
    package func received(within seconds: Double = 0) -> [UInt8] {
        var entry = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&entry, 1, Int32(seconds * 1000)) > 0 else { return [] }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = unsafe Glibc.read(master, &buffer, buffer.count)
        return count > 0 ? Array(buffer[..<count]) : []
    }

    /// Pulls the cable.
    package func unplug() {
        if master >= 0 { close(master) }
        master = -1
    }
}
