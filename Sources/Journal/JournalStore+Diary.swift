// SPDX-License-Identifier: GPL-3.0-or-later
internal import GRDB
public import Nights

extension JournalStore {
    /// The diary's nights by date.
    public func diary() throws(JournalError) -> [StoredEntry<DiaryNight>] {
        try read { db in
            try EntryJSON.entries(
                db, "SELECT id, value FROM diary WHERE participant_id = ? ORDER BY night", [participant.id])
        }
    }

    /// The diary's night of a date.
    public func diaryNight(_ date: CivilDay) throws(JournalError) -> StoredEntry<DiaryNight>? {
        try read { db in
            let found: [StoredEntry<DiaryNight>] = try EntryJSON.entries(
                db, "SELECT id, value FROM diary WHERE participant_id = ? AND night = ?",
                [participant.id, date.description])
            return found.first
        }
    }

    /// Keeps nights of the diary, all or none; one of the same date is written over.
    public func keep(_ nights: [DiaryNight], _ deed: String, at now: Double) throws(JournalError) {
        try edit(deed, at: now) { editor in
            for night in nights {
                _ = try put(
                    ["value": .init(EntryJSON.text(night))], key: "night", night.night.description, in: "diary", editor)
            }
        }
    }

    // MARK: Medicines

    /// What happened with medicines, by time.
    public func medicines() throws(JournalError) -> [StoredEntry<Medicine>] {
        try read { db in
            try EntryJSON.entries(
                db, "SELECT id, value FROM medicines WHERE participant_id = ? ORDER BY night, instant, id",
                [participant.id])
        }
    }

    /// Keeps what happened with medicines, all or none.
    @discardableResult
    public func add(_ medicines: [Medicine], _ deed: String, at now: Double) throws(JournalError) -> [Int] {
        try edit(deed, at: now) { editor in
            try medicines.map { medicine in
                Int(
                    try editor.insert(
                        [
                            "participant_id": .init(participant.id), "night": .init(medicine.time.night.description),
                            "instant": .init(medicine.time.instant?.secondsSince1970),
                            "value": .init(EntryJSON.text(medicine)),
                        ], into: "medicines"))
            }
        }
    }

    // MARK: Profile and laboratory values

    /// What the person said of themselves, with their laboratory values by date.
    public func profile() throws(JournalError) -> Profile {
        try read { db in
            let kept: [StoredEntry<Profile>] = try EntryJSON.entries(
                db, "SELECT id, value FROM profiles WHERE participant_id = ?", [participant.id])
            var profile = kept.first?.value ?? Profile()
            let labs: [StoredEntry<LabResult>] = try EntryJSON.entries(
                db, "SELECT id, value FROM labs WHERE participant_id = ? ORDER BY date, id", [participant.id])
            profile.labs = labs.map(\.value)
            return profile
        }
    }

    /// Keeps what the person says of themselves; laboratory values that are new are added, none is lost.
    public func keep(_ profile: Profile, _ deed: String, at now: Double) throws(JournalError) {
        try edit(deed, at: now) { editor in
            var bare = profile
            bare.labs = []
            let known = try Int64.fetchOne(
                editor.db, sql: "SELECT id FROM profiles WHERE participant_id = ?", arguments: [participant.id])
            let text = try EntryJSON.text(bare)
            if let known {
                try editor.update(known, of: "profiles", ["value": .init(text)])
            } else {
                try editor.insert(["participant_id": .init(participant.id), "value": .init(text)], into: "profiles")
            }
            let kept: [StoredEntry<LabResult>] = try EntryJSON.entries(
                editor.db, "SELECT id, value FROM labs WHERE participant_id = ?", [participant.id])
            for lab in profile.labs where !kept.contains(where: { $0.value == lab }) {
                try editor.insert(
                    [
                        "participant_id": .init(participant.id), "date": .init(lab.date.description),
                        "value": .init(EntryJSON.text(lab)),
                    ], into: "labs")
            }
        }
    }

    // MARK: Designs

    /// The designs of comparisons as they were kept, JSON text each, oldest first.
    public func designs() throws(JournalError) -> [StoredEntry<String>] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT id, value FROM designs WHERE participant_id = ? ORDER BY id",
                arguments: [participant.id]
            ).map { StoredEntry(id: $0["id"], value: $0["value"]) }
        }
    }

    /// When a design was kept, in seconds since the Unix epoch; nil for one that is not there.
    public func whenKept(design id: Int) throws(JournalError) -> Double? {
        try read { db in
            try Double.fetchOne(
                db, sql: "SELECT created FROM designs WHERE participant_id = ? AND id = ?",
                arguments: [participant.id, id])
        }
    }

    /// Keeps a design of a comparison.
    ///
    /// - Parameter json: the design, a JSON object; one that is kept is never changed, a new one is added.
    @discardableResult
    public func add(design json: String, at now: Double) throws(JournalError) -> Int {
        try edit("plan", at: now) { editor in
            Int(
                try editor.insert(
                    ["participant_id": .init(participant.id), "created": .init(now), "value": .init(json)],
                    into: "designs"))
        }
    }
}
