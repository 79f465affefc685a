// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Journal
import Nights

/// What a product's label says.
struct ProductCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "product",
        abstract: "Say once what a label says; then `nattro dose add 2 MagCitrate` is enough.",
        subcommands: [ProductAdd.self, ProductList.self, ProductRemove.self, ProductUndo.self],
        defaultSubcommand: ProductList.self)
}

/// Adds a product.
struct ProductAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a product by its label.",
        usage: "nattro product add MagCitrate citrate 100 --basis elemental --unit tablet",
        discussion: """
            The number is what the label says of one piece. Whether it weighs the magnesium (elemental) or the whole salt (compound) makes a \
            difference of up to twenty times: it is asked where you do not say it.
            """)

    @OptionGroup var options: JournalOptions
    @Argument(help: "The name by which you call it: one word.")
    var name: String
    @Argument(help: "The salt on the label: citrate, bisglycinate, oxide.")
    var form: String
    @Argument(help: .init("Milligrams in one piece.", valueName: "mg"))
    var milligrams: String
    @Option(help: .init("elemental: the magnesium alone; compound: the whole salt.", valueName: "word"))
    var basis: BasisArgument?
    @Option(help: .init("What one piece is called: tablet, capsule, sachet.", valueName: "word"))
    var unit = "tablet"

    func validate() throws {
        guard !name.contains(where: \.isWhitespace), !name.isEmpty, name.first?.isNumber == false else {
            throw ValidationError("'\(name)': a product's name is one word that begins with a letter.")
        }
        guard weight != nil else { throw ValidationError("'\(milligrams)' is no number of milligrams above 0.") }
    }

    private var weight: Double? {
        var text = milligrams.lowercased()
        if text.hasSuffix("mg") { text.removeLast(2) }
        return Double(text.replacing(",", with: ".")).flatMap { $0 > 0 && $0 < 100_000 ? $0 : nil }
    }

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            let product: Product
            do throws(Finding) {
                product = try Product.labelled(
                    name, form: form, labelMg: weight ?? 0, basis: try askedBasis(), unit: unit)
            } catch {
                throw Failure(message: "not kept: \(DoseEntry.words(error))", outcome: .unusableInput)
            }
            try store.keep(product, at: options.time)
            try writeResult(ProductList.line(product) + "\n")
        }
    }

    /// The basis as said, or as answered.
    private func askedBasis() throws(Finding) -> EnteredAmount.Basis {
        if let basis { return basis.basis }
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
            throw Finding(
                line: 1, column: 1, code: "E_BASIS_REQUIRED",
                message: "does the label's \(milligrams) mg weigh the magnesium, or the whole salt?",
                hint: "add --basis elemental or --basis compound")
        }
        FileHandle.standardError.write(
            Data("Does \(milligrams) mg weigh the magnesium alone (e) or the whole salt (c)? [e/c] ".utf8))
        switch readLine()?.lowercased().first {
        case "e": return .elemental
        case "c": return .compound
        default:
            throw Finding(
                line: 1, column: 1, code: "E_BASIS_REQUIRED", message: "no answer",
                hint: "look at the label once more")
        }
    }
}

/// What a weight is the weight of, as it is typed.
struct BasisArgument: ExpressibleByArgument {
    let basis: EnteredAmount.Basis

    init?(argument: String) {
        guard let basis = EnteredAmount.Basis(rawValue: argument.lowercased()) else { return nil }
        self.basis = basis
    }
}

/// All products.
struct ProductList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the products.")

    @OptionGroup var options: JournalOptions
    @Flag(help: "As a file of products, CSV.")
    var csv = false

    func run() async throws {
        try await endingInExitCode {
            let products = try options.open().products().map(\.value)
            if csv { return try writeResult(ProductLog.csv(products)) }
            let lines = products.map(Self.line)
            try writeResult(
                lines.isEmpty
                    ? "no product yet: nattro product add MagCitrate citrate 100 --basis elemental\n"
                    : lines.joined(separator: "\n") + "\n")
        }
    }

    static func line(_ product: Product) -> String {
        let range = product.elementalMgRange.map {
            ", may be \(DoseText.milligrams($0.lowerBound)) to \(DoseText.milligrams($0.upperBound))"
        }
        return "\(product.name): a \(product.unit) has \(DoseText.milligrams(product.elementalMgPerUnit)) mg elemental"
            + "\(range ?? "") (\(product.formEntered), the label says \(product.labelMg.formatted) mg \(product.basis.rawValue))"
    }
}

/// Removes a product.
struct ProductRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a product; doses that were entered with it stay.")

    @OptionGroup var options: JournalOptions
    @Argument(help: "The product's name.")
    var name: String

    func run() async throws {
        try await endingInExitCode {
            let store = try options.open()
            guard let product = try store.products().first(where: { $0.value.name.lowercased() == name.lowercased() })
            else {
                throw Failure(
                    message: "there is no product '\(name)'; `nattro product` lists them", outcome: .unusableInput)
            }
            try store.remove([product.id], from: .products, "product remove \(name)", at: options.time)
            try writeResult("removed: \(product.value.name)\n")
        }
    }
}

/// Takes the last change of products back.
struct ProductUndo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "undo", abstract: "Take the last change back.")
    @OptionGroup var options: JournalOptions

    func run() async throws {
        try await endingInExitCode { try EntryUndo(options, .products, "product").run() }
    }
}
