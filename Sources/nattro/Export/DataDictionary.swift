// SPDX-License-Identifier: GPL-3.0-or-later

/// What the columns of a table mean, as JSON in the way of a BIDS sidecar.
struct DataDictionary {
    /// A column.
    struct Column {
        var name: String
        var description: String
        var unit: String?
        var levels: [(value: String, meaning: String)] = []

        init(_ name: String, _ description: String, unit: String? = nil, levels: [(String, String)] = []) {
            self.name = name
            self.description = description
            self.unit = unit
            self.levels = levels.map { (value: $0.0, meaning: $0.1) }
        }
    }

    let columns: [Column]

    /// The dictionary as JSON, a column's name for each key.
    var value: JSONValue {
        .object(
            columns.map { column in
                var members = [JSONValue.Member("Description", .string(column.description))]
                if let unit = column.unit { members.append(.init("Units", .string(unit))) }
                if !column.levels.isEmpty {
                    members.append(
                        .init("Levels", .object(column.levels.map { .init($0.value, .string($0.meaning)) })))
                }
                return JSONValue.Member(column.name, .object(members))
            })
    }

    /// The text of the dictionary's file.
    var json: String { "\(value)\n" }

    /// Where a table's dictionary lies: `NIGHT.csv` has `NIGHT.csv.json`.
    static func path(beside table: String) -> String { table + ".json" }

    /// The kinds of rows in a table of movements.
    static let types: [(String, String)] = [
        ("PLM", "a periodic leg movement: a candidate in a series under the rules"),
        ("CLM", "a candidate leg movement in no series"), ("LM", "a leg movement that is no candidate"),
        ("posture", "a change of posture; no candidate, ends a series"), ("gait", "steps, or out of bed; no candidate"),
        ("rhythmic", "a rhythmic train at 0.3 to 4 Hz; no candidate"),
        ("artefact", "a motion of the bed or an echo of the other leg; not counted"),
        ("nonwear", "nobody wore the sensor; treated like a gap"), ("gap", "no data; in no denominator"),
    ]

    /// What ``MovementFile`` writes.
    static let movements = DataDictionary(columns: [
        Column(
            "time", "When it begins, on the recording's clock, ISO 8601; with the offset from UTC where it is known."),
        Column("onset", "When it begins, from the first sample of the earlier leg.", unit: "s"),
        Column("duration", "How long it lasts.", unit: "s"),
        Column(
            "leg", "Which leg. A bilateral movement has a row for each leg's part and one more for the whole.",
            levels: [
                ("L", "left"), ("R", "right"), ("B", "both legs as one movement; do not count it beside its parts"),
            ]),
        Column("type", "What it is under the rules.", levels: types),
        Column(
            "amplitude", "The largest displacement of the acceleration from its rest level; empty where not measured.",
            unit: "g"),
        Column("series", "The number of its series, from 1; empty where it is not periodic."),
        Column("imi", "Onset to onset since the candidate before it; empty where undefined.", unit: "s"),
        Column(
            "sleep", "Whether its onset lies in sleep, estimated unless staging was given; empty where nobody knows.",
            levels: [("0", "wake"), ("1", "sleep")]),
        Column("rules", "The rule profile; numbers of different profiles do not compare."),
    ])
}
