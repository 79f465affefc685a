// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Nights
import Web

/// What so many nights could show, and a schedule that is drawn beforehand.
enum PlanPage {
    static func routes(_ context: ServeContext) -> [PageRoute] {
        [
            .page(.get, "/plan") { try page($0, context) },
            .page(.post, "/plan/forecast") { try await forecast($0, context) },
            .page(.post, "/plan/draw") { try await draw($0, context) },
        ]
    }

    private static func page(_ request: PageRequest, _ context: ServeContext) throws -> PageResponse {
        let first = (try context.tonight + 1).description
        let number: HTML = " inputmode=\"numeric\" maxlength=\"4\""
        let body: HTML = """
            \(context.shelf.html(request))<section class="card" aria-labelledby="chance"><h2 id="chance">What could so many nights show?</h2>
            <p>The comparison itself is tried on simulated nights that vary as yours do, where there are enough of them.</p>
            <form method="post" action="/plan/forecast"><div class="row">
            \(FormField.input("nights", "Nights, both phases together", value: "56", extra: number))
            \(FormField.input("change", "A decrease of, in percent", value: "30", extra: number))
            <button>Say it</button></div></form></section>
            <section class="card" aria-labelledby="draw"><h2 id="draw">Draw a schedule, and keep to it</h2>
            <p>Which nights are with magnesium is drawn by lot, once. Only then can a comparison say more than that two times differed.</p>
            <form method="post" action="/plan/draw">
            <div class="row">
            \(FormField.select(
                "layout", "Layout",
                [
                    ("blocks", "blocks in random order"), ("pairs", "pairs of blocks"), ("start", "random first night"),
                    ("before-after", "before and after, not random"),
                ]))
            \(FormField.input("first", "First night", type: "date", value: first))
            </div>
            <fieldset><legend>Blocks and pairs</legend><div class="row">
            \(FormField.input("blocks", "Blocks", value: "8", hint: "half of them with", extra: number))
            \(FormField.input("pairs", "Pairs", value: "7", extra: number))
            \(FormField.input("block-nights", "Nights of a block", value: "7", extra: number))
            </div></fieldset>
            <fieldset><legend>Random first night</legend><div class="row">
            \(FormField.input("all", "Nights in all", value: "56", extra: number))
            \(FormField.input("first-start", "Earliest, counted from 0", value: "14", extra: number))
            \(FormField.input("last-start", "Latest", value: "42", extra: number))
            </div></fieldset>
            <fieldset><legend>Before and after</legend><div class="row">
            \(FormField.input("before", "Nights before", value: "28", extra: number))
            \(FormField.input("with", "Nights with", value: "42", extra: number))
            </div></fieldset>
            <p><button class="main">Draw and freeze it</button></p>
            <p class="hint">What you take, and whether you take any, is decided by you and a clinician or pharmacist.</p>
            </form></section>

            """
        return PageLayout.page(title: "Plan", place: .plan, body: body)
    }

    private static func forecast(_ request: PageRequest, _ context: ServeContext) async throws -> PageResponse {
        var arguments = ["plan"]
        for name in ["nights", "change"] {
            let value = request.field(name)
            if !value.isEmpty { arguments.append("--\(name)=\(value)") }
        }
        return context.shelf.show([try await context.commands.run(arguments, seconds: 300)], on: "/plan")
    }

    private static func draw(_ request: PageRequest, _ context: ServeContext) async throws -> PageResponse {
        let layout = request.field("layout")
        let names: [(field: String, option: String)] =
            switch layout {
            case "blocks": [("blocks", "blocks"), ("block-nights", "block-nights")]
            case "pairs": [("pairs", "pairs"), ("block-nights", "block-nights")]
            case "start": [("all", "nights"), ("first-start", "first-start"), ("last-start", "last-start")]
            case "before-after": [("before", "before"), ("with", "with")]
            default: throw MissingPage()
            }
        let folder = "\(UserFolders.data)/designs"
        try UserFolders.make(folder)
        // By when it was drawn: one design is never written over another.
        let out = "\(folder)/design-\(layout)-\(Int(Date().timeIntervalSince1970)).json"
        var arguments = ["plan", "--draw=\(layout)", "--first=\(request.field("first"))", "--out=\(out)"]
        arguments += names.map { "--\($0.option)=\(request.field($0.field))" }
        if layout != "before-after" { arguments.append("--seed=\(UInt32.random(in: 1...UInt32.max))") }
        return context.shelf.show([try await context.commands.run(arguments, seconds: 120)], on: "/plan")
    }
}
