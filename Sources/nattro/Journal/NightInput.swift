// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import LegMovements
import Nights
import Recordings

/// What a night's number is made from: streams of recordings by their digests, and what the person said.
///
/// The same input under the same scoring version gives the same numbers; a result keeps it.
struct NightInput: Hashable, Sendable {
    /// A stream of a recording.
    struct Part: Hashable, Codable {
        var leg: String
        var sha256: String
        var stream: Int
        /// The stretch of the recording that is this night's, on its clock; absent for all.
        var from: Double?
        var to: Double?
    }

    /// A stretch declared to be no data.
    struct Mask: Hashable, Codable {
        var from: Double
        var to: Double
        /// `L`, `R`; absent for both.
        var leg: String?
    }

    var parts: [Part]
    var masks: [Mask]
    /// When the light went out, on the recording's clock; nil where nobody told.
    var lightsOut: Double?
    /// When the night ended, on the recording's clock; nil where nobody told.
    var wakeUp: Double?

    /// The input of a night as the journal has it now, and what is left out of it.
    ///
    /// Of recordings of one leg that overlap in time the longest counts: they are copies of each other.
    init(_ night: StoredNight, diary: DiaryNight?) throws {
        var candidates: [(leg: Leg, recording: StoredRecording, stream: Int)] = []
        for part in night.recordings {
            let streams = part.recording.streams
            for (number, stream) in streams.enumerated() {
                guard let leg = part.leg(of: stream, isOnly: streams.count == 1) else { continue }
                candidates.append((leg, part.recording, number))
            }
        }
        candidates.sort { ($0.recording.end - $0.recording.start) > ($1.recording.end - $1.recording.start) }
        var chosen: [(leg: Leg, recording: StoredRecording, stream: Int)] = []
        for candidate in candidates {
            let span = candidate.recording.start..<candidate.recording.end
            let isCopy = chosen.contains { other in
                other.leg == candidate.leg && Self.overlap(span, other.recording.start..<other.recording.end) > 60
            }
            if !isCopy { chosen.append(candidate) }
        }
        guard !chosen.isEmpty else {
            throw JournalError(
                .notFound, path: "night of \(night.date)", problem: "has no recording of a leg",
                remedy: "import one: nattro import FILE --night \(night.date)")
        }
        parts = chosen.sorted { ($0.leg.rawValue, $0.recording.start) < ($1.leg.rawValue, $1.recording.start) }.map {
            let window = night.window(of: $0.recording)
            return Part(
                leg: $0.leg.rawValue, sha256: $0.recording.sha256, stream: $0.stream, from: window?.lowerBound,
                to: window?.upperBound)
        }
        masks = night.masks.map { Mask(from: $0.span.lowerBound, to: $0.span.upperBound, leg: $0.leg?.rawValue) }
        let start = chosen.map(\.recording.start).min() ?? 0
        let begin = max(
            start, night.recordings.compactMap { night.window(of: $0.recording)?.lowerBound }.min() ?? start)
        lightsOut =
            night.lightsOut.flatMap { ClockTime(argument: $0) }?.instant(nearest: begin)
            ?? diary?.lightsOut.map { night.date.moment($0) } ?? chosen.compactMap(\.recording.lightsOut).first
        wakeUp =
            night.wakeUp.flatMap { ClockTime(argument: $0) }?.instant(after: max(lightsOut ?? begin, begin))
            ?? diary?.wakeUp.map { night.date.moment($0) } ?? chosen.compactMap(\.recording.lightsOn).first
    }

    /// The input that a result was made from.
    init(_ provenance: StoredResult.Provenance) throws {
        let decoder = JSONDecoder()
        parts = try decoder.decode([Part].self, from: Data(provenance.inputs.utf8))
        masks = try decoder.decode([Mask].self, from: Data(provenance.masks.utf8))
        lightsOut = provenance.lightsOut
        wakeUp = provenance.wakeUp
    }

    private static func overlap(_ one: Range<Double>, _ other: Range<Double>) -> Double {
        min(one.upperBound, other.upperBound) - max(one.lowerBound, other.lowerBound)
    }

    /// Where it is from, for the result to keep.
    func provenance(rules: ScoringRules, parameters: DetectionParameters) throws -> StoredResult.Provenance {
        StoredResult.Provenance(
            programVersion: Nattro.version, scoringVersion: ScoringVersion.current, rules: rules.name,
            parameters: try Self.json(parameters), inputs: try Self.json(parts), lightsOut: lightsOut, wakeUp: wakeUp,
            masks: try Self.json(masks))
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// The stretches that are masked, leg by leg.
    var masksByLeg: [Leg: [Range<Double>]] {
        var spans: [Leg: [Range<Double>]] = [:]
        for leg in Leg.allCases {
            let own = masks.filter { $0.leg == nil || $0.leg == leg.rawValue }.map { $0.from..<max($0.from, $0.to) }
            if !own.isEmpty { spans[leg] = own }
        }
        return spans
    }

    /// The files to read, leg by leg; a file that is gone, or another one by now, is an error.
    ///
    /// - Parameter checksDigests: whether each file is read once more to see that it is the one that was imported.
    func legs(in store: JournalStore, checksDigests: Bool = false) throws -> [LegParts] {
        var paths: [String: String] = [:]
        for sha256 in Set(parts.map(\.sha256)) {
            guard let recording = try store.recording(sha256: sha256) else {
                throw JournalError(
                    .notFound, path: store.path, problem: "has no recording \(sha256.prefix(12)) any more",
                    remedy: "import the file again")
            }
            let path = store.absolutePath(recording.path)
            if checksDigests {
                guard try SHA256.digest(ofFile: path).digest == sha256 else {
                    throw JournalError(
                        .damaged, path: path, problem: "is not the file that was imported: its digest differs",
                        remedy: "bring the original back from an export or a backup")
                }
            }
            paths[sha256] = path
        }
        return Leg.allCases.compactMap { leg in
            let own = parts.filter { $0.leg == leg.rawValue }
            guard let first = own.first else { return nil }
            return LegParts(
                leg: leg,
                parts: own.map { LegParts.Part(path: paths[$0.sha256] ?? "", stream: $0.stream) },
                window: first.from.flatMap { from in first.to.map { from..<max(from, $0) } })
        }
    }
}

extension CivilDay {
    /// A time of the night's evening or morning, in seconds since the Unix epoch on a local clock: before noon it is the next day's.
    func moment(_ time: DayTime) -> Double {
        let day = time < .noon ? daysSince1970 + 1 : daysSince1970
        return Double(day) * 86_400 + Double(time.seconds)
    }
}

extension StoredNight.Part {
    /// The leg of a stream: as the file tells, or the person; a file of one stream about which nobody told is the left one's.
    func leg(of stream: StoredRecording.Stream, isOnly: Bool) -> Leg? {
        let leg = isOnly ? told ?? stream.leg ?? .left : stream.leg
        return isSwapped ? leg.map { $0 == .left ? .right : .left } : leg
    }
}
