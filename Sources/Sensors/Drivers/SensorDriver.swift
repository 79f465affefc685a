// SPDX-License-Identifier: GPL-3.0-or-later

/// How a kind of sensor is recognised, started and understood.
///
/// A driver is one value in a file of its own and one line in ``all``. It touches no libusb: the engine carries out what it says.
public struct SensorDriver: Sendable {
    /// Its name, for people.
    public let name: String
    /// The devices that the udev rule lets through.
    public let identities: [Identity]
    /// Where its samples come in, on a device that is such a sensor; nil on any other.
    let connection: @Sendable (USBDescription) -> Connection?
    /// Makes what understands its bytes.
    let makeDecoder: @Sendable () -> any SensorDecoder

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
        /// Whether the sensor understands LegWire's SET_TIME and SET_RATE.
        var takesSettings: Bool
    }

    /// All drivers, the surest first.
    public static let all: [SensorDriver] = [.legWireBulk, .legWireSerial]

    /// The driver of a device, and how to connect.
    static func matching(_ device: USBDescription) -> (driver: SensorDriver, index: Int, connection: Connection)? {
        for (index, driver) in all.enumerated() {
            if let connection = driver.connection(device) { return (driver, index, connection) }
        }
        return nil
    }
}

/// Understands the bytes of a kind of sensor; touches no USB. Any cut of the stream gives the same events.
protocol SensorDecoder: Sendable {
    /// Takes the answer to the question what the sensor is.
    mutating func take(information: [UInt8], into events: inout [SensorEvent.Kind])
    /// Takes bytes as they came.
    mutating func append(_ bytes: [UInt8], into events: inout [SensorEvent.Kind])
    /// The connection ended; the next one may go on where it was.
    mutating func finish(into events: inout [SensorEvent.Kind])
}
