// SPDX-License-Identifier: GPL-3.0-or-later
internal import GRDB
public import Nights

extension JournalStore {
    /// The doses of the nights from one to another, by time; the number of each tells equal ones apart.
    public func doses(
        from first: CivilDay? = nil, to last: CivilDay? = nil
    ) throws(JournalError) -> [StoredEntry<Dose>] {
        let (first, last) = (first?.description ?? "", last?.description ?? "9999-99-99")
        return try read { db in
            try EntryJSON.entries(
                db,
                """
                SELECT id, value FROM doses WHERE participant_id = ? AND night BETWEEN ? AND ?
                ORDER BY night, instant, id
                """, [participant.id, first, last])
        }
    }

    /// A dose by its number.
    public func dose(_ id: Int) throws(JournalError) -> StoredEntry<Dose> {
        try read { db in
            let row = try own(id, in: "doses", db)
            let found: [StoredEntry<Dose>] = try EntryJSON.entries(
                db, "SELECT id, value FROM doses WHERE id = ?", [row])
            return found[0]
        }
    }

    /// Keeps doses, all or none.
    @discardableResult
    public func add(_ doses: [Dose], _ deed: String, at now: Double) throws(JournalError) -> [StoredEntry<Dose>] {
        try edit(deed, at: now) { editor in
            try doses.map { dose in
                var values = try Self.columns(dose)
                values["participant_id"] = .init(participant.id)
                return StoredEntry(id: Int(try editor.insert(values, into: "doses")), value: dose)
            }
        }
    }

    /// Writes a dose over another one.
    public func replace(_ id: Int, with dose: Dose, _ deed: String, at now: Double) throws(JournalError) {
        try edit(deed, at: now) { editor in
            try editor.update(own(id, in: "doses", editor.db), of: "doses", Self.columns(dose))
        }
    }

    private static func columns(_ dose: Dose) throws -> [String: StoredValue] {
        [
            "night": .init(dose.night.description), "instant": .init(dose.instant?.secondsSince1970),
            "value": .init(try EntryJSON.text(dose)),
        ]
    }

    // MARK: Where the log is complete

    /// The nights for which the person declared that the log is complete: there a missing dose is none.
    public func doseCoverage() throws(JournalError) -> [StoredEntry<ClosedRange<CivilDay>>] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM dose_coverage WHERE participant_id = ? ORDER BY first_night, id",
                arguments: [participant.id]
            ).compactMap { row in
                let (id, first, last): (Int, String, String) = (row["id"], row["first_night"], row["last_night"])
                guard let first = CivilDay(first), let last = CivilDay(last), first <= last else { return nil }
                return StoredEntry(id: id, value: first...last)
            }
        }
    }

    /// Declares that the log is complete from one night to another.
    public func declareComplete(_ nights: ClosedRange<CivilDay>, _ deed: String, at now: Double) throws(JournalError) {
        try edit(deed, at: now) { editor in
            try editor.insert(
                [
                    "participant_id": .init(participant.id), "first_night": .init(nights.lowerBound.description),
                    "last_night": .init(nights.upperBound.description), "declared": .init(now),
                ], into: "dose_coverage")
        }
    }

    // MARK: Products and plan

    /// The products by name.
    public func products() throws(JournalError) -> [StoredEntry<Product>] {
        try read { db in
            try EntryJSON.entries(
                db, "SELECT id, value FROM products WHERE participant_id = ? ORDER BY name", [participant.id])
        }
    }

    /// Keeps what a product's label says; one of the same name is written over.
    @discardableResult
    public func keep(_ product: Product, at now: Double) throws(JournalError) -> Int {
        try edit("product add \(product.name)", at: now) { editor in
            try put(["value": .init(EntryJSON.text(product))], key: "name", product.name, in: "products", editor)
        }
    }

    /// What the person planned to take, by its first night.
    public func planSteps() throws(JournalError) -> [StoredEntry<PlanStep>] {
        try read { db in
            try EntryJSON.entries(
                db, "SELECT id, value FROM plan_steps WHERE participant_id = ? ORDER BY first_night", [participant.id])
        }
    }

    /// Keeps a step of the person's own plan; one from the same night on is written over.
    @discardableResult
    public func keep(_ step: PlanStep, at now: Double) throws(JournalError) -> Int {
        try edit("profile plan \(step.from)", at: now) { editor in
            try put(
                ["value": .init(EntryJSON.text(step))], key: "first_night", step.from.description, in: "plan_steps",
                editor)
        }
    }
}
