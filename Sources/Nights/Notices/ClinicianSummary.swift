// SPDX-License-Identifier: GPL-3.0-or-later

/// One page for a clinician: what was taken, in which forms, what was felt, medicines, laboratory values and nights. It describes.
public struct ClinicianSummary: Hashable, Sendable {
    /// The parts of the page in their order.
    public let sections: [Section]
    /// The constant doses and what was logged in each.
    public let phases: [PhaseRecord]

    /// The heading of what is read before everything else.
    public static let firstTitle = "First"
    /// The heading of what is known from studies.
    public static let evidenceTitle = "What is known"

    /// A heading and its lines.
    public struct Section: Hashable, Sendable {
        /// The heading.
        public var title: String
        /// The lines.
        public var lines: [String]
    }

    /// What a sensor counted in a night.
    public struct CountedNight: Hashable, Sendable {
        /// The night.
        public var night: CivilDay
        /// Periodic limb movements an hour of the analysed rest; nil where the night cannot be used.
        public var plmPerHour: Double?

        /// A night by its count.
        public init(night: CivilDay, plmPerHour: Double?) {
            self.night = night
            self.plmPerHour = plmPerHour
        }
    }

    /// What was logged while the dose was the same.
    public struct PhaseRecord: Hashable, Sendable {
        /// The nights of one dose.
        public var phase: DosePhases.Phase
        /// Nights with digestive upset, of those that say whether there was any.
        public var upsetNights: Int
        /// Nights that say whether there was digestive upset.
        public var nightsAskedForUpset: Int
        /// The urges of the phase's nights.
        public var urges: [Int]
        /// The counts of the phase's usable nights.
        public var plmPerHour: [Double]
    }

    /// A page about a log and the nights beside it.
    public init(
        _ log: NoticeBoard.Log, complete: ClosedRange<CivilDay>? = nil, plan: [PlanStep] = [],
        nights: [CountedNight] = []
    ) {
        let board = NoticeBoard(log)
        let diary = Dictionary(log.diary.map { ($0.night, $0) }) { first, _ in first }
        let counts = Dictionary(nights.map { ($0.night, $0.plmPerHour) }) { first, _ in first }
        phases = DosePhases(log.doses, complete: complete).phases.map { phase in
            let diaries = phase.loggedNights.compactMap { diary[$0] }
            let upsets = diaries.compactMap(\.digestiveUpset)
            return PhaseRecord(
                phase: phase, upsetNights: upsets.filter { $0 > 0 }.count, nightsAskedForUpset: upsets.count,
                urges: diaries.compactMap(\.urge), plmPerHour: phase.loggedNights.compactMap { counts[$0] ?? nil })
        }
        let writer = SummaryWriter(log: log, complete: complete, plan: plan, nights: nights, phases: phases)
        let head = board.notices.filter { $0.severity <= .important }.map(SummaryWriter.line)
        let others = board.notices.filter { $0.severity > .important }.map(SummaryWriter.line)
        sections = [
            Section(title: Self.firstTitle, lines: head),
            Section(title: "Magnesium as logged", lines: writer.doseLines),
            Section(title: "Forms", lines: writer.formLines),
            Section(title: "Against your own plan", lines: writer.planLines),
            Section(title: "Effects logged", lines: writer.effectLines),
            Section(title: "Medicines", lines: writer.medicineLines),
            Section(title: "Laboratory values", lines: writer.labLines),
            Section(title: "Nights", lines: writer.nightLines),
            Section(title: "Beside published figures", lines: others),
            Section(title: Self.evidenceTitle, lines: writer.evidenceLines),
        ].filter { !$0.lines.isEmpty }
    }

    /// The page as text.
    public var text: String {
        sections.map { "\($0.title)\n" + $0.lines.map { "  \($0)\n" }.joined() }.joined(separator: "\n")
    }
}

extension ReferenceData {
    /// What is printed with every difference between nights: the studies, how strong they are, and this data's version.
    public var evidenceBlock: [String] {
        let studies = evidence.map { study in
            let people = study.participants.map { ", n = \($0)" } ?? ""
            let limits = study.limits.isEmpty ? "" : " (\(study.limits))"
            return
                "\(sources[study.source] ?? study.id) \(study.design)\(people); \(study.magnesium): \(study.outcome)\(limits)."
        }
        return [text("evidence.label").text] + studies + [
            text("evidence.mechanism").text, text("evidence.counts-are-not-the-urge").text,
            text("evidence.blinding").text,
            "Reference data \(version).",
        ]
    }

    /// What is printed with every difference between nights that were not randomised.
    public var causalDisclaimer: String { text("result.disclaimer").text }

    /// What is printed where there are too few nights for a comparison.
    public func tooFewNights(_ usable: Int) -> String {
        FixedText.fill(text("result.too-few").text, ["nights": "\(usable)", "least": "\(whole(.usableNightsLeast))"])
    }

    /// What a person reads before anything else.
    public var firstRunText: String { text("about.first-run").text }
}

/// Puts a log into lines.
private struct SummaryWriter {
    let log: NoticeBoard.Log
    let complete: ClosedRange<CivilDay>?
    let plan: [PlanStep]
    let nights: [ClinicianSummary.CountedNight]
    let phases: [ClinicianSummary.PhaseRecord]
    private var reference: ReferenceData { .current }

    static func line(_ notice: Notice) -> String { (notice.date.map { "\($0.inWords): " } ?? "") + notice.text }

    var doseLines: [String] {
        phases.map { record in
            let phase = record.phase
            let span =
                phase.nights.lowerBound == phase.nights.upperBound
                ? phase.nights.lowerBound.inWords
                : "\(phase.nights.lowerBound.inWords) to \(phase.nights.upperBound.inWords)"
            let forms = phase.forms.isEmpty ? "" : " (\(phase.forms.joined(separator: " + ")))"
            let step = phase.step.map { ", a step of \(NumberText.text($0)) mg" } ?? ""
            return
                "\(span): \(NumberText.text(phase.mg)) mg elemental a night\(forms), \(count(phase.loggedNights.count))\(step)"
        }
    }

    var formLines: [String] {
        let nightly = NightlyDoses(log.doses, complete: complete)
        var sums: [String: (nights: Int, mg: Double)] = [:]
        for night in nightly.knownNights {
            for (form, mg) in nightly.mgByForm(night) {
                sums[form] = (sums[form, default: (0, 0)].nights + 1, sums[form, default: (0, 0)].mg + mg)
            }
        }
        var lines = sums.sorted { $0.key < $1.key }.map { form, sum in
            "\(reference.forms[form]?.name ?? form): \(count(sum.nights)), \(DoseRules.tenths(sum.mg / Double(sum.nights))) mg elemental a night on average"
        }
        let topical = log.doses.filter { $0.route == .topical }
        if !topical.isEmpty { lines.append("on the skin: \(topical.count) entries, not counted in milligrams") }
        return lines
    }

    var planLines: [String] {
        DosePhases.differences(log.doses, from: plan, complete: complete).map { "\($0.night.inWords): \($0.text)" }
    }

    var effectLines: [String] {
        var lines = phases.filter { $0.nightsAskedForUpset > 0 }.map { record in
            "\(NumberText.text(record.phase.mg)) mg from \(record.phase.nights.lowerBound.inWords): digestive upset on \(record.upsetNights) of \(count(record.nightsAskedForUpset))"
        }
        let skin = log.diary.filter { $0.skin ?? 0 > 0 }.count
        if skin > 0 { lines.append("irritated skin on \(count(skin))") }
        lines += log.diary.filter { !$0.otherEffect.isEmpty }.map { "\($0.night.inWords): \($0.otherEffect)" }
        return lines
    }

    var medicineLines: [String] {
        let changes = log.medicines.filter { $0.action != .taken }.map {
            "\($0.time.day.inWords): \($0.name) \($0.action.rawValue)"
        }
        let taken = Dictionary(grouping: log.medicines.filter { $0.action == .taken }) { $0.name }
        return changes + taken.sorted { $0.key < $1.key }.map { "\($0.key): taken \($0.value.count) times as logged" }
    }

    var labLines: [String] {
        var lines = (log.profile?.labs ?? []).sorted { $0.date < $1.date }.map { lab in
            let assay = lab.assay.isEmpty ? "" : ", \(lab.assay)"
            let fasting = lab.isFastingIronFree.map { $0 ? ", fasting and without iron" : ", not fasting" } ?? ""
            return
                "\(lab.date.inWords): \(Self.names[lab.test] ?? lab.test.rawValue) \(NumberText.text(lab.value)) \(lab.unit)\(assay)\(fasting)"
        }
        if let egfr = log.profile?.kidney.egfr {
            lines.append(
                "eGFR \(NumberText.text(egfr)) mL/min/1.73 m²"
                    + (log.profile?.kidney.egfrDate.map { " (\($0.inWords))" } ?? ""))
        }
        return lines
    }

    private static let names: [LabResult.Test: String] = [
        .ferritin: "ferritin", .tsat: "transferrin saturation", .iron: "iron", .tibc: "iron-binding capacity",
        .serumMagnesium: "serum magnesium",
    ]

    var nightLines: [String] {
        let (least, comparison) = (reference.whole(.usableNightsLeast), reference.whole(.usableNightsComparison))
        var lines = phases.filter { !$0.plmPerHour.isEmpty || !$0.urges.isEmpty }.map { record in
            let name = "\(NumberText.text(record.phase.mg)) mg from \(record.phase.nights.lowerBound.inWords)"
            let usable = record.plmPerHour.count
            let counts: String
            if usable < least {
                counts = "not enough nights counted (\(usable))"
            } else {
                let early = usable < comparison ? ", an early look" : ""
                counts =
                    "median \(DoseRules.tenths(Self.median(record.plmPerHour))) PLM per hour of rest, \(count(usable))\(early)"
            }
            let urge =
                record.urges.isEmpty
                ? ""
                : "; urge, unblinded: median \(DoseRules.tenths(Self.median(record.urges.map(Double.init)))), \(count(record.urges.count))"
            return "\(name): \(counts)\(urge)"
        }
        if !lines.isEmpty { lines.append(reference.causalDisclaimer) }
        return lines
    }

    var evidenceLines: [String] { reference.evidenceBlock }

    private func count(_ nights: Int) -> String { nights == 1 ? "1 night" : "\(nights) nights" }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}
