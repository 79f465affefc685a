// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Nights

extension JournalComparison {
    /// One page for a person: what matters more than any difference first, then the comparison, then what is behind it.
    var text: String {
        var parts = noticeParts(upTo: .notice)
        if !confounding.isEmpty { parts.append(confounding.map(\.text).joined(separator: "\n")) }
        if suppressesHeadline {
            parts.append("What stands above comes first; the nights are only described.")
        }
        parts.append(report.text(leftOut: leftOut.map { "\($0.night): \($0.reason)" }))
        var behind = [phasesLine] + remarks.map { "- \($0.text)" }
        if !masked.isEmpty {
            behind += ["Stretches counted as gaps:"] + masked.map { "  \($0.night), \($0.text)" }
        }
        parts.append(behind.joined(separator: "\n"))
        let info = notices.filter { $0.severity == .info }
        if !info.isEmpty { parts.append(NoticeText.grouped(info).joined(separator: "\n")) }
        return parts.map { $0.last == "\n" ? String($0.dropLast()) : $0 }.joined(separator: "\n\n") + "\n"
    }

    /// The notices as paragraphs, what is urgent alone on top.
    private func noticeParts(upTo least: Notice.Severity) -> [String] { NoticeText.paragraphs(notices, upTo: least) }

    /// Where the phases are from, and over which nights.
    private var phasesLine: String {
        let plan = design.design
        func stretch(_ active: Bool) -> String {
            let nights = plan.condition.indices.filter { plan.condition[$0] == active }
            guard let first = nights.first, let last = nights.last else { return "none" }
            return "\(plan.first + first) to \(plan.first + last)"
        }
        let origin =
            switch source {
            case .doseLog: "Phases by the dose log"
            case .file: "Phases by the design that was named"
            case .named: "Phases as named"
            case .plan(let number): "Phases by plan \(number) of the journal, kept before"
            }
        guard !plan.comparesDoses else { return "\(origin), \(plan.span.lowerBound) to \(plan.span.upperBound)." }
        return "\(origin): without \(stretch(false)), with magnesium \(stretch(true)); transition "
            + "\(Shown.nights(plan.transition ?? 0)). Rules \(rules)."
    }
}

/// Notices as lines.
enum NoticeText {
    /// Those down to a severity as paragraphs: what is urgent alone on top, then the others in their order.
    static func paragraphs(_ notices: [Notice], upTo least: Notice.Severity) -> [String] {
        let urgent = notices.filter { $0.severity == .urgent }
        let others = notices.filter { $0.severity > .urgent && $0.severity <= least }
        return [urgent.map(line), grouped(others)].filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }
    }

    /// A line for each kind of notice: the latest of it, and how many more there are.
    static func grouped(_ notices: [Notice]) -> [String] {
        var order: [String] = []
        var byKind: [String: [Notice]] = [:]
        for notice in notices {
            if byKind[notice.id] == nil { order.append(notice.id) }
            byKind[notice.id, default: []].append(notice)
        }
        return order.compactMap { id in
            guard let own = byKind[id], let last = own.last else { return nil }
            let more = own.count > 1 ? " (and \(own.count - 1) more like it)" : ""
            return line(last) + more
        }
    }

    static func line(_ notice: Notice) -> String {
        "[\(notice.severity.rawValue)] \(notice.date.map { "\($0): " } ?? "")\(notice.text)"
    }

    static func json(_ notice: Notice) -> JSONValue {
        .object([
            .init("id", .string(notice.id)), .init("severity", .string(notice.severity.rawValue)),
            .init("text", .string(notice.text)), .init("source", .string(notice.source)),
            .init("date", JSONValue(notice.date?.description)),
        ])
    }
}
