// SPDX-License-Identifier: GPL-3.0-or-later
import Journal
import Nights
import Web

/// A night's page of the diary.
enum DiaryPage {
    static func routes(_ context: ServeContext) -> [PageRoute] {
        [
            .page(.get, "/diary/:night") { try page($0, context) },
            .page(.post, "/diary/undo") { _ in
                context.shelf.show([try await context.commands.run(["diary", "undo"])], on: "/doses")
            },
            .page(.post, "/diary/:night") { try await write($0, context) },
        ]
    }

    private static func date(_ request: PageRequest) throws -> CivilDay {
        guard let text = request.parameters["night"], let date = CivilDay(text) else { throw MissingPage() }
        return date
    }

    private static let ratings = [
        ("urge_0_10", "Overall"), ("urge_evening_0_10", "In the evening, before bed"),
        ("urge_night_0_10", "During the night"),
    ]
    private static let times = [("lights_out", "The light went out at"), ("wake_up", "Woke up for the day at")]
    private static let choices: [(name: String, label: String, values: [String])] = [
        ("worse_at_rest", "Was it worse when resting?", ["yes", "no", "unsure"]),
        ("relief_by_movement", "Did moving help?", ["yes", "partly", "no"]),
        ("stool", "Stool", ["none", "normal", "loose", "watery"]),
        ("gi_upset_0_3", "Stomach or bowel upset", ["0", "1", "2", "3"]),
        ("skin_0_3", "Skin under the sensor", ["0", "1", "2", "3"]),
        ("illness", "Ill?", ["y", "n"]), ("unusual_day", "An unusual day?", ["y", "n"]),
        ("bed_partner_or_pet", "Somebody else in the bed?", ["y", "n"]),
    ]
    private static let numbers = [
        ("first_symptom", "When did it first appear? HH:MM, or none"),
        ("sleep_quality_0_10", "How was your sleep, 0 to 10?"),
        ("awakenings", "How often did you wake up?"), ("caffeine_mg", "Caffeine, mg"),
        ("alcohol_units", "Alcohol, units of 10 g"), ("exercise_min", "Exercise, minutes"),
        ("red_flags", "Anything alarming? drowsiness; muscle weakness; fainting; slow heartbeat; trouble breathing"),
    ]

    private static func page(_ request: PageRequest, _ context: ServeContext) throws -> PageResponse {
        let date = try date(request)
        let page = try context.store.diaryNight(date)?.value ?? DiaryNight(night: date)
        let written = Dictionary(
            DiaryLines.written(DiaryLog(zone: nil, nights: [page]).csv).map { ($0.name, $0.value) },
            uniquingKeysWith: { $1 })
        func value(_ name: String) -> String { written[name] ?? "" }
        let limits: HTML =
            try context.store.night(date) == nil
            ? ""
            : """
            <section class="card" aria-labelledby="limits"><h2 id="limits">The recording's rest</h2>
            <p>From when to when movements count. The night is scored anew; that takes a few seconds.</p>
            <form method="post" action="/nights/\(date.description)/limits"><div class="row">
            <div class="field"><label for="set_lights">Light out</label><input id="set_lights" name="lights_out" type="time"></div>
            <div class="field"><label for="set_wake">Woke up</label><input id="set_wake" name="wake_up" type="time"></div>
            <button>Set and score</button></div></form></section>
            """
        let body: HTML = """
            \(context.shelf.html(request))<p>\(around(date))</p>
            <p class="quiet">What is left empty stays as it is. Urge ratings are not blinded; a comparison says so.</p>
            <form method="post" action="/diary/\(date.description)">
            <h2>How strong was the urge to move your legs?</h2>
            <p class="quiet">0 is none, 10 the strongest that you can imagine.</p>
            \(ratings.map { rating($0.0, $0.1, value($0.0)) })
            <div class="row"><button class="main">Write it down</button></div>
            <h2>The night</h2>
            <div class="row">
            \(times.map { FormField.input($0.0, $0.1, type: "time", value: value($0.0)) })
            \(choices.prefix(2).map { choice($0, value($0.name)) })
            \(numbers.prefix(3).map { FormField.input($0.0, $0.1, value: value($0.0), extra: " maxlength=\"20\"") })
            </div>
            <details><summary>The day, and effects</summary><div class="row">
            \(choices.dropFirst(2).map { choice($0, value($0.name)) })
            \(numbers.dropFirst(3).map { FormField.input($0.0, $0.1, value: value($0.0), extra: " maxlength=\"120\"") })
            </div></details>
            \(FormField.input("note", "Note", value: value("note"), extra: " maxlength=\"500\" size=\"50\""))
            <p><button>Write it down</button></p>
            </form>
            \(limits)
            """
        return PageLayout.page(title: "Diary of \(date.description)", place: .doses, body: body)
    }

    private static func around(_ date: CivilDay) -> HTML {
        """
        <a href="/diary/\((date - 1).description)">The night before</a> · <a href="/diary/\((date + 1).description)">the night after</a> · \
        <a href="/doses">all</a>
        """
    }

    private static func rating(_ name: String, _ label: String, _ value: String) -> HTML {
        let buttons = (0...10).map { number -> HTML in
            let mark: HTML = String(number) == value ? " checked" : ""
            return """
                <label class="inline"><input type="radio" name="\(name)" value="\(number)"\(mark)>\(number)</label>

                """
        }
        return "<fieldset><legend>\(label)</legend><div class=\"row\">\(buttons)</div></fieldset>\n"
    }

    private static func choice(_ choice: (name: String, label: String, values: [String]), _ value: String) -> HTML {
        let words = ["y": "yes", "n": "no", "0": "0, none", "3": "3, strong"]
        return FormField.select(
            choice.name, choice.label, [("", "–")] + choice.values.map { ($0, words[$0] ?? $0) },
            value: value == "yes" && choice.values.contains("y")
                ? "y" : value == "no" && choice.values.contains("n") ? "n" : value)
    }

    private static func write(_ request: PageRequest, _ context: ServeContext) async throws -> PageResponse {
        let date = try date(request)
        let names =
            ratings.map(\.0) + times.map(\.0) + choices.map(\.name) + numbers.map(\.0) + ["note"]
        let words = names.compactMap { name in
            let value = request.field(name)
            return value.isEmpty ? nil : "\(name)=\(value)"
        }
        let answer = try await context.commands.run(["diary", "write", "--", date.description] + words)
        return context.shelf.show([answer], on: "/diary/\(date)")
    }
}
