// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation
import Nights
import Recordings

/// A design as it is written down before the first night: everything that the analysis will do.
struct FrozenDesign {
    private let condition: [Bool]
    private let schedule: ScheduleDraw?
    private let first: String
    /// The file's text.
    let json: JSONValue

    init(
        kind: StudyDesign.Kind, first: String, condition: [Bool], schedule: ScheduleDraw?, covariates: [String],
        halfLife: Double?
    ) {
        self.condition = condition
        self.schedule = schedule
        self.first = first
        var members: [JSONValue.Member] = [
            .init("type", .string(kind.name)), .init("first", .string(first)),
            .init("nights", .integer(condition.count)), .init("condition", JSONValue(condition.map { $0 ? 1 : 0 })),
        ]
        members += kind.members
        members += [
            .init("endpoint", .string("plm_per_analysed_hour")),
            .init("covariates", .array(covariates.map { .string($0) })),
            .init("transition", .integer(StudyDesign.defaultTransition(kind))), .init("half_life", JSONValue(halfLife)),
            .init("one_sided", .bool(false)), .init("looks", JSONValue([condition.count])),
            .init("dose_log_complete", .bool(false)),
        ]
        if let schedule {
            members += [
                .init("seed", .integer(Int(truncatingIfNeeded: schedule.seed))),
                .init("generator", .string(ScheduleDraw.generator)),
                .init("allowed", .integer(Int(clamping: schedule.allowed))),
                .init("index", .integer(Int(clamping: schedule.index))),
                .init("p_min_two", .number(schedule.smallestPValue)),
            ]
        }
        json = .object(members)
    }

    /// The file's text, to the last byte.
    var text: String { "\(json)\n" }

    private var bytes: [UInt8] { Array(text.utf8) }

    /// The SHA-256 of the file.
    var digest: String {
        var digest = SHA256()
        digest.update(bytes.span)
        return digest.finish()
    }

    /// Writes the file; what is there already stays.
    func write(to path: String) throws {
        do {
            try Data(bytes).write(to: URL(filePath: path), options: .withoutOverwriting)
        } catch CocoaError.fileWriteFileExists {
            throw Failure(
                message: "\(path): is there already, and a frozen design is never overwritten; name another file",
                outcome: .unusableInput)
        } catch {
            throw Failure(
                message:
                    "\(path): cannot be written (\(error.localizedDescription)); name a file in a folder that is yours",
                outcome: .unusableInput)
        }
    }

    /// The answer in JSON: the design and its digest.
    var answer: JSONValue {
        .object([
            .init("schema", .string("nattro.plan/1")), .init("design", json), .init("sha256", .string(digest)),
            .init("warnings", .array((schedule?.warnings ?? []).map { .string($0) })),
        ])
    }

    func text(path: String, transition: Int) -> String {
        var lines: [String] = []
        var start = 0
        while start < condition.count {
            let end = condition[start...].firstIndex { $0 != condition[start] } ?? condition.count
            let day = CivilDay(first)
            let dates = day.map { "\($0 + start) to \($0 + (end - 1))" } ?? ""
            lines.append(
                "  nights \(start + 1) to \(end)  \(dates)  \(condition[start] ? "with magnesium" : "without")")
            start = end
        }
        if let schedule {
            lines.append(
                "Order \(schedule.index) of \(schedule.allowed), drawn with seed \(schedule.seed) (\(ScheduleDraw.generator)); the smallest p value that it can give is \(Shown.pValue(schedule.smallestPValue))."
            )
            lines += schedule.warnings
        } else {
            lines.append(
                "The order is not drawn at random: whatever the nights show, they cannot say what it came from. Blocks in a drawn order can (nattro plan --draw blocks)."
            )
        }
        lines += [
            "The first \(Shown.nights(transition)) after each switch will be left out; the result is shown when all \(condition.count) nights have passed.",
            "Frozen in \(path), SHA-256 \(digest). Write the number down: it will stand in the report.",
        ]
        return lines.joined(separator: "\n") + "\n"
    }
}
