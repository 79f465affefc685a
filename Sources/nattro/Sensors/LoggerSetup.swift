// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Recordings
import Sensors

/// Sets an Axivity logger up for tonight, unless that would erase a night.
struct LoggerSetup {
    /// How it is to record.
    struct Options: ParsableArguments {
        @Option(help: .init("The largest acceleration in g: 2, 4, 8 (if not given) or 16.", valueName: "range"))
        var range: Int?
        @Option(
            help: .init(
                "Of an AX6, also the rotation, up to so many °/s: 125, 250, 500, 1000 or 2000.", valueName: "range"))
        var gyro: Int?
        @Option(help: .init("When it begins to record: 22:30, by local time; at once if not given.", valueName: "time"))
        var start: ClockTime?
        @Option(help: .init("When it stops: 08:00; when it is full if not given.", valueName: "time"))
        var stop: ClockTime?
        @OptionGroup var finder: LoggerFinder

        var isEmpty: Bool { range == nil && gyro == nil && start == nil && stop == nil && finder.volume == nil }

        func validate(_ rate: Double?) throws {
            guard rate.map(AxivitySettings.rates.contains) ?? true else {
                throw ValidationError(
                    "--rate: a logger has \(AxivitySettings.rates.map(\.formatted).joined(separator: ", ")).")
            }
            guard range.map(AxivitySettings.ranges.contains) ?? true else {
                throw ValidationError(
                    "--range: a logger has \(AxivitySettings.ranges.map { String($0) }.joined(separator: ", ")) g.")
            }
            guard gyro.map(AxivitySettings.rotations.contains) ?? true else {
                throw ValidationError(
                    "--gyro: an AX6 has \(AxivitySettings.rotations.map { String($0) }.joined(separator: ", ")) °/s.")
            }
        }
    }

    private let name: String
    private let options: Options
    private let rate: Double

    init(_ name: String, _ options: Options, _ rate: Double) {
        self.name = name
        self.options = options
        self.rate = rate
    }

    /// A battery below this share of its charge may not last a night with a gyroscope.
    private static let lowBattery = 20

    func run() throws -> SetupCommand.Result {
        let plugged = try options.finder.logger(name)
        try Self.refuseToErase(plugged, options.finder)
        var logger = try AxivityLogger(plugged.port)
        let identity = try logger.identity()
        guard identity.number == plugged.number else {
            throw Failure(
                message: "\(plugged.serial): its port answers that it is \(identity.number); "
                    + "unplug other loggers and try again",
                outcome: .unusableInput)
        }
        guard options.gyro == nil || identity.model == "AX6" else {
            throw Failure(
                message: "\(plugged.serial): an \(identity.model) has no gyroscope: leave --gyro out",
                outcome: .wrongUsage)
        }
        let battery = try logger.battery()
        if let battery, battery < Self.lowBattery {
            complain("\(plugged.serial): its battery is at \(battery) %; leave it plugged in until bedtime")
        }
        // The logger takes whole seconds: at the start of one, so that the clocks of two legs agree.
        Thread.sleep(forTimeInterval: 1 - Double(HostClock.system.now().utc % 1_000_000_000) / 1e9)
        try logger.setTime { Self.localTime() }
        let now = Self.localTime().seconds
        let start = options.start.map { Int($0.instant(after: Double(now))) }
        let stop = options.stop.map { Int($0.instant(after: Double(start ?? now))) }
        let settings = AxivitySettings(
            rate: rate, range: options.range ?? 8, rotation: options.gyro ?? 0,
            start: start.map { AxivitySettings.Time(seconds: $0) },
            stop: stop.map { AxivitySettings.Time(seconds: $0) }, session: Self.session(now))
        try logger.set(settings)
        return Self.result(plugged, identity, battery, settings)
    }

    /// Refuses where a recording lies on it that was not fetched, or where that cannot be known.
    static func refuseToErase(_ plugged: PluggedLogger, _ finder: LoggerFinder) throws {
        let path = try finder.recording(on: plugged)
        let recording: LoggerRecording?
        do {
            recording = try LoggerRecording(path, on: plugged)
        } catch {
            throw Failure(
                message: "\(error); nobody knows whether a night is on \(plugged.serial), so nothing was changed",
                outcome: .unusableInput)
        }
        guard let recording else { return }
        let register = FetchedRecordings(in: try RecordingOptions.folder())
        guard register.copy(of: recording, on: plugged.serial) == nil else { return }
        throw Failure(
            message: "\(plugged.serial): a recording is on it that was not fetched (session \(recording.session), "
                + "\(recording.size / 1000) kB); first run `nattro sensors fetch \(plugged.serial)`. Nothing was changed",
            outcome: .unusableInput)
    }

    /// What a clock on the wall shows, in seconds since 1970.
    private static func localTime() -> AxivitySettings.Time {
        let utc = HostClock.system.now().utc
        return AxivitySettings.Time(
            seconds: Int((Double(utc) / 1e9).rounded()) + Int(HostClock.zone(at: utc).offset))
    }

    /// The day and the time as a number that tells recordings apart: minutes since 1970, as people never see it.
    private static func session(_ now: Int) -> UInt32 { UInt32(clamping: now / 60) }

    private static func result(
        _ plugged: PluggedLogger, _ identity: AxivityLogger.Identity, _ battery: Int?, _ settings: AxivitySettings
    ) -> SetupCommand.Result {
        let begin = settings.start.map { "begins at \($0)" } ?? "begins when it is unplugged"
        let end = settings.stop.map { "ends at \($0)" } ?? "ends when it is full"
        let gyro = settings.rotation > 0 ? ", ±\(settings.rotation) °/s" : ""
        return SetupCommand.Result(
            text: "\(plugged.serial): \(identity.model), \(settings.rate.formatted) Hz, ±\(settings.range) g\(gyro); "
                + "\(begin), \(end)\(battery.map { "; battery \($0) %" } ?? "")\n"
                + "  in the morning: nattro sensors fetch \(plugged.serial)",
            members: [
                .init("kind", .string("logger")), .init("serial", .string(plugged.serial)),
                .init("model", .string(identity.model)), .init("firmware", .string(identity.firmware)),
                .init("rate_hz", .number(settings.rate)), .init("range_g", .integer(settings.range)),
                .init("gyroscope_dps", .init(settings.rotation > 0 ? settings.rotation : nil)),
                .init("start", .init(settings.start?.description)), .init("stop", .init(settings.stop?.description)),
                .init("session", .integer(Int(settings.session))), .init("battery_percent", .init(battery)),
            ])
    }
}
