// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings

/// Movements, staging and events that were marked elsewhere, from a file of any kind that nattro reads.
struct MarkFile {
    /// The file as it was named.
    let path: String
    /// When the recording begins, on its own clock; nil where the file counts from there and does not tell.
    let start: Double?
    /// What was left out.
    let report: ReadingReport

    private let content: Content

    private enum Content {
        case list(MovementNight)
        case annotations([RecordingAnnotation])
    }

    /// Reads a movement list (JSON), a table of movements (TSV, CSV), EDF+ annotations, NSRR or Profusion XML, or Luna `.annot`; `-` is
    /// standard input.
    init(path: String) throws {
        self.path = path == "-" ? "standard input" : path
        let source = try ByteSource(path: path)
        let begin = try source.peek(4096)
        if MarkTable.mayBegin(with: begin) {
            let table = try MarkTable(source)
            (start, report, content) = (nil, table.report, .annotations(table.annotations))
        } else if AnnotationFile.mayBegin(with: begin) {
            let file = try AnnotationFile(source)
            (start, report, content) = (file.start, file.report, .annotations(file.annotations))
        } else {
            (start, report, content) = (nil, ReadingReport(), .list(try MovementList(source, name: self.path).night))
        }
    }

    /// Whether sleep and wake in it are estimated.
    var sleepIsEstimated: Bool { marked(from: start ?? 0).map(\.sleepIsEstimated) ?? false }

    /// The night of the file alone, from its own start on.
    func night() throws -> MovementNight {
        if case .list(let night) = content { return night }
        return try night(from: start ?? 0, legs: [])
    }

    /// The night as it lies in a recording that begins at `origin`, seconds since the Unix epoch on its clock, and has these legs.
    func night(inRecordingFrom origin: Double, to end: Double, legs: [Leg]) throws -> MovementNight {
        if case .list(var night) = content {
            for leg in legs where night.gaps[leg] == nil { night.gaps[leg] = [] }
            return night
        }
        if let start, start > end || start < origin - Self.earliest {
            throw Failure(
                message: "\(path): its marks begin at \(NightReport.clock(start)) and the recording lasts from "
                    + "\(NightReport.clock(origin)) to \(NightReport.clock(end)); name the marks of the same night",
                outcome: .unusableInput)
        }
        return try night(from: start == nil ? 0 : origin, legs: legs)
    }

    /// Marks may begin this much before the recording of the legs: a sleep study is begun in the evening.
    private static let earliest = 86_400.0

    private func night(from origin: Double, legs: [Leg]) throws -> MovementNight {
        guard case .annotations(let annotations) = content else { return try night() }
        let marked = MarkedNight(annotations, start: origin, legs: legs)
        guard !marked.gaps.isEmpty else {
            throw Failure(
                message: "\(path): none of its \(annotations.count) marks is a leg movement; "
                    + "words such as LM:left, PLM:right or \"Limb Movement (Left)\" are known",
                outcome: .unusableInput)
        }
        return marked.night
    }

    /// What was marked, on the clock of a recording that begins at `origin`; nil for a list, which has no words.
    func marked(from origin: Double) -> MarkedNight? {
        guard case .annotations(let annotations) = content else { return nil }
        return MarkedNight(annotations, start: start == nil ? 0 : origin)
    }

    /// Staging and events for a recording that begins at `origin`.
    func events(from origin: Double) -> NightEvents {
        if case .list(let night) = content {
            return NightEvents(
                hypnogram: night.hypnogram, sleepIsEstimated: false, respiratory: night.respiratoryEvents,
                arousals: night.arousals, rest: night.rest)
        }
        return NightEvents(marked(from: origin))
    }

    /// What the file leaves out, and what its marks do not say.
    func reports(from origin: Double) -> [(path: String, report: ReadingReport)] {
        let marked = marked(from: origin)
        if let marked, marked.unnamedLegCount > 0 {
            complain("\(path): \(marked.unnamedLegCount) movements name no leg and were counted as the left one's")
        }
        return [(path, report)] + (marked.map { [(path, $0.report)] } ?? [])
    }
}

/// Staging and events that go with a recording's movements.
struct NightEvents {
    var hypnogram: Hypnogram?
    var sleepIsEstimated = false
    var respiratory: [TimeSpan]?
    var arousals: [TimeSpan]?
    var rest: TimeSpan?
}

extension NightEvents {
    /// What was marked beside movements.
    init(_ marked: MarkedNight?) {
        self.init(
            hypnogram: marked?.hypnogram, sleepIsEstimated: marked?.sleepIsEstimated ?? false,
            respiratory: marked?.respiratoryEvents, arousals: marked?.arousals, rest: marked?.rest)
    }

    /// The night with this staging and these events in place of what it has; what was not scored stays.
    func added(to night: MovementNight) -> MovementNight {
        var night = night
        if let hypnogram { night.hypnogram = hypnogram }
        if let respiratory { night.respiratoryEvents = respiratory }
        if let arousals { night.arousals = arousals }
        return night
    }
}

/// A table of movements, as `nattro score --tsv` and `nattro export` write it: at least `onset`, `duration`, `leg`, `type`.
struct MarkTable {
    private(set) var annotations: [RecordingAnnotation] = []
    private(set) var report = ReadingReport()

    private static let needed = ["onset", "duration", "leg", "type"]

    /// Whether a text begins with the names of the columns.
    static func mayBegin(with start: [UInt8]) -> Bool { columns(Self.firstLine(start)) != nil }

    init(_ source: ByteSource) throws {
        let text = String(decoding: try source.allBytes(upTo: MovementList.largestFile), as: UTF8.self)
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard let first = lines.first, let (places, separator) = Self.columns(String(first)) else { return }
        for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
            let fields = line.split(separator: separator, omittingEmptySubsequences: false)
            guard let last = places.values.max(), last < fields.count,
                let onset = places["onset"].flatMap({ Double(fields[$0]) }), onset.isFinite,
                let duration = places["duration"].flatMap({ Double(fields[$0]) }), duration >= 0, duration.isFinite,
                let leg = places["leg"].map({ String(fields[$0]) }), ["L", "R", "B"].contains(leg),
                let type = places["type"].map({ String(fields[$0]) })
            else {
                report.note("rows that cannot be read", at: "line \(index + 1)")
                continue
            }
            // A row of both legs stands beside those of each.
            guard let name = Leg(rawValue: leg)?.name else { continue }
            annotations.append(RecordingAnnotation(time: onset, duration: duration, text: "\(type):\(name)"))
        }
    }

    private static func firstLine(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
    }

    private static func columns(_ line: String) -> (places: [String: Int], separator: Character)? {
        let separator: Character = line.contains("\t") ? "\t" : ","
        let names = line.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
        let places = Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
        return needed.allSatisfy { places[$0] != nil } ? (places.filter { needed.contains($0.key) }, separator) : nil
    }
}

extension ByteSource {
    /// All that is left, if it is no more than `limit` bytes.
    func allBytes(upTo limit: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = try read(into: &chunk)
            bytes += chunk[..<count]
            if count < chunk.count { return bytes }
            guard bytes.count <= limit else {
                throw Failure(
                    message: "\(path): larger than \(limit >> 20) MiB; name a list of movements of one night",
                    outcome: .unusableInput)
            }
        }
    }
}
