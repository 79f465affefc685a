// SPDX-License-Identifier: GPL-3.0-or-later
import Journal
import LegMovements
import Nights
import Web

/// All nights: what was counted, what was taken, what takes part.
enum NightsPage {
    static func routes(_ context: ServeContext) -> [PageRoute] {
        [
            .page(.get, "/nights") { request in try page(request, context) },
            .page(.post, "/nights/:night/exclude") { try await decide("exclude", $0, context) },
            .page(.post, "/nights/:night/include") { try await decide("include", $0, context) },
            .page(.post, "/nights/:night/limits") { try await limits($0, context) },
            .page(.post, "/nights/undo") { _ in
                context.shelf.show([try await context.commands.run(["nights", "undo"], seconds: 300)], on: "/nights")
            },
        ]
    }

    private static func page(_ request: PageRequest, _ context: ServeContext) throws -> PageResponse {
        let nights = try context.store.nights()
        let table = try NightTable(context.store, nights, rules: context.rules.name)
        let said = context.shelf.html(request)
        guard !table.rows.isEmpty else {
            return PageLayout.page(
                title: "Nights", place: .nights,
                body: said + """
                    <p>There is no night yet. <a href="/tonight">Record one</a>, or take in recordings of another sensor on the command \
                    line: <code>nattro import FILE</code>.</p>
                    """)
        }
        let usable = table.rows.count { $0.state.isEmpty }
        let body: HTML = """
            \(said)<p>\(table.rows.count) nights, \(usable) of them take part in comparisons. PLM/h: periodic limb movements per analysed \
            hour of rest, by \(table.rules). mg: elemental magnesium by mouth.</p>
            <div class="scroll" tabindex="0" role="region" aria-label="Nights, table"><table>
            <caption>The latest first</caption>
            <thead><tr><th scope="col">Night</th><th scope="col" class="optional">Legs</th><th scope="col" class="number">Hours</th>
            <th scope="col" class="number">PLM/h</th><th scope="col" class="number">mg</th><th scope="col">Takes part</th></tr></thead>
            <tbody>
            \(table.rows.reversed().map { row($0) })</tbody></table></div>
            <div class="row">\(FormField.button("/nights/undo", "Take the last decision back"))</div>
            <p class="hint">Hours are those that were analysed: neither gaps nor time off the leg count.</p>

            """
        return PageLayout.page(title: "Nights", place: .nights, body: body)
    }

    private static func row(_ row: NightTable.Row) -> HTML {
        let date = row.night.date.description
        let (verb, question) = row.night.exclusion == nil ? ("exclude", "Leave out") : ("include", "Let take part")
        let state: HTML = row.state.isEmpty ? "yes" : "no: \(row.state)"
        let mg = row.milligrams.map { DoseText.milligrams($0) } ?? "unknown"
        return """
            <tr><th scope="row"><a href="/nights/\(date)">\(date)</a></th><td class="optional">\(row.result?.legs ?? "–")</td>\
            <td class="number">\(row.result.map { NightSummary.hours($0.analysed) } ?? "–")</td>\
            <td class="number">\(row.result?.index.map { NightSummary.number($0) } ?? "–")</td>\
            <td class="number">\(mg)</td>\
            <td>\(state)<details><summary>\(question) <span class="quiet">\(date)</span></summary>\
            <form method="post" action="/nights/\(date)/\(verb)"><label for="reason-\(date)">Why? It is logged.</label>\
            <input id="reason-\(date)" name="reason" required maxlength="200" autocomplete="off"> \
            <button class="small">\(question)</button></form></details></td></tr>

            """
    }

    private static func decide(_ verb: String, _ request: PageRequest, _ context: ServeContext) async throws
        -> PageResponse
    {
        let date = try context.night(request.parameters["night"]).date
        let answer = try await context.commands.run(
            ["nights", verb, "--reason=\(request.field("reason"))", "--", date.description])
        return context.shelf.show([answer], on: "/nights")
    }

    /// Says when the light went out and when the person woke up; the night is scored anew.
    private static func limits(_ request: PageRequest, _ context: ServeContext) async throws -> PageResponse {
        let date = try context.night(request.parameters["night"]).date
        var arguments = ["nights", "set"]
        for (field, option) in [("lights_out", "--lights-out"), ("wake_up", "--wake-up")] {
            let value = request.field(field)
            if !value.isEmpty { arguments.append("\(option)=\(value)") }
        }
        let answer = try await context.commands.run(arguments + ["--", date.description], seconds: 300)
        return context.shelf.show([answer], on: "/diary/\(date)")
    }
}
