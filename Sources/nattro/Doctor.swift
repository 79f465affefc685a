// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Journal
import Recordings
import Sensors

/// Whether everything is ready for tonight.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check that all is ready for tonight.",
        discussion:
            "Exit codes: 0 ready · 1 something to look at, named on standard error · 4 no sensor that can be used.")

    static let schema = "nattro-doctor/1"

    @Option(
        help: .init(
            "Also read the sensors for so many seconds: noise, direction, losses. Hold them still.",
            valueName: "seconds"))
    var seconds: Double?
    @OptionGroup var journal: JournalOptions
    @Flag(help: "Print the udev rule and nothing else.")
    var rule = false
    @Flag(help: "Answer in JSON (schema \(schema)).")
    var json = false

    /// One thing that was looked at.
    struct Finding {
        var name: String
        var isGood: Bool
        /// What was found.
        var text: String
        /// What to do about it.
        var remedy = ""
        /// What was measured, for scripts.
        var values: [JSONValue.Member] = []
    }

    func validate() throws {
        guard seconds.map({ $0 >= 1 && $0 <= 3600 }) ?? true else {
            throw ValidationError("--seconds: from 1 to 3600; 60 is a good test.")
        }
    }

    func run() async throws {
        try await endingInExitCode {
            if rule { return try writeResult(UdevRule.text) }
            let sensors = (try? PluggedSensor.all()) ?? []
            let ports = PortSetups.all()
            // A logger keeps its night itself: `record` has no use for it.
            let live = sensors.filter { $0.problem == nil && !$0.isLogger }
            let openable = ports.filter(\.isThere)
            var findings =
                Self.sensors(sensors, ports) + [
                    Self.rule(sensors), Self.disk(), Self.clock(), Self.sleep(), Self.sleepSettings(),
                ]
            findings += Self.power()
            findings.append(JournalCheck(journal).finding)
            let hasSensor = !live.isEmpty || !openable.isEmpty
            if let seconds, hasSensor { findings += selfTest(seconds, live, openable) }
            let bad = findings.filter { !$0.isGood }
            try writeResult(json ? "\(Self.json(findings))\n" : findings.map { "\($0.line)\n" }.joined())
            for finding in bad where !finding.remedy.isEmpty { complain("\(finding.name): \(finding.remedy)") }
            if !hasSensor { throw ExitCode(Outcome.sensorLost.rawValue) }
            if !bad.isEmpty { throw ExitCode(Outcome.incomplete.rawValue) }
        }
    }

    private static func json(_ findings: [Finding]) -> JSONValue {
        .object([
            .init("schema", .string(schema)),
            .init(
                "findings",
                .array(
                    findings.map {
                        .object([
                            .init("name", .string($0.name)), .init("good", .bool($0.isGood)),
                            .init("text", .string($0.text)), .init("remedy", .string($0.remedy)),
                            .init("values", .object($0.values)),
                        ])
                    })),
        ])
    }

    private static func sensors(_ sensors: [PluggedSensor], _ ports: [PortSetup]) -> [Finding] {
        guard !sensors.isEmpty || !ports.isEmpty else {
            return [
                Finding(
                    name: "sensor", isGood: false, text: "none is plugged in",
                    remedy: "plug it in with a cable that carries data, not only power")
            ]
        }
        let onUSB = sensors.map {
            Finding(name: "sensor", isGood: $0.problem == nil, text: $0.line, remedy: $0.problem?.description ?? "")
        }
        let onPorts = ports.map { port in
            let remedy = "\(port.name): plug it in, or set it up again where its port has another name"
            return Finding(
                name: "sensor", isGood: port.isThere, text: port.line, remedy: port.isThere ? "" : remedy)
        }
        return onUSB + onPorts
    }

    private static func rule(_ sensors: [PluggedSensor]) -> Finding {
        let isInstalled = [UdevRule.path, "/usr/lib/udev/rules.d/70-nattro.rules"].contains {
            FileManager.default.fileExists(atPath: $0)
        }
        let isDenied = sensors.contains { $0.problem?.reason == .accessDenied }
        // Whoever may read the sensor needs no rule.
        let isNeeded = isDenied || sensors.isEmpty && !isInstalled && getuid() != 0
        return Finding(
            name: "permission", isGood: !isNeeded,
            text: isInstalled
                ? "the udev rule is installed" : isNeeded ? "the udev rule is missing" : "no udev rule is needed",
            remedy: isNeeded
                ? "install tools/70-nattro.rules, unplug the sensor and plug it in again:\n  nattro doctor --rule | sudo tee "
                    + "\(UdevRule.path) && sudo udevadm control --reload && sudo udevadm trigger\nThe rule:\n\(UdevRule.text)"
                : "")
    }

    private static func disk() -> Finding {
        let needed = DiskSpace.needed(seconds: RecordingOptions.usualNight, legs: 2)
        let path: String
        do {
            path = try RecordingOptions.folder()
        } catch {
            return Finding(
                name: "disk", isGood: false, text: "the folder of the nights cannot be created", remedy: "\(error)")
        }
        guard let free = DiskSpace.free(at: path + "/.") else {
            return Finding(
                name: "disk", isGood: false, text: "its free space cannot be told", remedy: "look at \(path)")
        }
        return Finding(
            name: "disk", isGood: free >= needed,
            text: "\(free / 1_000_000) MB free in \(path), a night of two legs needs \(needed / 2_000_000)",
            remedy: free >= needed ? "" : "make room, or record with --out to another disk",
            values: [.init("free_bytes", .integer(Int(free))), .init("needed_bytes", .integer(Int(needed / 2)))])
    }

    /// No computer's clock that is set shows less: 2026-01-01.
    private static let earliest: Int64 = 1_767_225_600_000_000_000

    private static func clock() -> Finding {
        let now = HostClock.system.now().utc
        let zone = HostClock.zone(at: now)
        let local = NightReport.clock(Double(now) / 1e9 + Double(zone.offset))
        let isSynchronised = FileManager.default.fileExists(atPath: "/run/systemd/timesync/synchronized")
        return Finding(
            name: "clock", isGood: now > earliest,
            text:
                "\(local) \(zone.name.isEmpty ? "" : "(\(zone.name))")\(isSynchronised ? ", set by the network" : "")",
            remedy: now > earliest ? "" : "set the computer's clock: nights are named by it")
    }

    private static func sleep() -> Finding {
        let inhibitor = SleepInhibitor()
        inhibitor.end()
        return Finding(
            name: "sleep", isGood: inhibitor.problem == nil,
            text: inhibitor.problem == nil ? "is held off while a night is recorded" : "cannot be held off",
            remedy: inhibitor.problem ?? "")
    }

    private static func sleepSettings() -> Finding {
        let settings = SleepSettings()
        let isGood = settings.risks.isEmpty
        return Finding(
            name: "suspend settings", isGood: isGood,
            text: isGood
                ? settings.safeguards.first ?? "nothing sends the computer to sleep by itself"
                : settings.risks.joined(separator: "; "),
            remedy: isGood
                ? "" : "leave the lid open; recording holds sleep off where systemd-logind agrees (see sleep)",
            values: [.init("risks", .array(settings.risks.map { .string($0) }))])
    }

    /// Whether the computer runs on its battery; nothing where it has none.
    private static func power() -> [Finding] {
        let folder = "/sys/class/power_supply"
        let supplies = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let online = supplies.compactMap { try? String(contentsOfFile: "\(folder)/\($0)/online", encoding: .utf8) }
        guard !online.isEmpty else { return [] }
        let isOnline = online.contains { $0.hasPrefix("1") }
        return [
            Finding(
                name: "power", isGood: isOnline, text: isOnline ? "from the mains" : "from the battery",
                remedy: isOnline ? "" : "plug the computer in for the night, and leave its lid open")
        ]
    }

    /// Reads the sensors for a while.
    private func selfTest(_ seconds: Double, _ sensors: [PluggedSensor], _ ports: [PortSetup]) -> [Finding] {
        var source = SensorSource(serials: ports.isEmpty ? [] : sensors.map(\.serial), ports: ports, limit: 8)
        var test = SelfTest()
        var events: [SensorEvent] = []
        let end = ContinuousClock.now + .seconds(seconds)
        var isStopping = false
        while source.wait(0.2, into: &events) {
            for event in events { test.take(event) }
            events.removeAll(keepingCapacity: true)
            if !isStopping, ContinuousClock.now >= end {
                isStopping = true
                source.stop()
            }
        }
        for event in events { test.take(event) }
        let results = test.results
        guard !results.isEmpty else {
            return [
                Finding(
                    name: "self-test", isGood: false, text: "no sensor could be read",
                    remedy: test.troubles.joined(separator: "; "))
            ]
        }
        let worn = earlierNights()
        return results.flatMap { [Self.finding($0), Self.orientation($0, worn)] }
    }

    private static func finding(_ result: SelfTest.Result) -> Finding {
        let leg = result.leg.map { "\($0.name) leg, " } ?? ""
        let direction = result.direction.map { String(format: "%+.2f", $0) }.joined(separator: " ")
        let drift = result.drift.map { String(format: ", clock %+.0f ppm", $0) } ?? ""
        return Finding(
            name: "self-test", isGood: result.problems.isEmpty,
            text: String(
                format:
                    "%@: %@%d samples, %d missing (%.2f %%), %.1f Hz%@, noise %.1f to %.1f mg, gravity %.2f g, direction %@",
                result.serial, leg, result.samples, result.missing, 100 * result.dropRate, result.rate, drift,
                result.noise.lowerBound, result.noise.upperBound, result.gravity, direction),
            remedy: result.problems.joined(separator: "; "),
            values: [
                .init("serial", .string(result.serial)), .init("leg", .init(result.leg?.rawValue)),
                .init("samples", .integer(result.samples)), .init("missing", .integer(result.missing)),
                .init("drop_rate", .number(result.dropRate)), .init("rate_hz", .number(result.rate)),
                .init("drift_ppm", .init(result.drift)), .init("latest_frame_s", .number(result.lateness)),
                .init("noise_mg", .array([.number(result.noise.lowerBound), .number(result.noise.upperBound)])),
                .init("gravity_g", .number(result.gravity)),
                .init("direction_g", .array(result.direction.map { .number($0) })),
            ])
    }

    // MARK: Orientation

    /// The nights before this one that an orientation is compared with.
    private static let comparedNights = 3

    /// The last nights of the journal that was named; without a journal the night logs of the usual folder.
    private func earlierNights() -> WornDirections {
        var worn = WornDirections()
        // Of a journal that cannot be opened its own line tells.
        for path in (try? earlierLogs()) ?? [] where worn.nights < Self.comparedNights {
            // A log that cannot be read tells nothing about the strap.
            try? worn.read(path)
        }
        return worn
    }

    private func earlierLogs() throws -> [String] {
        if try journal.exists() {
            let store = try journal.openOnly()
            return try store.nights().reversed().flatMap(\.recordings).map { store.absolutePath($0.recording.path) }
                .filter { $0.hasSuffix(".nightlog") }
        }
        guard let folder = try? RecordingOptions.folder() else { return [] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".nightlog") }.sorted().reversed().map { "\(folder)/\($0)" }
    }

    private static func orientation(_ result: SelfTest.Result, _ worn: WornDirections) -> Finding {
        guard let degrees = worn.degrees(of: result.direction, serial: result.serial, leg: result.leg) else {
            return Finding(
                name: "orientation", isGood: true,
                text: "\(result.serial): no earlier night of this sensor to compare with",
                values: [.init("serial", .string(result.serial)), .init("degrees", .null)])
        }
        let isGood = degrees <= WornDirections.usualDegrees
        return Finding(
            name: "orientation", isGood: isGood,
            text: String(
                format: "%@: %.0f° from the nearest direction of %d earlier night%@", result.serial, degrees,
                worn.nights,
                worn.nights == 1 ? "" : "s"),
            remedy: isGood
                ? ""
                : "if you wear it now, put it on as before: the same leg, the mark towards the knee; nights of different "
                    + "places are not to be compared",
            values: [.init("serial", .string(result.serial)), .init("degrees", .number(degrees))])
    }
}

extension Doctor.Finding {
    fileprivate var line: String { "\(isGood ? "good" : "look")  \(name): \(text)" }
}
