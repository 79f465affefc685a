// SPDX-License-Identifier: GPL-3.0-or-later

/// What published figures and rules say beside a person's log: fixed texts in a fixed order, what matters most first.
public struct NoticeBoard: Hashable, Sendable {
    /// The notices in the order in which they are printed.
    public let notices: [Notice]

    /// What the notices are about.
    public struct Log: Sendable {
        /// The doses.
        public var doses: [Dose]
        /// The medicines.
        public var medicines: [Medicine]
        /// The diary.
        public var diary: [DiaryNight]
        /// The profile; nil if there is none.
        public var profile: Profile?
        /// The clock of the person's home.
        public var clock: ZoneClock?
        /// Today.
        public var today: CivilDay

        /// A log by its parts.
        public init(
            doses: [Dose], medicines: [Medicine] = [], diary: [DiaryNight] = [], profile: Profile? = nil,
            clock: ZoneClock? = nil, today: CivilDay
        ) {
            self.doses = doses
            self.medicines = medicines
            self.diary = diary
            self.profile = profile
            self.clock = clock
            self.today = today
        }
    }

    /// The notices about a log.
    public init(_ log: Log) {
        let all =
            log.redFlagNotices() + log.kidneyNotices() + log.limitNotices() + log.spacingNotices()
            + log.medicineNotices()
            + log.ironNotices() + log.evidenceNotices()
        // The kinds above are in the order that holds within one severity.
        notices = all.enumerated().sorted { ($0.element.severity, $0.offset) < ($1.element.severity, $1.offset) }.map(
            \.element)
    }

    /// Whether a report may not have a sentence about a difference at its head: a sign that needs care, or the kidneys, come first.
    public var suppressesHeadline: Bool {
        notices.contains { $0.severity == .urgent || ($0.id.hasPrefix("kidney.") && $0.severity < .info) }
    }
}

extension FixedText {
    /// The text as a notice, with the values that its braces name.
    func notice(_ values: [String: String] = [:], id: String? = nil, date: CivilDay? = nil) -> Notice {
        Notice(id: id ?? self.id, severity: severity, text: Self.fill(text, values), source: source, date: date)
    }

    static func fill(_ text: String, _ values: [String: String]) -> String {
        values.reduce(text) { $0.replacing("{\($1.key)}", with: $1.value) }
    }
}

extension NoticeBoard.Log {
    private var reference: ReferenceData { .current }

    private var isUnderAge: Bool { profile.map { reference.isUnderAge($0, inYear: today.year) } ?? false }

    // MARK: Limits

    /// One for each day on which the supplements of a night, or of a calendar day, add up to more than a published upper level.
    fileprivate func limitNotices() -> [Notice] {
        guard !isUnderAge else { return [] }
        let region = profile?.limitsRegion ?? .both
        let levels = reference.limits.filter { region == .both || $0.region == region }
        guard let lowest = levels.map(\.mgPerDay).min() else { return [] }
        let counted = doses.indices.filter { doses[$0].countedMg > 0 }
        let nights = Dictionary(grouping: counted) { doses[$0].night }
        let days = Dictionary(grouping: counted) { doses[$0].time.day }
        func total(_ group: [Int]?) -> Double { DoseRules.tidy((group ?? []).reduce(0) { $0 + doses[$1].countedMg }) }
        var notices: [Notice] = []
        var shown: Set<[Int]> = []
        for day in Set(nights.keys).union(days.keys).sorted() {
            let (night, calendar) = (nights[day] ?? [], days[day] ?? [])
            // A night and a calendar day of the same doses are one excess, not two.
            let groups = [night, calendar].filter { total($0) > lowest && shown.insert($0).inserted }
            guard let most = groups.map({ total($0) }).max() else { continue }
            var values = ["day": day.dayAndMonth, "mg": NumberText.text((most * 10).rounded() / 10)]
            for level in levels { values[level.region.rawValue] = NumberText.text(level.mgPerDay) }
            notices.append(reference.text("limit.\(region.rawValue)").notice(values, date: day))
        }
        return notices
    }

    // MARK: Kidneys

    fileprivate func kidneyNotices() -> [Notice] {
        let kidney = profile?.kidney ?? Profile.Kidney()
        let bands = reference.kidney
        func band(_ id: String) -> KidneyBand? { bands.first { $0.id == "kidney.\(id)" } }
        let found: KidneyBand?
        if kidney.dialysis == .yes {
            found = band("dialysis")
        } else if let egfr = kidney.egfr, let byRate = bands.first(where: { egfr < $0.below ?? -1 }) {
            found = byRate
        } else if kidney.condition == .yes {
            found = band("condition")
        } else if kidney.egfr == nil && kidney.condition == .unknown {
            found = band("unknown")
        } else {
            found = nil
        }
        guard let found else { return [] }
        let date = kidney.egfrDate
        var text = FixedText.fill(
            found.text,
            [
                "egfr": kidney.egfr.map(NumberText.text) ?? "", "date": date?.shortInWords ?? "date not entered",
            ])
        if let date, found.below != nil, date.adding(months: reference.whole(.egfrOldAfter)) < today {
            text +=
                " "
                + FixedText.fill(
                    reference.text("kidney.old-value").text, ["months": "\(reference.whole(.egfrOldAfter))"])
        }
        return [Notice(id: found.id, severity: found.severity, text: text, source: found.source)]
    }

    // MARK: Signs that need care

    /// One for each night with a sign of the list and magnesium in the hours before it.
    fileprivate func redFlagNotices() -> [Notice] {
        diary.filter { !$0.redFlags.isEmpty }.sorted { $0.night < $1.night }.compactMap { night in
            let signs = night.redFlags.compactMap { reference.redFlag($0)?.text }
            guard !signs.isEmpty, hasMagnesium(before: night) else { return nil }
            var unique: [String] = []
            for sign in signs where !unique.contains(sign) { unique.append(sign) }
            let list =
                unique.count < 2
                ? unique.joined() : "\(unique.dropLast().joined(separator: ", ")) and \(unique[unique.count - 1])"
            return reference.text("redflag.signs").notice(["signs": list], date: night.night)
        }
    }

    /// Whether magnesium was taken in the hours before some moment of a night. Where times are not known, the night's whole day counts.
    private func hasMagnesium(before night: DiaryNight) -> Bool {
        let hours = reference.whole(.redFlagWithin)
        let bedtime = clock.flatMap { night.bedtime($0) }
        let first = bedtime?.lightsOut ?? clock?.moment(night.night, .noon)
        let last = bedtime?.wakeUp ?? clock?.moment(night.night + 1, .noon)
        return doses.contains { dose in
            guard !dose.isZero, dose.kind != .food else { return false }
            if let instant = dose.instant, let first, let last {
                return instant >= first - hours * 3600 && instant <= last
            }
            return dose.night >= night.night - (hours + 23) / 24 && dose.night <= night.night
        }
    }

    // MARK: Iron

    fileprivate func ironNotices() -> [Notice] {
        guard !isUnderAge else { return [] }
        let labs = profile?.labs ?? []
        func latest(_ test: LabResult.Test) -> LabResult? { labs.filter { $0.test == test }.max { $0.date < $1.date } }
        let ferritin = latest(.ferritin)
        let saturation = latest(.tsat) ?? latest(.iron).flatMap { self.saturation(of: $0, labs) }
        guard ferritin != nil || saturation != nil else {
            return reference.labs.filter { $0.test == nil }.map {
                Notice(id: $0.id, severity: $0.severity, text: $0.text, source: $0.source)
            }
        }
        return [ferritin, saturation].compactMap(\.self).compactMap { lab in
            guard let value = lab.canonicalValue,
                let band = reference.labs.first(where: { $0.test == lab.test && $0.contains(value) })
            else { return nil }
            let values = [
                "date": lab.date.inWords, "value": NumberText.text((lab.value * 10).rounded() / 10), "unit": lab.unit,
            ]
            return Notice(
                id: band.id, severity: band.severity, text: FixedText.fill(band.text, values), source: band.source,
                date: lab.date)
        }
    }

    /// The transferrin saturation from iron and iron-binding capacity of one day and one unit.
    private func saturation(of iron: LabResult, _ labs: [LabResult]) -> LabResult? {
        guard
            let capacity = labs.first(where: {
                $0.test == .tibc && $0.date == iron.date && $0.unit.lowercased() == iron.unit.lowercased()
                    && $0.value > 0
            })
        else { return nil }
        return LabResult(date: iron.date, test: .tsat, value: 100 * iron.value / capacity.value, unit: "%")
    }

    // MARK: What is known, and what the diary shows

    fileprivate func evidenceNotices() -> [Notice] {
        var notices: [Notice] = []
        if isUnderAge {
            notices.append(reference.text("evidence.under-18").notice())
        } else if let profile, let allowance = reference.allowance(for: profile, inYear: today.year) {
            notices.append(reference.text("evidence.allowance").notice(["rda": NumberText.text(allowance)]))
        }
        notices += digestiveNotice() + patternNotice()
        if doses.contains(where: { $0.route == .topical }) {
            notices.append(reference.text("evidence.topical").notice())
        }
        notices += DosePhases(doses).formChangeNotice()
        if profile?.labs.contains(where: { $0.test == .serumMagnesium }) ?? false {
            notices.append(reference.text("evidence.serum").notice())
        }
        return notices
    }

    private func digestiveNotice() -> [Notice] {
        let last = diary.filter { $0.stool != nil }.sorted { $0.night < $1.night }.suffix(
            reference.whole(.digestiveNights))
        let loose = last.filter { $0.stool == .loose || $0.stool == .watery }.count
        guard loose >= reference.whole(.digestiveLooseNights) else { return [] }
        return [
            reference.text("evidence.digestive").notice(
                ["count": "\(loose)", "nights": "\(last.count)"], date: last.last?.night)
        ]
    }

    /// Said once where most answers about rest, evening and movement are not those that describe restless legs.
    private func patternNotice() -> [Notice] {
        guard diary.count >= reference.whole(.patternNights) else { return [] }
        func isMostly(_ answers: [Bool]) -> Bool { 2 * answers.filter(\.self).count > answers.count }
        let differs =
            isMostly(diary.compactMap { $0.worseAtRest.map { $0 == .no } })
            || isMostly(diary.compactMap { $0.reliefByMovement.map { $0 == .no } })
            || isMostly(diary.compactMap(\.isSymptomByDayOnly))
        return differs ? [reference.text("evidence.pattern-differs").notice()] : []
    }
}

extension DiaryNight {
    /// Whether the urge first appeared by day, not in the evening or the night; nil where that is not known.
    fileprivate var isSymptomByDayOnly: Bool? {
        guard case .at(let time) = firstSymptom else { return nil }
        let reference = ReferenceData.current
        let day = reference.whole(.dayFromHour) * 3600..<reference.whole(.eveningFromHour) * 3600
        return day.contains(time.seconds)
    }
}

extension CivilDay {
    /// `8 March`.
    var dayAndMonth: String { "\(day) \(MonthName.all[month - 1])" }

    /// `2 Jan 2026`.
    var shortInWords: String { "\(day) \(MonthName.all[month - 1].prefix(3)) \(year)" }

    /// The same day that many months later, or the last of that month.
    func adding(months: Int) -> CivilDay {
        let (monthsSince, number) = (year * 12 + month - 1 + months, day)
        for earlier in 0..<4 {
            if let found = CivilDay(year: monthsSince / 12, month: monthsSince % 12 + 1, day: number - earlier) {
                return found
            }
        }
        return self
    }
}
