// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import Nights
import TestSupport
import Testing

/// Processes that write are killed at any moment; `NATTRO_KILLS` says how often (tools/nightly: a thousand times).
@Suite struct KillTests {
    private static let kills = ProcessInfo.processInfo.environment["NATTRO_KILLS"].flatMap { Int($0) } ?? 50

    /// A writer that was started, and the file with what it acknowledged.
    private struct Writer {
        let process = Process()
        let answers: URL

        init(_ journal: String, _ name: String, _ folder: URL) throws {
            answers = folder.appending(path: "\(name).txt")
            try Data().write(to: answers)
            process.executableURL = URL(filePath: ProgramRun.built("journal-writer"))
            process.arguments = [journal, name]
            process.standardOutput = try FileHandle(forWritingTo: answers)
            try process.run()
        }

        func kill() throws -> [String] {
            Foundation.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            // The last line may be cut: nobody has read it as an acknowledgement.
            let text = try String(contentsOf: answers, encoding: .utf8)
            return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        }
    }

    @Test func noKillLosesWhatWasAcknowledged() throws {
        try Fixtures.withTemporaryFolder { folder in
            var acknowledged = 0
            var lines: Set<String> = []
            for number in 0..<Self.kills {
                // Every tenth begins a new journal: the making of its tables is interrupted too.
                let home = folder.appending(path: "\(number / 10)")
                try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
                let journal = home.appending(path: "journal.sqlite").path
                // Every third time two processes write at once, and one is killed before the other.
                let count = number % 3 == 0 ? 2 : 1
                let writers = try (0..<count).map { try Writer(journal, "w\(number)-\($0)", home) }
                if number % 10 == 0 { lines = [] }
                for writer in writers {
                    usleep(UInt32.random(in: 0...80_000))
                    let answers = try writer.kill()
                    acknowledged += answers.count
                    lines.formUnion(answers)
                }
                let store = try JournalStore(path: journal, now: 0)
                #expect(try store.integrityProblems().isEmpty, "after kill \(number)")
                let notes = Set(try store.doses().map(\.value.note))
                let isLast = number % 10 == 9
                let kept = try store.nights().flatMap { try store.results(of: $0.date, withMovements: isLast) }
                let results = Set(kept.map(\.summary))
                let missing = lines.filter { !notes.contains($0) && !results.contains("{\"writer\":\"\($0)\"}") }
                #expect(missing.isEmpty, "acknowledged and missing after kill \(number)")
                if isLast {
                    for result in kept { #expect(result.movements.count == 800, "half a result is none") }
                    try FileManager.default.removeItem(at: home)
                }
            }
            #expect(acknowledged > Self.kills, "the writers hardly wrote: \(acknowledged) entries")
        }
    }
}
