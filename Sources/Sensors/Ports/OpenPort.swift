// SPDX-License-Identifier: GPL-3.0-or-later

/// A serial port that is opened to set its sensor up, for this program alone.
public struct OpenPort: ~Copyable {
    private var port: SerialPort
    private var buffer = [UInt8](repeating: 0, count: 4096)

    /// Opens a port.
    public init(_ path: String, baud: Int) throws(SensorError) {
        port = try SerialPort(path, baud: baud)
    }

    /// What comes within so many seconds; empty if nothing does.
    public mutating func bytes(within seconds: Double) throws(SensorError) -> [UInt8] {
        port.wait(milliseconds: Int(seconds * 1000))
        switch port.read(into: &buffer) {
        case .bytes(let count): return Array(buffer[..<count])
        case .nothing: return []
        case .gone: throw SensorError(reason: .disconnected, operation: "read the port", code: 0, layer: .system)
        }
    }

    /// Sends bytes.
    public mutating func send(_ bytes: [UInt8]) throws(SensorError) { try port.write(bytes) }

    /// Sets a sensor to a rate and gives the baud that it speaks at from then on; nil where it has no such rate.
    public static func set(
        _ path: String, _ format: PortFormat, rate: Int, baud: Int
    ) throws(SensorError) -> Int? {
        guard let commands = format.commands?(rate, baud), let last = commands.last else { return nil }
        for command in commands {
            var port = try OpenPort(path, baud: command.baud)
            try port.send(command.bytes)
            // Sensors take a while over each, and the port must have sent it before it is opened at another speed.
            pause(settingPause)
        }
        return last.baud
    }

    private static let settingPause = 200
}
