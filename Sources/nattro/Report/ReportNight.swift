// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Journal
import LegMovements
import Nights
import Recordings
import Reports

/// The report of a night.
struct ReportNight: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "night",
        abstract: "A night: the signal, its movements and series, hour by hour.",
        usage: """
            nattro report night [DATE | last] [--out FILE]
            nattro report night LEFT [RIGHT] [--lights-out TIME] [--wake-up TIME] [--out FILE]
            """,
        discussion:
            "A night of the journal by the date of its evening, the last one by default; or a recording, or the two legs' ones."
    )

    @Argument(help: .init("A night of the journal, or recordings.", valueName: "night"))
    var words: [String] = []

    @OptionGroup var scoring: ScoringOptions
    @OptionGroup var journal: JournalOptions
    @OptionGroup var output: ReportOptions

    private var storedNight: NightArgument? {
        words.isEmpty ? NightArgument(argument: "last") : NightScore.names(words)
    }

    func validate() throws {
        guard storedNight == nil else {
            guard scoring.lightsOut == nil, scoring.wakeUp == nil else {
                throw ValidationError(
                    "The journal says when a night's rest was: nattro nights set NIGHT --lights-out TIME --wake-up TIME."
                )
            }
            return
        }
        try RecordingArguments.check(words)
    }

    func run() async throws {
        try await endingInExitCode {
            let maker = if let storedNight { try await stored(storedNight) } else { try await recorded() }
            let name = "nattro-night-\(NightScorer.evening(of: maker.answer.start)).html"
            try output.check(name)
            let page = try maker.page()
            try await output.write(
                page.document, name: name, kind: "night", members: [.init("night", maker.answer.json)])
            try Failure.check(maker.answer.losses)
        }
    }

    /// A night of the journal.
    private func stored(_ argument: NightArgument) async throws -> NightPageMaker {
        let store = try journal.open()
        let night = try argument.night(in: store)
        let input = try NightInput(night, diary: store.diaryNight(night.date)?.value)
        let scorer = JournalScoring(
            store: store, profiles: try scoring.profiles, parameters: try scoring.parameters, now: journal.time)
        let report = try await scorer.report(input, named: night.date)
        var maker = NightPageMaker(
            answer: report, envelopes: try SignalEnvelope.legs(of: report.recorded),
            subtitle: "night of \(night.date.inWords)" + store.subtitle)
        maker.inputs = input.parts.map {
            Provenance("input, \($0.leg == Leg.right.rawValue ? "right" : "left") leg", "SHA-256 \($0.sha256)")
        }
        maker.magnesium = try magnesium(night.date, store)
        return maker
    }

    private func magnesium(_ night: CivilDay, _ store: JournalStore) throws -> String {
        let doses = try store.doses(from: night, to: night)
        guard doses.isEmpty else { return doses.map { DoseText.short($0.value) }.joined(separator: "; ") }
        return try store.doseCoverage().contains { $0.value.contains(night) }
            ? "none, as you declared" : "nothing logged, which is unknown"
    }

    /// Recordings outside the journal.
    private func recorded() async throws -> NightPageMaker {
        let nights = try await NightScorer.nights(
            words, under: scoring.profiles, parameters: scoring.parameters, lightsOut: scoring.lightsOut,
            wakeUp: scoring.wakeUp)
        guard nights.count == 1 else {
            throw Failure(
                message:
                    "\(words[0]): holds \(nights.count) nights; say one's --lights-out and --wake-up with their dates, "
                    + "or import it (nattro import) and name the night",
                outcome: .wrongUsage)
        }
        let answer = try nights[0].result.get()
        var maker = NightPageMaker(
            answer: answer,
            subtitle: words.map { $0 == "-" ? "standard input" : URL(filePath: $0).lastPathComponent }.joined(
                separator: ", ") + " · from \(NightReport.clock(answer.start))")
        if let report = answer as? NightReport { maker.envelopes = try SignalEnvelope.legs(of: report.recorded) }
        maker.inputs = try words.filter(FileType.isRegular).map {
            Provenance(
                "input, \(URL(filePath: $0).lastPathComponent)", "SHA-256 \(try SHA256.digest(ofFile: $0).digest)")
        }
        return maker
    }
}

extension JournalStore {
    /// The participant's name where it says anything, to be put behind a night.
    var subtitle: String {
        participant.name == Participant.defaultName ? "" : " · participant \(participant.name)"
    }
}
