// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Journal
import LegMovements
import Nights
import Recordings

/// A night and why something is decided about it.
struct NightDecision: ParsableArguments {
    @Argument(help: .init("The date of its evening, or last.", valueName: "night"))
    var night: NightArgument
    @Option(help: .init("Why; it is logged.", valueName: "text"))
    var reason: String
}

/// Leaves a night out of comparisons.
struct NightsExclude: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exclude", abstract: "Leave a night out of comparisons; its results stay.")

    @OptionGroup var options: JournalOptions
    @OptionGroup var decision: NightDecision

    func run() async throws {
        try await endingInExitCode {
            let (store, reason) = (try options.open(), decision.reason)
            let date = try decision.night.night(in: store).date
            let wasSeen = try store.exclude(date, reason: reason, at: options.time)
            try writeResult("the night of \(date) is left out of comparisons: \(reason)\n")
            if wasSeen { try writeResult("A comparison was seen before; the exclusion is marked so.\n") }
        }
    }
}

/// Lets a night take part again.
struct NightsInclude: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "include", abstract: "Let a night that was left out take part again.")

    @OptionGroup var options: JournalOptions
    @OptionGroup var decision: NightDecision

    func run() async throws {
        try await endingInExitCode {
            let (store, reason) = (try options.open(), decision.reason)
            let date = try decision.night.night(in: store).date
            try store.include(date, reason: reason, at: options.time)
            try writeResult("the night of \(date) takes part in comparisons\n")
        }
    }
}

/// Declares a stretch to be no data.
struct NightsMask: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mask", abstract: "Declare a stretch of a night to be no data; the night is scored anew.",
        usage: "nattro nights mask NIGHT 02:10-02:40 --reason TEXT")

    @OptionGroup var options: JournalOptions
    @Argument(help: .init("The date of its evening, or last.", valueName: "night"))
    var night: NightArgument
    @Argument(
        help: .init("From when to when, on the recording's clock; L: or R: before it for one leg.", valueName: "span"))
    var span: ClockSpan
    @Option(help: .init("Why; it is logged.", valueName: "text"))
    var reason: String

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            let night = try night.night(in: store)
            guard
                let start = night.recordings.map({
                    max($0.recording.start, night.window(of: $0.recording)?.lowerBound ?? -.infinity)
                }).min(),
                let end = night.recordings.map(\.recording.end).max()
            else {
                throw Failure(message: "the night of \(night.date) has no recording", outcome: .unusableInput)
            }
            let seconds = span.seconds(after: start)
            let stretch = start + seconds.lowerBound..<start + max(seconds.lowerBound, seconds.upperBound)
            guard stretch.lowerBound < end, !stretch.isEmpty, stretch.upperBound - stretch.lowerBound < 86_400 else {
                throw Failure(
                    message: "that stretch lies outside of the night, which lasts from \(NightReport.clock(start)) to "
                        + NightReport.clock(end),
                    outcome: .wrongUsage)
            }
            try store.mask(night.date, stretch, leg: span.leg, reason: reason, at: options.time)
            try writeResult(
                "masked: \(NightReport.clock(stretch.lowerBound)) to \(NightReport.clock(stretch.upperBound))\n")
            try await Rescoring(store, now: options.time).report(night.date)
        }
    }
}

/// Says what the person knows of a night.
struct NightsSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Say what you know of a night: lights out, wake-up, site, legs; it is scored anew.",
        usage:
            "nattro nights set NIGHT [--lights-out TIME] [--wake-up TIME] [--site TEXT] [--leg FILE=left] [--swap-legs]"
    )

    @OptionGroup var options: JournalOptions
    @Argument(help: .init("The date of its evening, or last.", valueName: "night"))
    var night: NightArgument
    @Option(help: .init("When the light went out, on the recording's clock: 23:10.", valueName: "time"))
    var lightsOut: String?
    @Option(help: .init("When the night ended.", valueName: "time"))
    var wakeUp: String?
    @Option(help: .init("Where the sensors were worn: ankle, foot.", valueName: "text"))
    var site: String?
    @Option(help: .init("The leg of a recording that does not tell: FILE=left, FILE=right.", valueName: "file=leg"))
    var leg: [LegOfFile] = []
    @Flag(help: "The sensors were on the other legs than said so far.")
    var swapLegs = false
    @Option(help: .init("Why; it is logged.", valueName: "text"))
    var reason = ""

    func validate() throws {
        for time in [lightsOut, wakeUp].compactMap(\.self) where ClockTime(argument: time) == nil {
            throw ValidationError("'\(time)' is no time: 23:10, or with its date 2026-11-24T23:10.")
        }
        guard lightsOut != nil || wakeUp != nil || site != nil || !leg.isEmpty || swapLegs else {
            throw ValidationError("Nothing to set: give --lights-out, --wake-up, --site, --leg or --swap-legs.")
        }
    }

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            let date = try night.night(in: store).date
            let facts = JournalStore.NightFacts(
                lightsOut: lightsOut, wakeUp: wakeUp, site: site,
                legs: Dictionary(leg.map { ($0.file, $0.leg) }, uniquingKeysWith: { $1 }), swapsLegs: swapLegs)
            try store.set(date, facts, reason: reason, at: options.time)
            try await Rescoring(store, now: options.time).report(date)
        }
    }
}

/// A leg of a file as it is typed: `night_L.cwa=left`.
struct LegOfFile: ExpressibleByArgument {
    let file: String
    let leg: Leg

    init?(argument: String) {
        guard let separator = argument.lastIndex(of: "="),
            let leg = LegArgument(argument: String(argument[argument.index(after: separator)...]))?.leg
        else { return nil }
        file = String(argument[..<separator])
        self.leg = leg
    }
}

/// A leg as it is typed: `left`, `R`.
struct LegArgument: ExpressibleByArgument {
    let leg: Leg

    init?(argument: String) {
        switch argument.lowercased() {
        case "left", "l": leg = .left
        case "right", "r": leg = .right
        default: return nil
        }
    }
}

/// Takes the last decision about nights back.
struct NightsUndo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Take the last decision about a night back; both stay in the log.")

    @OptionGroup var options: JournalOptions

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            guard let change = try store.undo(.nights, at: options.time) else {
                throw Failure(message: "there is no decision about a night to take back", outcome: .unusableInput)
            }
            try writeResult("taken back: \(change.deed)\(change.reason.isEmpty ? "" : " (\(change.reason))")\n")
            if let word = change.deed.split(separator: " ").last, let date = CivilDay(word) {
                try await Rescoring(store, now: options.time).report(date)
            }
        }
    }
}

/// What was decided about nights.
struct NightsLog: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "List what was decided about nights, and why, latest first.")

    @OptionGroup var options: JournalOptions

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            for change in try store.changes(of: .nights) {
                try writeResult(
                    "\(UTCInstant(secondsSince1970: Int(change.made)))  \(change.deed)"
                        + (change.reason.isEmpty ? "" : ": \(change.reason)")
                        + (change.isUndone ? "  (taken back)" : "") + "\n")
            }
        }
    }
}

/// Scores a night anew after something about it changed, and says what became of its number.
struct Rescoring {
    private let store: JournalStore
    private let now: Double

    init(_ store: JournalStore, now: Double) {
        self.store = store
        self.now = now
    }

    /// A line on standard output; the older result stays in the journal.
    func report(_ date: CivilDay) async throws {
        guard let night = try store.night(date) else { return }
        let profile = try ScoringRules.named(Settings().value(.rules))
        let before = try store.results(of: date, rules: profile.name).last
        let scored = try await JournalScoring(store: store, profiles: [profile], now: now).score(night)
        guard let after = scored.results.first else { return }
        func words(_ result: StoredResult?) -> String { result?.index.map { NightSummary.number($0) } ?? "undefined" }
        try writeResult(
            before == nil || before?.id == after.id
                ? "night of \(date): \(words(after)) PLM per analysed hour of rest\n"
                : "night of \(date): \(words(after)) PLM per analysed hour of rest; before \(words(before))\n")
    }
}
