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
        /// It answered something else than its protocol says.
        case unexpected(String)
        case failed
    }

    /// The kind of failure.
    public let reason: Reason
    /// What was being done, as a verb: "open the sensor".
    public let operation: String
    /// The number that libusb or the system gave, 0 if none.
    public let code: Int32
    /// Whose number it is.
    public let layer: Layer

    /// What the computer and the sensor talk through.
    public enum Layer: String, Hashable, Sendable {
        case usb = "libusb"
        /// A serial port, or a file.
        case system = "system error"
    }

    init(reason: Reason, operation: String, code: Int32, layer: Layer = .usb) {
        self.reason = reason
        self.operation = operation
        self.code = code
        self.layer = layer
    }
}

extension SensorError: CustomStringConvertible {
    /// One line: what failed and what to do.
    public var description: String {
        let number = code == 0 ? "" : " (\(layer.rawValue) \(code))"
        return switch reason {
        case .noUSB:
            "cannot \(operation): there is no USB here; plug the sensor into a computer of its own\(number)"
        case .accessDenied:
            "cannot \(operation): no permission; install tools/70-nattro.rules"
                + (layer == .system ? ", or join the group that owns the port (dialout)" : "") + number
        case .busy: "cannot \(operation): it is busy, another program uses it\(number)"
        case .disconnected: "cannot \(operation): it was unplugged, or is not there\(number)"
        case .unsupported: "cannot \(operation): the sensor does not know it\(number)"
        case .unexpected(let answer): "cannot \(operation): the sensor answers \"\(answer)\"\(number)"
        case .failed: "cannot \(operation); unplug the sensor and plug it in again\(number)"
        }
    }
}
