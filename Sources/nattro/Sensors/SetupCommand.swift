// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Sensors

/// Sets a sensor up before its first night: a logger for tonight, a serial port once for all nights.
struct SetupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup", abstract: "Set up a logger for tonight, or a serial port once.",
        discussion: """
            SENSOR is the serial number of an Axivity AX3 or AX6 (the number on its case will do), or the path of a serial port. \
            Of ports, take one of /dev/serial/by-id: that name is the same whatever is plugged in first; /dev/ttyUSB0 may be \
            another device tomorrow.

            A logger is set to the time, the rate and the range, and begins to record. That erases what is on it, so it is \
            refused while a recording is on it that was not yet fetched: `nattro sensors fetch` first.

            A port says nothing of itself. What it sends is listened to for some seconds; text lines (x,y,z or t,x,y,z) are \
            then checked with the sensor lying on each of its six sides, or, without a terminal, --unit says what 1 g reads \
            as. From then on `nattro record --left NAME` records from it. Such sensors number nothing: what is lost on the \
            way is not seen.

            Exit codes: 0 · 2 refused, or what comes is no such thing · 4 not found, or it does not answer · 64 wrong usage.
            """)

    static let schema = "nattro-setup/1"

    @Argument(help: .init("The logger's serial number, or the port's path.", valueName: "sensor"))
    var sensor: String
    @Option(
        help: .init(
            "Samples a second: of a logger 25 to 800 (100 if not given); of a WitMotion sensor 50, 100 or 200.",
            valueName: "rate"))
    var rate: Double?
    @OptionGroup(title: "Loggers") var logger: LoggerSetup.Options
    @OptionGroup(title: "Serial ports") var port: PortSetupDialog.Options
    @Flag(help: "Answer in JSON (schema \(schema)).")
    var json = false

    private var isPort: Bool { sensor.contains("/") }

    func validate() throws {
        if isPort {
            guard logger.isEmpty else {
                throw ValidationError(
                    "--range, --gyro, --start, --stop and --volume are for loggers, and this is a port.")
            }
            try port.validate(rate)
        } else {
            guard port.isEmpty else {
                throw ValidationError(
                    "--format, --name, --baud, --unit and --check are for serial ports; name the port by its path.")
            }
            try logger.validate(rate)
        }
    }

    func run() async throws {
        try await endingInExitCode {
            do {
                let result =
                    try isPort
                    ? PortSetupDialog(sensor, port, rate).run() : LoggerSetup(sensor, logger, rate ?? 100).run()
                try writeResult(
                    json
                        ? "\(JSONValue.object([.init("schema", .string(Self.schema))] + result.members))\n"
                        : result.text + "\n")
            } catch let error as SensorError {
                throw Failure(message: "\(sensor): \(error)", error)
            }
        }
    }

    /// What was set up, for people and for programs.
    struct Result {
        var text: String
        var members: [JSONValue.Member]
    }
}

extension Failure {
    /// A sensor that cannot be reached is one outcome, one that answers something else another.
    init(message: String, _ error: SensorError) {
        let isOdd = if case .unexpected = error.reason { true } else { false }
        self.init(message: message, outcome: isOdd ? .unusableInput : .sensorLost)
    }
}
