// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Comparison
import Foundation
import Recordings

/// Nights before and with magnesium, set against each other.
struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare the nights before and with magnesium.",
        usage: """
            nattro compare --nights nights.csv --doses doses.csv --design design.json [--json]
            nattro compare --group DIR… [--json]
            """,
        discussion: """
            nights.csv has a row for each night: night,include,hours,plm,leg and what else may matter. doses.csv has \
            taken_at,salt,elemental_mg,status in local time. design.json says what was planned; nattro plan writes one. With \
            --group each folder holds the three files of one person.
            """)

    @Option(help: .init("The nights, as CSV; - is standard input.", valueName: "file"))
    var nights: String?

    @Option(help: .init("The doses, as CSV.", valueName: "file"))
    var doses: String?

    @Option(help: .init("The design, as JSON.", valueName: "file"))
    var design: String?

    @Option(
        parsing: .upToNextOption,
        help: .init("Folders, each with one person's nights.csv, doses.csv and design.json.", valueName: "folder"))
    var group: [String] = []

    @Flag(help: "Answer in JSON (schema \(ComparisonReport.schema), of a group \(GroupReport.schema)).")
    var json = false

    /// The words that show a comparison on what comes with the project: nights without any effect, of which a rank test says more
    /// than they hold.
    static func demonstration(fixtures: URL) -> [String] {
        let folder = fixtures.appending(path: "statistics/datasets/d04_ab30_null_ar6")
        let file = { (name: String) in folder.appending(path: name).path }
        return [
            "compare", "--nights", file("nights.csv"), "--doses", file("doses.csv"), "--design", file("design.json"),
        ]
    }

    func validate() throws {
        if group.isEmpty {
            guard nights != nil, doses != nil, design != nil else {
                throw ValidationError("Give --nights, --doses and --design, or --group with folders.")
            }
        } else {
            guard nights == nil, doses == nil, design == nil else {
                throw ValidationError("Give either --group or --nights, --doses and --design, not both.")
            }
            guard Set(group).count == group.count else {
                throw ValidationError("A folder is named twice; each person counts once.")
            }
        }
    }

    func run() async throws {
        try await endingInExitCode {
            if let nights, let doses, let design {
                try compare(nights: nights, doses: doses, design: design)
            } else {
                try compareGroup()
            }
        }
    }

    private func compare(nights: String, doses: String, design: String) throws {
        let read = try PersonFiles(nights: nights, doses: doses, design: design)
        let report = try read.report
        try writeResult(json ? "\(report.json)\n" : report.text)
        for row in read.rejected { complain(row.message) }
        if let refusal = report.comparison.refusal { complain("\(design): \(refusal)") }
        if !read.rejected.isEmpty || report.comparison.refusal != nil {
            throw ExitCode(Outcome.incomplete.rawValue)
        }
    }

    private func compareGroup() throws {
        var members: [GroupReport.Member] = []
        var isComplete = true
        for folder in group {
            do {
                let read = try PersonFiles(folder: folder)
                let report = try read.report
                for row in read.rejected { complain(row.message) }
                isComplete = isComplete && read.rejected.isEmpty
                members.append(
                    try GroupReport.Member(report, name: URL(filePath: folder).lastPathComponent))
            } catch let failure as Failure {
                complain("\(failure.message); left out of the group")
                isComplete = false
            } catch let error as RecordingError {
                complain("\(error.description); left out of the group")
                isComplete = false
            } catch let refusal as ComparisonRefusal {
                complain("\(folder): \(refusal); left out of the group")
                isComplete = false
            }
        }
        guard !members.isEmpty else {
            throw Failure(
                message: "none of the \(group.count) folders holds a comparison; see the lines above",
                outcome: .unusableInput)
        }
        let report = GroupReport(members)
        try writeResult(json ? "\(report.json)\n" : report.text)
        if !isComplete { throw ExitCode(Outcome.incomplete.rawValue) }
    }
}

/// The three files of one person, read.
struct PersonFiles {
    let nights: ComparisonNights
    let doses: DoseTable
    let design: DesignFile
    private let name: String

    init(nights: String, doses: String, design: String) throws {
        name = nights
        self.design = try DesignFile(path: design)
        self.nights = try ComparisonNights(path: nights)
        self.doses = try DoseTable(path: doses)
    }

    /// Reads them from a folder.
    init(folder: String) throws {
        let place = URL(filePath: folder)
        func path(_ name: String) -> String { place.appending(path: name).path }
        try self.init(nights: path("nights.csv"), doses: path("doses.csv"), design: path("design.json"))
    }

    /// The rows that could not be read.
    var rejected: [RejectedRow] { nights.rejected + doses.rejected }

    var report: ComparisonReport {
        get throws {
            do {
                return try ComparisonReport(nights: nights.nights, doses: doses.doses, design: design)
            } catch {
                throw Failure(message: "\(name): \(error)", outcome: .unusableInput)
            }
        }
    }
}
