// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Sensors

/// Listens to a serial port, finds out what its numbers mean, and keeps that.
struct PortSetupDialog {
    /// How to find out.
    struct Options: ParsableArguments {
        @Option(help: .init("What it sends: text or witmotion.", valueName: "format"))
        var format: String?
        @Option(help: .init("What to call it; made of the port if not given.", valueName: "name"))
        var name: String?
        @Option(help: .init("Bits a second: 115200 for text, 9600 for witmotion if not given.", valueName: "baud"))
        var baud: Int?
        @Option(
            help: .init(
                "What 1 g reads as, in place of the check of six positions: g, mg, m/s2, or a number of counts.",
                valueName: "unit"))
        var unit: Unit?
        @Flag(help: "Check the six positions, even where there is no terminal.")
        var check = false
        /// For tests: seconds to listen, and seconds in which the six positions must have been.
        @Option(help: .hidden)
        var listen = 5.0
        @Option(help: .hidden)
        var patience = 600.0

        var isEmpty: Bool { format == nil && name == nil && baud == nil && unit == nil && !check }

        /// What 1 g reads as.
        struct Unit: ExpressibleByArgument {
            let gravity: Double

            init?(argument: String) {
                switch argument {
                case "g": gravity = 1
                case "mg": gravity = 1000
                case "m/s2": gravity = 9.806_65
                default:
                    guard let counts = Double(argument), counts.isFinite, counts >= 1 else { return nil }
                    gravity = counts
                }
            }
        }

        func validate(_ rate: Double?) throws {
            let formats = SensorDriver.portFormats
            let keys = formats.map(\.key).sorted().joined(separator: ", ")
            guard let key = format else { throw ValidationError("--format: say what the port sends: \(keys).") }
            guard let format = formats.first(where: { $0.key == key }) else {
                throw ValidationError("--format \(key): \(keys) can be read.")
            }
            guard name.map(PortSetup.isName) ?? true else {
                throw ValidationError("--name: up to 24 letters, digits, '.', '_' or '-'.")
            }
            guard baud.map(PortSetup.bauds.contains) ?? true else {
                throw ValidationError(
                    "--baud: one of \(PortSetup.bauds.map { String($0) }.joined(separator: ", ")).")
            }
            guard unit == nil || !format.hasUnit else {
                throw ValidationError("--unit: the numbers of \(key) have a unit of their own.")
            }
            guard unit == nil || !check else { throw ValidationError("Give --unit or --check, not both.") }
            guard rate == nil || format.takesRate else {
                throw ValidationError("--rate: what prints \(key) cannot be told a rate; it is measured.")
            }
        }
    }

    private let path: String
    private let options: Options
    private let rate: Double?
    private let format: PortFormat

    init(_ path: String, _ options: Options, _ rate: Double?) throws {
        self.path = path
        self.options = options
        self.rate = rate
        guard let format = SensorDriver.portFormats.first(where: { $0.key == options.format }) else {
            throw Failure(message: "--format: say what the port sends", outcome: .wrongUsage)
        }
        self.format = format
    }

    func run() throws -> SetupCommand.Result {
        let name = options.name ?? PortSetup.name(ofPort: path)
        guard PortSetup.isName(name) else {
            throw Failure(message: "\(path): makes no name; say what to call it with --name", outcome: .wrongUsage)
        }
        if let other = PortSetups.all().first(where: { $0.name == name }), other.port != path {
            throw Failure(
                message: "\(name) is the name of \(other.port) already; call this one something else with --name",
                outcome: .wrongUsage)
        }
        let needsCheck = !format.hasUnit && options.unit == nil
        guard !needsCheck || options.check || isatty(STDERR_FILENO) == 1 else {
            throw Failure(
                message: "without a terminal, --unit must say what 1 g reads as, or --check be given",
                outcome: .wrongUsage)
        }
        var baud = options.baud ?? format.baud
        if let rate {
            guard let whole = Int(exactly: rate), let new = try OpenPort.set(path, format, rate: whole, baud: baud)
            else {
                throw Failure(message: "--rate \(rate.formatted): the sensor has no such rate", outcome: .wrongUsage)
            }
            baud = new
        }
        var probe = PortProbe(format)
        var port = try OpenPort(path, baud: baud)
        try listen(&port, &probe)
        var setup = try PortSetup(
            name: name, port: path, format: format.key, baud: baud, rate: measuredRate(probe),
            gravity: options.unit?.gravity ?? 1, time: clock(probe))
        var found: SixPositionCheck.Result?
        if needsCheck {
            let result = try sixPositions(&port, &probe)
            setup.gravity = result.gravity
            setup.isMeasured = true
            found = result
        }
        try PortSetups.save(setup)
        return Self.result(setup, found, probe)
    }

    // MARK: Listening

    private static func seconds() -> Double { Double(HostClock.system.now().bootTime) / 1e9 }

    private func listen(_ port: inout OpenPort, _ probe: inout PortProbe) throws {
        complain("listening to \(path) for \(options.listen.formatted) s")
        // A board that starts anew when its port is opened is waited for; the rate is that of what comes then.
        let begin = Self.seconds()
        var first: Double?
        var bytes = 0
        while Self.seconds() < (first ?? begin + options.listen) + options.listen {
            let new = try port.bytes(within: 0.1)
            bytes += new.count
            _ = probe.append(new, at: Self.seconds())
            if first == nil, probe.samples > 0 { first = Self.seconds() }
        }
        guard probe.samples > 0 else {
            throw Failure(
                message: bytes == 0
                    ? "\(path): nothing comes; is the sensor on, and the cable one for data?"
                    : "\(path): what comes is not of the format \(format.key), or another --baud is needed "
                        + "(\(bytes) bytes came)",
                outcome: bytes == 0 ? .sensorLost : .unusableInput)
        }
    }

    private func measuredRate(_ probe: PortProbe) throws -> Double {
        guard let rate = probe.rate else {
            throw Failure(message: "\(path): too little comes to tell its rate", outcome: .unusableInput)
        }
        guard rate >= PortSetup.slowest else {
            throw Failure(
                message: "\(path): sends \(rate.formatted) samples a second, and leg movements need "
                    + "\(PortSetup.slowest.formatted) at least, better 50 or 100; \(format.slowness)",
                outcome: .unusableInput)
        }
        guard rate <= PortSetup.fastest else {
            throw Failure(
                message: "\(path): sends \(rate.formatted) samples a second, more than can be used",
                outcome: .unusableInput)
        }
        return (rate * 10).rounded() / 10
    }

    private func clock(_ probe: PortProbe) throws -> PortSetup.TimeUnit? {
        guard probe.columns == 4 else { return nil }
        guard let unit = probe.timeUnit else {
            throw Failure(
                message: "\(path): of four numbers in a line the first must be a clock in s, ms or µs, and it is none; "
                    + "let the board print x,y,z or t,x,y,z",
                outcome: .unusableInput)
        }
        return unit
    }

    // MARK: Six positions

    private func sixPositions(_ port: inout OpenPort, _ probe: inout PortProbe) throws -> SixPositionCheck.Result {
        complain(
            "now lay the sensor on each of its six sides, in any order, and leave it still for "
                + "\(SixPositionCheck.stillness.formatted) s each time")
        var check = SixPositionCheck()
        let end = Self.seconds() + options.patience
        while Self.seconds() < end {
            let bytes = try port.bytes(within: 0.1)
            for values in probe.append(bytes, at: Self.seconds()) {
                switch check.take(values, at: Self.seconds()) {
                case .wait: break
                case .seen(let side, let missing): complain("\(side.name) is up: good; \(missing) to go")
                case .known(let side): complain("\(side.name) was up already; turn it to another side")
                case .tilted: complain("it lies on an edge; lay it on a side")
                case .finished:
                    guard let result = check.result else { break }
                    complain("all six sides were up")
                    guard result.problems.isEmpty else {
                        throw Failure(
                            message: "\(path): \(result.problems.joined(separator: "; "))", outcome: .unusableInput)
                    }
                    return result
                }
            }
        }
        throw Failure(
            message:
                "\(path): these sides were never up: \(check.missing.map(\.name).joined(separator: " ")); run it again",
            outcome: .unusableInput)
    }

    // MARK: The answer

    private static func result(
        _ setup: PortSetup, _ found: SixPositionCheck.Result?, _ probe: PortProbe
    ) -> SetupCommand.Result {
        var parts = [
            "\(setup.name): \(setup.port), \(setup.format), \(setup.baud) baud, \(setup.rate.formatted) samples a second"
        ]
        if let found {
            parts.append("1 g reads as \(found.gravity.formatted) (\(found.unit)), measured in six positions")
        } else if setup.format == "text" {
            parts.append("1 g reads as \(setup.gravity.formatted), as you said")
        }
        if let time = setup.time { parts.append("its clock counts \(time.rawValue)") }
        if probe.damaged > 0 { parts.append("\(probe.damaged) lines or frames were no good") }
        parts.append("no gap detection: what is lost on the way is not seen")
        parts.append("to record: nattro record --left \(setup.name)")
        return SetupCommand.Result(
            text: parts.joined(separator: "\n  "),
            members: [
                .init("kind", .string("port")), .init("name", .string(setup.name)), .init("port", .string(setup.port)),
                .init("format", .string(setup.format)), .init("baud", .integer(setup.baud)),
                .init("rate_hz", .number(setup.rate)), .init("one_g_reads_as", .number(setup.gravity)),
                .init("clock", .init(setup.time?.rawValue)), .init("measured", .bool(setup.isMeasured)),
                .init("damaged", .integer(probe.damaged)), .init("gap_detection", .bool(false)),
            ])
    }
}
