// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation
import Nights
import Recordings

/// A design as a JSON file gives it. Unknown keys are ignored.
struct DesignFile {
    let design: StudyDesign
    /// What names the person or the plan; nil if the file does not.
    let id: String?
    /// The SHA-256 of the file's bytes: what a frozen design is known by.
    let digest: String
    /// The file's text.
    let text: String

    init(path: String) throws {
        let bytes = try WholeFile.bytes(path)
        try self.init(json: Data(bytes), name: path == "-" ? "standard input" : path)
    }

    /// A design that no file gave, as its file would be.
    init(_ design: StudyDesign) throws { try self.init(json: Data("\(design.json)\n".utf8), name: "the design") }

    init(json: Data, name: String) throws {
        guard !json.isEmpty else {
            throw Failure(message: "\(name): is empty; nattro plan --out writes a design", outcome: .unusableInput)
        }
        do {
            let file = try JSONDecoder().decode(DecodedDesign.self, from: json)
            design = try file.design
            id = file.id
        } catch let error as DecodingError {
            let problem = MovementList.syntaxProblem(json).map { ": \($0)" } ?? error.placeAndProblem
            throw Failure(message: "\(name)\(problem)", outcome: .unusableInput)
        } catch let error as DecodedDesign.Unusable {
            throw Failure(message: "\(name): \(error.problem)", outcome: .unusableInput)
        }
        var digest = SHA256()
        digest.update(Array(json).span)
        self.digest = digest.finish()
        text = String(decoding: json, as: UTF8.self)
    }
}

private struct DecodedDesign: Decodable {
    var type: String
    var id: String?
    var first: String
    var nights: Int
    var condition: [Int?]
    var covariates: [String]?
    var trend: Bool?
    var dose_log_complete: Bool?
    var transition: Int?
    var half_life: Double?
    var blinded: Bool?
    var one_sided: Bool?
    var after_bad_spell: Bool?
    var looks: [Int]?
    var changes: [Int]?
    var seed: UInt64?
    var blocks: Int?
    var block_nights: Int?
    var n_active: Int?
    var max_run: Int?
    var pairs: Int?
    var first_start: Int?
    var last_start: Int?

    struct Unusable: Error {
        var problem: String
    }

    /// Ten years: no plan is longer.
    private static let mostNights = 3660

    var design: StudyDesign {
        get throws {
            guard let first = CivilDay(first) else {
                throw Unusable(problem: "first '\(self.first)' is no day; write it as 2025-03-03")
            }
            guard (1...Self.mostNights).contains(nights) else {
                throw Unusable(problem: "nights is \(nights); a plan has 1 to \(Self.mostNights)")
            }
            let values = try condition.map { value throws in
                guard let value else { return Bool?.none }
                guard value == 0 || value == 1 else {
                    throw Unusable(
                        problem: "condition holds \(value); it is 0 without magnesium, 1 with, null for neither")
                }
                return value == 1
            }
            var design = StudyDesign(kind: try kind, first: first, nights: nights, condition: values)
            design.covariates = (covariates ?? []).map { $0.lowercased() }
            design.adjustsForTrend = trend ?? false
            design.transition = try transition.map { try number($0, "transition", 0...Self.mostNights) }
            if let half_life {
                guard half_life >= 0, half_life <= 365 else {
                    throw Unusable(problem: "half_life is \(half_life); it is 0 to 365 nights")
                }
                design.halfLife = half_life
            }
            design.doseLogIsComplete = dose_log_complete ?? false
            design.isBlinded = blinded ?? false
            design.isOneSided = one_sided ?? false
            design.followedBadSpell = after_bad_spell ?? false
            design.looks = looks.map { .after($0) } ?? .undeclared
            design.changes = Set(try (changes ?? []).map { try number($0, "changes", 0...Self.mostNights) })
            design.seed = seed
            return design
        }
    }

    private var kind: StudyDesign.Kind {
        get throws {
            let range = 1...Self.mostNights
            switch type {
            case "AB_fixed": return .beforeAfter
            case "ABAB_fixed": return .beforeAfterTwice
            case "rand_blocks":
                return .randomisedBlocks(
                    blocks: try number(blocks, "blocks", range),
                    blockNights: try number(block_nights, "block_nights", range),
                    active: try number(n_active, "n_active", range),
                    longestRun: try max_run.map { try number($0, "max_run", range) })
            case "rand_pairs":
                return .randomisedPairs(
                    pairs: try number(pairs, "pairs", range),
                    blockNights: try number(block_nights, "block_nights", range))
            case "rand_start":
                return .randomisedStart(
                    first: try number(first_start, "first_start", range),
                    last: try number(last_start, "last_start", range))
            case "rand_dose_nights": return .randomisedDoses
            case "titration": return .titration
            default:
                throw Unusable(
                    problem:
                        "type '\(type)' is unknown; known are AB_fixed, ABAB_fixed, rand_blocks, rand_pairs, rand_start, rand_dose_nights, titration"
                )
            }
        }
    }

    private func number(_ value: Int?, _ name: String, _ range: ClosedRange<Int>) throws -> Int {
        guard let value else { throw Unusable(problem: "\(name) is missing; a design of type \(type) needs it") }
        guard range.contains(value) else {
            throw Unusable(problem: "\(name) is \(value); it lies between \(range.lowerBound) and \(range.upperBound)")
        }
        return value
    }
}
