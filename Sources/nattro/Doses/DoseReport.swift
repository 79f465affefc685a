// SPDX-License-Identifier: GPL-3.0-or-later
import Nights

/// What `dose check` says: how each entry was understood, what was not read, and what published figures say beside it.
struct DoseReport {
    let file: String
    var log = DoseLog(zone: nil, doses: [])
    var products: [Product] = []
    var profile: Profile?
    var medicines: [Medicine] = []
    var diary: [DiaryNight] = []
    var plan: [PlanStep] = []
    var board = NoticeBoard(.init(doses: [], today: CivilDay(daysSince1970: 0)))
    /// What could not be read in the files beside the log.
    var rejectedElsewhere: [(file: String, finding: Finding)] = []

    init(file: String) {
        self.file = file
    }

    static let schema = "nattro.dose-check/1"

    var isIncomplete: Bool { !log.rejected.isEmpty || !rejectedElsewhere.isEmpty }

    /// One line for each entry or cell that was not read.
    var complaints: [String] {
        var lines = log.rejected.map { $0.text(file: file) }
        lines += rejectedElsewhere.map { $0.finding.text(file: $0.file) }
        if log.needsAcceptance {
            lines.append(
                "\(file): \(log.rejected.count) of \(log.rejected.count + log.entries.count) entries rejected; an analysis will ask for --accept-rejects"
            )
        }
        return lines
    }

    // MARK: JSON

    var json: JSONValue {
        .object([
            .init("schema", .string(Self.schema)),
            .init("reference", .string(ReferenceData.current.version)),
            .init("doses", .array(log.entries.map(Self.json))),
            .init("rejected", .array(log.rejected.map(Self.rejection))),
            .init("warnings", .array(log.warnings.map(Self.warning))),
            .init("notices", .array(board.notices.map(Self.json))),
            .init("nights", .array(nightTotals)),
            .init("phases", .array(DosePhases(log.doses, complete: log.complete).phases.map(Self.json))),
            .init("planDifferences", .array(planDifferences.map(Self.json))),
            .init("assumedBasis", assumedBasis),
            .init(
                "rejectedElsewhere",
                .array(
                    rejectedElsewhere.map { file, finding in
                        guard case .object(let members) = Self.rejection(finding) else { return .null }
                        return .object([.init("file", .string(file))] + members)
                    })),
        ])
    }

    /// The answer about a file that was refused whole.
    static func refusal(_ finding: Finding) -> JSONValue {
        .object([
            .init("schema", .string(schema)), .init("doses", .array([])),
            .init("rejected", .array([rejection(finding)])),
            .init("warnings", .array([])), .init("notices", .array([])),
        ])
    }

    private static func json(_ entry: DoseLog.Entry) -> JSONValue {
        let dose = entry.dose
        let range = dose.elementalMgRange.map { JSONValue.array([.number($0.lowerBound), .number($0.upperBound)]) }
        return .object([
            .init("line", .integer(entry.line)),
            .init("instant", JSONValue(dose.instant?.description)),
            .init("night", .string(dose.night.description)),
            .init("elementalMg", JSONValue(dose.elementalMg)),
            .init("elementalMgRange", range ?? .null),
            .init("form", .string(dose.form)),
            .init("route", .string(dose.route.rawValue)),
            .init("kind", .string(dose.kind.rawValue)),
            .init("counted", .bool(dose.route == .oral && dose.kind != .food)),
            .init("date", .string(dose.time.day.description)),
            .init("time", JSONValue(dose.time.timeOfDay?.description)),
            .init("zone", JSONValue(dose.time.zone)),
            .init("amount", .number(dose.amount.value)),
            .init("unit", .string(dose.amount.unit.name)),
            .init("basis", JSONValue(dose.amount.basis?.rawValue)),
            .init("basisOrigin", .string(dose.amount.basisOrigin.rawValue)),
            .init("formEntered", .string(dose.formEntered)),
            .init("product", .string(dose.product)),
            .init("withFood", JSONValue(dose.withFood)),
            .init("id", .string(dose.id)),
            .init("note", .string(dose.note)),
        ])
    }

    static func rejection(_ finding: Finding) -> JSONValue {
        .object([
            .init("line", .integer(finding.line)), .init("column", .integer(finding.column)),
            .init("code", .string(finding.code)), .init("message", .string(finding.message)),
            .init("hint", .string(finding.hint)),
        ])
    }

    static func warning(_ finding: Finding) -> JSONValue {
        .object([
            .init("line", .integer(finding.line)), .init("column", .integer(finding.column)),
            .init("code", .string(finding.code)),
            .init("message", .string(finding.message + (finding.hint.isEmpty ? "" : "; \(finding.hint)"))),
        ])
    }

    private static func json(_ notice: Notice) -> JSONValue {
        .object([
            .init("id", .string(notice.id)), .init("severity", .string(notice.severity.rawValue)),
            .init("text", .string(notice.text)), .init("source", .string(notice.source)),
            .init("date", JSONValue(notice.date?.description)),
        ])
    }

    private static func json(_ phase: DosePhases.Phase) -> JSONValue {
        .object([
            .init("first", .string(phase.nights.lowerBound.description)),
            .init("last", .string(phase.nights.upperBound.description)),
            .init("nights", .integer(phase.loggedNights.count)), .init("elementalMg", .number(phase.mg)),
            .init("forms", .array(phase.forms.map { .string($0) })), .init("step", JSONValue(phase.step)),
        ])
    }

    private static func json(_ difference: PlanDifference) -> JSONValue {
        .object([
            .init("night", .string(difference.night.description)), .init("loggedMg", .number(difference.loggedMg)),
            .init("plannedMg", .number(difference.plannedMg)), .init("text", .string(difference.text)),
        ])
    }

    private var planDifferences: [PlanDifference] {
        DosePhases.differences(log.doses, from: plan, complete: log.complete)
    }

    private var nightTotals: [JSONValue] {
        let nightly = NightlyDoses(log.doses, complete: log.complete)
        return nightly.knownNights.map { night in
            .object([
                .init("night", .string(night.description)), .init("elementalMg", JSONValue(nightly.mg(night))),
                .init(
                    "byForm",
                    .object(nightly.mgByForm(night).sorted { $0.key < $1.key }.map { .init($0.key, .number($0.value)) })
                ),
            ])
        }
    }

    private var assumedBasis: JSONValue {
        guard let assumed = log.assumedBasis else { return .null }
        return .object([
            .init("doses", .integer(assumed.doses)), .init("elementalMg", .number(assumed.elementalMg)),
            .init("ifCompoundMg", JSONValue(assumed.ifCompoundMg)),
        ])
    }

    // MARK: Text

    var text: String {
        // What is urgent stands alone on top.
        var parts: [String] = []
        let urgent = board.notices.filter { $0.severity == .urgent }
        if !urgent.isEmpty { parts.append(urgent.map(Self.line).joined(separator: "\n")) }
        parts.append(summary)
        if !log.entries.isEmpty { parts.append(log.entries.map(Self.line).joined(separator: "\n")) }
        if !log.warnings.isEmpty {
            parts.append(log.warnings.map { $0.text(file: file) }.joined(separator: "\n"))
        }
        let differences = planDifferences
        if !differences.isEmpty {
            parts.append(differences.map { "\($0.night)  \($0.text)" }.joined(separator: "\n"))
        }
        let others = Self.grouped(board.notices.filter { $0.severity != .urgent })
        if !others.isEmpty { parts.append(others.joined(separator: "\n")) }
        parts.append("Published figures: nattro's reference data \(ReferenceData.current.version).")
        return parts.joined(separator: "\n\n") + "\n"
    }

    private var summary: String {
        var text = "\(log.entries.count) entries read, \(log.rejected.count) rejected"
        if let assumed = log.assumedBasis {
            text +=
                "\nwithout a word of its own: \(assumed.doses) entries, \(Self.tenth(assumed.elementalMg)) mg taken as elemental"
            if let compound = assumed.ifCompoundMg {
                text += " (if these were compound weights: \(Self.tenth(compound)) mg)"
            }
        }
        return text
    }

    private static func line(_ entry: DoseLog.Entry) -> String {
        let dose = entry.dose
        let amount: String
        if let mg = dose.elementalMg {
            let compound = "\(tenth(dose.amount.value)) \(dose.amount.unit.name) compound = "
            amount = (dose.amount.basis == .compound ? compound : "") + "\(tenth(mg)) mg elemental"
        } else {
            amount = "\(tenth(dose.amount.value)) \(dose.amount.unit.name) on the skin, not counted"
        }
        let time = dose.time.timeOfDay?.description ?? "--:--"
        return "line \(entry.line)  \(dose.time.day) \(time)  night of \(dose.night)  \(amount)  \(dose.form)"
    }

    /// Notices as lines; the same text on many days is said once.
    private static func grouped(_ notices: [Notice]) -> [String] {
        var lines: [String] = []
        var seen: [String: Int] = [:]
        var more: [Int: Int] = [:]
        for notice in notices {
            let isDaily = notice.id.hasPrefix("limit.")
            if isDaily, let index = seen[notice.id] {
                more[index, default: 0] += 1
                continue
            }
            if isDaily { seen[notice.id] = lines.count }
            lines.append(line(notice))
        }
        for (index, count) in more { lines[index] += " (and on \(count) more \(count == 1 ? "day" : "days"))" }
        return lines
    }

    private static func line(_ notice: Notice) -> String {
        let date = notice.date.map { "\($0): " } ?? ""
        return "[\(notice.severity.rawValue)] \(date)\(notice.text)"
    }

    private static func tenth(_ value: Double) -> String {
        let rounded = (value * 10).rounded() / 10
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? String(Int(rounded)) : String(rounded)
    }
}
