// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Sensors

/// Looks at how a logger lies on the leg, before the night.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "See how a logger lies on the leg, before it is unplugged.",
        discussion: """
            Reads the logger's live stream for some seconds: a look at its direction and its noise, and no recording, for that stream has \
            neither a rate nor numbers.

            Exit codes: 0 · 1 something to look at · 2 no samples came · 4 no such logger, or it does not answer · 64 wrong usage.
            """)

    static let schema = "nattro-check/1"

    @Argument(help: .init("The logger's serial number; the number on its case will do.", valueName: "serial"))
    var serial: String
    @Option(help: .init("Seconds to read; hold the leg still.", valueName: "seconds"))
    var seconds = 10.0
    @OptionGroup var finder: LoggerFinder
    @Flag(help: "Answer in JSON (schema \(schema)).")
    var json = false

    func validate() throws {
        guard (1...600).contains(seconds) else { throw ValidationError("--seconds: from 1 to 600.") }
    }

    func run() async throws {
        try await endingInExitCode {
            let plugged = try finder.logger(serial)
            let samples: [[Double]]
            do throws(SensorError) {
                var logger = try AxivityLogger(plugged.port)
                samples = try logger.placement(seconds: seconds, model: logger.identity().model)
            } catch {
                throw Failure(message: "\(plugged.serial): \(error)", error)
            }
            guard let placement = Placement(samples) else {
                throw Failure(
                    message:
                        "\(plugged.serial): it streams nothing; unplug it, plug it in again, and wait some seconds",
                    outcome: .unusableInput)
            }
            let object = JSONValue.object(
                [.init("schema", .string(Self.schema)), .init("serial", .string(plugged.serial))] + placement.members)
            try writeResult(json ? "\(object)\n" : "\(plugged.serial): \(placement.text)\n")
            for problem in placement.problems { complain("\(plugged.serial): \(problem)") }
            if !placement.problems.isEmpty { throw ExitCode(Outcome.incomplete.rawValue) }
        }
    }

    /// How a sensor lies, by what it measured at rest.
    struct Placement {
        var count: Int
        var direction: [Double]
        /// Standard deviation of the loudest axis, in mg.
        var noise: Double

        /// Nil without samples.
        init?(_ samples: [[Double]]) {
            guard !samples.isEmpty else { return nil }
            count = samples.count
            let total = Double(samples.count)
            let means = (0..<3).map { axis in samples.reduce(0) { $0 + $1[axis] } / total }
            let variances = (0..<3).map { axis in
                samples.reduce(0) { $0 + ($1[axis] - means[axis]) * ($1[axis] - means[axis]) } / total
            }
            direction = means
            noise = (variances.max() ?? 0).squareRoot() * 1000
        }

        var gravity: Double { direction.reduce(0) { $0 + $1 * $1 }.squareRoot() }

        var problems: [String] {
            var problems: [String] = []
            if !(0.9...1.1).contains(gravity) {
                problems.append("gravity measures \(gravity.formatted) g: hold it still, or it is badly calibrated")
            }
            // 30 mg is seven times a still AX3's noise.
            if noise > 30 { problems.append("it moves by \(Int(noise)) mg: hold it still, and tighten the strap") }
            return problems
        }

        var text: String {
            String(
                format: "%d samples, direction %+.2f %+.2f %+.2f, gravity %.2f g, noise %.1f mg", count, direction[0],
                direction[1], direction[2], gravity, noise)
        }

        var members: [JSONValue.Member] {
            [
                .init("samples", .integer(count)), .init("direction_g", .array(direction.map { .number($0) })),
                .init("gravity_g", .number(gravity)), .init("noise_mg", .number(noise)),
                .init("problems", .array(problems.map { .string($0) })),
            ]
        }
    }
}
