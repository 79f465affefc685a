// SPDX-License-Identifier: GPL-3.0-or-later
import Nights

/// What was understood of another program's export.
struct ImportReport {
    let file: String
    let found: ImportedDoses
    /// All records of the export, where they were counted.
    let records: Int?
    /// How many doses the journal does not have yet.
    let new: Int
    /// How many pages of the diary get something new.
    var pages = 0

    /// How many doses are shown before anything is kept.
    private static let shown = 5

    /// One line for each row that was not read, that looks odd, or that the person has to map.
    var complaints: [String] {
        var lines = (found.rejected + found.warnings + found.unmapped).map { $0.text(file: file) }
        let undecided = Dictionary(grouping: found.items.filter(\.needsKind), by: \.source).sorted { $0.key < $1.key }
        for (source, items) in undecided {
            lines.append(
                "\(items.count) doses from '\(source)' are taken as food, which is not counted; if they are supplements: --kind '\(source)=supplement'"
            )
        }
        if !found.intakes.isEmpty {
            lines.append(
                "\(found.intakes.count) days of food and supplements together: no dose can be read from them; they go to the diary"
            )
        }
        if !found.observations.isEmpty {
            lines.append(
                "\(found.observations.count) symptoms and nights are shown; their scale is not in the file; they go to the diary in their own words"
            )
        }
        return lines
    }

    func text(isDryRun: Bool) -> String {
        var lines = ["\(found.format.rawValue)" + (records.map { ", \($0) records" } ?? "")]
        lines += found.items.prefix(Self.shown).map { item in
            "  \(DoseText.short(item.dose)), night of \(item.dose.night), \(item.dose.kind.rawValue), from '\(item.source)'"
        }
        if found.items.count > Self.shown { lines.append("  and \(found.items.count - Self.shown) more") }
        lines += found.intakes.prefix(Self.shown).map { intake in
            "  \(intake.day): "
                + (intake.magnesiumMg.map { "\(DoseText.milligrams($0)) mg from everything" } ?? "not recorded")
        }
        lines += found.observations.prefix(Self.shown).map {
            "  \($0.day) \($0.timeOfDay): \($0.category) \($0.detail) \($0.rating)"
        }
        lines.append(
            "\(file): \(found.items.count) doses read, \(new) new, \(found.rejected.count) rows rejected"
                + (pages > 0 ? "; \(pages) diary pages" : "")
                + (isDryRun ? "; nothing was kept" : ""))
        return lines.joined(separator: "\n") + "\n"
    }

    var json: JSONValue {
        .object([
            .init("schema", .string("nattro.dose-import/1")),
            .init("format", .string(found.format.rawValue)),
            .init("records", JSONValue(records)),
            .init("new", .integer(new)), .init("diary_pages", .integer(pages)),
            .init(
                "doses",
                .array(
                    found.items.map { item in
                        .object([
                            .init("number", .integer(item.number)), .init("source", .string(item.source)),
                            .init("instant", JSONValue(item.dose.instant?.description)),
                            .init("night", .string(item.dose.night.description)),
                            .init("elementalMg", JSONValue(item.dose.elementalMg)),
                            .init("kind", .string(item.dose.kind.rawValue)), .init("needsKind", .bool(item.needsKind)),
                            .init("key", .string(item.key)),
                        ])
                    })),
            .init(
                "intakes",
                .array(
                    found.intakes.map { intake in
                        .object([
                            .init("day", .string(intake.day.description)),
                            .init("magnesiumMg", JSONValue(intake.magnesiumMg)),
                            .init("caffeineMg", JSONValue(intake.caffeineMg)),
                            .init("alcoholG", JSONValue(intake.alcoholG)),
                        ])
                    })),
            .init(
                "observations",
                .array(
                    found.observations.map { seen in
                        .object([
                            .init("row", .integer(seen.number)), .init("day", .string(seen.day.description)),
                            .init("timeOfDay", .string(seen.timeOfDay)), .init("category", .string(seen.category)),
                            .init("rating", .string(seen.rating)), .init("detail", .string(seen.detail)),
                        ])
                    })),
            .init("rejected", .array(found.rejected.map(DoseReport.rejection))),
            .init("warnings", .array(found.warnings.map(DoseReport.warning))),
            .init("unmapped", .array(found.unmapped.map(DoseReport.rejection))),
        ])
    }
}
