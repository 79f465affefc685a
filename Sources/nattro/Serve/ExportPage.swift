// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import Nights
import Web

/// Files for other programs and other people.
enum ExportPage {
    static func routes(_ context: ServeContext) -> [PageRoute] {
        [
            .page(.get, "/export") { try page($0, context) },
            .page(.post, "/export/night") { try await night($0, context) },
            .page(.post, "/export/list") { try await list($0, context) },
            .page(.post, "/export/backup") { _ in try await backup(context) },
        ]
    }

    private static let formats: [(value: String, text: String, type: String)] = [
        ("csv", "Movements and gaps, CSV", "text/csv; charset=utf-8"),
        ("tsv", "Movements and gaps, TSV", "text/tab-separated-values; charset=utf-8"),
        ("edf", "Samples and marks, EDF+", "application/octet-stream"),
        ("annot", "Marks for Luna", "text/plain; charset=utf-8"),
    ]
    private static let lists: [(value: String, text: String, arguments: [String], type: String, name: String)] = [
        ("doses", "Doses, CSV", ["dose", "list", "--csv"], "text/csv; charset=utf-8", "doses.csv"),
        ("diary", "Diary, CSV", ["diary", "list", "--csv"], "text/csv; charset=utf-8", "diary.csv"),
        ("nights", "Nights, JSON", ["nights", "--json"], "application/json", "nights.json"),
    ]

    private static func page(_ request: PageRequest, _ context: ServeContext) throws -> PageResponse {
        let nights = try context.store.nights().reversed().map { ($0.date.description, $0.date.description) }
        let night: HTML =
            nights.isEmpty
            ? "<p class=\"quiet\">There is no night yet.</p>"
            : """
            <form method="post" action="/export/night"><div class="row">
            \(FormField.select("night", "Night", nights))
            \(FormField.select("format", "As", formats.map { ($0.value, $0.text) }))
            <button>Make the file</button></div></form>
            """
        let tables = lists.map { FormField.button("/export/list", $0.text, fields: [("list", $0.value)]) }
        let body: HTML = """
            \(context.shelf.html(request))<section class="card" aria-labelledby="one"><h2 id="one">One night</h2>
            \(night)</section>
            <section class="card" aria-labelledby="lists"><h2 id="lists">Lists</h2><div class="row">\(tables)</div></section>
            <section class="card" aria-labelledby="backup"><h2 id="backup">The journal</h2>
            <p>A copy of the journal's file, without the recordings.</p>
            \(FormField.button("/export/backup", "Make a backup"))
            <p class="hint">All of it, with the recordings: <code>nattro export --all FOLDER</code>. For BIDS and CWA:
            <code>nattro export NIGHT --bids FOLDER --cwa FILE</code>.</p></section>

            """
        return PageLayout.page(title: "Export", place: .export, body: body)
    }

    /// A place for a file that is sent and then deleted.
    private static func place(_ context: ServeContext) -> String { "\(context.folder)/export-\(UUID().uuidString)" }

    private static func night(_ request: PageRequest, _ context: ServeContext) async throws -> PageResponse {
        let date = try context.night(request.field("night")).date
        guard let format = formats.first(where: { $0.value == request.field("format") }) else { throw MissingPage() }
        let file = place(context)
        let answer = try await context.commands.run(
            ["export", "--\(format.value)=\(file)", "--", date.description], seconds: 300)
        // Beside a table lies the dictionary of its columns.
        try? FileManager.default.removeItem(atPath: DataDictionary.path(beside: file))
        return download(answer, file, format.type, "nattro-\(date).\(format.value)", context)
    }

    private static func backup(_ context: ServeContext) async throws -> PageResponse {
        let file = place(context)
        let answer = try await context.commands.run(["export", "--backup=\(file)"], seconds: 120)
        return download(answer, file, "application/vnd.sqlite3", "nattro-journal.sqlite", context)
    }

    private static func download(
        _ answer: OwnCommands.Answer, _ file: String, _ type: String, _ name: String, _ context: ServeContext
    ) -> PageResponse {
        guard answer.isKept, FileManager.default.fileExists(atPath: file) else {
            try? FileManager.default.removeItem(atPath: file)
            return context.shelf.show([answer], on: "/export")
        }
        return .download(.file(path: file), contentType: type, name: name)
    }

    private static func list(_ request: PageRequest, _ context: ServeContext) async throws -> PageResponse {
        guard let list = lists.first(where: { $0.value == request.field("list") }) else { throw MissingPage() }
        let answer = try await context.commands.run(list.arguments, seconds: 300)
        guard answer.isKept else { return context.shelf.show([answer], on: "/export") }
        return .download(.bytes(Array(answer.output.utf8)), contentType: list.type, name: list.name)
    }
}
