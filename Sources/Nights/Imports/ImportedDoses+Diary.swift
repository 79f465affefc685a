// SPDX-License-Identifier: GPL-3.0-or-later

extension ImportedDoses {
    /// The field of a diary page that holds a day's magnesium from food and supplements together, in mg: no exposure, never a dose.
    public static let intakeField = "intake_magnesium_mg"
    /// The field of a diary page that holds observations in Bearable's own words; their scale is not known.
    public static let observationField = "bearable"

    /// The diary pages that an export tells something new of, beside those that are written.
    ///
    /// What a person wrote stays: caffeine and alcohol are filled in where nothing stands yet. Read again, the same export changes
    /// nothing. An observation of a morning is of the night before.
    public func pages(beside diary: [DiaryNight]) -> [DiaryNight] {
        let written = Dictionary(diary.map { ($0.night, $0) }) { first, _ in first }
        var pages: [CivilDay: DiaryNight] = [:]
        func change(_ night: CivilDay, _ edit: (inout DiaryNight) -> Void) {
            var page = pages[night] ?? written[night] ?? DiaryNight(night: night)
            edit(&page)
            pages[night] = page
        }
        for intake in intakes {
            change(intake.day) { page in
                page.caffeineMg = page.caffeineMg ?? intake.caffeineMg
                page.alcoholUnits = page.alcoholUnits ?? intake.alcoholG.map { $0 / Self.gramsInUnit }
                if let mg = intake.magnesiumMg { page.note(NumberText.text(mg), in: Self.intakeField) }
            }
        }
        for seen in observations {
            let time = seen.timeOfDay.lowercased()
            let isMorning = time == "am" || DayTime(time).map { $0 < .noon } ?? false
            let words = [seen.day.description, seen.timeOfDay, seen.category, seen.detail, seen.rating]
            change(isMorning ? seen.day - 1 : seen.day) { page in
                page.note(words.filter { !$0.isEmpty }.joined(separator: " "), in: Self.observationField)
            }
        }
        return pages.values.filter { $0 != written[$0.night] }.sorted { $0.night < $1.night }
    }

    /// The diary counts alcohol in units of 10 g.
    private static let gramsInUnit = 10.0
}

extension DiaryNight {
    /// Adds words to a field of its own, once.
    fileprivate mutating func note(_ words: String, in field: String) {
        guard let place = extra.firstIndex(where: { $0.name == field }) else {
            extra.append(ExtraField(name: field, value: words))
            return
        }
        let parts = extra[place].value.split(separator: "; ").map(String.init)
        if !parts.contains(words) { extra[place].value = (parts + [words]).joined(separator: "; ") }
    }
}
