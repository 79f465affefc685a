// SPDX-License-Identifier: GPL-3.0-or-later

extension NoticeBoard.Log {
    /// One for each pair of a medicine and magnesium that were closer together than a rule of the table asks.
    func spacingNotices() -> [Notice] {
        let table = ReferenceData.current.medicines
        let magnesium = timedMagnesium
        var notices: [Notice] = []
        for medicine in medicines where medicine.action == .taken {
            guard let group = table.classification(of: medicine), group.hasSpacing, let taken = medicine.time.instant
            else {
                continue
            }
            let before = Int((group.beforeHours ?? 0) * 3600)
            let after = Int((group.afterHours ?? 0) * 3600)
            // Magnesium too short a time before the medicine, too short a time after it, or at the same moment.
            let first = magnesium.partitioningIndex { $0.instant > taken - max(after, 1) }
            let last = magnesium.partitioningIndex { $0.instant >= taken + max(before, 1) }
            for dose in magnesium[first..<last] {
                notices.append(spacingNotice(medicine, group, dose.time, taken - dose.instant))
            }
        }
        return notices
    }

    /// What was counted of magnesium and when, the earliest first.
    private var timedMagnesium: [(instant: UTCInstant, time: DoseTime)] {
        doses.filter { $0.countedMg > 0 }.compactMap { dose in dose.instant.map { ($0, dose.time) } }.sorted {
            $0.0 < $1.0
        }
    }

    private func spacingNotice(_ medicine: Medicine, _ group: MedicineClass, _ magnesium: DoseTime, _ apart: Int)
        -> Notice
    {
        let name = medicine.name.prefix(1).uppercased() + medicine.name.dropFirst()
        let text = ReferenceData.current.text(apart == 0 ? "spacing.same-time" : "spacing.pair")
        var notice = text.notice(
            [
                "Medicine": name, "medicineTime": clockText(medicine.time), "magnesiumTime": clockText(magnesium),
                "interval": Elapsed.hours(seconds: abs(apart)), "direction": apart > 0 ? "after" : "before",
                "rule": rule(of: group),
            ], id: "spacing.\(group.id)", date: medicine.time.day)
        notice.source = group.source
        return notice
    }

    private func rule(of group: MedicineClass) -> String {
        FixedText.fill(
            group.rule ?? "",
            [
                "class": group.name, "before": NumberText.text(group.beforeHours ?? 0),
                "after": NumberText.text(group.afterHours ?? 0),
            ])
    }

    private func clockText(_ time: DoseTime) -> String { time.timeOfDay?.description ?? "" }

    /// What is said once about each class of medicines, and about medicines that the table does not have.
    func medicineNotices() -> [Notice] {
        let reference = ReferenceData.current
        var names: [MedicineClass: [Medicine]] = [:]
        var order: [MedicineClass] = []
        var unknown: [String] = []
        for medicine in medicines {
            guard let group = reference.medicines.classification(of: medicine) else {
                if !unknown.contains(where: { $0.lowercased() == medicine.name.lowercased() }) {
                    unknown.append(medicine.name)
                }
                continue
            }
            if names[group] == nil { order.append(group) }
            names[group, default: []].append(medicine)
        }
        var notices = order.flatMap { group in classNotices(group, names[group] ?? []) }
        if !unknown.isEmpty {
            notices.append(reference.text("medicine.unknown").notice(["medicines": unknown.joined(separator: ", ")]))
        }
        return notices
    }

    private func classNotices(_ group: MedicineClass, _ events: [Medicine]) -> [Notice] {
        let reference = ReferenceData.current
        guard events.contains(where: { $0.action != .stopped }) else { return [] }
        var names: [String] = []
        for event in events where !names.contains(where: { $0.lowercased() == event.name.lowercased() }) {
            names.append(names.isEmpty ? event.name.prefix(1).uppercased() + event.name.dropFirst() : event.name)
        }
        let values = ["medicines": names.joined(separator: ", "), "class": group.name, "rule": rule(of: group)]
        var notices: [Notice] = []
        if group.hasSpacing {
            let taken = events.filter { $0.action == .taken }
            let isTimeMissing =
                taken.isEmpty || taken.contains { $0.time.instant == nil }
                || doses.contains { $0.countedMg > 0 && $0.instant == nil }
            if isTimeMissing, doses.contains(where: { $0.countedMg > 0 }) {
                notices.append(
                    reference.text("medicine.spacing-without-time").notice(values, id: "medicine.\(group.id)"))
            }
        }
        if let id = group.text { notices.append(reference.text(id).notice(values, id: "medicine.\(group.id)")) }
        for index in notices.indices { notices[index].source = group.source }
        return notices
    }
}

/// Changes of medicines for restless legs inside a comparison's nights.
public struct Confounding: Hashable, Sendable {
    /// The changes in the order of time.
    public let notices: [Notice]

    /// The changes between the first and the last night of a comparison, from the list of medicines and from the diary.
    public init(medicines: [Medicine], diary: [DiaryNight], nights: ClosedRange<CivilDay>) {
        let reference = ReferenceData.current
        let text = reference.text("medicine.confounded")
        var notices: [Notice] = []
        for medicine in medicines where medicine.action != .taken && nights.contains(medicine.time.night) {
            guard reference.medicines.classification(of: medicine)?.isForRestlessLegs ?? false else { continue }
            notices.append(
                text.notice(
                    ["date": medicine.time.day.inWords, "medicine": "\(medicine.name) \(medicine.action.rawValue)"],
                    date: medicine.time.night))
        }
        for night in diary where night.rlsMedicineChanged == true && nights.contains(night.night) {
            guard !notices.contains(where: { $0.date == night.night }) else { continue }
            notices.append(
                text.notice(
                    ["date": night.night.inWords, "medicine": "a medicine for restless legs, by the diary"],
                    date: night.night))
        }
        self.notices = notices.sorted { ($0.date ?? nights.lowerBound) < ($1.date ?? nights.lowerBound) }
    }

    /// Whether the comparison is confounded, so that it has no sentence at its head.
    public var isConfounded: Bool { !notices.isEmpty }

    /// The nights on which a medicine that divides nights into phases was started, stopped or changed.
    public static func phaseBreaks(_ medicines: [Medicine]) -> [CivilDay] {
        medicines.filter { $0.action != .taken }
            .filter { ReferenceData.current.medicines.classification(of: $0)?.isPhaseBreak ?? false }
            .map(\.time.night).sorted()
    }
}

extension Array {
    /// The first place from which on every element fulfils a condition that only later elements do.
    fileprivate func partitioningIndex(_ belongsBehind: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if belongsBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
