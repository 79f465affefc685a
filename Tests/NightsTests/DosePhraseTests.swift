// SPDX-License-Identifier: GPL-3.0-or-later
import Nights
import Testing

@Suite struct DosePhraseTests {
    private static let product = Product(
        name: "MagCitrate", form: "citrate_anhydrous", unit: "tablet", labelMg: 100, basis: .elemental,
        elementalMgPerUnit: 100)

    /// Words said at 22:00 of 8 March 2026 in Berlin, unless another time is given.
    private static func say(_ words: String, at now: String = "2026-03-08T21:00:00Z", latest: Dose? = nil) throws
        -> DosePhrase
    {
        let around = DosePhrase.Surroundings(
            now: try #require(UTCInstant(now)), clock: try #require(ZoneClock("Europe/Berlin")), products: [product],
            latest: latest)
        return try DosePhrase([words], around)
    }

    @Test(arguments: [
        ("200mg citrate 21:10", 200.0, "2026-03-08T20:10:00Z", "2026-03-08"),
        ("200 mg citrate elemental at 9:10 pm", 200, "2026-03-08T20:10:00Z", "2026-03-08"),
        ("citrate 200mg 9pm yesterday", 200, "2026-03-07T20:00:00Z", "2026-03-07"),
        ("8,2 mmol magnesium citrate", 199.3, "2026-03-08T21:00:00Z", "2026-03-08"),
        ("1350 mg bisglycinate compound 23:30", 190.3, "2026-03-07T22:30:00Z", "2026-03-07"),
        ("2 MagCitrate", 200, "2026-03-08T21:00:00Z", "2026-03-08"),
        ("3 tablets magcitrate 00:30", 300, "2026-03-07T23:30:00Z", "2026-03-07"),
        ("none", 0, "2026-03-08T21:00:00Z", "2026-03-08"),
        ("0.2g oxide elemental 2026-03-01 21:00", 200, "2026-03-01T20:00:00Z", "2026-03-01"),
        ("200mg citrate with food 21:10", 200, "2026-03-08T20:10:00Z", "2026-03-08"),
    ])
    func aFewWordsAreADose(_ words: String, _ mg: Double, _ instant: String, _ night: String) throws {
        let phrase = try Self.say(words)
        #expect(isNear(phrase.dose.elementalMg, mg), "\(phrase)")
        #expect(phrase.dose.instant?.description == instant)
        #expect(phrase.dose.night.description == night)
        #expect(phrase.echo.contains("night of \(night)"))
    }

    @Test func theAnswerSaysTheElementalMilligrams() throws {
        #expect(
            try Self.say("1000mg citrate compound 21:10").echo
                == "161.6 mg elemental (113.4 to 161.6, as the label may mean), citrate_anhydrous, 2026-03-08 21:10, night of 2026-03-08"
        )
        #expect(try Self.say("none").echo == "no magnesium, 2026-03-08 22:00, night of 2026-03-08")
        #expect(try Self.say("10 spray chloride topical").echo.contains("not counted"))
    }

    @Test func sameIsTheLatestDoseAtAnotherTime() throws {
        let latest = try Self.say("200mg citrate elemental yesterday 21:10").dose
        let same = try Self.say("same", latest: latest)
        #expect(same.dose.elementalMg == 200 && same.dose.form == latest.form)
        #expect(same.dose.instant?.description == "2026-03-08T21:00:00Z")
        #expect(
            try Self.say("same yesterday 20:00", latest: latest).dose.instant?.description == "2026-03-07T19:00:00Z")
        #expect(throws: Finding.self) { try Self.say("same") }
    }

    @Test func aDayWithoutATimeHasNone() throws {
        let phrase = try Self.say("200mg citrate yesterday")
        #expect(phrase.dose.instant == nil)
        #expect(phrase.dose.night.description == "2026-03-07")
        #expect(phrase.warnings.map(\.code).contains("W_TIME_MISSING"))
    }

    @Test func theClocksJumpsAreNamed() throws {
        let gap = try Self.say("200mg citrate elemental 2026-03-29 02:30", at: "2026-03-29T10:00:00Z")
        #expect(gap.dose.instant?.description == "2026-03-29T01:30:00Z")
        #expect(gap.warnings.map(\.code) == ["W_TIME_NONEXISTENT"])
        let fold = try Self.say("200mg citrate elemental 2026-10-25 02:30", at: "2026-10-25T10:00:00Z")
        #expect(fold.warnings.map(\.code) == ["W_TIME_AMBIGUOUS"])
        let second = try Self.say("200mg citrate elemental 2026-10-25T02:30+01:00", at: "2026-10-25T10:00:00Z")
        #expect(second.dose.instant?.description == "2026-10-25T01:30:00Z")
        #expect(second.warnings.isEmpty)
    }

    @Test(arguments: [
        ("", "E_AMOUNT_MISSING"), ("citrate", "E_AMOUNT_MISSING"), ("200mg", "E_FORM_UNKNOWN"),
        ("200mg moonstone", "E_FORM_UNKNOWN"),
        ("1250mg citrate", "E_BASIS_REQUIRED"), ("200 citrate", "E_UNIT_MISSING"), ("200mg citrate 25:10", "E_TIME"),
        ("200mg 300mg citrate", "E_NUMBER"), ("-5mg citrate", "E_DOSE_NEGATIVE"),
        ("200mg citrate 21:10 22:10", "E_TIME"),
        ("200mg citrate 2026-03-20 21:00", "E_DATE_FUTURE"), ("500 mg blend compound", "E_FORM_NEEDS_ELEMENTAL"),
        ("9000mg oxide elemental", "E_DOSE_IMPLAUSIBLE"), ("200mg citrate today yesterday", "E_DATE"),
    ])
    func whatCannotBeMeantIsAsked(_ words: String, _ code: String) throws {
        let finding = try #require(throws: Finding.self) { try Self.say(words) }
        #expect(finding.code == code)
    }

    @Test func noWordsMakeItCrash() throws {
        var random = Generator(seed: 5)
        let words = [
            "200mg", "2", "citrate", "same", "none", "yesterday", "21:10", "9", "pm", "at", "MagCitrate", "tablets",
            "-", "2026-03-01",
            "mg", "g", "compound", "food", "with", "🌙", "1,250", "spray", "topical", "00:00", "12", "am", ":",
            "2026-02-30T21:00Z",
        ]
        for _ in 0..<2000 {
            let phrase = (0..<(1 + random.next(6))).map { _ in random.pick(words) }.joined(separator: " ")
            _ = try? Self.say(phrase)
        }
    }
}
