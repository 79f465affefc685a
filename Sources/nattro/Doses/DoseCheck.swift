// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Nights

/// Checks a dose log, and says what published figures say beside it.
struct DoseCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Reads a dose log, CSV or JSON, and says how each entry was understood.",
        discussion: """
            Each entry that cannot be read is named with its line, column, code and what to do; the others are used. \
            Exit code 0: all read. 1: some entries rejected. 2: the file cannot be used, or names no time zone.

            Beside the log stand published figures, with their sources: upper levels, spacing to medicines, the kidneys, iron. \
            They describe; what follows from them is between you and a clinician or pharmacist.
            """)

    @Argument(help: "The dose log; - is standard input.")
    var file: String
    @Option(help: ArgumentHelp("A profile: age, kidneys, laboratory values, whose limits.", valueName: "file"))
    var profile: String?
    @Option(help: ArgumentHelp("Medicines: date,time,name,class,action,note.", valueName: "file"))
    var medicines: String?
    @Option(help: ArgumentHelp("A diary: one row a night.", valueName: "file"))
    var diary: String?
    @Option(help: ArgumentHelp("Your own plan: from,target_mg_elemental,form,set_with,note.", valueName: "file"))
    var plan: String?
    @Option(
        help: ArgumentHelp("Products whose pieces are counted: product,form,elemental_mg_per_unit.", valueName: "file"))
    var products: String?
    @Option(help: ArgumentHelp("The moment that counts as now, like 2026-11-24T12:00:00Z.", valueName: "time"))
    var now: String?
    @Flag(help: "Reject an entry for any warning.")
    var strict = false
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if let now, UTCInstant(now) == nil {
            throw ValidationError("--now \(now): write it like 2026-11-24T12:00:00Z")
        }
    }

    func run() async throws {
        try await endingInExitCode {
            let moment =
                now.flatMap { UTCInstant($0) } ?? UTCInstant(secondsSince1970: Int(Date().timeIntervalSince1970))
            var report = DoseReport(file: file)
            do {
                try read(into: &report, now: moment)
            } catch let refused as RefusedFile {
                if json { try writeResult(DoseReport.refusal(refused.finding).description + "\n") }
                throw Failure(message: refused.finding.text(file: file), outcome: .unusableInput)
            }
            try writeResult(json ? report.json.description + "\n" : report.text)
            for line in report.complaints { complain(line) }
            if report.isIncomplete { throw ExitCode(Outcome.incomplete.rawValue) }
        }
    }

    private func read(into report: inout DoseReport, now: UTCInstant) throws {
        let bytes = try WholeFile.bytes(file)
        if let products {
            let log = try WholeFile.read(products) { try ProductLog(reading: $0) }
            report.products = log.products
            report.rejectedElsewhere += log.rejected.map { (products, $0) }
        }
        if let profile {
            let (value, warnings) = try WholeFile.read(profile) { try Profile.reading($0) }
            report.profile = value
            report.rejectedElsewhere += warnings.map { (profile, $0) }
        }
        let diaryLog = try diary.map { path in try WholeFile.read(path) { try DiaryLog(reading: $0) } }
        let options = DoseLog.Options(now: now, isStrict: strict, products: report.products)
        report.log = try DoseLog(reading: bytes, options: options)
        let zone = report.log.zone ?? diaryLog?.zone ?? report.profile?.zone
        let clock = zone.flatMap { ZoneClock($0) }
        if let diaryLog, let diary {
            report.diary = diaryLog.nights
            report.rejectedElsewhere += (diaryLog.rejected + diaryLog.warnings).map { (diary, $0) }
            if let clock {
                // Only the diary's own zone says when its nights were; the log's stands in where it names none.
                let own = diaryLog.zone.flatMap { ZoneClock($0) } ?? clock
                let withBedtimes = DoseLog.Options(
                    now: now, isStrict: strict, products: report.products, bedtimes: diaryLog.bedtimes(own))
                report.log = try DoseLog(reading: bytes, options: withBedtimes)
            }
        }
        if let medicines {
            let log = try WholeFile.read(medicines) { try MedicineLog(reading: $0, zone: zone, now: now) }
            report.medicines = log.medicines
            report.rejectedElsewhere += log.rejected.map { (medicines, $0) }
        }
        if let plan {
            let log = try WholeFile.read(plan) { try PlanLog(reading: $0) }
            report.plan = log.steps
            report.rejectedElsewhere += log.rejected.map { (plan, $0) }
        }
        let today = now.civil(offset: clock?.offset(at: now) ?? 0).day
        report.board = NoticeBoard(
            NoticeBoard.Log(
                doses: report.log.doses, medicines: report.medicines, diary: report.diary, profile: report.profile,
                clock: clock, today: today))
    }
}
