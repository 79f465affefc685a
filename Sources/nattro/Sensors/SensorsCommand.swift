// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Recordings
import Sensors

/// Which sensors are plugged in.
struct SensorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sensors", abstract: "List the sensors that are plugged in.",
        discussion:
            "A recording that runs is not disturbed. Exit codes: 0 · 1 a sensor cannot be used · 4 there is none.")

    static let schema = "nattro-sensors/1"

    @Flag(help: "Answer in JSON (schema \(schema)).")
    var json = false

    func run() async throws {
        try await endingInExitCode {
            let sensors: [PluggedSensor]
            do {
                sensors = try PluggedSensor.all()
            } catch let error as SensorError {
                throw Failure(message: error.description, outcome: .sensorLost)
            }
            try writeResult(
                json
                    ? "\(JSONValue.object([.init("schema", .string(Self.schema)), .init("sensors", .array(sensors.map(\.json)))]))\n"
                    : sensors.map { "\($0.line)\n" }.joined())
            for sensor in sensors {
                if let problem = sensor.problem { complain("\(sensor.identity): \(problem)") }
            }
            if sensors.isEmpty {
                throw Failure(message: "no sensor is plugged in; ask `nattro doctor`", outcome: .sensorLost)
            }
            if sensors.contains(where: { $0.problem != nil }) { throw ExitCode(Outcome.incomplete.rawValue) }
        }
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
        if problem != nil { parts.append("cannot be used") }
        return parts.joined(separator: "  ")
    }

    fileprivate var json: JSONValue {
        .object([
            .init("serial", .string(serial)), .init("driver", .string(driver)), .init("identity", .string(identity)),
            .init("bus", .integer(Int(place.bus))), .init("address", .integer(Int(place.address))),
            .init("usable", .bool(problem == nil)), .init("problem", .init(problem?.description)),
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
