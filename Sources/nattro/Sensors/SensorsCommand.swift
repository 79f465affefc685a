// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Recordings
import Sensors

/// The sensors that are plugged in, and what is done with them outside of a night.
struct SensorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sensors",
        abstract: "List the sensors that are plugged in; set up and fetch loggers and serial ports.",
        subcommands: [ListCommand.self, SetupCommand.self, FetchCommand.self, CheckCommand.self],
        defaultSubcommand: ListCommand.self)
}

/// Which sensors are plugged in.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the sensors that are plugged in.",
        discussion: """
            Also the serial ports that were set up. A recording that runs is not disturbed: a port is looked at and not opened.

            Exit codes: 0 · 1 a sensor cannot be used · 4 there is none.
            """)

    static let schema = "nattro-sensors/1"

    @Flag(help: "Answer in JSON (schema \(schema)).")
    var json = false

    func run() async throws {
        try await endingInExitCode {
            let ports = PortSetups.all()
            var sensors: [PluggedSensor] = []
            do {
                sensors = try PluggedSensor.all()
            } catch let error as SensorError {
                // Without USB there may be ports all the same.
                if ports.isEmpty { throw Failure(message: error.description, outcome: .sensorLost) }
            }
            let object = JSONValue.object([
                .init("schema", .string(Self.schema)), .init("sensors", .array(sensors.map(\.json))),
                .init("ports", .array(ports.map(\.json))),
            ])
            try writeResult(
                json ? "\(object)\n" : (sensors.map(\.line) + ports.map(\.line)).map { "\($0)\n" }.joined())
            for sensor in sensors {
                if let problem = sensor.problem { complain("\(sensor.identity): \(problem)") }
            }
            if sensors.isEmpty, !ports.contains(where: \.isThere) {
                let others = PortSetups.lastingNames
                throw Failure(
                    message: "no sensor is plugged in; ask `nattro doctor`"
                        + (others.isEmpty
                            ? ""
                            : "; a serial port must be set up (nattro sensors setup): \(others.joined(separator: ", "))"),
                    outcome: .sensorLost)
            }
            if sensors.contains(where: { $0.problem != nil }) { throw ExitCode(Outcome.incomplete.rawValue) }
        }
    }
}

extension PortSetup {
    /// Whether the port is there now.
    var isThere: Bool { FileManager.default.fileExists(atPath: port) }

    /// The port in one line.
    var line: String {
        let measured = format == "text" && !isMeasured ? ", unit not measured" : ""
        return "\(name)  \(format) lines or frames on \(port), \(rate.formatted) Hz\(measured)  no gap detection"
            + (isThere ? "" : "  not plugged in")
    }

    fileprivate var json: JSONValue {
        .object([
            .init("name", .string(name)), .init("port", .string(port)), .init("format", .string(format)),
            .init("baud", .integer(baud)), .init("rate_hz", .number(rate)), .init("one_g_reads_as", .number(gravity)),
            .init("clock", .init(time?.rawValue)), .init("measured", .bool(isMeasured)), .init("there", .bool(isThere)),
            .init("gap_detection", .bool(false)),
        ])
    }
}

extension PluggedSensor {
    /// The sensor in one line.
    var line: String {
        var parts = [serial.isEmpty ? "(no serial number)" : serial, driver, identity]
        for stream in settings?.streams ?? [] {
            let leg = stream.leg.map { "\($0.name) leg, " } ?? ""
            parts.append(
                "\(leg)\(stream.model), \(Double(stream.rate).formatted) Hz, ±\(Double(stream.range).formatted) g")
        }
        if let holder { parts.append("used by \(holder)") }
        if isLogger { parts.append("a logger: nattro sensors setup, check, fetch") }
        if problem != nil { parts.append("cannot be used") }
        return parts.joined(separator: "  ")
    }

    fileprivate var json: JSONValue {
        .object([
            .init("serial", .string(serial)), .init("driver", .string(driver)), .init("identity", .string(identity)),
            .init("bus", .integer(Int(place.bus))), .init("address", .integer(Int(place.address))),
            .init("logger", .bool(isLogger)), .init("usable", .bool(problem == nil)),
            .init("problem", .init(problem?.description)),
            .init("used_by", .init(holder)),
            .init(
                "streams",
                .array(
                    (settings?.streams ?? []).map {
                        .object([
                            .init("leg", .init($0.leg?.rawValue)), .init("model", .string($0.model)),
                            .init("rate_hz", .number(Double($0.rate))), .init("range_g", .number(Double($0.range))),
                            .init("g_per_count", .number(Double($0.scale))),
                        ])
                    })),
        ])
    }
}
