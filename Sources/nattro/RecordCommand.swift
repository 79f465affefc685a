// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Recordings
import Sensors

/// A night from the sensors on USB and on serial ports.
struct Record: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Record a night from sensors on USB and on serial ports.",
        discussion: """
            Ends at --until, after --hours, or with Ctrl-C. Whatever happens to a sensor, the recording goes on, and what is \
            missing is a gap. Serial ports are only opened where --left or --right names one that `nattro sensors setup` was told \
            of; what such a sensor loses on the way is not seen. A line typed while it runs becomes a note in the log. Started once \
            more in the same night after it was killed or the power failed, it goes on with the same log, after a gap.

            Exit codes: 0 recorded · 2 the log cannot be written · 3 recorded with gaps · 4 sensor not found, or lost at the end \
            · 64 wrong usage.
            """)

    @Option(help: .init("Record until this time of day: 07:00.", valueName: "time"))
    var until: ClockTime?
    @Option(help: .init("Record for so many hours.", valueName: "hours"))
    var hours: Double?
    @Option(
        help: .init(
            "The left leg's sensor: a serial number on USB, or a serial port that was set up, by name or path.",
            valueName: "sensor"))
    var left: String?
    @Option(help: .init("The right leg's sensor, likewise.", valueName: "sensor"))
    var right: String?
    @Option(help: .init("Where the sensors are worn, in words: ankle (the default), foot.", valueName: "site"))
    var site: String?
    @Option(
        help: .init(
            "Samples a second to set sensors on USB to; left as they are if not given.", valueName: "rate"))
    var rate: UInt16?
    @Option(help: .init("Seconds to wait for a sensor.", valueName: "seconds"))
    var wait = 30.0
    @OptionGroup var recording: RecordingOptions
    @OptionGroup var journal: JournalOptions
    @Flag(help: "Do not take the night into the journal.")
    var noJournal = false
    /// For tests: clocks that run faster.
    @Option(help: .hidden)
    var timeScale = 1.0
    /// For tries without a sensor: a leg made of numbers, by its seed.
    @Option(help: .hidden)
    var synthetic: UInt64?

    func validate() throws {
        guard until == nil || hours == nil else { throw ValidationError("Give --until or --hours, not both.") }
        guard hours.map({ $0 > 0 && $0 <= 48 }) ?? true else {
            throw ValidationError("--hours \(hours ?? 0): a night has more than 0 hours and at most 48.")
        }
        guard wait >= 0 else { throw ValidationError("--wait \(wait): it cannot be negative.") }
        guard timeScale >= 1, timeScale <= 1000 else { throw ValidationError("--time-scale: from 1 to 1000.") }
        guard rate.map({ (25...400).contains($0) }) ?? true else {
            throw ValidationError("--rate \(rate ?? 0): sensors take 25 to 400 samples a second.")
        }
    }

    func run() async throws {
        try await endingInExitCode {
            let settings = try Settings()
            let (left, right) = (settings.value(.left, option: left), settings.value(.right, option: right))
            let until = try hours == nil ? until ?? Self.until(settings) : nil
            let clock = HostClock(scale: timeScale)
            let now = clock.now()
            var options = recording.options
            let sensors = try NamedSensors(left: left, right: right)
            options.assignment = sensors.assignment
            options.site = settings.value(.site, option: site) ?? "ankle"
            options.hostBoot = HostClock.hostBoot()
            options.zone = { HostClock.zone(at: $0) }
            options.length = hours.map { $0 * 3600 }
            options.end = until.map { Self.end(at: $0, after: now.utc) }
            // What is plugged in is found within a second of the world.
            options.patience = max(min(wait, options.length ?? wait), timeScale)
            let seconds =
                options.length ?? options.end.map { Double($0 - now.utc) / 1e9 } ?? RecordingOptions.usualNight
            var book = RecordJournal(journal, isWanted: !noJournal, isJSON: recording.json)
            let target = try recording.target(forNightAt: now.utc, in: book.folder())
            options.unfinished = target.unfinished
            try DiskSpace.check(
                target.path, seconds: seconds, legs: options.assignment.possibleLegs.count, rate: rate)
            book.begin(target.path, goesOn: target.unfinished != nil)
            let session = RecordingSession(
                path: target.path, isNumbered: recording.out == nil, reservingSeconds: seconds)
            if let seed = synthetic {
                session.start(options, timeScale: timeScale) { () throws(RecordingError) in
                    SyntheticLeg(seed: seed, clock: clock)
                }
            } else {
                let (serials, ports) = (sensors.serials, sensors.ports)
                let (limit, rate) = (options.assignment.possibleLegs.count, rate)
                session.start(options, timeScale: timeScale) { () throws(RecordingError) in
                    SensorSource(serials: serials, ports: ports, limit: limit, rate: rate, clock: clock)
                }
            }
            let inhibitor = SleepInhibitor()
            defer { inhibitor.end() }
            if let problem = inhibitor.problem { complain(problem) }
            do {
                try RecordingWatch(session, isJSON: recording.json, traces: book.traces).run()
            } catch {
                // Recorded with gaps, or without a sensor at the end: what there is counts.
                await book.finish(session.path)
                throw error
            }
            await book.finish(session.path)
        }
    }

    /// Until when nights are recorded by environment or configuration file.
    private static func until(_ settings: Settings) throws -> ClockTime? {
        try settings.value(.until).map { text in
            guard let time = ClockTime(argument: text) else {
                throw Failure(message: "the setting until is '\(text)', which is no time: 07:00", outcome: .wrongUsage)
            }
            return time
        }
    }

    /// The next moment at which clocks show a time, in nanoseconds since the Unix epoch.
    private static func end(at time: ClockTime, after utc: Int64) -> Int64 {
        let second: Int64 = 1_000_000_000
        let offset = Int64(HostClock.zone(at: utc).offset)
        let local = time.instant(after: Double(utc) / 1e9 + Double(offset))
        let guess = Int64(local) * second - offset * second
        // Summer time may begin or end before it.
        return Int64(local) * second - Int64(HostClock.zone(at: guess).offset) * second
    }
}

/// What `record` and `replay` share.
struct RecordingOptions: ParsableArguments {
    @Option(
        help: .init(
            "The night log to write; never overwritten. By default nattro/nights/DATE.nightlog in the user's data folder.",
            valueName: "file"))
    var out: String?
    @Option(help: .init("When the light goes out: now is the only time there is.", valueName: "now"))
    var lightsOut: LightsOut?
    @Flag(help: "Say what happens in JSON, one object a line (schema \(RecordingWatch.schema)).")
    var json = false

    /// The seconds of a night whose end nobody told.
    static let usualNight = 36_000.0

    /// When the light goes out, as it is typed.
    enum LightsOut: String, ExpressibleByArgument, CaseIterable {
        case now
    }

    var options: NightRecorder.Options {
        var options = NightRecorder.Options()
        options.lightsOut = lightsOut == .now
        return options
    }

    /// The file to write, and how it stands where it is this night's log that nobody closed: that one is gone on with.
    ///
    /// - Parameter folder: where the nights are kept; nil for the user's own folder.
    func target(
        forNightAt utc: Int64, in folder: String? = nil
    ) throws -> (path: String, unfinished: NightLog.Standing?) {
        if let out { return (out, try unfinished(out, utc)) }
        let first = try "\(folder ?? Self.folder())/\(Self.night(at: utc)).nightlog"
        // The last of this night's, and the name after it.
        var (path, next) = (first, first)
        for number in 2... {
            guard FileManager.default.fileExists(atPath: next) else { break }
            (path, next) = (next, NightLogKeeper.name(first, number))
        }
        do throws(RecordingError) {
            let standing = try unfinished(path, utc)
            return (path, standing)
        } catch {
            // A finished log is followed by another one.
            guard error.reason == .alreadyExists else { throw error }
            return (next, nil)
        }
    }

    /// How a log stands that is of this night and was not closed; nil where there is no file.
    ///
    /// - Throws: `alreadyExists` for any other file, and `inUse` for one that is being written.
    private func unfinished(_ path: String, _ utc: Int64) throws(RecordingError) -> NightLog.Standing? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let reason: String
        do throws(RecordingError) {
            let standing = try NightLog.standing(path)
            let isTonights = Self.night(at: standing.header.creation.utc) == Self.night(at: utc)
            if isTonights, !standing.isClosed { return standing }
            reason = standing.isClosed ? "its recording is finished" : "it is another night's"
        } catch  where error.reason == .inUse {
            throw error
        } catch {
            reason = "it \(error.problem)"
        }
        throw RecordingError(
            .alreadyExists, path: path, problem: "it exists already, and \(reason)",
            remedy: "take another name; nothing was changed", code: EEXIST)
    }

    /// The folder of the nights; it is there afterwards.
    static func folder() throws -> String {
        let home = FileManager.default.homeDirectoryForCurrentUser.path
        let data = ProcessInfo.processInfo.environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let folder = "\(data ?? "\(home)/.local/share")/nattro/nights"
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw RecordingError(
                .inputOutput, path: folder, problem: "cannot be created", remedy: "name a file with --out")
        }
        return folder
    }

    /// The noon-to-noon day that a moment lies in, by local time.
    static func night(at utc: Int64) -> String {
        night(atLocal: utc / 1_000_000_000 + Int64(HostClock.zone(at: utc).offset))
    }

    /// The noon-to-noon day that a moment lies in, in seconds since 1970 on a clock that shows local time.
    static func night(atLocal local: Int64) -> String {
        let days = (local - 43_200).dividedDown(by: 86_400)
        let date = CivilDate.date(daysSinceEpoch: Int(days))
        return String(format: "%04d-%02d-%02d", date.year, date.month, date.day)
    }
}

extension Int64 {
    /// The quotient rounded down.
    fileprivate func dividedDown(by divisor: Int64) -> Int64 {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? quotient - 1 : quotient
    }
}

/// Room on a disk.
enum DiskSpace {
    /// The rate of a sensor that nobody set, in samples a second.
    private static let usualRate: UInt16 = 100

    /// The bytes that are free where a file would be; nil where nobody can tell.
    static func free(at path: String) -> Int64? {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        var status = statvfs()
        guard unsafe statvfs(folder, &status) == 0 else { return nil }
        return Int64(status.f_bavail) * Int64(status.f_frsize)
    }

    /// The bytes that a night needs, with as much again to spare.
    static func needed(seconds: Double, legs: Int, rate: UInt16? = nil) -> Int64 {
        Int64(2 * legs * NightLog.bytes(of: seconds, rate: Float(rate ?? usualRate)))
    }

    /// Refuses to begin a night that the disk has no room for.
    static func check(_ path: String, seconds: Double, legs: Int, rate: UInt16?) throws(RecordingError) {
        let needed = needed(seconds: seconds, legs: legs, rate: rate)
        guard let free = free(at: path), free < needed else { return }
        throw RecordingError(
            .noSpace, path: path,
            problem: "the disk has \(free / 1_000_000) MB free, and the night may need \(needed / 1_000_000)",
            remedy: "make room, or name a file on another disk with --out", code: ENOSPC)
    }
}
