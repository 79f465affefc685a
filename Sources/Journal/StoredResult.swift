// SPDX-License-Identifier: GPL-3.0-or-later
internal import GRDB
public import Nights
internal import Recordings

/// A night's result, with all that it takes to get the same one again.
public struct StoredResult: Hashable, Sendable {
    /// Its number in the journal; nil for one that is not kept yet.
    public internal(set) var id: Int?
    /// When it was made, in seconds since the Unix epoch.
    public var scored: Double
    /// Where it is from.
    public var provenance: Provenance
    /// The first sample, in seconds since the Unix epoch on the recording's local clock.
    public var start: Double
    /// Seconds from there to the end of the last sample.
    public var duration: Double
    /// The rest interval, on the same clock.
    public var rest: Range<Double>
    /// Where the rest interval is from: `given`, `estimated`, `whole_recording`.
    public var restSource: String
    /// The legs recorded: `L`, `R` or `LR`.
    public var legs: String
    /// The seconds of rest that were analysed.
    public var analysed: Double
    /// Periodic movements in them.
    public var periodicCount: Int
    /// Periodic movements per analysed hour of rest; nil where nothing was analysed.
    public var index: Double?
    /// The index's lowest and highest value as the size threshold goes from half to double.
    public var band: ClosedRange<Double>?
    /// All counts and indices, as `nattro score --json` words them.
    public var summary: String
    /// The movements and gaps, as `nattro score --tsv` has them.
    public var movements: [Movement]
    /// How small a movement the detector could see, by leg (`L`, `R`); empty in results of before this was kept.
    public var sensitivity: [String: Sensitivity]

    /// The noise floor and the threshold in effect on a leg: medians over the rest, in mg.
    public struct Sensitivity: Hashable, Sendable, Codable {
        /// The running floor of the envelope.
        public var floor: Double
        /// The envelope that began a burst.
        public var threshold: Double

        /// A sensitivity by its parts.
        public init(floor: Double, threshold: Double) {
            self.floor = floor
            self.threshold = threshold
        }
    }

    /// The threshold in effect of the leg where it was higher, in mg; nil where it is not known.
    public var effectiveThreshold: Double? { sensitivity.values.map(\.threshold).max() }
    /// The noise floor of the leg where it was higher, in mg; nil where it is not known.
    public var noiseFloor: Double? { sensitivity.values.map(\.floor).max() }

    /// What a result was made from, and by what.
    public struct Provenance: Hashable, Sendable {
        /// The program's version.
        public var programVersion: String
        /// The version of the scoring: within one, the same input gives the same number.
        public var scoringVersion: Int
        /// The profile of rules.
        public var rules: String
        /// The detector's numbers, as JSON.
        public var parameters: String
        /// The recordings by their digests and legs, as JSON.
        public var inputs: String
        /// When the light went out, on the recording's clock; nil where nobody told.
        public var lightsOut: Double?
        /// When the night ended, on the recording's clock; nil where nobody told.
        public var wakeUp: Double?
        /// The stretches declared to be no data, as JSON.
        public var masks: String

        /// A provenance.
        public init(
            programVersion: String, scoringVersion: Int, rules: String, parameters: String, inputs: String,
            lightsOut: Double?, wakeUp: Double?, masks: String
        ) {
            self.programVersion = programVersion
            self.scoringVersion = scoringVersion
            self.rules = rules
            self.parameters = parameters
            self.inputs = inputs
            self.lightsOut = lightsOut
            self.wakeUp = wakeUp
            self.masks = masks
        }

        /// The digest of the detector's numbers: nights are compared within one.
        public var parametersHash: String { SHA256.digest(of: parameters) }
        /// The digest of the recordings' digests.
        public var inputHash: String { SHA256.digest(of: inputs) }
    }

    /// A row of a night's table of movements; times in seconds from the night's first sample, the amplitude in g.
    public struct Movement: Hashable, Sendable {
        /// Where it begins.
        public var onset: Double
        /// How long it is.
        public var duration: Double
        /// `L`, `R`, or `B` for both.
        public var leg: String
        /// `LM`, `CLM`, `PLM`, `posture`, `gait`, `rhythmic`, `artefact`, `nonwear`, `gap`.
        public var type: String
        /// The largest displacement from the rest level.
        public var amplitude: Double?
        /// The number of its series.
        public var series: Int?
        /// Seconds since the onset of the candidate before.
        public var interval: Double?
        /// Whether it is in sleep.
        public var isSleep: Bool?

        /// A row.
        public init(
            onset: Double, duration: Double, leg: String, type: String, amplitude: Double? = nil, series: Int? = nil,
            interval: Double? = nil, isSleep: Bool? = nil
        ) {
            self.onset = onset
            self.duration = duration
            self.leg = leg
            self.type = type
            self.amplitude = amplitude
            self.series = series
            self.interval = interval
            self.isSleep = isSleep
        }
    }

    /// A result that is not kept yet.
    public init(
        scored: Double, provenance: Provenance, start: Double, duration: Double, rest: Range<Double>,
        restSource: String, legs: String, analysed: Double, periodicCount: Int, index: Double?,
        band: ClosedRange<Double>?, summary: String, movements: [Movement], sensitivity: [String: Sensitivity] = [:]
    ) {
        self.scored = scored
        self.provenance = provenance
        self.start = start
        self.duration = duration
        self.rest = rest
        self.restSource = restSource
        self.legs = legs
        self.analysed = analysed
        self.periodicCount = periodicCount
        self.index = index
        self.band = band
        self.summary = summary
        self.movements = movements
        self.sensitivity = sensitivity
    }

    /// The digest of all counts and indices.
    public var summaryHash: String { SHA256.digest(of: summary) }

    /// The least analysed rest, in seconds, of a night that counts in a comparison.
    public static let shortestUsable = 14_400.0

    /// Whether enough of the night was analysed to count in a comparison.
    public var isUsable: Bool { analysed >= Self.shortestUsable && index != nil }
}

extension StoredResult {
    init(_ row: Row, _ db: Database, withMovements: Bool) throws {
        let (restStart, restEnd): (Double, Double) = (row["rest_start"], row["rest_end"])
        let (lowest, highest): (Double?, Double?) = (row["lowest_index"], row["highest_index"])
        let number: Int64 = row["id"]
        self.init(
            scored: row["scored"],
            provenance: Provenance(
                programVersion: row["program_version"], scoringVersion: row["scoring_version"], rules: row["rules"],
                parameters: row["parameters"], inputs: row["inputs"], lightsOut: row["lights_out"],
                wakeUp: row["wake_up"], masks: row["masks"]),
            start: row["start_local"], duration: row["duration"], rest: restStart..<max(restStart, restEnd),
            restSource: row["rest_source"], legs: row["legs"], analysed: row["analysed"],
            periodicCount: row["periodic_count"], index: row["plm_index"],
            band: lowest.flatMap { low in highest.map { low...max(low, $0) } }, summary: row["summary"],
            movements: withMovements ? try Self.movements(number, db) : [],
            sensitivity: try (row["sensitivity"] as String?).map { try EntryJSON.value($0) } ?? [:])
        id = Int(number)
    }

    fileprivate static func movements(_ id: Int64, _ db: Database) throws -> [Movement] {
        try Row.fetchAll(db, sql: "SELECT * FROM movements WHERE result_id = ? ORDER BY id", arguments: [id]).map {
            Movement(
                onset: $0["onset"], duration: $0["duration"], leg: $0["leg"], type: $0["type"],
                amplitude: $0["amplitude"], series: $0["series"], interval: $0["interval"], isSleep: $0["sleep"])
        }
    }

    fileprivate var sensitivityText: String? {
        get throws { sensitivity.isEmpty ? nil : try EntryJSON.text(sensitivity) }
    }

    fileprivate func insert(_ night: Int64, _ db: Database) throws -> Int64 {
        let id = try StoredRow([
            "night_id": .init(night), "scored": .init(scored),
            "program_version": .init(provenance.programVersion),
            "scoring_version": .init(provenance.scoringVersion), "rules": .init(provenance.rules),
            "parameters": .init(provenance.parameters), "parameters_hash": .init(provenance.parametersHash),
            "inputs": .init(provenance.inputs), "input_hash": .init(provenance.inputHash),
            "lights_out": .init(provenance.lightsOut), "wake_up": .init(provenance.wakeUp),
            "masks": .init(provenance.masks), "start_local": .init(start), "duration": .init(duration),
            "rest_start": .init(rest.lowerBound), "rest_end": .init(rest.upperBound), "rest_source": .init(restSource),
            "legs": .init(legs), "analysed": .init(analysed), "periodic_count": .init(periodicCount),
            "plm_index": .init(index), "lowest_index": .init(band?.lowerBound),
            "highest_index": .init(band?.upperBound), "summary": .init(summary), "summary_hash": .init(summaryHash),
            "sensitivity": .init(try sensitivityText),
        ]).insert(into: "results", db)
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO movements (result_id, onset, duration, leg, type, amplitude, series, interval, sleep)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        for movement in movements {
            try statement.execute(arguments: [
                id, movement.onset, movement.duration, movement.leg, movement.type, movement.amplitude,
                movement.series, movement.interval, movement.isSleep,
            ])
        }
        return id
    }
}

extension JournalStore {
    /// Keeps a night's result; the ones before stay. One that is there already, with the same origin and the same
    /// numbers, is not kept twice.
    ///
    /// - Returns: the result as it is kept.
    @discardableResult
    public func keep(_ result: StoredResult, of date: CivilDay) throws(JournalError) -> StoredResult {
        try write { db in
            let night = try nightID(date, db)
            let last = try Row.fetchOne(
                db, sql: "SELECT * FROM results WHERE night_id = ? AND rules = ? ORDER BY id DESC LIMIT 1",
                arguments: [night, result.provenance.rules]
            ).map { try StoredResult($0, db, withMovements: false) }
            var kept = result
            if let last, last.provenance == result.provenance, last.summary == result.summary {
                kept.id = last.id
                kept.scored = last.scored
                if last.sensitivity.isEmpty, !result.sensitivity.isEmpty, let id = last.id {
                    // A result of before it was kept: it is the same result, of which more is known now.
                    try StoredRow(["sensitivity": .init(try result.sensitivityText)]).update(
                        Int64(id), of: "results", db)
                } else {
                    kept.sensitivity = last.sensitivity
                }
            } else {
                kept.id = Int(try result.insert(night, db))
            }
            return kept
        }
    }

    /// The results of a night, oldest first.
    public func results(
        of date: CivilDay, rules: String? = nil, withMovements: Bool = false
    ) throws(JournalError) -> [StoredResult] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT results.* FROM results JOIN nights ON nights.id = night_id
                    WHERE participant_id = ? AND date = ? AND (? IS NULL OR rules = ?) ORDER BY results.id
                    """,
                arguments: [participant.id, date.description, rules, rules]
            ).map { try StoredResult($0, db, withMovements: withMovements) }
        }
    }

    /// The movements of a result whose numbers are kept without them.
    public func movements(of result: StoredResult) throws(JournalError) -> [StoredResult.Movement] {
        guard let id = result.id else { return result.movements }
        return try read { db in try StoredResult.movements(Int64(id), db) }
    }

    // MARK: Counts at one threshold

    /// The periodic movements of a result's night scored at a fixed threshold, where that was done before.
    public func countAtFixedThreshold(_ threshold: Double, of result: StoredResult) throws(JournalError) -> Int? {
        try read { db in
            try Int.fetchOne(
                db, sql: "SELECT periodic_count FROM fixed_counts WHERE result_id = ? AND threshold = ?",
                arguments: [result.id, threshold])
        }
    }

    /// Keeps how many periodic movements a result's night has at a fixed threshold, in mg.
    public func keep(
        countAtFixedThreshold count: Int, _ threshold: Double, of result: StoredResult
    ) throws(JournalError) {
        guard let id = result.id else { return }
        try write { db in
            try db.execute(
                sql: """
                    INSERT INTO fixed_counts (result_id, threshold, periodic_count) VALUES (?, ?, ?)
                    ON CONFLICT (result_id, threshold) DO UPDATE SET periodic_count = excluded.periodic_count
                    """, arguments: [id, threshold, count])
        }
    }

    /// The latest result of each night under a profile, without movements.
    public func latestResults(rules: String) throws(JournalError) -> [CivilDay: StoredResult] {
        try read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT results.*, date FROM results JOIN nights ON nights.id = night_id
                    WHERE results.id IN (
                        SELECT max(results.id) FROM results JOIN nights ON nights.id = night_id
                        WHERE participant_id = ? AND rules = ? GROUP BY night_id)
                    """,
                arguments: [participant.id, rules])
            var results: [CivilDay: StoredResult] = [:]
            for row in rows {
                guard let date = CivilDay(row["date"] as String) else { continue }
                results[date] = try StoredResult(row, db, withMovements: false)
            }
            return results
        }
    }
}
