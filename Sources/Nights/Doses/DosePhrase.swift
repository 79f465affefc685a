// SPDX-License-Identifier: GPL-3.0-or-later

/// A dose in the few words in which somebody enters it: `200mg citrate 21:10`, `same`, `2 MagCitrate yesterday 21:10`, `none`.
///
/// Words in, a dose out; what is not said is not guessed, but asked for.
public struct DosePhrase: Sendable {
    /// What understanding the words depends on.
    public struct Surroundings: Sendable {
        /// The moment that counts as now.
        public var now: UTCInstant
        /// The clock of the place.
        public var clock: ZoneClock
        /// Products that may be named.
        public var products: [Product]
        /// The latest dose, for `same`.
        public var latest: Dose?

        /// Surroundings by their parts.
        public init(now: UTCInstant, clock: ZoneClock, products: [Product] = [], latest: Dose? = nil) {
            self.now = now
            self.clock = clock
            self.products = products
            self.latest = latest
        }
    }

    /// The dose.
    public var dose: Dose
    /// What was assumed.
    public var warnings: [Finding]

    /// Understands words. The column of a finding is the number of the word that it is about, from 1.
    public init(_ words: [String], _ around: Surroundings) throws(Finding) {
        let tokens = words.flatMap { $0.split(whereSeparator: \.isWhitespace).map(String.init) }
        guard !tokens.isEmpty else {
            throw Self.problem(1, "E_AMOUNT_MISSING", "no dose", "say it like: 200mg citrate 21:10")
        }
        var reader = PhraseReader(tokens: tokens, around: around)
        try reader.read()
        let time = try reader.moment()
        if reader.isSame {
            guard var latest = around.latest else {
                throw Self.problem(1, "E_AMOUNT_MISSING", "no dose before this one", "say it like: 200mg citrate 21:10")
            }
            latest.time = time.time
            latest.id = ""
            (dose, warnings) = (latest, time.warnings)
            return
        }
        var raw = try reader.raw()
        raw[.date] = .init(
            text: time.time.instant?.text(offset: time.time.utcOffset ?? 0) ?? time.time.day.description, line: 1,
            column: 1)
        let rules = DoseRules(zone: around.clock, products: around.products, now: around.now)
        (dose, warnings) = try rules.dose(from: raw)
        dose.time = time.time
        warnings.removeAll { $0.code.hasPrefix("W_TIME") }
        warnings += time.warnings
    }

    /// What the program answers: the elemental milligrams and the night.
    public var echo: String {
        let when = dose.time.timeOfDay.map { "\(dose.time.day) \($0)" } ?? "\(dose.time.day), time not known"
        let night = "night of \(dose.night)"
        guard let mg = dose.elementalMg else {
            return
                "\(NumberText.text(dose.amount.value)) \(dose.amount.unit.name) \(dose.formEntered) on the skin, not counted, \(when), \(night)"
        }
        if dose.isZero { return "no magnesium, \(when), \(night)" }
        let range = dose.elementalMgRange.map {
            " (\(DoseRules.tenths($0.lowerBound)) to \(DoseRules.tenths($0.upperBound)), as the label may mean)"
        }
        return
            "\(NumberText.text((mg * 10).rounded() / 10)) mg elemental\(range ?? ""), \(dose.form), \(when), \(night)"
    }

    fileprivate static func problem(_ word: Int, _ code: String, _ message: String, _ hint: String = "") -> Finding {
        Finding(line: 1, column: word, code: code, message: message, hint: hint)
    }
}

/// Sorts the words of a phrase into what they say.
private struct PhraseReader {
    let tokens: [String]
    let around: DosePhrase.Surroundings
    private(set) var isSame = false
    private var day: CivilDay?
    private var time: DayTime?
    private var offsetTime: UTCInstant?
    private var amount: (text: String, word: Int)?
    private var unit: String?
    private var basis: String?
    private var route: String?
    private var kind: String?
    private var withFood: String?
    private var isConfirmed = false
    /// The words of the form or the product.
    private var rest: [(text: String, word: Int)] = []

    init(tokens: [String], around: DosePhrase.Surroundings) {
        self.tokens = tokens
        self.around = around
    }

    private var today: CivilDay { around.clock.time(around.now).day }

    mutating func read() throws(Finding) {
        var index = 0
        while index < tokens.count {
            // "9:10 pm" is one time in two words.
            let next = index + 1 < tokens.count ? tokens[index + 1].lowercased() : ""
            let isHalfOfTwelve = next == "am" || next == "pm"
            if try take(isHalfOfTwelve ? "\(tokens[index]) \(next)" : tokens[index], index + 1) || !isHalfOfTwelve {
                index += isHalfOfTwelve ? 2 : 1
            } else {
                index += 1
            }
        }
    }

    /// Takes a word. False if it is none of the words of a phrase, and was kept for the form.
    private mutating func take(_ token: String, _ word: Int) throws(Finding) -> Bool {
        let lower = token.lowercased()
        switch lower {
        case "same": isSame = true
        case "none": try setAmount("0", word)
        case "today", "now": try setDay(today, word)
        case "yesterday": try setDay(today - 1, word)
        case "at", "of", "with", "magnesium": break
        case "food": withFood = "yes"
        case "elemental", "compound": basis = lower
        case "topical", "skin": route = "topical"
        case "oral", "iv": route = lower
        case "supplement", "medicine": kind = lower
        case "confirm", "confirmed": isConfirmed = true
        default: return try takeNumber(token, word)
        }
        return true
    }

    private mutating func takeNumber(_ token: String, _ word: Int) throws(Finding) -> Bool {
        if let found = Self.time(token) {
            guard time == nil else { throw DosePhrase.problem(word, "E_TIME", "a second time, '\(token)'", "give one") }
            time = found
            return true
        }
        if token.first?.isNumber == true {
            if let date = try? DateText(token, order: nil) {
                try setDay(date.day, word)
                if let clockTime = date.time {
                    time = clockTime
                    offsetTime = date.offset.map { UTCInstant(midnightOf: date.day) + (clockTime.seconds - $0) }
                }
                return true
            }
            if token.contains(":") {
                throw DosePhrase.problem(
                    word, "E_TIME", "'\(token)' is no time of a clock", "write it as 21:10 or 9:10 pm")
            }
        }
        if token.first.map({ $0.isNumber || "+-−.,".contains($0) }) ?? false {
            try setAmount(token, word)
            return true
        }
        if unit == nil, amount?.word == word - 1, amount?.text.last?.isNumber ?? false, DoseUnit(plain: token) != nil {
            unit = token
            return true
        }
        rest.append((token, word))
        return false
    }

    /// A time of day, also `9pm`.
    private static func time(_ token: String) -> DayTime? {
        if let time = DayTime(token) { return time }
        let lower = token.lowercased().filter { $0 != " " }
        guard lower.hasSuffix("am") || lower.hasSuffix("pm"), let hour = Digits.number(lower.dropLast(2)) else {
            return nil
        }
        return DayTime("\(hour):00 \(lower.suffix(2))")
    }

    private mutating func setAmount(_ text: String, _ word: Int) throws(Finding) {
        guard amount == nil else {
            throw DosePhrase.problem(word, "E_NUMBER", "a second amount, '\(text)'", "enter one dose at a time")
        }
        amount = (text, word)
    }

    private mutating func setDay(_ found: CivilDay, _ word: Int) throws(Finding) {
        guard day == nil else { throw DosePhrase.problem(word, "E_DATE", "a second day", "give one") }
        day = found
    }

    /// When the dose was taken: now, unless the words say a time; that time's last occurrence, unless they say a day.
    func moment() throws(Finding) -> (time: DoseTime, warnings: [Finding]) {
        if let offsetTime { return (around.clock.time(offsetTime), []) }
        guard let time else {
            guard let day, day != today else { return (around.clock.time(around.now), []) }
            return (
                DoseTime(onDay: day, zone: around.clock.name),
                [DosePhrase.problem(1, "W_TIME_MISSING", "no time: not part of what was taken before lights-out")]
            )
        }
        var chosen = day ?? today
        // A bare "23:50" said at 00:10 was ten minutes ago, not tomorrow.
        if day == nil, around.clock.moment(chosen, time) > around.now + 3600 { chosen = chosen - 1 }
        let instant = around.clock.moment(chosen, time)
        guard instant - around.now <= ReferenceData.current.whole(.futureAfter) * 3600 else {
            throw DosePhrase.problem(1, "E_DATE_FUTURE", "\(chosen) \(time) lies ahead", "check the date")
        }
        switch around.clock.moments(chosen, time) {
        case .once: return (around.clock.time(instant), [])
        case .never:
            return (
                around.clock.time(instant),
                [
                    DosePhrase.problem(
                        1, "W_TIME_NONEXISTENT", "the clock was put forward over \(time); the time is moved with it")
                ]
            )
        case .twice(let first, let second):
            // Said while the second is still fresh, the later one that has happened is meant least surprisingly by its offset.
            return (
                around.clock.time(first),
                [
                    DosePhrase.problem(
                        1, "W_TIME_AMBIGUOUS", "the clock showed \(time) twice; the first is taken",
                        "for the second write \(second.text(offset: around.clock.offset(at: second)))")
                ]
            )
        }
    }

    /// The entry as a file would have it, without its time.
    func raw() throws(Finding) -> RawDose {
        var raw = RawDose(line: 1, column: 1)
        func set(_ column: RawDose.Column, _ text: String?, _ word: Int = 1) {
            raw[column] = text.map { .init(text: $0, line: 1, column: word) }
        }
        guard let amount else {
            throw DosePhrase.problem(1, "E_AMOUNT_MISSING", "no amount", "say it like: 200mg citrate 21:10, or none")
        }
        let name = rest.map(\.text).joined(separator: " ")
        let word = rest.first?.word ?? 1
        let product = around.products.first { product in
            [product.name, "\(product.unit) \(product.name)", "\(product.unit)s \(product.name)"].contains {
                $0.lowercased() == name.lowercased()
            }
        }
        set(.amount, amount.text, amount.word)
        set(.unit, unit)
        if let product {
            set(.product, product.name, word)
            if unit == nil, let number = try? NumberText(amount.text), number.suffix.isEmpty {
                set(.unit, product.unit)
            }
        } else {
            set(.form, name, word)
        }
        set(.basis, basis)
        set(.route, route)
        set(.kind, kind)
        set(.withFood, withFood)
        set(.confirm, isConfirmed ? "yes" : nil)
        return raw
    }
}
