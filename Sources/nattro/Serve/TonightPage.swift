// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Nights
import Web

/// Tonight: is all ready, start, look on, stop.
enum TonightPage {
    static func routes(_ context: ServeContext) -> [PageRoute] {
        let nights = LiveNights()
        return [
            .page(.get, "/tonight") { _ in page(context) },
            .page(.post, "/tonight/start") { request in try await start(request, context) },
            .page(.post, "/tonight/stop") { _ in
                try context.recording.stop()
                // The recorder writes what is left, and scores the night.
                for _ in 0..<20 where context.recording.running != nil { try await Task.sleep(for: .milliseconds(250)) }
                return .seeOther("/tonight")
            },
            .page(.post, "/tonight/test") { request in try await test(request, context) },
            .page(.post, "/tonight/sensors") { _ in
                page(context, answer: try await context.commands.run(["sensors"], seconds: 20))
            },
            .page(.get, "/api/tonight/events") { request in
                .events(
                    TonightEvents(recording: context.recording, nights: nights, last: request.lastEventID).stream)
            },
        ]
    }

    private static func page(_ context: ServeContext, answer: OwnCommands.Answer? = nil) -> PageResponse {
        let running = context.recording.running
        let body: HTML = """
            \(answer.map(\.html) ?? "")\(running.map(live) ?? ready(context))
            """
        return PageLayout.page(title: "Tonight", place: .tonight, body: body, scripts: [.tonight])
    }

    // MARK: Before

    private static func ready(_ context: ServeContext) -> HTML {
        let words = context.recording.lastWords.map { words -> HTML in
            """
            <details class="note"><summary>What the last recording said at its end</summary><pre>\(words)</pre></details>

            """
        }
        return """
            <p class="state" id="state">No night is being recorded.</p>
            \(words ?? "")<section class="card" aria-labelledby="ready">
            <h2 id="ready">1. Is all ready?</h2>
            <p>The self-test looks at permission, disk, power, clock and journal, and reads the sensors for ten seconds: put them on a \
            table and leave them alone.</p>
            <div class="row">
            <form method="post" action="/tonight/test"><button>Self-test, 10 seconds</button></form>
            <form method="post" action="/tonight/sensors"><button>Which sensors are there?</button></form>
            </div>
            </section>
            <section class="card" aria-labelledby="begin">
            <h2 id="begin">2. Strap them on, and start</h2>
            <form method="post" action="/tonight/start">
            <div class="row">
            <div class="field"><label for="until">Until</label><input id="until" name="until" type="time" value="07:00"></div>
            <div class="field"><label class="inline"><input type="checkbox" name="lights" value="now"> The light goes out now</label></div>
            </div>
            <details><summary>Two sensors, or another place than the ankle</summary>
            <div class="row">
            <div class="field"><label for="left">Left leg's sensor</label><input id="left" name="left" autocomplete="off" \
            placeholder="serial number"></div>
            <div class="field"><label for="right">Right leg's sensor</label><input id="right" name="right" autocomplete="off" \
            placeholder="serial number"></div>
            <div class="field"><label for="site">Worn at</label><input id="site" name="site" autocomplete="off" placeholder="ankle"></div>
            </div>
            <p class="hint">Empty is what your settings say. Serial ports go by the name that <code>nattro sensors setup</code> gave them.</p>
            </details>
            <p><button class="main">Start the recording</button></p>
            </form>
            <p class="hint">It goes on when this page, the browser or the server is closed.</p>
            </section>

            """
    }

    private static func start(_ request: PageRequest, _ context: ServeContext) async throws -> PageResponse {
        var options: [String] = []
        let until = request.field("until")
        if !until.isEmpty { options.append("--until=\(until)") }
        for name in ["left", "right", "site"] {
            let value = request.field(name)
            if !value.isEmpty { options.append("--\(name)=\(value)") }
        }
        if request.field("lights") == "now" { options.append("--lights-out=now") }
        let arguments = try context.recording.start(options)
        // What is wrong with the words shows at once; a sensor may take half a minute.
        for _ in 0..<12 {
            try await Task.sleep(for: .milliseconds(250))
            guard let running = context.recording.running else { break }
            if running.log != nil { return .seeOther("/tonight") }
        }
        guard context.recording.running == nil else { return .seeOther("/tonight") }
        let answer = OwnCommands.Answer(
            arguments: arguments, status: Outcome.unusableInput.rawValue, output: "",
            errors: context.recording.lastWords ?? "")
        return page(context, answer: answer)
    }

    private static func test(_ request: PageRequest, _ context: ServeContext) async throws -> PageResponse {
        guard context.recording.running == nil else {
            throw Failure(
                message: "the sensors are recording; the self-test would disturb them", outcome: .unusableInput)
        }
        return page(context, answer: try await context.commands.run(["doctor", "--seconds=10"], seconds: 60))
    }

    // MARK: While it is recorded

    private static func live(_ running: RecordingControl.Running) -> HTML {
        let stop: HTML =
            running.isOwn
            ? """
            <form method="post" action="/tonight/stop"><button class="stop">Stop the recording</button></form>
            <p class="hint">Closing this page stops nothing. In the morning, stop it here.</p>
            """
            : "<p class=\"hint\">It was started at a terminal; there, Ctrl-C ends it.</p>"
        return """
            <p class="state on" id="state">\(running.log == nil ? "Waiting for a sensor." : "Recording.")</p>
            <noscript><p class="note">Without script this page shows how it stood when it was loaded; the recording goes on all the \
            same. <a href="/tonight">Load it again</a></p></noscript>
            <p id="words" class="note" hidden></p>
            <dl class="tiles" id="tiles">
            <div><dt>Recorded</dt><dd id="elapsed">–</dd></div>
            <div><dt>Movements</dt><dd id="movements">–</dd></div>
            <div><dt>Gaps</dt><dd id="gaps">–</dd></div>
            <div><dt>Clock of the recording</dt><dd id="clock">–</dd></div>
            <div><dt>Disk free</dt><dd id="disk">–</dd></div>
            </dl>
            <section class="card" aria-label="End">\(stop)</section>
            <section aria-labelledby="signal"><h2 id="signal">The last minute</h2>
            <p class="legend"><span class="left">▬ left leg</span><span class="right">▬ right leg</span>
            <span class="quiet">size of the acceleration, least to largest of each tenth of a second; blank where data are missing</span></p>
            <canvas id="trace" width="1200" height="320" role="img" aria-label="The acceleration of the last minute, one band for each leg. \
            Movements are listed below."></canvas>
            </section>
            <section aria-labelledby="legs"><h2 id="legs">Sensors</h2>
            <div class="scroll" tabindex="0" role="region" aria-label="Sensors, table"><table>
            <thead><tr><th scope="col">Leg</th><th scope="col" class="number">Hz</th><th scope="col" class="number">Samples</th>
            <th scope="col" class="number">Gaps</th><th scope="col">State</th></tr></thead>
            <tbody id="sensors"><tr><td colspan="5">–</td></tr></tbody></table></div></section>
            <section aria-labelledby="latest"><h2 id="latest">As it comes</h2>
            <p class="quiet">Movements of one leg at a time. Which of them are periodic, and which only a change of posture, the scoring says \
            when the night is over.</p>
            <div class="scroll" tabindex="0" role="region" aria-label="Movements and gaps, table"><table>
            <caption>The last 50; newest first</caption>
            <thead><tr><th scope="col">Time</th><th scope="col">Leg</th><th scope="col">What</th><th scope="col" class="number">Seconds</th>
            <th scope="col" class="number">mg</th></tr></thead>
            <tbody id="moments"><tr id="none"><td colspan="5">None yet.</td></tr></tbody></table></div></section>

            """
    }
}
