// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// An open serial port, raw, for this program alone: sole owner of its descriptor.
@safe
struct SerialPort: ~Copyable, Sendable {
    /// What a reading gave.
    enum Reading {
        case bytes(Int)
        /// Nothing came.
        case nothing
        /// The port is no longer there.
        case gone
    }

    /// For waiting on several ports at once.
    let descriptor: Int32

    private static let openOperation = "open the port"

    /// Opens a port.
    ///
    /// - Parameter baud: one of ``PortSetup/bauds``; on a port that is USB through and through it changes nothing.
    init(_ path: String, baud: Int) throws(SensorError) {
        let file = unsafe open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw SensorError(system: errno, Self.openOperation) }
        do throws(SensorError) {
            try Self.prepare(file, path, baud)
        } catch {
            close(file)
            throw error
        }
        descriptor = file
    }

    private static func prepare(_ file: Int32, _ path: String, _ baud: Int) throws(SensorError) {
        // Two recorders on one port would each get half of the bytes.
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else { throw SensorError(system: errno, openOperation) }
        var settings = termios()
        guard unsafe tcgetattr(file, &settings) == 0 else {
            throw SensorError(system: errno, "use \(path): it is no serial port")
        }
        unsafe cfmakeraw(&settings)
        // No carrier is waited for, and what the port receives is read.
        settings.c_cflag |= tcflag_t(CLOCAL | CREAD)
        settings.c_cflag &= ~tcflag_t(CRTSCTS)
        guard unsafe cfsetspeed(&settings, speed(baud)) == 0, unsafe tcsetattr(file, TCSANOW, &settings) == 0 else {
            throw SensorError(system: errno, "set the port to \(baud) baud")
        }
        // Keeps others off, ModemManager among them; what cannot be kept off is no failure.
        _ = ioctl(file, UInt(TIOCEXCL), 0)
        _ = tcflush(file, TCIFLUSH)
    }

    deinit {
        // Where the port outlives this opening, others may have it again.
        _ = ioctl(descriptor, UInt(TIOCNXCL), 0)
        close(descriptor)
    }

    /// Reads what came, without waiting.
    func read(into buffer: inout [UInt8]) -> Reading {
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
        if count > 0 { return .bytes(count) }
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? .nothing : .gone
    }

    /// Waits until something came, for at most so many milliseconds.
    func wait(milliseconds: Int) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&entry, 1, Int32(clamping: max(0, milliseconds)))
    }

    /// Sends bytes, within a second.
    func write(_ bytes: [UInt8]) throws(SensorError) {
        var written = 0
        var waits = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress.map { unsafe $0 + written }, bytes.count - written)
            }
            if count > 0 {
                written += count
            } else if count < 0, errno == EAGAIN || errno == EINTR, waits < 100 {
                waits += 1
                pause(10)
            } else {
                throw SensorError(system: errno, "talk to the sensor")
            }
        }
    }

    private static func speed(_ baud: Int) -> speed_t {
        let known: [Int: Int32] = [
            9600: B9600, 19200: B19200, 38400: B38400, 57600: B57600, 115_200: B115200, 230_400: B230400,
            460_800: B460800, 921_600: B921600,
        ]
        guard let speed = known[baud] else { preconditionFailure("a port at \(baud) baud") }
        return speed_t(speed)
    }
}

extension SensorError {
    /// What an error number of the system means for a port.
    init(system code: Int32, _ operation: String) {
        let reason: Reason =
            switch code {
            case EACCES, EPERM: .accessDenied
            case EBUSY, EWOULDBLOCK: .busy
            case ENOENT, ENXIO, ENODEV, EIO: .disconnected
            default: .failed
            }
        self.init(reason: reason, operation: operation, code: code, layer: .system)
    }
}
