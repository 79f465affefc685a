// SPDX-License-Identifier: GPL-3.0-or-later

extension DoseLog {
    /// The doses as CSV. Reading it back gives the same doses.
    public var csv: String {
        var text = "# nattro dose log, version \(DoseSource.version)\n"
        for (name, value) in settings { text += "# \(name): \(value)\n" }
        for field in extra { text += "# \(field.name): \(field.value.replacing("\n", with: " "))\n" }
        let extraNames = entries.reduce(into: [String]()) { names, entry in
            for field in entry.dose.extra where !names.contains(field.name) { names.append(field.name) }
        }
        text += DelimitedText.row(Self.columns + extraNames)
        for dose in doses {
            let (date, time) = dateAndTime(dose.time)
            let amount = dose.amount
            text += DelimitedText.row(
                [
                    date, time, amount.entered ?? NumberText.text(amount.value), amount.unit.name,
                    statedBasis(dose), dose.formEntered, dose.route.rawValue, dose.kind.rawValue, dose.product,
                    Self.flag(dose.withFood), dose.isConfirmed ? "yes" : "", dose.id, zone(of: dose) ?? "", dose.note,
                ] + extraNames.map { name in dose.extra.first { $0.name == name }?.value ?? "" })
        }
        return text
    }

    /// The doses as JSON. Reading it back gives the same doses.
    public var json: String {
        var text = "{\"schema\":\"\(DoseSource.schema)\""
        for (name, value) in settings { text += ",\"\(name)\":\(JSONText.quoted(value))" }
        for field in extra { text += ",\(JSONText.quoted(field.name)):\(field.json.value)" }
        let lines = doses.map { "\n  " + JSONText(.object(members($0))).description }
        return text + ",\n \"doses\":[" + lines.joined(separator: ",") + "]}\n"
    }

    private static let columns = [
        "date", "time", "amount", "unit", "basis", "form", "route", "kind", "product", "with_food", "confirm", "id",
        "tz", "note",
    ]

    private var settings: [(String, String)] {
        [
            ("tz", zone), ("date_order", dateOrder?.rawValue), ("default_basis", defaultBasis?.rawValue),
            ("complete_from", complete?.lowerBound.description), ("complete_to", complete?.upperBound.description),
        ].compactMap { name, value in value.map { (name, $0) } }
    }

    private func members(_ dose: Dose) -> [JSONText.Member] {
        var members: [JSONText.Member] = []
        func add(_ name: String, _ value: JSONText.Value) { members.append(.init(name: name, value: JSONText(value))) }
        func addText(_ name: String, _ text: String?) {
            if let text, !text.isEmpty { add(name, .string(text)) }
        }
        let at = dose.instant.map { $0.text(offset: dose.time.utcOffset ?? 0) } ?? dose.time.day.description
        add("at", .string(at))
        add("amount", .number(NumberText.text(dose.amount.value)))
        add("unit", .string(dose.amount.unit.name))
        addText("basis", statedBasis(dose))
        addText("form", dose.formEntered)
        add("route", .string(dose.route.rawValue))
        add("kind", .string(dose.kind.rawValue))
        addText("product", dose.product)
        if let withFood = dose.withFood { add("with_food", .bool(withFood)) }
        if dose.isConfirmed { add("confirm", .bool(true)) }
        addText("id", dose.id)
        addText("tz", zone(of: dose))
        addText("note", dose.note)
        addText("date_entered", dose.time.dateEntered)
        addText("time_entered", dose.time.timeEntered)
        addText("amount_entered", dose.amount.entered)
        return members + dose.extra.map(\.json)
    }

    /// The basis that the entry itself must say: not what its unit, its product or the file says for it.
    private func statedBasis(_ dose: Dose) -> String {
        switch dose.amount.basisOrigin {
        case .stated: dose.amount.basis?.rawValue ?? ""
        case .fileDefault where dose.amount.basis != defaultBasis: dose.amount.basis?.rawValue ?? ""
        case .assumed where defaultBasis != nil: dose.amount.basis?.rawValue ?? ""
        case .fileDefault, .assumed, .unit, .product, .none: ""
        }
    }

    /// The zone that the entry itself must name.
    private func zone(of dose: Dose) -> String? { dose.time.zone == zone ? nil : dose.time.zone }

    /// The date and the time as they were entered, or as the program writes them where the entered ones would not be read as the same moment.
    func dateAndTime(_ time: DoseTime) -> (String, String) {
        let clock = (time.zone ?? zone).flatMap { ZoneClock($0) }
        if let entered = enteredDateAndTime(time, clock) { return entered }
        guard let instant = time.instant, let offset = time.utcOffset, let timeOfDay = time.timeOfDay else {
            return (time.day.description, "")
        }
        if clock?.moment(time.day, timeOfDay) == instant {
            return (time.day.description, timeOfDay.description)
        }
        return (instant.text(offset: offset), "")
    }

    private func enteredDateAndTime(_ time: DoseTime, _ clock: ZoneClock?) -> (String, String)? {
        guard time.dateEntered != nil || time.timeEntered != nil,
            let date = try? DateText(time.dateEntered ?? time.day.description, order: dateOrder)
        else { return nil }
        let text = time.timeEntered ?? (date.time == nil ? time.timeOfDay?.description ?? "" : "")
        let again: UTCInstant?
        switch (date.time ?? DayTime(text), date.offset) {
        case (nil, _): again = nil
        case (let clockTime?, let offset?): again = UTCInstant(midnightOf: date.day) + (clockTime.seconds - offset)
        case (let clockTime?, nil): again = clock?.moment(date.day, clockTime)
        }
        guard again == time.instant, time.instant != nil || date.day == time.day else { return nil }
        return (time.dateEntered ?? date.day.description, text)
    }

    private static func flag(_ value: Bool?) -> String { value.map { $0 ? "yes" : "no" } ?? "" }
}
