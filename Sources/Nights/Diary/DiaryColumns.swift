// SPDX-License-Identifier: GPL-3.0-or-later

/// One column of a diary file: how its cell is read into a night, and written from it.
struct DiaryColumn: Sendable {
    var name: String
    /// Puts a cell that is not empty into a night; what is wrong with it otherwise.
    var read: @Sendable (inout DiaryNight, String) -> Problem?
    /// The cell of a night; empty where nothing is known.
    var write: @Sendable (DiaryNight) -> String

    private typealias Path<Value> = any WritableKeyPath<DiaryNight, Value> & Sendable

    /// Why a cell was left aside.
    struct Problem {
        var code: String
        var message: String
    }

    /// The columns in the order in which they are written, but for the night itself.
    static let all: [DiaryColumn] = [
        clock("lights_out", \.lightsOut), clock("wake_up", \.wakeUp),
        rating("urge_0_10", 0...10, \.urge), rating("urge_evening_0_10", 0...10, \.urgeEvening),
        rating("urge_night_0_10", 0...10, \.urgeNight), firstSymptom, word("worse_at_rest", \.worseAtRest),
        word("relief_by_movement", \.reliefByMovement), rating("rest_0_10", 0...10, \.rest),
        tags("sensation", \.sensations), rating("sleep_quality_0_10", 0...10, \.sleepQuality),
        rating("awakenings", 0...100, \.awakenings), clock("caffeine_last", \.caffeineLast),
        amount("caffeine_mg", \.caffeineMg), amount("alcohol_units", \.alcoholUnits), flag("nicotine", \.nicotine),
        amount("exercise_min", \.exerciseMinutes), clock("exercise_end", \.exerciseEnd),
        flag("antihistamine", \.antihistamine), flag("rls_med_changed", \.rlsMedicineChanged),
        flag("other_med_changed", \.otherMedicineChanged), flag("illness", \.illness), flag("travel_tz", \.travel),
        flag("bed_partner_or_pet", \.bedPartnerOrPet), flag("unusual_day", \.unusualDay), word("stool", \.stool),
        rating("gi_upset_0_3", 0...3, \.digestiveUpset), rating("skin_0_3", 0...3, \.skin),
        tags("red_flags", \.redFlags), rating("change_1_7", 1...7, \.change),
        rating("irls_total", 0...40, \.irlsTotal), text("other_effect", \.otherEffect), text("note", \.note),
        enteredAt,
    ]

    private static func rating(
        _ name: String, _ range: ClosedRange<Int>, _ path: Path<Int?>
    ) -> DiaryColumn {
        DiaryColumn(name: name) { night, text in
            guard let number = try? NumberText(text), number.suffix.isEmpty, let whole = Int(exactly: number.value)
            else {
                return Problem(code: "E_NUMBER", message: "'\(text)' is no whole number")
            }
            guard range.contains(whole) else {
                return Problem(
                    code: "E_RATING_RANGE",
                    message: "\(whole) is not between \(range.lowerBound) and \(range.upperBound)")
            }
            night[keyPath: path] = whole
            return nil
        } write: {
            $0[keyPath: path].map(String.init) ?? ""
        }
    }

    private static func amount(_ name: String, _ path: Path<Double?>) -> DiaryColumn {
        DiaryColumn(name: name) { night, text in
            guard let number = try? NumberText(text), number.suffix.isEmpty, number.value >= 0 else {
                return Problem(code: "E_NUMBER", message: "'\(text)' is no number from 0 up")
            }
            night[keyPath: path] = number.value
            return nil
        } write: {
            $0[keyPath: path].map(NumberText.text) ?? ""
        }
    }

    private static func clock(_ name: String, _ path: Path<DayTime?>) -> DiaryColumn {
        DiaryColumn(name: name) { night, text in
            guard let time = DayTime(text) else {
                return Problem(code: "E_TIME", message: "'\(text)' is no time of a clock")
            }
            night[keyPath: path] = time
            return nil
        } write: {
            $0[keyPath: path]?.description ?? ""
        }
    }

    private static func flag(_ name: String, _ path: Path<Bool?>) -> DiaryColumn {
        DiaryColumn(name: name) { night, text in
            guard let answer = FlagText.value(text) else {
                return Problem(code: "E_VALUE", message: "'\(text)' is neither yes nor no")
            }
            night[keyPath: path] = answer
            return nil
        } write: {
            $0[keyPath: path].map { $0 ? "yes" : "no" } ?? ""
        }
    }

    private static func word<Word: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, _ path: Path<Word?>
    ) -> DiaryColumn where Word.RawValue == String {
        DiaryColumn(name: name) { night, text in
            guard let word = Word(rawValue: text.lowercased()) else {
                let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
                return Problem(code: "E_VALUE", message: "'\(text)' is not one of \(known)")
            }
            night[keyPath: path] = word
            return nil
        } write: {
            $0[keyPath: path]?.rawValue ?? ""
        }
    }

    private static func tags(_ name: String, _ path: Path<[String]>) -> DiaryColumn {
        DiaryColumn(name: name) { night, text in
            night[keyPath: path] = text.split(separator: ";").map { String($0).trimmingAround(" \t") }.filter {
                !$0.isEmpty
            }
            return nil
        } write: {
            $0[keyPath: path].joined(separator: ";")
        }
    }

    private static func text(_ name: String, _ path: Path<String>) -> DiaryColumn {
        DiaryColumn(name: name) { night, text in
            night[keyPath: path] = text
            return nil
        } write: {
            $0[keyPath: path]
        }
    }

    private static let firstSymptom = DiaryColumn(name: "first_symptom") { night, text in
        if text.lowercased() == "none" {
            night.firstSymptom = DiaryNight.FirstSymptom.none
        } else if let time = DayTime(text) {
            night.firstSymptom = .at(time)
        } else {
            return Problem(code: "E_TIME", message: "'\(text)' is neither a time nor none")
        }
        return nil
    } write: { night in
        switch night.firstSymptom {
        case nil: ""
        case .some(.none): "none"
        case .at(let time): time.description
        }
    }

    private static let enteredAt = DiaryColumn(name: "entered_at") { night, text in
        guard let instant = UTCInstant(text) else {
            return Problem(code: "E_TIME", message: "'\(text)' is no moment with an offset")
        }
        night.enteredAt = instant
        return nil
    } write: {
        $0.enteredAt?.description ?? ""
    }
}
