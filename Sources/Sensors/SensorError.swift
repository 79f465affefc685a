// SPDX-License-Identifier: GPL-3.0-or-later

/// Why sensors cannot be reached, and what to do about it.
public struct SensorError: Error, Hashable, Sendable {
    /// The kind of failure, to switch on.
    public enum Reason: Hashable, Sendable {
        case noUSB
        case accessDenied
        case busy
        case disconnected
        case unsupported
        case failed
    }

    /// The kind of failure.
    public let reason: Reason
    /// What was being done, as a verb: "open the sensor".
    public let operation: String
    /// libusb's number, 0 if none.
    public let code: Int32
}

extension SensorError: CustomStringConvertible {
    /// One line: what failed and what to do.
    public var description: String {
        switch reason {
        case .noUSB:
            "cannot \(operation): there is no USB here; plug the sensor into a computer of its own (libusb \(code))"
        case .accessDenied: "cannot \(operation): no permission; install tools/70-nattro.rules (libusb \(code))"
        case .busy: "cannot \(operation): it is busy, another program uses it (libusb \(code))"
        case .disconnected: "cannot \(operation): it was unplugged (libusb \(code))"
        case .unsupported: "cannot \(operation): the sensor does not know it (libusb \(code))"
        case .failed: "cannot \(operation); unplug the sensor and plug it in again (libusb \(code))"
        }
    }
}
