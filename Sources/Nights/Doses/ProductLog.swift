// SPDX-License-Identifier: GPL-3.0-or-later

/// Products as they were read from a file: `product,form,elemental_mg_per_unit`, and optionally `unit`, `label_mg`, `basis`.
public struct ProductLog: Hashable, Sendable {
    /// The products in the order of the file.
    public var products: [Product]
    /// The rows that were not read.
    public var rejected: [Finding]

    /// Reads products.
    public init(reading bytes: [UInt8]) throws(RefusedFile) {
        let rows = try TableRows(DelimitedTable(bytes), required: ["product", "form", "elemental_mg_per_unit"])
        products = []
        rejected = []
        for row in rows.rows {
            do {
                products.append(try Self.product(row))
            } catch {
                rejected.append(error)
            }
        }
    }

    private static func product(_ row: TableRows.Row) throws(Finding) -> Product {
        if let problem = row.problem { throw problem }
        let name = row["product"]
        guard !name.text.isEmpty else { throw name.finding("E_NAME_MISSING", "no name of a product") }
        let elemental = row["elemental_mg_per_unit"]
        guard let number = try? NumberText(elemental.text), number.value > 0 else {
            throw elemental.finding("E_NUMBER", "'\(elemental.text)' is no number of milligrams")
        }
        let label = (try? NumberText(row["label_mg"].text))?.value ?? number.value
        let basis = EnteredAmount.Basis(rawValue: row["basis"].text.lowercased()) ?? .elemental
        var product = try Product.labelled(
            name.text, formNamed: row["form"], labelMg: label, basis: basis,
            unit: row["unit"].text.isEmpty ? "tablet" : row["unit"].text)
        product.elementalMgPerUnit = number.value
        return product
    }

    /// Products as CSV. Reading it back gives the same products.
    public static func csv(_ products: [Product]) -> String {
        "# nattro products, version 1\nproduct,form,elemental_mg_per_unit,unit,label_mg,basis\n"
            + products.map {
                DelimitedText.row([
                    $0.name, $0.formEntered, NumberText.text($0.elementalMgPerUnit), $0.unit,
                    NumberText.text($0.labelMg),
                    $0.basis.rawValue,
                ])
            }.joined()
    }
}

extension Product {
    /// A product by what its label says: a weight in milligrams, and whether that weighs the magnesium or the salt.
    public static func labelled(
        _ name: String, form: String, labelMg: Double, basis: EnteredAmount.Basis, unit: String = "tablet"
    ) throws(Finding) -> Product {
        try labelled(name, formNamed: .init(text: form, line: 1, column: 1), labelMg: labelMg, basis: basis, unit: unit)
    }

    static func labelled(
        _ name: String, formNamed form: DelimitedTable.Cell, labelMg: Double, basis: EnteredAmount.Basis, unit: String
    ) throws(Finding) -> Product {
        let forms = ReferenceData.current.forms
        guard let match = forms.match(form.text) else {
            throw form.finding(
                "E_FORM_UNKNOWN", "'\(form.text)' is not in the table of forms",
                hint: forms.namesNearest(to: form.text).joined(separator: ", "))
        }
        guard basis == .compound else {
            return Product(
                name: name, form: match.form.id, formEntered: form.text, unit: unit, labelMg: labelMg, basis: basis,
                elementalMgPerUnit: labelMg)
        }
        guard let (likely, range) = match.elemental(inCompound: labelMg) else {
            throw form.finding(
                "E_FORM_NEEDS_ELEMENTAL", "the magnesium in '\(form.text)' cannot be computed",
                hint: "give the elemental milligrams of the label")
        }
        return Product(
            name: name, form: match.form.id, formEntered: form.text, unit: unit, labelMg: labelMg, basis: basis,
            elementalMgPerUnit: DoseRules.tidy(likely),
            elementalMgRange: range.map { DoseRules.tidy($0.lowerBound)...DoseRules.tidy($0.upperBound) })
    }
}
