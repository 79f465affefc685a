// SPDX-License-Identifier: GPL-3.0-or-later

/// A control request on the default endpoint, as the sensor gets it; touches no USB.
public struct ControlRequest: Hashable, Sendable {
    /// Direction, kind and recipient, as in USB 2.0, table 9-2.
    public var type: UInt8
    /// What is asked.
    public var request: UInt8
    /// Its first argument.
    public var value: UInt16
    /// Its second argument.
    public var index: UInt16
    /// What is sent with it; empty where something is asked for.
    public var data: [UInt8]
    /// The bytes asked for; 0 where something is sent.
    public var answerSize: Int

    /// A request that sends something, or nothing but itself.
    init(_ type: UInt8, _ request: UInt8, value: UInt16 = 0, index: UInt16 = 0, data: [UInt8] = []) {
        self.type = type
        self.request = request
        self.value = value
        self.index = index
        self.data = data
        answerSize = 0
    }

    /// A request for an answer.
    init(_ type: UInt8, _ request: UInt8, answerSize: Int) {
        self.init(type, request)
        self.answerSize = answerSize
    }
}

extension LegWire {
    private static let toDevice: UInt8 = 0x40
    private static let fromDevice: UInt8 = 0xC0

    /// What the sensor is; the answer is an ``Information``.
    public static let getInformation = ControlRequest(fromDevice, 1, answerSize: Information.largestSize)
    /// Send samples from here on.
    public static let start = ControlRequest(toDevice, 2)
    /// Send no more.
    public static let stop = ControlRequest(toDevice, 3)

    /// Sets the clock of the sensor's own log.
    ///
    /// - Parameter utc: nanoseconds since the Unix epoch.
    public static func setTime(_ utc: Int64) -> ControlRequest {
        ControlRequest(toDevice, 4, data: Command.setTime(utc).payload)
    }

    /// Sets how many samples a second a stream gives.
    public static func setRate(_ rate: UInt16, stream: UInt8) -> ControlRequest {
        ControlRequest(toDevice, 5, value: rate, index: UInt16(stream))
    }
}

extension LegWire {
    /// What a sensor on a serial port is told: the requests as frames, of the type 0x80 and the request's number.
    enum Command: Hashable, Sendable {
        /// Nanoseconds since the Unix epoch.
        case setTime(Int64)
        /// Samples a second.
        case setRate(UInt16, stream: UInt8)

        /// The frame on the wire; boot and time are not looked at.
        func encoded(number: UInt32) -> [UInt8] {
            let (type, stream): (UInt8, UInt8) =
                switch self {
                case .setTime: (0x84, 0)
                case .setRate(_, let stream): (0x85, stream)
                }
            return LegWire.frame(
                type: type, stream: stream, boot: 0, sequence: number, deviceTime: 0, payload: payload)
        }

        fileprivate var payload: [UInt8] {
            var bytes: [UInt8] = []
            switch self {
            case .setTime(let utc): bytes.append(integer: UInt64(max(0, utc) / 1000))
            case .setRate(let rate, _): bytes.append(integer: rate)
            }
            return bytes
        }
    }
}
