// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import LegMovements
import Nights
import Recordings

/// The journal's part in a recording: where its log lies, and what becomes of it at the end.
///
/// A journal that cannot be opened or written is named and stops no night: the log is picked up later.
struct RecordJournal {
    private var store: JournalStore?
    private let options: JournalOptions
    private let isJSON: Bool

    /// - Parameter isWanted: whether the person wants the night in the journal.
    init(_ options: JournalOptions, isWanted: Bool, isJSON: Bool) {
        self.options = options
        self.isJSON = isJSON
        guard isWanted else {
            store = nil
            return
        }
        do {
            store = try options.open()
        } catch {
            complain("the night will be recorded, and not be in the journal yet: \(JournalScoring.words(error))")
            store = nil
        }
    }

    /// The folder of the logs beside the journal, made where it is not there; nil without a journal.
    func folder() throws -> String? {
        guard let store else { return nil }
        try UserFolders.make(store.recordingFolder)
        return store.recordingFolder
    }

    /// Where the night's pyramid is to be, made where it is not there; nil without a journal.
    var traces: TraceFolder? {
        guard let store else { return nil }
        let traces = TraceFolder(of: store)
        return (try? traces.make()) == nil ? nil : traces
    }

    /// Notes that a log is going to be written; a file that is there already is none of it, unless the recording goes on in it.
    mutating func begin(_ path: String, goesOn: Bool) {
        guard let store else { return }
        guard goesOn || !FileManager.default.fileExists(atPath: path) else {
            self.store = nil
            return
        }
        do {
            try store.notePending(RecordingFolder.relative(path, to: store.folder), now: options.time)
        } catch {
            complain("\(error)")
        }
    }

    /// Takes the log in, scores it, and says what came of the night in at most eight lines.
    func finish(_ path: String) async {
        guard let store else { return }
        let stored = RecordingFolder.relative(path, to: store.folder)
        do {
            guard FileManager.default.fileExists(atPath: path) else { return try store.forgetPending(stored) }
            let survey: RecordingSurvey
            do throws(RecordingError) {
                survey = try RecordingSurvey(path: path)
            } catch {
                guard error.reason == .noSamples else { throw error }
                return try store.forgetPending(stored)
            }
            let (nights, _) = try store.register(survey, at: stored, now: options.time)
            TraceFolder(of: store).adopt(log: path, as: survey.sha256)
            guard let date = nights.last, let night = try store.night(date) else { return }
            let profile = try ScoringRules.named(Settings().value(.rules))
            let scoring = JournalScoring(store: store, profiles: [profile], now: options.time)
            guard let result = try await scoring.score(night).results.first else { return }
            let lines = try NightSummary(store: store, night: night, result: result).lines()
            if isJSON {
                let event = JSONValue.object([
                    .init("schema", .string(RecordingWatch.schema)), .init("event", .string("night")),
                    .init("night", .string(date.description)), .init("plm_index", .init(result.index)),
                    .init("analysed_s", .number(result.analysed)),
                    .init("summary", .array(lines.map { .string($0) })),
                ])
                try writeResult("\(event)\n")
            } else {
                try writeResult(lines.joined(separator: "\n") + "\n")
            }
        } catch {
            complain("the night is in \(path), and has no result yet: \(JournalScoring.words(error))")
        }
    }
}
