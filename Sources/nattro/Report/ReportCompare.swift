// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Comparison
import Foundation
import Nights
import Recordings
import Reports

/// The report of a comparison.
struct ReportCompare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Nights without and with magnesium: a page for you, and pages for a clinician.",
        usage: """
            nattro report compare --nights nights.csv --doses doses.csv --design design.json [--out FILE]
            """,
        discussion: "The three files are those of nattro compare.")

    @Option(help: .init("The nights, as CSV; - is standard input.", valueName: "file"))
    var nights: String

    @Option(help: .init("The doses, as CSV.", valueName: "file"))
    var doses: String

    @Option(help: .init("The design, as JSON.", valueName: "file"))
    var design: String

    @OptionGroup var output: ReportOptions

    /// The HTML file's name where none is given.
    static let usualName = "nattro-comparison.html"

    func run() async throws {
        try await endingInExitCode {
            try output.check(Self.usualName)
            let read = try PersonFiles(nights: nights, doses: doses, design: design)
            let report = try read.report
            var surroundings = ComparisonPage.Surroundings()
            surroundings.subtitle = [report.design.id, report.dates].compactMap(\.self).joined(separator: " · ")
            surroundings.provenance = try origin(report)
            let page = ComparisonPage(
                report.comparison, nights: read.nights.nights, doses: read.doses.doses, surroundings: surroundings)
            try await output.write(
                page.document, name: Self.usualName, kind: "compare", members: [.init("comparison", report.json)])
            for row in read.rejected { complain(row.message) }
            if let refusal = report.comparison.refusal { complain("\(design): \(refusal)") }
            if !read.rejected.isEmpty || report.comparison.refusal != nil {
                throw ExitCode(Outcome.incomplete.rawValue)
            }
        }
    }

    private func origin(_ report: ComparisonReport) throws -> [Provenance] {
        var lines = [Provenance("program", "nattro \(Nattro.version)")]
        for (name, path) in [("nights", nights), ("doses", doses)] where path != "-" {
            let digest = try SHA256.digest(ofFile: path).digest
            lines.append(Provenance("\(name), \(URL(filePath: path).lastPathComponent)", "SHA-256 \(digest)"))
        }
        lines.append(
            Provenance(
                "design\(design == "-" ? "" : ", \(URL(filePath: design).lastPathComponent)")",
                "SHA-256 \(report.design.digest)"))
        return lines + report.settings
    }
}

extension ComparisonReport {
    /// The days of the nights in words; nil without nights.
    var dates: String? {
        guard let first = comparison.nights.first?.day, let last = comparison.nights.last?.day else { return nil }
        return "\(first.inWords) to \(last.inWords)"
    }

    /// What is the same in all nights, and how the order was made.
    var settings: [Provenance] {
        let names = [
            "rules": "rules", "scoring": "scoring version", "parameters": "detector's numbers", "leg": "leg",
            "site": "site", "sensor": "sensor", "firmware": "firmware", "rate_hz": "samples a second",
            "range_g": "range, g",
        ]
        var lines = (comparison.nights.first?.setting ?? [:]).sorted { $0.key < $1.key }.filter { !$0.value.isEmpty }
            .map {
                Provenance(names[$0.key] ?? $0.key, $0.value)
            }
        if let seed = comparison.design.seed { lines.append(Provenance("seed of the schedule", "\(seed)")) }
        if case .conditions(let conditions) = comparison.contrast, let test = conditions.decisiveTest {
            let draws = test.draws.map { "\($0) drawn" } ?? "all"
            lines.append(Provenance("test of the drawn order", "\(draws) of \(test.assignments) orders"))
        }
        return lines
    }
}
