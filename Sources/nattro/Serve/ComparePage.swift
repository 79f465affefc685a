// SPDX-License-Identifier: GPL-3.0-or-later
import Web

/// The nights without magnesium beside those with it.
///
/// A comparison that was seen is noted in the journal, so it is made when a button is pressed, not when a page is looked at.
enum ComparePage {
    static func routes(_ context: ServeContext) -> [PageRoute] {
        [
            .page(.get, "/compare") { page($0, context) },
            .page(.post, "/compare") { try await compare($0, context) },
            .page(.get, "/compare/report") { request in
                guard let document = context.shelf.item(request.query["said"])?.document else { throw MissingPage() }
                return .framedDocument(document)
            },
            .page(.get, "/compare/report/file") { request in
                guard let document = context.shelf.item(request.query["said"])?.document else { throw MissingPage() }
                return .download(
                    .bytes(document), contentType: "text/html; charset=utf-8", name: "nattro-comparison.html")
            },
        ]
    }

    private static func page(_ request: PageRequest, _ context: ServeContext) -> PageResponse {
        let key = request.query["said"] ?? ""
        let item = context.shelf.item(key)
        let report: HTML =
            item?.document == nil
            ? ""
            : """
            <h2>Report</h2>
            <p><a class="button" href="/compare/report/file?said=\(key)" download>Keep the report as one file</a></p>
            <iframe src="/compare/report?said=\(key)" title="Report of the comparison" sandbox="allow-scripts allow-modals"></iframe>

            """
        let body: HTML = """
            <p>Usable nights without magnesium are set beside those with it: as your plan says, else before and since the first dose of the \
            log. That you have looked is noted in the journal, with the time: nights that are left out afterwards are marked so.</p>
            <form method="post" action="/compare"><div class="row">
            \(FormField.select("phases", "The phases are", [("", "as planned, else by the doses"), ("doses", "by the doses, whatever was planned")]))
            <button class="main">Compare now</button></div></form>
            \(report)\(item.map { HTML(trusted: $0.answers.map(\.html.text).joined()) } ?? "")
            <p class="quiet">Nights that were not randomised or blinded can differ by placebo response, season, other medicines and \
            chance. <a href="/plan">A plan</a> that is drawn beforehand says more.</p>

            """
        return PageLayout.page(title: "Compare", place: .compare, body: body, isWide: item?.document != nil)
    }

    private static func compare(_ request: PageRequest, _ context: ServeContext) async throws -> PageResponse {
        let phases = request.field("phases") == "doses" ? ["--by-doses"] : []
        let answer = try await context.commands.run(["compare"] + phases, seconds: 300)
        guard answer.isKept else { return context.shelf.show([answer], on: "/compare") }
        let report = try await context.commands.run(["report", "compare"] + phases + ["--out", "-"], seconds: 300)
        let isDocument = report.isKept && report.output.hasPrefix("<!")
        return context.shelf.show(
            isDocument ? [answer] : [answer, report], document: isDocument ? Array(report.output.utf8) : nil,
            on: "/compare")
    }
}
