// SPDX-License-Identifier: GPL-3.0-or-later

/// What was understood of another program's export: shown before anything is kept, and the same when it is read again.
public struct DoseImport: Hashable, Sendable {
    /// Whose export it is.
    public var format: Format
    /// The doses.
    public var items: [Item] = []
    /// Days of food and supplements together, which no dose can be read from.
    public var intakes: [DailyIntake] = []
    /// Observations that are no doses, by night.
    public var observations: [Observation] = []
    /// Rows that the person has to map by hand, as they stand.
    public var unmapped: [Finding] = []
    /// Rows that were not read; their line is the row's number, or the record's.
    public var rejected: [Finding] = []
    /// What looks odd.
    public var warnings: [Finding] = []

    /// Whose export it is.
    public enum Format: String, Hashable, Sendable, CaseIterable {
        case appleHealth = "Apple Health"
        case cronometerServings = "Cronometer servings"
        case cronometerDaily = "Cronometer daily summary"
        case bearable = "Bearable"
        case mapped = "columns as mapped"
        case doseLog = "nattro dose log"
    }

    /// A dose of an export.
    public struct Item: Hashable, Sendable {
        /// The row or record.
        public var number: Int
        /// The app, the food, or the product that it came from, by which the person can say what it is.
        public var source: String
        /// The dose.
        public var dose: Dose
        /// What names this entry whenever the export is read again.
        public var key: String
        /// Whether nobody has said yet if this is food or a supplement. Until then it is kept as food, which is not counted.
        public var needsKind: Bool
    }

    /// A day's sum of food and supplements.
    public struct DailyIntake: Hashable, Sendable {
        /// The day.
        public var day: CivilDay
        /// Magnesium from everything; nil if not recorded.
        public var magnesiumMg: Double?
        /// Caffeine; nil if not recorded.
        public var caffeineMg: Double?
        /// Alcohol in grams; nil if not recorded.
        public var alcoholG: Double?
        /// What names this day whenever the export is read again.
        public var key: String
    }

    /// Something observed that is no dose: a symptom, a night's sleep, in the other program's words. Its scale is not known.
    public struct Observation: Hashable, Sendable {
        /// The row.
        public var number: Int
        /// The day.
        public var day: CivilDay
        /// When on that day, as written.
        public var timeOfDay: String
        /// `Symptom`, `Sleep`.
        public var category: String
        /// The rating as written.
        public var rating: String
        /// What it is.
        public var detail: String
        /// What names this row whenever the export is read again.
        public var key: String
    }

    /// What reading an export depends on.
    public struct Options: Sendable {
        /// The moment that counts as now.
        public var now: UTCInstant
        /// The clock of the person's home.
        public var clock: ZoneClock
        /// What the doses of each source are, as the person said.
        public var kinds: [String: Dose.Kind]
        /// The one source to read; nil for all.
        public var onlySource: String?
        /// Whether days count that were not marked complete.
        public var includesIncomplete: Bool
        /// Which column is which, for files of no known program: ours to theirs. A value that begins with `=` stands for every row.
        public var map: [String: String]
        /// What a weight without its own word weighs.
        public var defaultBasis: EnteredAmount.Basis?
        /// The order of day and month.
        public var dateOrder: DateOrder?
        /// Products whose pieces may be counted.
        public var products: [Product]

        /// Options by their parts.
        public init(
            now: UTCInstant, clock: ZoneClock, kinds: [String: Dose.Kind] = [:], onlySource: String? = nil,
            includesIncomplete: Bool = false, map: [String: String] = [:], defaultBasis: EnteredAmount.Basis? = nil,
            dateOrder: DateOrder? = nil, products: [Product] = []
        ) {
            self.now = now
            self.clock = clock
            self.kinds = kinds
            self.onlySource = onlySource
            self.includesIncomplete = includesIncomplete
            self.map = map
            self.defaultBasis = defaultBasis
            self.dateOrder = dateOrder
            self.products = products
        }
    }

    init(_ format: Format) {
        self.format = format
    }

    /// The sources and how many doses each has, the largest first.
    public var sources: [(name: String, count: Int)] {
        Dictionary(grouping: items, by: \.source).map { ($0.key, $0.value.count) }.sorted {
            ($1.1, $0.0) < ($0.1, $1.0)
        }
    }

    /// Adds an elemental amount of unknown form, as food trackers have it.
    mutating func add(
        mg: Double, at time: DoseTime, source: String, product: String = "", number: Int, key: String,
        entered: EnteredAmount,
        _ options: Options
    ) {
        guard options.onlySource.map({ $0 == source }) ?? true else { return }
        let kind = options.kinds[source] ?? options.kinds[product]
        let dose = Dose(
            time: time, amount: entered, form: "unknown", kind: kind ?? .food, elementalMg: mg, product: product,
            note: "")
        items.append(Item(number: number, source: source, dose: dose, key: key, needsKind: kind == nil))
    }

    /// Names doses of two sources that are likely one: the same amount within the hour.
    mutating func warnOfTwinsAcrossSources() {
        let reference = ReferenceData.current
        let within = reference.whole(.possibleDuplicateAcrossSourcesWithin) * 60
        let timed = items.compactMap { item in item.dose.instant.map { (instant: $0, item: item) } }.sorted {
            ($0.instant, $0.item.number) < ($1.instant, $1.item.number)
        }
        var oldest = 0
        for (place, later) in timed.enumerated() {
            while later.instant - timed[oldest].instant > within { oldest += 1 }
            let twin = timed[max(oldest, place - 100)..<place].last {
                $0.item.source != later.item.source && $0.item.dose.form == later.item.dose.form
                    && abs(($0.item.dose.elementalMg ?? -1) - (later.item.dose.elementalMg ?? -2)) < 1e-6
            }
            if let twin {
                warnings.append(
                    Finding(
                        line: later.item.number, column: 1, code: "W_POSSIBLE_DUPLICATE",
                        message:
                            "the same amount from '\(later.item.source)' as entry \(twin.item.number) from '\(twin.item.source)'",
                        hint: "read one of them with --source"))
            }
        }
    }
}
