// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import LegMovements
import Nights
import Recordings
import Web

/// One night in the browser: its page, what the page asks for, and why a moment counts.
struct NightPages: Sendable {
    let store: JournalStore
    /// The rules whose result is shown where the night has one under them.
    let rules: ScoringRules
    private let traces: NightTraces
    private let explanations: NightExplanations

    init(store: JournalStore, rules: ScoringRules) {
        self.store = store
        self.rules = rules
        traces = NightTraces(TraceFolder(of: store))
        explanations = NightExplanations(store: store)
    }

    /// The page of a night, and what it asks for.
    static func routes(_ context: ServeContext) -> [PageRoute] {
        NightPages(store: context.store, rules: context.rules).routes
    }

    var routes: [PageRoute] {
        [
            PageRoute.page(.get, "/nights/:night") { try page($0) },
            Self.api("/api/nights/:night") { try .json(NightView(store: store, night: night($0), rules: rules).json) },
            Self.api("/api/nights/:night/trace") { request in
                let query = try TraceQuery(request.query)
                let view = try NightView(store: store, night: night(request), rules: rules, withMovements: false)
                guard let trace = view.trace, let bytes = try await traces.tile(query, of: trace) else {
                    throw Missing(words: "the night of \(view.night.date) has no recording of that leg")
                }
                return .binary(bytes)
            },
            Self.api("/api/nights/:night/sleep") { request in
                .json(try await explanations.reading(of: scored(request)).sleep.description)
            },
            Self.api("/api/nights/:night/explain") { request in
                let time = try TraceQuery.time("at", request.query)
                let reading = try await explanations.reading(of: scored(request))
                guard (0...reading.result.recording.durationMs).contains(time) else {
                    throw BadQuery(words: "at lies outside of the night, which lasts \(reading.duration) ms")
                }
                return .json(reading.explanation(at: time).description)
            },
        ]
    }

    /// What an address does not name.
    struct Missing: Error { var words: String }

    private func night(_ request: PageRequest) throws -> StoredNight {
        guard let name = request.parameters["night"], let date = CivilDay(name) else {
            throw Missing(words: "a night is named by the date of its evening: 2026-01-15")
        }
        guard let night = try store.night(date) else { throw Missing(words: "there is no night of \(date)") }
        return night
    }

    /// A night's result, which is what there is to explain.
    private func scored(_ request: PageRequest) throws -> StoredResult {
        let view = try NightView(store: store, night: night(request), rules: rules, withMovements: false)
        guard let result = view.result else {
            throw Missing(words: "the night of \(view.night.date) has no result yet: \(view.nextStep)")
        }
        return result
    }

    private func page(_ request: PageRequest) throws -> PageResponse {
        guard let name = request.parameters["night"], let date = CivilDay(name), let night = try store.night(date)
        else {
            throw MissingPage()
        }
        return try ViewerPage(view: NightView(store: store, night: night, rules: rules)).response()
    }

    /// Something that a page asks for; failures are said in plain words.
    private static func api(
        _ path: String, _ answer: @escaping @Sendable (PageRequest) async throws -> PageResponse
    ) -> PageRoute {
        PageRoute(.get, path) { request in
            do {
                return try await answer(request)
            } catch let error as BadQuery {
                return .text("\(error.words)\n", status: 400)
            } catch let error as Missing {
                return .text("\(error.words)\n", status: 404)
            } catch let error as RecordingError {
                return .text("\(error)\n", status: error.reason == .notFound ? 404 : 500)
            } catch let error as JournalError {
                return .text("\(error)\n", status: error.reason == .notFound ? 404 : 500)
            } catch let error as Failure {
                return .text("\(error.message)\n", status: 500)
            }
        }
    }
}
