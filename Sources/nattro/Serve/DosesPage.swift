// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import Nights
import Web

/// Doses in two taps, their list, and the way to the diary.
enum DosesPage {
    static func routes(_ context: ServeContext) -> [PageRoute] {
        [
            .page(.get, "/doses") { try page($0, context) },
            .page(.post, "/doses/add") { try await add($0, context) },
            .page(.post, "/doses/same") { try await same($0, context) },
            .page(.post, "/doses/product") { try await product($0, context) },
            .page(.post, "/doses/none") { request in
                let night = request.field("night")
                return try await run(["dose", "none"] + (night.isEmpty ? [] : ["--night=\(night)"]), context)
            },
            .page(.post, "/doses/remove") { try await run(["dose", "remove", "--", $0.field("number")], context) },
            .page(.post, "/doses/undo") { _ in try await run(["dose", "undo"], context) },
            .page(.post, "/products/add") { try await addProduct($0, context) },
        ]
    }

    private static func run(_ arguments: [String], _ context: ServeContext) async throws -> PageResponse {
        context.shelf.show([try await context.commands.run(arguments)], on: "/doses")
    }

    // MARK: Changes

    /// The words of a text, each an argument of its own behind `--`: none of them is an option.
    static func words(_ text: String) -> [String] { text.split(whereSeparator: \.isWhitespace).map(String.init) }

    private static func add(_ request: PageRequest, _ context: ServeContext) async throws -> PageResponse {
        var arguments = ["dose", "add"]
        let note = request.field("note")
        if !note.isEmpty { arguments.append("--note=\(note)") }
        if request.field("confirm") == "yes" { arguments.append("--confirm") }
        return try await run(arguments + ["--"] + words(request.field("dose")), context)
    }

    private static func same(_ request: PageRequest, _ context: ServeContext) async throws -> PageResponse {
        let words = words(request.field("day")) + words(request.field("time"))
        return try await run(["dose", "same", "--"] + words, context)
    }

    private static func product(_ request: PageRequest, _ context: ServeContext) async throws -> PageResponse {
        // The product's name is one of the journal's.
        guard let product = try context.store.products().first(where: { $0.value.name == request.field("product") })
        else { throw MissingPage() }
        let words = [request.field("count"), product.value.name] + words(request.field("time"))
        return try await run(["dose", "add", "--"] + words, context)
    }

    private static func addProduct(_ request: PageRequest, _ context: ServeContext) async throws -> PageResponse {
        var arguments = ["product", "add"]
        for name in ["basis", "unit"] {
            let value = request.field(name)
            if !value.isEmpty { arguments.append("--\(name)=\(value)") }
        }
        let words = ["name", "form", "mg"].map { request.field($0) }
        return try await run(arguments + ["--"] + words, context)
    }

    // MARK: The page

    private static let shown = 30

    private static func page(_ request: PageRequest, _ context: ServeContext) throws -> PageResponse {
        let doses = try context.store.doses()
        let tonight = try context.tonight
        let diary = try context.store.diary()
        let body: HTML = """
            \(context.shelf.html(request))\(try quick(doses, tonight, context))
            <section class="card" aria-labelledby="diary"><h2 id="diary">Diary</h2>
            <div class="row"><a class="button" href="/diary/\((tonight - 1).description)">Last night, \((tonight - 1).description)</a>
            <a class="button" href="/diary/\(tonight.description)">Tonight</a></div>
            \(pages(diary))</section>
            \(list(doses))
            \(imports)
            """
        return PageLayout.page(title: "Doses and diary", place: .doses, body: body)
    }

    private static func quick(
        _ doses: [StoredEntry<Dose>], _ tonight: CivilDay, _ context: ServeContext
    ) throws -> HTML {
        let last = doses.last { $0.value.elementalMg != 0 }
        let same: HTML =
            last.map { entry in
                """
                <h3>The same as last time: \(DoseText.short(entry.value))</h3>
                <div class="row">\(FormField.button("/doses/same", "Same dose, now", kind: "main"))\
                \(yesterday(entry.value))</div>

                """
            } ?? ""
        let products = try context.store.products().map { entry -> HTML in
            let product = entry.value
            let mg = DoseText.milligrams(product.elementalMgPerUnit)
            return """
                <div class="row"><span>\(product.name), \(mg) mg a \(product.unit):</span>
                \((1...3).map { count in
                    FormField.button(
                        "/doses/product", "\(count) \(product.unit)\(count == 1 ? "" : "s"), now",
                        fields: [("product", product.name), ("count", String(count))])
                })</div>

                """
        }
        let known: HTML = products.isEmpty ? "" : "<h3>Products</h3>\n\(products)"
        return """
            <section class="card" aria-labelledby="enter"><h2 id="enter">Enter a dose</h2>
            \(same)\(known)<h3>Any other</h3>
            <form method="post" action="/doses/add">
            <div class="row">
            \(FormField.input(
                "dose", "Dose", hint: "200mg citrate 21:10 · 2 MagCitrate yesterday 22:00 · 1350 mg compound bisglycinate",
                extra: " required maxlength=\"200\" size=\"34\""))
            \(FormField.input("note", "Note", extra: " maxlength=\"500\""))
            <button>Enter</button></div>
            <label class="inline"><input type="checkbox" name="confirm" value="yes"> The amount is right, however large</label>
            </form>
            <div class="row">\(FormField.button("/doses/none", "No magnesium tonight", fields: [("night", tonight.description)]))\
            \(FormField.button(
                "/doses/none", "None in the night of \((tonight - 1).description)",
                fields: [("night", (tonight - 1).description)]))</div>
            <p class="hint">A night without an entry is unknown, not zero. A time alone is its last occurrence; without one it is now.</p>
            <details><summary>Add a product by its label</summary>
            <form method="post" action="/products/add"><div class="row">
            \(FormField.input("name", "Name, one word", extra: " required maxlength=\"40\""))
            \(FormField.input("form", "Salt on the label", hint: "citrate, bisglycinate, oxide", extra: " required maxlength=\"60\""))
            \(FormField.input("mg", "Milligrams in one piece", extra: " required inputmode=\"decimal\" maxlength=\"12\""))
            \(FormField.select("basis", "They weigh", [("", "choose"), ("elemental", "the magnesium alone"), ("compound", "the whole salt")]))
            \(FormField.select("unit", "One piece is a", ["tablet", "capsule", "sachet", "scoop"].map { ($0, $0) }))
            <button>Add the product</button></div></form></details>
            </section>
            """
    }

    /// The button for the evening that was forgotten, where the dose has a time.
    private static func yesterday(_ dose: Dose) -> HTML {
        guard let time = dose.time.timeOfDay?.description else { return "" }
        return FormField.button(
            "/doses/same", "Yesterday at \(time), forgotten", fields: [("day", "yesterday"), ("time", time)])
    }

    private static func pages(_ diary: [StoredEntry<DiaryNight>]) -> HTML {
        guard !diary.isEmpty else { return "<p class=\"quiet\">No page yet.</p>" }
        let lines = diary.suffix(7).reversed().map { entry -> HTML in
            let written = DiaryLines.written(DiaryLog(zone: nil, nights: [entry.value]).csv)
                .filter { $0.name != "entered_at" }.prefix(6).map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
            let date = entry.value.night.description
            return "<li><a href=\"/diary/\(date)\">\(date)</a>: \(written)</li>\n"
        }
        return "<ul>\(lines)</ul>\n\(FormField.button("/diary/undo", "Take the last diary change back"))"
    }

    private static func list(_ doses: [StoredEntry<Dose>]) -> HTML {
        let rows = doses.suffix(shown).reversed().map { entry -> HTML in
            """
            <tr><td class="nowrap">\(entry.value.night.description)</td><td>\(DoseText.short(entry.value))\
            \(DoseText.range(entry.value).map { ", \($0)" } ?? "")</td><td>\(entry.value.note)</td>\
            <td><form method="post" action="/doses/remove"><input type="hidden" name="number" value="\(entry.id)">\
            <button class="small" aria-label="Remove the dose of \(entry.value.night.description), number \(entry.id)">Remove</button>\
            </form></td></tr>

            """
        }
        guard !rows.isEmpty else { return "<h2>Doses</h2><p class=\"quiet\">No dose yet.</p>" }
        return """
            <h2 id="list">Doses</h2>
            <div class="scroll" tabindex="0" role="region" aria-labelledby="list"><table>
            <caption>The latest \(rows.count) of \(doses.count)</caption>
            <thead><tr><th scope="col">Night</th><th scope="col">Dose</th><th scope="col">Note</th><th scope="col">Change</th></tr></thead>
            <tbody>
            \(rows)</tbody></table></div>
            <div class="row">\(FormField.button("/doses/undo", "Take the last change back"))</div>

            """
    }

    private static let imports: HTML = """
        <section class="card" aria-labelledby="import"><h2 id="import">From a file</h2>
        <p>A dose log of your own (CSV or JSON), or an export of Apple Health, Cronometer or Bearable: what a phone noted comes in this \
        way. You see what was understood before anything is kept.</p>
        <form method="post" action="/doses/import" enctype="multipart/form-data"><div class="row">
        <div class="field"><label for="file">File, at most 64 MiB</label><input id="file" name="file" type="file" required></div>
        \(DoseImportPage.options)
        <button>Look at it first</button></div></form>
        </section>
        """
}
