// SPDX-License-Identifier: GPL-3.0-or-later

/// A dose log as it was read from a file: the doses, what was assumed, and what was not read and why.
public struct DoseLog: Hashable, Sendable {
    /// The IANA name of the file's zone; nil where every entry has an offset.
    public var zone: String?
    /// The order of day and month in dates like `03/04/2026`, if the file says it.
    public var dateOrder: DateOrder?
    /// What a weight without its own word weighs, if the file says it.
    public var defaultBasis: EnteredAmount.Basis?
    /// The days from and to which the file says that it holds every dose; without them, a day without an entry is unknown, not zero.
    public var complete: ClosedRange<CivilDay>?
    /// The doses in the order of the file.
    public var entries: [Entry]
    /// The entries that were not read.
    public var rejected: [Finding]
    /// What was assumed about entries that were read, and what looks odd in them.
    public var warnings: [Finding]
    /// What the file says beside, kept word for word.
    public var extra: [ExtraField]

    /// A log of doses that come from no file.
    public init(
        zone: String?, doses: [Dose], complete: ClosedRange<CivilDay>? = nil, dateOrder: DateOrder? = nil,
        defaultBasis: EnteredAmount.Basis? = nil
    ) {
        self.zone = zone
        self.complete = complete
        self.dateOrder = dateOrder
        self.defaultBasis = defaultBasis
        entries = doses.enumerated().map { Entry(line: $0.offset + 1, column: 1, dose: $0.element) }
        rejected = []
        warnings = []
        extra = []
    }

    /// A dose and where it stood.
    public struct Entry: Hashable, Sendable {
        /// The line, counted from 1.
        public var line: Int
        /// The character of the line at which it began, counted from 1.
        public var column: Int
        /// The dose.
        public var dose: Dose
    }

    /// The doses in the order of the file.
    public var doses: [Dose] { entries.map(\.dose) }

    /// The share of entries that were not read.
    public var rejectedShare: Double {
        let all = entries.count + rejected.count
        return all == 0 ? 0 : Double(rejected.count) / Double(all)
    }

    /// Whether so many entries were rejected that an analysis needs the person's word for it.
    public var needsAcceptance: Bool { rejectedShare > ReferenceData.current[.rejectedShare] }

    /// The sum of what was taken as elemental without a word, and what it would be if those weights were of the compound; nil if there are none.
    public var assumedBasis: (doses: Int, elementalMg: Double, ifCompoundMg: Double?)? {
        let assumed = doses.filter {
            [.assumed, .fileDefault].contains($0.amount.basisOrigin) && $0.amount.basis == .elemental
        }
        guard !assumed.isEmpty else { return nil }
        let compounds = assumed.map { dose in
            ReferenceData.current.forms[dose.form]?.elementalFraction.map { $0 * (dose.elementalMg ?? 0) }
        }
        let known = compounds.compactMap(\.self)
        return (
            assumed.count, assumed.reduce(0) { $0 + ($1.elementalMg ?? 0) },
            known.count == compounds.count ? known.reduce(0, +) : nil
        )
    }

    /// What reading a log depends on beside the log.
    public struct Options: Sendable {
        /// The moment that counts as now: an entry more than a day ahead is a mistake.
        public var now: UTCInstant
        /// Whether a warning rejects an entry.
        public var isStrict: Bool
        /// Products whose pieces may be counted.
        public var products: [Product]
        /// When the person was in bed, by night.
        public var bedtimes: [CivilDay: Bedtime]

        /// Options by their parts.
        public init(
            now: UTCInstant, isStrict: Bool = false, products: [Product] = [], bedtimes: [CivilDay: Bedtime] = [:]
        ) {
            self.now = now
            self.isStrict = isStrict
            self.products = products
            self.bedtimes = bedtimes
        }
    }

    /// Reads a log, CSV or JSON. A bad entry costs itself; a file of which nothing can be trusted is refused.
    public init(reading bytes: [UInt8], options: Options) throws(RefusedFile) {
        let first = bytes.drop { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }.first
        let source = first == 0x7B ? try DoseSource(json: bytes) : try DoseSource(csv: bytes)
        self.init(zone: source.rules.zone?.name, doses: [])
        dateOrder = source.rules.dateOrder
        defaultBasis = source.rules.defaultBasis
        complete = source.complete
        extra = source.extra
        warnings = source.warnings
        var rules = source.rules
        rules.now = options.now
        rules.products = options.products
        var items: [DoseComparison.Item] = []
        for raw in source.doses {
            do {
                let (dose, found) = try rules.dose(from: raw)
                items.append(.init(entry: Entry(line: raw.line, column: raw.column, dose: dose), warnings: found))
            } catch {
                if error.code == DoseRules.zoneMissing { throw RefusedFile(error) }
                rejected.append(error)
            }
        }
        let comparison = DoseComparison(items, bedtimes: options.bedtimes)
        rejected += comparison.rejected
        for item in comparison.items {
            if options.isStrict, let reason = item.warnings.first {
                rejected.append(reason)
            } else {
                entries.append(item.entry)
                warnings += item.warnings
            }
        }
        warnings.sort { ($0.line, $0.column) < ($1.line, $1.column) }
        rejected.sort { ($0.line, $0.column) < ($1.line, $1.column) }
    }

    /// When a person was in bed.
    public struct Bedtime: Hashable, Sendable {
        /// When the lights went out.
        public var lightsOut: UTCInstant
        /// When the person woke up for the day; nil if not known.
        public var wakeUp: UTCInstant?

        /// A time in bed by its ends.
        public init(lightsOut: UTCInstant, wakeUp: UTCInstant? = nil) {
            self.lightsOut = lightsOut
            self.wakeUp = wakeUp
        }
    }
}
