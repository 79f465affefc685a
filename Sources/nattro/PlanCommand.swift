// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Comparison
import Foundation
import Journal
import LegMovements
import Nights

/// What so many nights could show, and a schedule to record them by.
struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what so many nights could show, and draw and freeze a schedule.",
        usage: """
            nattro plan [--baseline nights.csv] [--nights N] [--change PERCENT] [--json]
            nattro plan --draw blocks --blocks 8 --block-nights 7 --first DATE --seed N --out design.json
            nattro plan --draw pairs --pairs 7 --block-nights 7 --first DATE --seed N --out design.json
            nattro plan --draw start --nights 56 --first-start 14 --last-start 42 --first DATE --seed N --out design.json
            nattro plan --draw before-after --before 28 --with 42 --first DATE --out design.json
            """,
        discussion: """
            Without --draw it simulates the comparison itself, with your own nights' variation where the journal, or --baseline, has \
            seven usable nights or more without magnesium. With --draw it writes a design that nattro compare reads, keeps it in \
            the journal, and prints its SHA-256: a design that is changed later is another design.
            """)

    @OptionGroup var options: JournalOptions

    /// The layouts that can be drawn.
    enum Layout: String, ExpressibleByArgument, CaseIterable {
        case blocks, pairs, start
        case beforeAfter = "before-after"
    }

    @Option(help: .init("Nights without magnesium, as CSV: how yours vary.", valueName: "file"))
    var baseline: String?

    @Option(help: .init("All nights that you are willing to record, both phases together.", valueName: "count"))
    var nights: Int?

    @Option(help: .init("The decrease in percent whose chance of being found is given.", valueName: "percent"))
    var change = 30

    @Option(
        help: .init("How nights vary: standard deviation over mean, where --baseline does not say.", valueName: "cv"))
    var variation = 0.45

    @Option(
        help: .init("How alike neighbouring nights are, 0 to 0.95, where --baseline does not say.", valueName: "rho"))
    var correlation = 0.2

    @Option(help: .init("How many studies are simulated.", valueName: "count"))
    var replicates = 2000

    @Option(help: .init("The seed of the draw, or of the simulation.", valueName: "number"))
    var seed: UInt64?

    @Option(help: .init("Draw a schedule: blocks, pairs, start or before-after.", valueName: "layout"))
    var draw: Layout?

    @Option(help: .init("The number of blocks.", valueName: "count"))
    var blocks: Int?

    @Option(help: .init("The nights of a block.", valueName: "count"))
    var blockNights: Int?

    @Option(help: .init("The blocks with magnesium; half of them if not said.", valueName: "count"))
    var active: Int?

    @Option(help: .init("The longest run of like blocks.", valueName: "count"))
    var maxRun: Int?

    @Option(help: .init("The number of pairs of blocks.", valueName: "count"))
    var pairs: Int?

    @Option(help: .init("The earliest first night with magnesium, counted from 0.", valueName: "night"))
    var firstStart: Int?

    @Option(help: .init("The latest first night with magnesium, counted from 0.", valueName: "night"))
    var lastStart: Int?

    @Option(help: .init("The nights before.", valueName: "count"))
    var before: Int?

    @Option(name: .customLong("with"), help: .init("The nights with magnesium.", valueName: "count"))
    var nightsWith: Int?

    @Option(help: .init("The evening of the first night, as 2026-03-02.", valueName: "date"))
    var first: String?

    @Option(help: .init("What is adjusted for, a column of nights.csv; may be said again.", valueName: "name"))
    var covariate: [String] = []

    @Option(help: .init("The half-life of the effect in nights, where one is to be declared.", valueName: "nights"))
    var halfLife: Double?

    @Option(help: .init("Where the design is written; never over a file that is there.", valueName: "file"))
    var out: String?

    @Flag(help: "Answer in JSON.")
    var json = false

    private static let mostNights = 3660
    private static let longestForecast = 730

    func validate() throws {
        let counts = [
            ("--nights", nights), ("--blocks", blocks), ("--block-nights", blockNights), ("--active", active),
            ("--max-run", maxRun), ("--pairs", pairs), ("--first-start", firstStart), ("--last-start", lastStart),
            ("--before", before), ("--with", nightsWith),
        ]
        for (name, count) in counts {
            if let count, !(1...Self.mostNights).contains(count) {
                throw ValidationError("\(name) is \(count); it lies between 1 and \(Self.mostNights).")
            }
        }
        guard (1...95).contains(change) else { throw ValidationError("--change is \(change); it is 1 to 95 percent.") }
        guard (0.01...3).contains(variation) else {
            throw ValidationError("--variation is \(variation); it is 0.01 to 3.")
        }
        guard (0...0.95).contains(correlation) else {
            throw ValidationError("--correlation is \(correlation); it is 0 to 0.95.")
        }
        guard (100...100_000).contains(replicates) else {
            throw ValidationError("--replicates is \(replicates); it is 100 to 100000.")
        }
        if let seed, seed > Int.max { throw ValidationError("--seed is \(seed); the largest is \(Int.max).") }
        if let halfLife, !(0...365).contains(halfLife) {
            throw ValidationError("--half-life is \(halfLife); it is 0 to 365 nights.")
        }
        if draw == nil {
            guard out == nil else { throw ValidationError("--out writes a drawn design; say --draw too.") }
            if let nights, nights > Self.longestForecast {
                throw ValidationError("--nights is \(nights); more than two years are not simulated.")
            }
            if let nights, nights < 2 * ConditionComparison.fewestNights {
                throw ValidationError(
                    "--nights is \(nights); a comparison needs \(ConditionComparison.fewestNights) in each phase.")
            }
            return
        }
        guard let first, CivilDay(first) != nil else {
            throw ValidationError("Give the evening of the first night: --first 2026-03-02.")
        }
        guard out != nil else { throw ValidationError("Give the file for the design: --out design.json.") }
        guard draw == .beforeAfter || seed != nil else {
            throw ValidationError("Give a seed, so that the draw can be repeated: --seed with any number, chosen once.")
        }
        _ = try layout
    }

    /// What is to be drawn, and over how many nights.
    private var layout: (kind: StudyDesign.Kind, nights: Int) {
        get throws {
            func need(_ value: Int?, _ name: String) throws -> Int {
                guard let value else { throw ValidationError("--draw \(draw?.rawValue ?? "") needs \(name).") }
                return value
            }
            switch draw {
            case .blocks:
                let (blocks, nights) = (try need(blocks, "--blocks"), try need(blockNights, "--block-nights"))
                let kind = StudyDesign.Kind.randomisedBlocks(
                    blocks: blocks, blockNights: nights, active: active ?? blocks / 2, longestRun: maxRun)
                return (kind, blocks * nights)
            case .pairs:
                let (pairs, nights) = (try need(pairs, "--pairs"), try need(blockNights, "--block-nights"))
                return (.randomisedPairs(pairs: pairs, blockNights: nights), 2 * pairs * nights)
            case .start:
                let kind = StudyDesign.Kind.randomisedStart(
                    first: try need(firstStart, "--first-start"), last: try need(lastStart, "--last-start"))
                return (kind, try need(nights, "--nights"))
            case .beforeAfter:
                return (.beforeAfter, try need(before, "--before") + need(nightsWith, "--with"))
            case nil: preconditionFailure("nothing to draw")
            }
        }
    }

    func run() async throws {
        try await endingInExitCode {
            if draw != nil { try freeze() } else { try await forecast() }
        }
    }

    private func freeze() throws {
        let (kind, nights) = try layout
        guard nights <= Self.mostNights else {
            throw Failure(
                message: "\(nights) nights are more than ten years; use fewer or shorter blocks", outcome: .wrongUsage)
        }
        var schedule: ScheduleDraw?
        if kind != .beforeAfter {
            do {
                schedule = try ScheduleDraw(kind, nights: nights, seed: seed ?? 0)
            } catch {
                throw Failure(message: "this schedule is refused: \(error)", outcome: .unusableInput)
            }
        }
        let condition = schedule?.condition ?? (0..<nights).map { $0 >= before ?? 0 }
        let frozen = FrozenDesign(
            kind: kind, first: first ?? "", condition: condition, schedule: schedule, covariates: covariate,
            halfLife: halfLife)
        try frozen.write(to: out ?? "")
        let number = try options.open().add(design: frozen.text, at: options.time)
        let transition = StudyDesign.defaultTransition(kind)
        if json {
            try writeResult("\(frozen.answer)\n")
        } else {
            try writeResult(
                frozen.text(path: out ?? "", transition: transition)
                    + "Kept in the journal as plan \(number): nattro compare goes by it.\n")
        }
    }

    private func forecast() async throws {
        let (variability, origin) = try person
        let forecast = try await PowerForecast(
            variability: variability, origin: origin, nights: nights, decrease: Double(change) / 100,
            replicates: replicates, seed: seed ?? 1)
        try writeResult(json ? "\(forecast.json)\n" : forecast.text)
    }

    /// The person's own variability and where it is from, or the assumed one.
    private var person: (NightVariability, PowerForecast.Origin) {
        get throws {
            let assumed = NightVariability(variation: variation, correlation: correlation)
            guard let baseline else {
                guard try options.exists() else { return (assumed, .assumed) }
                let own = try JournalBaseline(
                    options.open(),
                    rules: .named(Settings().value(.rules)?.split(separator: ",").first.map(String.init)))
                guard let variability = own.variability else {
                    if let advice = own.advice { complain(advice) }
                    return (assumed, .assumed)
                }
                return (variability, .journal)
            }
            let table = try ComparisonNights(path: baseline)
            for row in table.rejected { complain(row.message) }
            let nights = table.nights.filter { $0.isIncluded && $0.hours >= ComparedNight.fewestHours }
            let unique = Dictionary(grouping: nights, by: \.day).compactMap(\.value.first).sorted { $0.day < $1.day }
            let series = NightSeries(
                days: unique.map(\.day.daysSince1970), counts: unique.map(\.movements), hours: unique.map(\.hours))
            guard let own = NightVariability(baseline: series) else {
                throw Failure(
                    message:
                        "\(baseline): \(series.count) usable nights; \(NightVariability.fewestNights) or more with movements say how yours vary. Record more, or leave --baseline out",
                    outcome: .unusableInput)
            }
            return (own, .file)
        }
    }
}
