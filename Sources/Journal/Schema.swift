// SPDX-License-Identifier: GPL-3.0-or-later
internal import GRDB

/// The tables of a journal, and how older files become newer ones.
///
/// A migration that was released is never changed: what differs comes in a new one.
enum Schema {
    /// The tables that hold what a person entered or decided: every change of their rows is logged and can be undone.
    static let edited = [
        "nights", "night_recordings", "masks", "doses", "dose_coverage", "products", "plan_steps", "diary", "medicines",
        "labs", "profiles",
        "designs",
    ]

    /// All tables, each after those that it refers to.
    static let tables =
        [
            "participants", "recordings", "streams", "nights", "night_recordings", "masks", "results", "movements",
            "fixed_counts",
        ]
        + ["doses", "dose_coverage", "products", "plan_steps", "diary", "medicines", "labs", "profiles", "designs"]
        + ["comparisons", "pending", "changes"]

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(sql: people + recordings + nights + results + entries + log)
        }
        migrator.registerMigration("2") { db in try db.execute(sql: sensitivity) }
        return migrator
    }

    /// How small a movement each result's detector could see, and counts at thresholds that two phases were brought to.
    private static let sensitivity = """
        ALTER TABLE results ADD COLUMN sensitivity TEXT;
        CREATE TABLE fixed_counts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            result_id INTEGER NOT NULL REFERENCES results,
            threshold REAL NOT NULL,
            periodic_count INTEGER NOT NULL,
            UNIQUE (result_id, threshold)
        );
        """

    private static let people = """
        CREATE TABLE participants (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            created REAL NOT NULL
        );
        """

    /// A recording's times are seconds since the Unix epoch on its own local clock; those of the journal are UTC.
    private static let recordings = """
        CREATE TABLE recordings (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            participant_id INTEGER NOT NULL REFERENCES participants,
            sha256 TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            path TEXT NOT NULL,
            format TEXT NOT NULL,
            device TEXT NOT NULL,
            serial TEXT NOT NULL,
            firmware TEXT NOT NULL,
            site TEXT NOT NULL,
            start_local REAL NOT NULL,
            end_local REAL NOT NULL,
            zone_offset INTEGER,
            zone TEXT,
            lights_out REAL,
            lights_on REAL,
            closed INTEGER NOT NULL,
            imported REAL NOT NULL,
            UNIQUE (participant_id, sha256)
        );
        CREATE TABLE streams (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            recording_id INTEGER NOT NULL REFERENCES recordings,
            number INTEGER NOT NULL,
            leg TEXT,
            rate REAL NOT NULL,
            range REAL NOT NULL,
            channels TEXT NOT NULL,
            UNIQUE (recording_id, number)
        );
        CREATE TABLE pending (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            participant_id INTEGER NOT NULL REFERENCES participants,
            path TEXT NOT NULL UNIQUE,
            started REAL NOT NULL
        );
        """

    private static let nights = """
        CREATE TABLE nights (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            participant_id INTEGER NOT NULL REFERENCES participants,
            date TEXT NOT NULL,
            lights_out TEXT,
            wake_up TEXT,
            site TEXT,
            exclusion TEXT,
            excluded_after_comparison INTEGER NOT NULL DEFAULT 0,
            UNIQUE (participant_id, date)
        );
        CREATE TABLE night_recordings (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            night_id INTEGER NOT NULL REFERENCES nights,
            recording_id INTEGER NOT NULL REFERENCES recordings,
            leg TEXT,
            swapped INTEGER NOT NULL DEFAULT 0,
            UNIQUE (night_id, recording_id)
        );
        CREATE TABLE masks (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            night_id INTEGER NOT NULL REFERENCES nights,
            start_local REAL NOT NULL,
            end_local REAL NOT NULL,
            leg TEXT,
            reason TEXT NOT NULL
        );
        """

    private static let results = """
        CREATE TABLE results (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            night_id INTEGER NOT NULL REFERENCES nights,
            scored REAL NOT NULL,
            program_version TEXT NOT NULL,
            scoring_version INTEGER NOT NULL,
            rules TEXT NOT NULL,
            parameters TEXT NOT NULL,
            parameters_hash TEXT NOT NULL,
            inputs TEXT NOT NULL,
            input_hash TEXT NOT NULL,
            lights_out REAL,
            wake_up REAL,
            masks TEXT NOT NULL,
            start_local REAL NOT NULL,
            duration REAL NOT NULL,
            rest_start REAL NOT NULL,
            rest_end REAL NOT NULL,
            rest_source TEXT NOT NULL,
            legs TEXT NOT NULL,
            analysed REAL NOT NULL,
            periodic_count INTEGER NOT NULL,
            plm_index REAL,
            lowest_index REAL,
            highest_index REAL,
            summary TEXT NOT NULL,
            summary_hash TEXT NOT NULL
        );
        CREATE INDEX results_of_night ON results (night_id, id);
        CREATE TABLE movements (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            result_id INTEGER NOT NULL REFERENCES results,
            onset REAL NOT NULL,
            duration REAL NOT NULL,
            leg TEXT NOT NULL,
            type TEXT NOT NULL,
            amplitude REAL,
            series INTEGER,
            interval REAL,
            sleep INTEGER
        );
        CREATE INDEX movements_of_result ON movements (result_id);
        """

    /// What a person enters. `value` is the entry as JSON; the columns beside it are what it is looked up by.
    private static let entries = """
        CREATE TABLE doses (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            participant_id INTEGER NOT NULL REFERENCES participants,
            night TEXT NOT NULL,
            instant INTEGER,
            value TEXT NOT NULL CHECK (json_valid(value))
        );
        CREATE INDEX doses_by_night ON doses (participant_id, night);
        CREATE TABLE dose_coverage (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            participant_id INTEGER NOT NULL REFERENCES participants,
            first_night TEXT NOT NULL,
            last_night TEXT NOT NULL,
            declared REAL NOT NULL
        );
        CREATE TABLE products (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            participant_id INTEGER NOT NULL REFERENCES participants,
            name TEXT NOT NULL,
            value TEXT NOT NULL CHECK (json_valid(value)),
            UNIQUE (participant_id, name)
        );
        CREATE TABLE plan_steps (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            participant_id INTEGER NOT NULL REFERENCES participants,
            first_night TEXT NOT NULL,
            value TEXT NOT NULL CHECK (json_valid(value)),
            UNIQUE (participant_id, first_night)
        );
        CREATE TABLE diary (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            participant_id INTEGER NOT NULL REFERENCES participants,
            night TEXT NOT NULL,
            value TEXT NOT NULL CHECK (json_valid(value)),
            UNIQUE (participant_id, night)
        );
        CREATE TABLE medicines (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            participant_id INTEGER NOT NULL REFERENCES participants,
            night TEXT NOT NULL,
            instant INTEGER,
            value TEXT NOT NULL CHECK (json_valid(value))
        );
        CREATE TABLE labs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            participant_id INTEGER NOT NULL REFERENCES participants,
            date TEXT NOT NULL,
            value TEXT NOT NULL CHECK (json_valid(value))
        );
        CREATE TABLE profiles (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            participant_id INTEGER NOT NULL UNIQUE REFERENCES participants,
            value TEXT NOT NULL CHECK (json_valid(value))
        );
        CREATE TABLE designs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            participant_id INTEGER NOT NULL REFERENCES participants,
            created REAL NOT NULL,
            value TEXT NOT NULL CHECK (json_valid(value))
        );
        """

    private static let log = """
        CREATE TABLE comparisons (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            participant_id INTEGER NOT NULL REFERENCES participants,
            shown REAL NOT NULL,
            what TEXT NOT NULL
        );
        CREATE TABLE changes (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            participant_id INTEGER NOT NULL REFERENCES participants,
            batch INTEGER NOT NULL,
            made REAL NOT NULL,
            deed TEXT NOT NULL,
            reason TEXT NOT NULL,
            table_name TEXT NOT NULL,
            row_id INTEGER NOT NULL,
            before TEXT,
            after TEXT,
            undone REAL
        );
        CREATE INDEX changes_by_batch ON changes (participant_id, batch);
        """
}
