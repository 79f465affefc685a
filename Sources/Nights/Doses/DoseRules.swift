// SPDX-License-Identifier: GPL-3.0-or-later

/// Turns an entry of a dose log into a dose, or says why it cannot.
///
/// The order is: structure, date, time, number, unit, form, basis, range. The first rule that is broken names the entry.
struct DoseRules {
    var zone: ZoneClock?
    var dateOrder: DateOrder?
    var defaultBasis: EnteredAmount.Basis?
    var products: [Product] = []
    var now: UTCInstant
    /// The unit that the name of the amount's column says; nil where it says none.
    var columnUnit: DoseUnit?
    var reference = ReferenceData.current

    /// Reads one entry.
    func dose(from raw: RawDose) throws(Finding) -> (dose: Dose, warnings: [Finding]) {
        if let problem = raw.problem { throw problem }
        var warnings: [Finding] = []
        let route: Dose.Route = try word(raw, .route) ?? .oral
        let kind: Dose.Kind = try word(raw, .kind) ?? .supplement
        let withFood = try flag(raw, .withFood)
        let isConfirmed = try flag(raw, .confirm) ?? false
        let time = try time(raw, &warnings)
        let number = try number(raw)
        let product = raw.text(.product)
        let known = products.first { $0.name.lowercased() == product.lowercased() }
        let unit = try unit(raw, number, route, known)
        let match = try form(raw, route, number.value, unit, known)
        var dose = Dose(
            time: time,
            amount: EnteredAmount(
                value: number.value, entered: entered(raw, number), unit: unit, basis: nil, basisOrigin: .none),
            form: match.form.id, formEntered: raw.text(.form), route: route, kind: kind, elementalMg: nil,
            product: product, withFood: withFood, isConfirmed: isConfirmed, id: raw.text(.id), note: raw.text(.note),
            extra: raw.extra)
        if route == .topical {
            warnings.append(
                raw.finding(.amount, "W_TOPICAL_NOT_COUNTED", "on the skin: listed, and not counted in milligrams"))
        } else {
            try weigh(&dose, match, known, raw, &warnings)
        }
        return (dose, warnings)
    }

    // MARK: Date and time

    /// When an entry was taken.
    func time(_ raw: RawDose, _ warnings: inout [Finding]) throws(Finding) -> DoseTime {
        let date: DateText
        do {
            date = try DateText(raw.text(.date), order: dateOrder)
        } catch {
            let column: RawDose.Column = error.code == "E_TIME" ? .time : .date
            throw raw.finding(raw[column] == nil ? .date : column, error.code, error.message, hint: error.hint)
        }
        let clock = try zone(raw)
        // Where a date alone is a day too far ahead, no time of that day helps.
        let future = reference.whole(.futureAfter) * 3600
        let midnight = clock?.moment(date.day, .midnight) ?? UTCInstant(midnightOf: date.day) - (date.offset ?? 0)
        guard midnight - now <= future else { throw tooLate(raw, date.day) }
        var timeOfDay = date.time
        if let field = raw[.time] {
            guard let time = DayTime(field.text) else {
                throw raw.finding(
                    .time, "E_TIME", "'\(field.text)' is no time of a clock", hint: "write it as 21:10 or 9:10 pm")
            }
            guard timeOfDay == nil || timeOfDay == time else {
                throw raw.finding(.time, "E_TIME", "the date already has another time", hint: "leave one of them out")
            }
            timeOfDay = time
        }
        let dateEntered = raw.isAsEntered ? raw[.date] : raw[.dateEntered]
        guard let timeOfDay else {
            guard clock != nil || date.offset != nil else { throw zoneMissing(raw) }
            warnings.append(
                raw.finding(
                    .date, "W_TIME_MISSING", "no time: counts in nights and means, not before lights-out or in spacing")
            )
            var time = DoseTime(onDay: date.day, zone: clock?.name)
            time.dateEntered = dateEntered?.text(unless: date.day.description)
            return time
        }
        let (instant, offset) = try moment(date, timeOfDay, clock, raw, &warnings)
        guard instant - now <= future else { throw tooLate(raw, date.day) }
        var time = DoseTime(instant, utcOffset: offset, zone: clock?.name)
        let timeEntered = raw.isAsEntered ? raw[.time] : raw[.timeEntered]
        time.dateEntered = dateEntered?.text(unless: time.day.description)
        time.timeEntered = timeEntered?.text(unless: time.timeOfDay?.description)
        return time
    }

    private func moment(
        _ date: DateText, _ time: DayTime, _ clock: ZoneClock?, _ raw: RawDose, _ warnings: inout [Finding]
    ) throws(Finding) -> (UTCInstant, Int) {
        if let offset = date.offset {
            let instant = UTCInstant(midnightOf: date.day) + (time.seconds - offset)
            return (instant, clock?.offset(at: instant) ?? offset)
        }
        guard let clock else {
            throw zoneMissing(raw)
        }
        let place: RawDose.Column = raw[.time] == nil ? .date : .time
        let moments = clock.moments(date.day, time)
        let instant = clock.moment(date.day, time)
        let shown = instant.civil(offset: clock.offset(at: instant)).time
        switch moments {
        case .once: break
        case .never:
            warnings.append(
                raw.finding(
                    place, "W_TIME_NONEXISTENT",
                    "the clock was put forward over \(time) on \(date.day); taken as \(shown)"))
        case .twice:
            warnings.append(
                raw.finding(
                    place, "W_TIME_AMBIGUOUS", "the clock showed \(time) twice on \(date.day); the first is taken",
                    hint: "write the offset: \(instant.text(offset: clock.offset(at: instant)))"))
        }
        return (instant, clock.offset(at: instant))
    }

    private func zone(_ raw: RawDose) throws(Finding) -> ZoneClock? {
        guard let field = raw[.tz] else { return zone }
        guard let clock = ZoneClock(field.text) else {
            throw raw.finding(
                .tz, "E_TZ_UNKNOWN", "'\(field.text)' is no zone", hint: "write an IANA name, like Europe/Berlin")
        }
        return clock
    }

    private func zoneMissing(_ raw: RawDose) -> Finding {
        raw.finding(
            .date, Self.zoneMissing, "the file names no zone, and this entry has no offset",
            hint: "put '# tz: Europe/Berlin' before the header, or \"tz\" into the JSON object")
    }

    /// The one code of an entry for which the whole file is refused.
    static let zoneMissing = "E_TZ_MISSING"

    private func tooLate(_ raw: RawDose, _ day: CivilDay) -> Finding {
        raw.finding(
            .date, "E_DATE_FUTURE", "\(day) lies more than \(reference.whole(.futureAfter)) h ahead",
            hint: "check the year")
    }

    // MARK: Number and unit

    private func number(_ raw: RawDose) throws(Finding) -> NumberText {
        let number: NumberText
        do {
            number = try NumberText(raw.text(.amount))
        } catch {
            switch error {
            case .empty:
                throw raw.finding(
                    .amount, "E_AMOUNT_MISSING", "no amount", hint: "write 0 for a dose left out on purpose")
            case .unreadable:
                throw raw.finding(.amount, "E_NUMBER", "'\(raw.text(.amount))' is no number")
            case .ambiguous(let grouped, let decimal):
                throw raw.finding(
                    .amount, "E_NUMBER_AMBIGUOUS", "'\(raw.text(.amount))' can be read in two ways",
                    hint: grouped == decimal ? "write \(grouped)" : "write \(grouped) or \(decimal)")
            }
        }
        guard number.value >= 0 else {
            throw raw.finding(.amount, "E_DOSE_NEGATIVE", "an amount below zero", hint: "check the sign")
        }
        return number
    }

    private func unit(
        _ raw: RawDose, _ number: NumberText, _ route: Dose.Route, _ product: Product?
    ) throws(Finding) -> DoseUnit {
        let behind = number.suffix.isEmpty ? nil : try unit(number.suffix, .amount, raw, product)
        let written = try raw[.unit].map { field throws(Finding) in try unit(field.text, .unit, raw, product) }
        let stated = [written, columnUnit].compactMap(\.self)
        let all = stated + [behind].compactMap(\.self)
        guard let unit = all.first else {
            // Nothing is nothing in any unit.
            if number.value == 0 { return .mg }
            throw raw.finding(.amount, "E_UNIT_MISSING", "no unit", hint: "write mg, g, ug, mmol or mEq")
        }
        if let other = all.first(where: { $0 != unit }) {
            throw raw.finding(
                .amount, "E_UNIT_CONFLICT", "\(other.name) beside \(unit.name)", hint: "leave one of the units out")
        }
        if [.spray, .ml, .drop].contains(unit), route != .topical {
            throw raw.finding(
                raw[.unit] == nil ? .amount : .unit, "E_UNIT", "\(unit.name) is for the skin only",
                hint: "write route topical, or the amount in mg")
        }
        return unit
    }

    private func unit(
        _ word: String, _ column: RawDose.Column, _ raw: RawDose, _ product: Product?
    ) throws(Finding) -> DoseUnit {
        if let unit = DoseUnit(plain: word) { return unit }
        if let product, [product.unit, product.unit + "s"].contains(where: { $0.lowercased() == word.lowercased() }) {
            return .piece(product.unit)
        }
        throw raw.finding(
            column, "E_UNIT", "'\(word)' is no unit of magnesium",
            hint: "write mg, g, ug, mmol or mEq; pieces need a product that says what is in them")
    }

    // MARK: Form and basis

    private func form(
        _ raw: RawDose, _ route: Dose.Route, _ value: Double, _ unit: DoseUnit, _ product: Product?
    ) throws(Finding) -> FormTable.Match {
        let entered = raw.text(.form)
        let name = entered.isEmpty ? product?.form ?? "" : entered
        if name.isEmpty && value == 0, let unknown = reference.forms.match("unknown") { return unknown }
        guard let match = reference.forms.match(name) else {
            throw raw.finding(
                .form, "E_FORM_UNKNOWN", name.isEmpty ? "no form" : "'\(name)' is not in the table of forms",
                hint: name.isEmpty
                    ? "write the salt on the label, or unknown with basis elemental"
                    : reference.forms.namesNearest(to: name).joined(separator: ", "))
        }
        if match.form.elementalFraction == nil, unit.isMass, route != .topical, value > 0 {
            let basis = (raw[.basis].flatMap { EnteredAmount.Basis(rawValue: $0.text.lowercased()) }) ?? defaultBasis
            guard basis != .compound, basis != nil || match.form.id != "unknown" else {
                throw raw.finding(
                    .form, "E_FORM_NEEDS_ELEMENTAL",
                    "the magnesium in \(match.form.id == "unknown" ? "an unknown form" : "'\(name)'") cannot be computed",
                    hint: "write the elemental milligrams of the label, with basis elemental")
            }
        }
        return match
    }

    /// Finds out how much magnesium a dose holds.
    private func weigh(
        _ dose: inout Dose, _ match: FormTable.Match, _ product: Product?, _ raw: RawDose, _ warnings: inout [Finding]
    ) throws(Finding) {
        let stated: EnteredAmount.Basis? = try word(raw, .basis)
        let unit = dose.amount.unit
        switch unit {
        case _ where dose.amount.value == 0:
            dose.amount.basis = stated
            dose.amount.basisOrigin = stated == nil ? .none : .stated
            dose.elementalMg = 0
        case .mmol, .mEq:
            guard stated != .compound else {
                throw raw.finding(
                    .basis, "E_BASIS_CONFLICT", "\(unit.name) counts magnesium itself, never the compound",
                    hint: "write basis elemental")
            }
            dose.amount.basis = .elemental
            dose.amount.basisOrigin = stated == nil ? .unit : .stated
            let perUnit = reference[.magnesiumMolarMass] / (unit == .mEq ? reference[.magnesiumValence] : 1)
            dose.elementalMg = Self.tidy(dose.amount.value * perUnit)
        case .piece:
            guard let product else { preconditionFailure("a piece without a product was let through") }
            dose.amount.basis = product.basis
            dose.amount.basisOrigin = .product
            dose.elementalMg = Self.tidy(dose.amount.value * product.elementalMgPerUnit)
            dose.elementalMgRange = product.elementalMgRange.map {
                Self.tidy($0.lowerBound * dose.amount.value)...Self.tidy($0.upperBound * dose.amount.value)
            }
        case .mg, .g, .ug:
            try weighMass(&dose, match, stated, raw, &warnings)
        case .spray, .ml, .drop:
            preconditionFailure("\(unit.name) was let through by mouth")
        }
        try checkRange(dose, raw, &warnings)
    }

    private func weighMass(
        _ dose: inout Dose, _ match: FormTable.Match, _ stated: EnteredAmount.Basis?, _ raw: RawDose,
        _ warnings: inout [Finding]
    ) throws(Finding) {
        let factor: Double =
            switch dose.amount.unit {
            case .g: 1000
            case .ug: 0.001
            default: 1
            }
        let weight = Self.tidy(dose.amount.value * factor)
        if let stated {
            (dose.amount.basis, dose.amount.basisOrigin) = (stated, .stated)
        } else if let defaultBasis {
            (dose.amount.basis, dose.amount.basisOrigin) = (defaultBasis, .fileDefault)
            warnings.append(
                raw.finding(.amount, "W_BASIS_FILE_DEFAULT", "taken as \(defaultBasis.rawValue), as the file says"))
        } else {
            let compound = match.elemental(inCompound: weight).map {
                "if compound: \(Self.tenths($0.likely)) mg elemental"
            }
            guard weight <= reference[.basisRequiredAbove] else {
                throw raw.finding(
                    .amount, "E_BASIS_REQUIRED",
                    "\(NumberText.text(weight)) mg: of magnesium, or of the compound?",
                    hint: compound ?? "write basis elemental or compound")
            }
            (dose.amount.basis, dose.amount.basisOrigin) = (.elemental, .assumed)
            warnings.append(
                raw.finding(.amount, "W_BASIS_ASSUMED", "no basis; taken as elemental", hint: compound ?? ""))
        }
        guard dose.amount.basis == .compound else {
            dose.elementalMg = weight
            return
        }
        guard let (likely, range) = match.elemental(inCompound: weight) else {
            preconditionFailure("a form without a fraction was let through as a compound")
        }
        dose.elementalMg = Self.tidy(likely)
        if let range {
            dose.elementalMgRange = Self.tidy(range.lowerBound)...Self.tidy(range.upperBound)
            warnings.append(
                raw.finding(
                    .form, "W_HYDRATE_ASSUMED",
                    "taken as \(match.form.id): \(Self.tenths(likely)) mg elemental, between \(Self.tenths(range.lowerBound)) and \(Self.tenths(range.upperBound))",
                    hint: "write \(match.form.id) or \(match.partner?.id ?? ""), as the label says"))
        }
    }

    private func checkRange(_ dose: Dose, _ raw: RawDose, _ warnings: inout [Finding]) throws(Finding) {
        guard let mg = dose.elementalMg else { return }
        let shown = "\(Self.tenths(mg)) mg elemental at once"
        if mg > reference[.doseImplausibleAbove] && !dose.isConfirmed {
            throw raw.finding(.amount, "E_DOSE_IMPLAUSIBLE", shown, hint: "check the unit; confirm=yes keeps it")
        }
        if mg > reference[.doseHighAbove] { warnings.append(raw.finding(.amount, "W_DOSE_HIGH", shown)) }
    }

    // MARK: Words

    /// A word of a closed list; nil where the column is empty.
    private func word<Word: RawRepresentable & CaseIterable>(
        _ raw: RawDose, _ column: RawDose.Column
    ) throws(Finding) -> Word? where Word.RawValue == String {
        guard let field = raw[column] else { return nil }
        guard let word = Word(rawValue: field.text.lowercased()) else {
            throw raw.finding(
                column, "E_VALUE", "'\(field.text)' in the column \(column.rawValue)",
                hint: "write \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return word
    }

    private func flag(_ raw: RawDose, _ column: RawDose.Column) throws(Finding) -> Bool? {
        guard let field = raw[column] else { return nil }
        guard let answer = FlagText.value(field.text) else {
            throw raw.finding(
                column, "E_VALUE", "'\(field.text)' in the column \(column.rawValue)", hint: "write yes or no")
        }
        return answer
    }

    /// How an amount was written, where the program would print it differently.
    private func entered(_ raw: RawDose, _ number: NumberText) -> String? {
        let written = raw[.amountEntered]?.text ?? raw.text(.amount)
        guard written != NumberText.text(number.value), let again = try? NumberText(written),
            again.value == number.value
        else { return nil }
        return written
    }

    /// A number without the noise of binary fractions.
    static func tidy(_ value: Double) -> Double {
        let scaled = value * 1e6
        return abs(scaled) < 1e15 ? scaled.rounded() / 1e6 : value
    }

    /// A number with one decimal.
    static func tenths(_ value: Double) -> String {
        guard abs(value) < 1e14 else { return String(value) }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(abs(tenths) % 10)"
    }
}

/// Yes or no as people and programs write it.
enum FlagText {
    static func value(_ text: some StringProtocol) -> Bool? {
        switch text.lowercased() {
        case "yes", "y", "true", "1", "ja": true
        case "no", "n", "false", "0", "nein": false
        default: nil
        }
    }
}
