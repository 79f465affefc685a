// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings

/// The answer of `nattro score --json` on a recording, read back.
struct ScoreResult: Decodable {
    /// A table whose columns are named once.
    struct Table {
        var columns: [String: Int]
        var rows: [[Cell]]

        func number(_ name: String, _ row: [Cell]) -> Double? { cell(name, row)?.number }
        func text(_ name: String, _ row: [Cell]) -> String? { cell(name, row)?.text }
        func flag(_ name: String, _ row: [Cell]) -> Bool { cell(name, row)?.flag ?? false }

        private func cell(_ name: String, _ row: [Cell]) -> Cell? {
            columns[name].flatMap { row.indices.contains($0) ? row[$0] : nil }
        }
    }

    /// One value of a table.
    enum Cell: Decodable {
        case none
        case flag(Bool)
        case number(Double)
        case text(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .none
            } else if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else {
                self = .text(try container.decode(String.self))
            }
        }

        var number: Double? { if case .number(let value) = self { value } else { nil } }
        var text: String? { if case .text(let value) = self { value } else { nil } }
        var flag: Bool? { if case .flag(let value) = self { value } else { nil } }
    }

    struct Leg: Decodable {
        struct Nonwear: Decodable {
            var startMs: Double
            var endMs: Double
            var verdict: String
            var ripple: Double
            var coolingC: Double?
        }
        var leg: String
        var gapsMs: [[Double]]
        var nonwear: [Nonwear]
    }

    struct Recording: Decodable {
        var startUnix: Double
        var durationMs: Double
        var restStartMs: Double
        var restEndMs: Double
        var legs: [Leg]
    }

    private struct Detected: Decodable {
        var columns: [String]
        var movements: [[Cell]]
    }

    private enum Key: String, CodingKey {
        case schema, rules, columns, lms, recording, detected, parameters
    }

    let rules: String
    let combined: Table
    let detected: Table
    let recording: Recording
    let parameters: [String: Double]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        rules = try container.decode(String.self, forKey: .rules)
        combined = Table(
            columns: Self.places(try container.decode([String].self, forKey: .columns)),
            rows: try container.decode([[Cell]].self, forKey: .lms))
        let detected = try container.decode(Detected.self, forKey: .detected)
        self.detected = Table(columns: Self.places(detected.columns), rows: detected.movements)
        recording = try container.decode(Recording.self, forKey: .recording)
        // Names that are no times or ratios stay as they are: the decoder's strategy changes keys, not values.
        parameters = try container.decode([String: Double].self, forKey: .parameters)
    }

    private static func places(_ names: [String]) -> [String: Int] {
        Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
    }

    /// Reads a result.
    init(_ json: Data, path: String) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            self = try decoder.decode(ScoreResult.self, from: json)
        } catch {
            throw RecordingError(
                .malformed, path: path, problem: "is no result of one profile on a recording",
                remedy: "make it with `nattro score LEFT [RIGHT] --json`")
        }
    }
}
