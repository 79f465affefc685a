// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import Nights
import Web

/// The page of one night: what it came to, its picture, why a movement counts, and all movements in a table.
struct ViewerPage {
    let view: NightView

    func response() throws -> PageResponse {
        let date = view.night.date.description
        return PageLayout.page(
            title: "Night of \(date)", place: .nights, body: try body(date), styles: [.viewerStyle], scripts: [.viewer],
            isWide: true)
    }

    private func body(_ date: String) throws -> HTML {
        let picture: HTML = view.trace == nil ? Self.noPicture : Self.picture(date)
        return """
            \(try summary)
            \(picture)
            <h2>What to do with it</h2>
            <ul class="actions">
            <li><a class="button" href="/diary/\(date)">Diary of this night</a></li>
            <li><a class="button" href="/nights">All nights</a></li>
            </ul>
            \(decision(date))
            <p class="hint">A stretch that is no data, such as a sensor that slipped, is masked on the command line: \
            <code>nattro nights mask \(date) 02:10-02:25 --reason WHY</code>. The report for a doctor: \
            <code>nattro report night \(date)</code>.</p>

            """
    }

    /// The form that leaves the night out of comparisons, or lets it take part again.
    private func decision(_ date: String) -> HTML {
        let (verb, question) =
            view.night.exclusion == nil
            ? ("exclude", "Leave this night out of comparisons")
            : ("include", "Let this night take part in comparisons")
        return """
            <details><summary>\(question)</summary>
            <form method="post" action="/nights/\(date)/\(verb)"><label for="reason">Why? It is logged.</label>
            <input id="reason" name="reason" required maxlength="200" autocomplete="off"> <button>\(question)</button></form></details>
            """
    }

    private var summary: HTML {
        get throws {
            guard let result = view.result else {
                return """
                    <p class="note">This night has no result yet. On the command line: <code>\(view.nextStep)</code></p>
                    """
            }
            let lines = try NightSummary(store: view.store, night: view.night, result: result).lines().map {
                line -> HTML in "<li>\(line)</li>\n"
            }
            return
                "<details class=\"night-summary\" open><summary>In short</summary><ul class=\"summary\">\n\(lines)</ul></details>"
        }
    }

    private static let noPicture: HTML = "<p class=\"note\">No recording of a leg is there to draw.</p>"

    /// What the keys do, for the label of the picture and for the eye.
    private static let keys =
        "Arrow keys move and zoom, plus and minus zoom, Home and End go to the start and the end, 0 shows the whole night, "
        + "N and P go to the next and the previous movement, Enter explains it, Escape lets go."

    private static func picture(_ date: String) -> HTML {
        """
        <section id="viewer" class="viewer" data-night="\(date)" aria-label="The night in a picture">
        <div class="viewer-tools" role="toolbar" aria-label="View">
        <button type="button" class="small" data-do="whole">Whole night</button>
        <button type="button" class="small" data-do="in" aria-label="Zoom in">+</button>
        <button type="button" class="small" data-do="out" aria-label="Zoom out">−</button>
        <button type="button" class="small" data-do="previous">Previous movement</button>
        <button type="button" class="small" data-do="next">Next movement</button>
        <button type="button" class="small" data-do="explain">Why?</button>
        <span id="viewer-time" class="quiet"></span>
        </div>
        <canvas id="viewer-overview" class="viewer-overview" aria-hidden="true"></canvas>
        <canvas id="viewer-trace" class="viewer-trace" tabindex="0" role="application" aria-roledescription="picture of a night" \
        aria-label="Acceleration of the legs and their movements. \(keys)"></canvas>
        <p id="viewer-state" class="quiet" role="status">The night is being read …</p>
        <div id="viewer-legend" class="viewer-legend" aria-label="Legend"></div>
        <p class="hint">\(keys) Wheel zooms about the pointer, dragging moves.</p>
        <div id="viewer-why" class="card viewer-why" aria-live="polite" hidden></div>
        </section>
        <details class="viewer-list" open>
        <summary>Movements in a table</summary>
        <div class="field"><label class="inline" for="viewer-kind">Show </label><select id="viewer-kind"><option value="">all kinds</option>\
        </select></div>
        <div class="scroll" tabindex="0" role="region" aria-label="Table of movements">
        <table id="viewer-table"><caption></caption><thead><tr><th scope="col">Onset</th><th scope="col">Leg</th>\
        <th scope="col">Kind</th><th scope="col" class="number">Lasts</th><th scope="col" class="number">Amplitude</th>\
        <th scope="col" class="number">Series</th><th scope="col" class="number">Interval</th><th scope="col">In sleep</th></tr></thead>\
        <tbody></tbody></table></div>
        <button type="button" class="small" id="viewer-more" hidden>More rows</button>
        </details>
        <noscript><p class="note">The picture and the table need JavaScript; the report does not.</p></noscript>
        """
    }
}
