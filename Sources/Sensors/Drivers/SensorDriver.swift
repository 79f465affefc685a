// SPDX-License-Identifier: GPL-3.0-or-later

/// How a kind of sensor is recognised, started and understood.
///
/// A driver is one value in a file of its own and one line in ``all``. It touches neither libusb nor a port: the engines carry
/// out what it says.
public struct SensorDriver: Sendable {
    /// Its name, for people.
    public let name: String
    /// The devices that the udev rule lets through.
    public let identities: [Identity]
    /// How its samples come.
    let transport: Transport

    /// A kind of device by its numbers.
    public struct Identity: Hashable, Sendable {
        /// The maker's number.
        public var vendor: UInt16
        /// The product's number.
        public var product: UInt16
        /// What it is, for people.
        public var name: String

        init(_ vendor: UInt16, _ product: UInt16, _ name: String) {
            self.vendor = vendor
            self.product = product
            self.name = name
        }
    }

    /// How samples come from a sensor.
    enum Transport: Sendable {
        /// Over USB itself: where, on a device that is such a sensor, nil on any other; and what understands its bytes.
        case usb(
            connection: @Sendable (USBDescription) -> Connection?, makeDecoder: @Sendable () -> any SensorDecoder)
        /// Over a serial port that was set up; and what understands its bytes, as it was set up.
        case port(PortFormat, makeDecoder: @Sendable (PortSetup) -> any SensorDecoder)
        /// In a file that the sensor keeps, which is fetched in the morning.
        case file
    }

    /// The interfaces to claim, the endpoint to read, and what to ask for.
    struct Connection: Hashable, Sendable {
        var interfaces: [UInt8]
        var input: UInt8
        /// Asks what the sensor is; nil where it tells by itself.
        var information: ControlRequest?
        /// What is sent to begin; a request that the sensor does not know is no failure.
        var start: [ControlRequest]
        /// What is sent to end.
        var stop: [ControlRequest]
        /// How the sensor takes LegWire's SET_TIME and SET_RATE.
        var settings: SettingsWay
    }

    /// How a sensor is told its settings.
    enum SettingsWay: Hashable, Sendable {
        /// Not at all.
        case none
        /// By requests on the default endpoint.
        case requests
        /// By frames on this endpoint, once it was begun.
        case frames(endpoint: UInt8)
    }

    /// All drivers, the surest first.
    public static let all: [SensorDriver] = [.legWireBulk, .legWireSerial, .axivity, .witMotion, .textLines]

    /// The driver of a device that is read over USB, and how to connect.
    static func matching(_ device: USBDescription) -> (driver: SensorDriver, index: Int, connection: Connection)? {
        for (index, driver) in all.enumerated() {
            if case .usb(let connection, _) = driver.transport, let connection = connection(device) {
                return (driver, index, connection)
            }
        }
        return nil
    }

    /// The driver of the loggers that a device is one of; nil if it is none.
    static func logger(_ device: USBDescription) -> SensorDriver? {
        all.first { driver in
            guard case .file = driver.transport else { return false }
            return driver.identities.contains { $0.vendor == device.vendor && $0.product == device.product }
        }
    }

    /// The formats that can come over a serial port.
    public static var portFormats: [PortFormat] {
        all.compactMap { if case .port(let format, _) = $0.transport { format } else { nil } }
    }

    /// The driver of a format that comes over a serial port, and its place among all.
    static func port(_ setup: PortSetup) -> (driver: SensorDriver, index: Int, decoder: any SensorDecoder)? {
        for (index, driver) in all.enumerated() {
            if case .port(let format, let makeDecoder) = driver.transport, format.key == setup.format {
                return (driver, index, makeDecoder(setup))
            }
        }
        return nil
    }
}

/// What must be known of a format before a serial port is opened.
public struct PortFormat: Sendable {
    /// Its name on the command line.
    public let key: String
    /// Bits a second unless said otherwise.
    public let baud: Int
    /// Whether its numbers have one unit; if not, a check of six positions finds out.
    public let hasUnit: Bool
    /// Why such a sensor may be too slow, and what to do.
    public let slowness: String
    /// What is sent to set a rate, and the baud to send it at in turn; nil where the sensor takes no settings.
    let commands: (@Sendable (_ rate: Int, _ baud: Int) -> [PortCommand]?)?

    /// Whether the sensor can be set to a rate.
    public var takesRate: Bool { commands != nil }
}

/// Bytes that set a sensor on a serial port.
struct PortCommand: Hashable, Sendable {
    var baud: Int
    var bytes: [UInt8]
}

/// Understands the bytes of a kind of sensor; touches no USB. Any cut of the stream gives the same events.
protocol SensorDecoder: Sendable {
    /// Takes the answer to the question what the sensor is.
    mutating func take(information: [UInt8], into events: inout [SensorEvent.Kind])
    /// Takes bytes as they came.
    mutating func append(_ bytes: [UInt8], into events: inout [SensorEvent.Kind])
    /// Bytes between those before and the next ones are missing, or none came for longer than samples are apart.
    mutating func interrupted()
    /// The connection ended; the next one may go on where it was.
    mutating func finish(into events: inout [SensorEvent.Kind])
}

extension SensorDecoder {
    /// Who is asked nothing has no answer.
    mutating func take(information: [UInt8], into events: inout [SensorEvent.Kind]) {}
    /// Who numbers its frames sees it by itself.
    mutating func interrupted() {}
}
