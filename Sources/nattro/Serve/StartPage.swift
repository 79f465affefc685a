// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import LegMovements
import Nights
import Web

/// The first page: last night, and what to do next.
enum StartPage {
    static func routes(_ context: ServeContext) -> [PageRoute] {
        [.page(.get, "/") { _ in try page(context) }]
    }

    private static func page(_ context: ServeContext) throws -> PageResponse {
        let recording: HTML =
            context.recording.running == nil
            ? "" : "<p class=\"note\">A night is being recorded. <a href=\"/tonight\">Look at it</a></p>\n"
        guard let night = try context.store.nights().last else {
            return PageLayout.page(title: "Good evening", place: .start, body: recording + welcome)
        }
        return PageLayout.page(
            title: "Last night", place: .start, body: recording + (try lastNight(night, context)) + steps)
    }

    private static let welcome: HTML = """
        <p>There is no night yet. This is the way to the first one:</p>
        <ol class="steps">
        <li><a href="/tonight">Tonight</a>: plug the sensor in, test it, strap it on, start the recording.</li>
        <li><a href="/doses">Doses and diary</a>: note the magnesium of the evening, or that there was none.</li>
        <li><a href="/nights">Nights</a>: in the morning, look at the night.</li>
        <li><a href="/compare">Compare</a>: after some weeks, set the nights before beside those with magnesium.</li>
        </ol>
        <p>Recordings of another sensor come in with <code>nattro import FILE</code>.</p>
        """

    private static let steps: HTML = """
        <ul class="actions">
        <li><a class="button" href="/tonight">Tonight</a></li>
        <li><a class="button" href="/doses">Dose or diary</a></li>
        <li><a class="button" href="/nights">All nights</a></li>
        </ul>
        """

    private static func lastNight(_ night: StoredNight, _ context: ServeContext) throws -> HTML {
        let result = try context.store.results(of: night.date, rules: context.rules.name, withMovements: true).last
        guard let result else {
            return """
                <p>The night of \(night.date.description) has no result yet.</p>
                <p>On the command line: <code>nattro score \(night.date.description)</code></p>

                """
        }
        let summary = NightSummary(store: context.store, night: night, result: result)
        let lines = try summary.lines().map { line -> HTML in "<li>\(line)</li>\n" }
        let next = try step(night, result, context)
        return """
            <p class="next"><strong>Next:</strong> \(next)</p>
            <ul class="summary">
            \(lines)</ul>
            <p><a href="/nights/\(night.date.description)">Look at the night of \(night.date.description)</a></p>

            """
    }

    /// What to do next, with the page where it is done.
    private static func step(_ night: StoredNight, _ result: StoredResult, _ context: ServeContext) throws -> HTML {
        let date = night.date.description
        if result.restSource != "given" {
            return "<a href=\"/diary/\(date)\">say when the light went out and when you woke up</a>."
        }
        let isUnknown =
            try context.store.doses(from: night.date, to: night.date).isEmpty
            && !context.store.doseCoverage().contains { $0.value.contains(night.date) }
        if isUnknown { return "<a href=\"/doses\">note the magnesium of that evening, or that there was none</a>." }
        if try context.store.diaryNight(night.date) == nil {
            return "<a href=\"/diary/\(date)\">write down how the night felt</a>."
        }
        return "<a href=\"/tonight\">get ready for tonight</a>."
    }
}
