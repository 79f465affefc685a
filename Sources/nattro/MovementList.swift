// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings

/// A night as a movement list gives it: JSON, times in whole milliseconds from the start of the recording.
///
/// `left`, `right`: `[onset, duration]`, or `[onset, duration, "posture" | "gait" | "rhythmic" | "artefact"]` for a movement that
/// is no candidate; a leg without a key was not recorded. `epoch_ms` and `epochs_rle`: `[stage, count]`, where 0 is wake, 1 sleep,
/// 2 to 4 N1 to N3, 5 REM, -1 unscored. `resp`, `arousals`, `gaps_left`, `gaps_right`: `[start, end]`. `rest`: one `[start, end]`.
/// All but one leg may be missing; what is missing was not scored. Other keys are ignored.
struct MovementList {
    /// The night.
    let night: MovementNight

    /// The largest file that is read, in bytes.
    static let largestFile = 256 << 20
    /// The latest time of a list: no night, but a year of them, lies before it.
    static let latest: Milliseconds = 366 * 24 * 3_600_000

    /// Reads a list, or the list that stands under `input` in a larger object; the name is for messages.
    init(_ source: ByteSource, name: String) throws {
        try self.init(json: Data(try source.allBytes(upTo: Self.largestFile)), name: name)
    }

    /// Reads a list from its text; the name is for messages.
    init(json: Data, name: String) throws {
        do {
            night = try JSONDecoder().decode(ListFile.self, from: json).list.night
        } catch let error as DecodingError {
            let problem = Self.syntaxProblem(json).map { ": \($0)" } ?? error.placeAndProblem
            throw Failure(message: "\(name)\(problem)", outcome: .unusableInput)
        }
    }

    /// What keeps a text from being JSON; nil if it is JSON. The decoder itself does not say where.
    static func syntaxProblem(_ json: Data) -> String? {
        guard !json.isEmpty else { return "is empty; a movement list has at least {\"left\": []}" }
        do {
            _ = try JSONSerialization.jsonObject(with: json, options: .fragmentsAllowed)
            return nil
        } catch {
            let detail = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String ?? "it cannot be read."
            return "is no JSON: \(detail.prefix(1).lowercased())\(detail.dropFirst().trimmingCharacters(in: ["."]))"
                + "; check how it was written"
        }
    }
}

/// The file: a list, or an object that holds one.
private struct ListFile: Decodable {
    let list: DecodedList

    private enum CodingKeys: String, CodingKey { case input }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        list =
            container.contains(.input)
            ? try container.decode(DecodedList.self, forKey: .input) : try DecodedList(from: decoder)
    }
}

private struct DecodedList: Decodable {
    let night: MovementNight

    private enum CodingKeys: String, CodingKey {
        case left, right, resp, arousals, rest
        case leftGaps = "gaps_left"
        case rightGaps = "gaps_right"
        case epochLength = "epoch_ms"
        case epochs = "epochs_rle"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        var movements: [LegMovement] = []
        var gaps: [Leg: [TimeSpan]] = [:]
        for (leg, key, gapKey) in [(Leg.left, CodingKeys.left, CodingKeys.leftGaps), (.right, .right, .rightGaps)] {
            let legGaps = try container.decodeIfPresent([SpanRow].self, forKey: gapKey)
            if let rows = try container.decodeIfPresent([MovementRow].self, forKey: key) {
                movements += rows.map {
                    LegMovement(leg, onset: $0.onset, duration: $0.duration, excludedAs: $0.exclusion)
                }
                gaps[leg] = legGaps?.map(\.span) ?? []
            } else if legGaps != nil {
                throw DecodingError.dataCorruptedError(
                    forKey: gapKey, in: container,
                    debugDescription: "gaps of a leg without movements; add \"\(key.rawValue)\": [] if it was recorded")
            }
        }
        guard !gaps.isEmpty else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "neither \"left\" nor \"right\"; a movement list has at least one"))
        }
        var hypnogram: Hypnogram?
        if let runs = try container.decodeIfPresent([EpochRow].self, forKey: .epochs) {
            guard let length = try? container.decode(Int.self, forKey: .epochLength) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .epochLength, in: container,
                    debugDescription: "a whole number of ms is needed beside \"epochs_rle\"; 30000 is usual")
            }
            guard length > 0, length <= MovementList.latest else {
                throw DecodingError.dataCorruptedError(
                    forKey: .epochLength, in: container,
                    debugDescription: "an epoch of \(length) ms; 30000 is usual")
            }
            try Self.checkTotal(of: runs, length: length, in: container)
            hypnogram = Hypnogram(epochLength: length, runs: runs.map { ($0.stage, $0.count) })
        }
        night = MovementNight(
            movements: movements, gaps: gaps,
            rest: try container.decodeIfPresent(SpanRow.self, forKey: .rest)?.span, hypnogram: hypnogram,
            respiratoryEvents: try container.decodeIfPresent([SpanRow].self, forKey: .resp)?.map(\.span),
            arousals: try container.decodeIfPresent([SpanRow].self, forKey: .arousals)?.map(\.span))
    }

    private static func checkTotal(
        of runs: [EpochRow], length: Milliseconds, in container: KeyedDecodingContainer<CodingKeys>
    ) throws {
        var left = MovementList.latest / length
        for run in runs {
            guard run.count <= left else {
                throw DecodingError.dataCorruptedError(
                    forKey: .epochs, in: container,
                    debugDescription: "the epochs last more than 366 days; correct their counts or \"epoch_ms\"")
            }
            left -= run.count
        }
    }
}

/// `[onset, duration]`, or with an exclusion behind.
private struct MovementRow: Decodable {
    let onset: Milliseconds
    let duration: Milliseconds
    let exclusion: LegMovement.Exclusion?

    init(from decoder: any Decoder) throws {
        var row = try decoder.unkeyedContainer()
        onset = try row.decodeTime()
        duration = try row.decodeInteger()
        guard duration >= 0 else { throw row.problem("a duration of \(duration) ms; it cannot be negative") }
        guard duration <= MovementList.latest - onset else {
            throw row.problem("a movement of \(duration) ms ends after 366 days; correct its duration")
        }
        var exclusion: LegMovement.Exclusion?
        if !row.isAtEnd {
            let name = try row.decode(String.self)
            exclusion = LegMovement.Exclusion(rawValue: name)
            guard exclusion != nil else {
                let names = LegMovement.Exclusion.allCases.map(\.rawValue).joined(separator: ", ")
                throw row.problem("\"\(name)\" is no kind of movement; one of \(names)")
            }
        }
        self.exclusion = exclusion
        try row.expectEnd("[onset, duration]")
    }
}

/// `[start, end]`.
private struct SpanRow: Decodable {
    let span: TimeSpan

    init(from decoder: any Decoder) throws {
        var row = try decoder.unkeyedContainer()
        let start = try row.decodeTime()
        let end = try row.decodeTime()
        guard start <= end else { throw row.problem("it starts at \(start) ms and ends before, at \(end) ms") }
        span = TimeSpan(from: start, to: end)
        try row.expectEnd("[start, end]")
    }
}

/// `[stage, count]`.
private struct EpochRow: Decodable {
    let stage: SleepStage
    let count: Int

    init(from decoder: any Decoder) throws {
        var row = try decoder.unkeyedContainer()
        let value = try row.decodeInteger()
        guard let stage = SleepStage(rawValue: value) else {
            throw row.problem("stage \(value) is unknown; 0 wake, 1 sleep, 2 to 4 N1 to N3, 5 REM, -1 unscored")
        }
        self.stage = stage
        count = try row.decodeInteger()
        guard count >= 0 else { throw row.problem("a run of \(count) epochs; it cannot be negative") }
        try row.expectEnd("[stage, count]")
    }
}

extension UnkeyedDecodingContainer {
    fileprivate mutating func decodeTime() throws -> Milliseconds {
        let time = try decodeInteger()
        guard (0...MovementList.latest).contains(time) else {
            throw problem("a time of \(time) ms; times lie from 0 to 366 days after the start of the recording")
        }
        return time
    }

    fileprivate mutating func decodeInteger() throws -> Int {
        guard !isAtEnd else { throw problem("too few values; two are expected") }
        if let value = try? decode(Int.self) { return value }
        throw problem("value \(currentIndex + 1) is not a whole number that fits into 64 bits")
    }

    fileprivate func expectEnd(_ shape: String) throws {
        guard isAtEnd else { throw problem("too many values; expected \(shape)") }
    }

    fileprivate func problem(_ description: String) -> DecodingError {
        DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: description))
    }
}

extension DecodingError {
    /// ", input.left[3]: what is wrong there".
    var placeAndProblem: String {
        let (context, problem): (Context, String) =
            switch self {
            case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
                (context, "\(Self.words(for: type)) was expected")
            case .dataCorrupted(let context):
                (context, context.debugDescription)
            case .keyNotFound(let key, let context):
                (context, "\"\(key.stringValue)\" is missing; add it")
            @unknown default:
                (Context(codingPath: [], debugDescription: ""), "not a movement list")
            }
        var place = ""
        for key in context.codingPath {
            if let index = key.intValue {
                place += "[\(index)]"
            } else {
                place += (place.isEmpty ? "" : ".") + key.stringValue
            }
        }
        return place.isEmpty ? ": \(problem)" : ", \(place): \(problem)"
    }

    private static func words(for type: any Any.Type) -> String {
        if type == String.self { return "a text" }
        return "\(type)".hasPrefix("Dictionary") ? "an object {…}" : "a list […]"
    }
}
