// SPDX-License-Identifier: GPL-3.0-or-later

extension Profile {
    static let schema = "nattro.profile/1"

    /// Reads a profile, and names what in it could not be read and is therefore unknown.
    public static func reading(_ bytes: [UInt8]) throws(RefusedFile) -> (profile: Profile, warnings: [Finding]) {
        let document = try JSONText(parsing: bytes)
        guard case .object = document.value else { throw RefusedFile("E_JSON", "a profile is a JSON object") }
        if let schema = document["schema"], schema.string != Self.schema {
            throw RefusedFile(
                line: schema.line, column: schema.column, "E_VERSION", "the schema is not \(Self.schema)",
                hint: "write \"schema\":\"\(Self.schema)\"")
        }
        var reader = ProfileReader()
        var profile = Profile()
        if let zone = document["tz"] {
            profile.zone = zone.string.flatMap { ZoneClock($0) }?.name
            if profile.zone == nil { reader.note(zone, "E_TZ_UNKNOWN", "tz is no zone") }
        }
        if let year = document["birth_year"] {
            profile.birthYear = year.number.flatMap { Int(exactly: $0) }.flatMap {
                (1900...2100).contains($0) ? $0 : nil
            }
            if profile.birthYear == nil { reader.note(year, "E_NUMBER", "birth_year is no year") }
        }
        profile.sex = reader.word(document["sex"], "sex") ?? .unknown
        profile.pregnant = reader.answer(document["pregnant"] ?? document["pregnancy"], "pregnant")
        profile.lactating = reader.answer(document["lactating"] ?? document["lactation"], "lactating")
        profile.limitsRegion = reader.word(document["limits_region"], "limits_region") ?? .both
        if let kidney = document["kidney"] {
            profile.kidney.condition = reader.answer(kidney["condition"], "kidney condition")
            profile.kidney.dialysis = reader.answer(kidney["dialysis"], "dialysis")
            if let egfr = kidney["egfr"] {
                profile.kidney.egfr = egfr.number.flatMap { $0 >= 0 && $0 < 1000 ? $0 : nil }
                if profile.kidney.egfr == nil { reader.note(egfr, "E_NUMBER", "egfr is no number from 0 up") }
            }
            profile.kidney.egfrDate = reader.day(kidney["date"] ?? kidney["egfr_date"], "date of the egfr")
        }
        if case .array(let labs) = document["labs"]?.value { profile.labs = labs.compactMap { reader.lab($0) } }
        return (profile, reader.warnings)
    }

    /// The profile as JSON. Reading it back gives the same profile.
    public var json: String {
        var members: [(String, JSONText.Value)] = [("schema", .string(Self.schema))]
        if let zone { members.append(("tz", .string(zone))) }
        if let birthYear { members.append(("birth_year", .number("\(birthYear)"))) }
        members += [
            ("sex", .string(sex.rawValue)), ("pregnant", .string(pregnant.rawValue)),
            ("lactating", .string(lactating.rawValue)),
        ]
        members.append(
            (
                "kidney",
                .members([
                    ("condition", .string(kidney.condition.rawValue)),
                    ("egfr", kidney.egfr.map { .number(NumberText.text($0)) } ?? .null),
                    ("egfr_unit", .string("mL/min/1.73m2")),
                    ("date", kidney.egfrDate.map { .string($0.description) } ?? .null),
                    ("dialysis", .string(kidney.dialysis.rawValue)),
                ])
            ))
        members.append(
            (
                "labs",
                .array(
                    labs.map { lab in
                        var fields: [(String, JSONText.Value)] = [
                            ("date", .string(lab.date.description)), ("test", .string(lab.test.rawValue)),
                            ("value", .number(NumberText.text(lab.value))), ("unit", .string(lab.unit)),
                        ]
                        if let fasting = lab.isFastingIronFree { fields.append(("fasting_iron_free", .bool(fasting))) }
                        if !lab.assay.isEmpty { fields.append(("assay", .string(lab.assay))) }
                        return JSONText(.members(fields))
                    })
            ))
        members.append(("limits_region", .string(limitsRegion.rawValue)))
        return JSONText(.members(members)).description + "\n"
    }
}

extension JSONText.Value {
    /// An object of named values.
    static func members(_ members: [(String, JSONText.Value)]) -> JSONText.Value {
        .object(members.map { .init(name: $0.0, value: JSONText($0.1)) })
    }
}

/// Reads the values of a profile, and notes which could not be read.
private struct ProfileReader {
    var warnings: [Finding] = []

    mutating func note(_ value: JSONText, _ code: String, _ message: String) {
        warnings.append(
            Finding(line: value.line, column: value.column, code: code, message: message, hint: "it counts as unknown"))
    }

    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ value: JSONText?, _ name: String
    ) -> Word? where Word.RawValue == String {
        guard let value else { return nil }
        if let word = value.string.flatMap({ Word(rawValue: $0.lowercased()) }) { return word }
        note(value, "E_VALUE", "\(name) is not one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    mutating func answer(_ value: JSONText?, _ name: String) -> Profile.Answer {
        if case .bool(let flag) = value?.value { return flag ? .yes : .no }
        return word(value, name) ?? .unknown
    }

    mutating func day(_ value: JSONText?, _ name: String) -> CivilDay? {
        guard let value else { return nil }
        if let day = value.string.flatMap({ CivilDay($0) }) { return day }
        note(value, "E_DATE", "\(name) is no day: YYYY-MM-DD")
        return nil
    }

    mutating func lab(_ value: JSONText) -> LabResult? {
        guard let date = day(value["date"] ?? JSONText(.string("")), "date of a lab value"),
            let test: LabResult.Test = word(value["test"], "test"), let number = value["value"]?.number, number >= 0
        else {
            note(value, "E_VALUE", "a lab value needs a date, a test, and a value from 0 up")
            return nil
        }
        let unit = value["unit"]?.string ?? ""
        guard LabResult.canonical(number, test, unit) != nil else {
            note(value["unit"] ?? value, "E_UNIT", "'\(unit)' is no unit of \(test.rawValue)")
            return nil
        }
        var lab = LabResult(date: date, test: test, value: number, unit: unit)
        if case .bool(let flag) = (value["fasting_iron_free"] ?? value["fasting"])?.value {
            lab.isFastingIronFree = flag
        }
        lab.assay = (value["assay"] ?? value["lab"])?.string ?? ""
        return lab
    }
}

extension LabResult {
    /// The value in the unit in which published figures are given: ferritin ng/mL, saturation %, serum magnesium mmol/L; nil for an unknown unit.
    public var canonicalValue: Double? { Self.canonical(value, test, unit) }

    static func canonical(_ value: Double, _ test: Test, _ unit: String) -> Double? {
        let unit = unit.lowercased().replacing("µ", with: "u").replacing("μ", with: "u")
        let reference = ReferenceData.current
        switch (test, unit) {
        case (.ferritin, "ng/ml"), (.ferritin, "ug/l"), (.tsat, "%"), (.serumMagnesium, "mmol/l"): return value
        case (.iron, "ug/dl"), (.tibc, "ug/dl"), (.iron, "umol/l"), (.tibc, "umol/l"): return value
        case (.serumMagnesium, "mg/dl"): return value / reference[.serumMgdlPerMmoll]
        case (.serumMagnesium, "meq/l"): return value / reference[.magnesiumValence]
        default: return nil
        }
    }
}
