// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import Nights
import Recordings

/// Night logs that a crash left behind: written, and in no journal.
struct Orphans {
    private let store: JournalStore
    private let now: Double

    /// Seconds after which nobody waits for a log any more that was never begun.
    private static let longestWait = 86_400.0
    /// Seconds for which a file must have been left alone.
    private static let shortestRest = 2.0

    init(_ store: JournalStore, now: Double) {
        self.store = store
        self.now = now
    }

    /// Takes them into the journal, and says so; one that cannot be read is named and left where it is.
    func register() {
        do {
            let known = try store.recordingPaths()
            var candidates = try store.pendingPaths().filter { forgetsIfGone($0) }
            let folder = store.recordingFolder
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            candidates += names.filter { $0.hasSuffix(".nightlog") && !$0.hasPrefix(".") }.sorted().map {
                RecordingFolder.relative("\(folder)/\($0)", to: store.folder)
            }
            for path in candidates where !known.contains(path) { register(path) }
        } catch {
            complain("\(error)")
        }
    }

    private func register(_ stored: String) {
        let path = store.absolutePath(stored)
        guard !isFresh(path), !NightLog.isBeingWritten(path) else { return }
        do {
            let survey = try RecordingSurvey(path: path)
            let (nights, isNew) = try store.register(survey, at: stored, now: now)
            guard isNew else { return }
            complain(
                "\(path): picked up for the night of \(nights.map(\.description).joined(separator: ", "))"
                    + (survey.isClosed ? "" : "; the recorder had not closed it, what it wrote is there"))
        } catch let error as RecordingError where error.reason == .noSamples || error.reason == .empty {
            // A recorder that died before the first sample: there is nothing to lose.
            try? store.forgetPending(stored)
        } catch {
            complain("cannot pick up a night log: \(error)")
        }
    }

    /// Whether a file was written a moment ago: a recorder may be about to lock it, and nobody may get in its way.
    private func isFresh(_ path: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let written = attributes?[.modificationDate] as? Date else { return false }
        return abs(written.timeIntervalSinceNow) < Self.shortestRest
    }

    /// Whether the log of a path is there; one that never came is forgotten after a day.
    private func forgetsIfGone(_ stored: String) -> Bool {
        if FileManager.default.fileExists(atPath: store.absolutePath(stored)) { return true }
        if let started = try? store.pendingStart(stored), now - started > Self.longestWait {
            try? store.forgetPending(stored)
        }
        return false
    }
}
