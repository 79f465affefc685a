// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Nights

extension JournalComparison {
    /// The same object as from files, and one more member for what only a journal knows.
    var json: JSONValue {
        guard case .object(let members) = report.json else { return report.json }
        return .object(members + [.init("journal", journal)])
    }

    private var journal: JSONValue {
        .object([
            .init("source", .string(sourceName)), .init("rules", .string(rules)),
            .init("headline_suppressed", .bool(suppressesHeadline)),
            .init("confounded", .bool(!confounding.isEmpty)),
            .init("confounding", .array(confounding.map(NoticeText.json))),
            .init("notices", .array(notices.map(NoticeText.json))),
            .init(
                "left_out",
                .array(
                    leftOut.map {
                        .object([
                            .init("night", .string("\($0.night)")), .init("id", .string($0.id)),
                            .init("reason", .string($0.reason)),
                        ])
                    })),
            .init(
                "masked",
                .array(
                    masked.map { .object([.init("night", .string("\($0.night)")), .init("text", .string($0.text))]) })),
            .init(
                "remarks",
                .array(remarks.map { .object([.init("id", .string($0.id)), .init("text", .string($0.text))]) })),
        ])
    }

    private var sourceName: String {
        switch source {
        case .doseLog: "dose_log"
        case .file: "file"
        case .named: "named"
        case .plan(let number): "plan:\(number)"
        }
    }
}
