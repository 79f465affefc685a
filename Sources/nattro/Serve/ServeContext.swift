// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import LegMovements
import Nights
import Recordings
import Web

/// What all pages of the local server know.
struct ServeContext: Sendable {
    /// The journal; pages read it, and leave every change to the commands.
    let store: JournalStore
    /// The rules whose index is shown.
    let rules: ScoringRules
    /// The server's own folder in the user's state folder.
    let folder: String
    /// Runs the program's own verbs.
    let commands: OwnCommands
    /// The night that is being recorded.
    let recording: RecordingControl
    /// What commands answered lately.
    let shelf = AnswerShelf()

    /// The clock of this computer, as entries of the command line take it.
    var clock: ZoneClock { get throws { try EntryTime.clock(nil) } }

    /// The moment.
    var now: UTCInstant { UTCInstant(secondsSince1970: Int(Date().timeIntervalSince1970)) }

    /// The night that it is by now, from noon to noon.
    var tonight: CivilDay { get throws { try clock.time(now).night } }

    /// A night that a path names.
    func night(_ name: String?) throws -> StoredNight {
        guard let name, let date = CivilDay(name), let night = try store.night(date) else {
            throw MissingPage()
        }
        return night
    }
}

/// There is no page for what an address names.
struct MissingPage: Error {}

extension PageRoute {
    /// A page whose failures are said in words.
    static func page(
        _ method: PageRequest.Method, _ path: String, takesFiles: Bool = false,
        _ answer: @escaping @Sendable (PageRequest) async throws -> PageResponse
    ) -> PageRoute {
        PageRoute(method, path, takesFiles: takesFiles) { request in
            do {
                return try await answer(request)
            } catch is MissingPage {
                return PageLayout.problem(404, "There is no such page. Begin at the start page.")
            } catch {
                return PageLayout.problem(500, Self.words(error))
            }
        }
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case let error as Failure: error.message
        case let error as JournalError: error.description
        case let error as RecordingError: error.description
        default: "This page could not be made (\(type(of: error)))."
        }
    }
}
