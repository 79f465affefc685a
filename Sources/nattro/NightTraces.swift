// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import Recordings

/// Where the pyramids of a journal's recordings lie: a cache that can be removed at any time.
struct TraceFolder: Sendable {
    let path: String

    init(path: String) { self.path = path }

    /// The folder beside a journal.
    init(of store: JournalStore) { path = "\(store.folder.isEmpty ? "." : store.folder)/cache" }

    /// The pyramid of a recording.
    func pyramid(_ sha256: String) -> String { "\(path)/\(sha256).pyramid" }

    /// The pyramid of a log that is being written, until its digest is known.
    func pyramid(ofLog log: String) -> String { "\(path)/\((log as NSString).lastPathComponent).pyramid" }

    /// Makes the folder, for its owner alone.
    func make() throws { try UserFolders.make(path) }

    /// Makes the pyramid of a recording, and removes those made longest ago where there are too many.
    func build(_ recording: String, _ sha256: String) throws {
        try make()
        try PyramidWriter.build(of: recording, at: pyramid(sha256))
        trim(to: Self.mostBytes)
    }

    /// About 150 nights of two legs.
    private static let mostBytes = 1 << 30

    /// Removes the pyramids made longest ago, beyond so many bytes.
    func trim(to most: Int) {
        let keys: Set<URLResourceKey> = [.fileSizeKey, .contentModificationDateKey]
        let files = try? FileManager.default.contentsOfDirectory(
            at: URL(filePath: path), includingPropertiesForKeys: Array(keys))
        let pyramids = (files ?? []).filter { $0.pathExtension == "pyramid" }.compactMap { file in
            (try? file.resourceValues(forKeys: keys)).map {
                (file, size: $0.fileSize ?? 0, made: $0.contentModificationDate ?? .distantPast)
            }
        }
        var bytes = 0
        for one in pyramids.sorted(by: { $0.made > $1.made }) {
            bytes += one.size
            if bytes > most { try? FileManager.default.removeItem(at: one.0) }
        }
    }

    /// Gives a log's pyramid, written beside the recording, the name of its digest. Whether it is the log's is checked when it is used.
    func adopt(log: String, as sha256: String) {
        let (own, named) = (URL(filePath: pyramid(ofLog: log)), URL(filePath: pyramid(sha256)))
        guard FileManager.default.fileExists(atPath: own.path) else { return }
        try? FileManager.default.removeItem(at: named)
        try? FileManager.default.moveItem(at: own, to: named)
        trim(to: Self.mostBytes)
    }
}

/// The traces of nights: opens pyramids, makes those that are missing, damaged or of another file, and reads single samples.
///
/// Holds at most ``mostOpen`` pyramids and one stretch of single samples open.
actor NightTraces {
    private let folder: TraceFolder
    /// The pyramids used last, the latest at the end.
    private var pyramids: [(sha256: String, file: PyramidFile)] = []
    /// Samples of a format that cannot be sought, around the place looked at last.
    private var stretch: (part: NightTrace.Part, source: PyramidSource, span: Range<Double>, runs: [SampleRun])?

    private static let mostOpen = 8
    /// Seconds read on both sides of what was asked for, where reading begins at the start of the file.
    private static let margin = 150.0
    /// Samples in a column up to which they are drawn one by one.
    private static let mostDrawnAlone = 2.0

    init(_ folder: TraceFolder) { self.folder = folder }

    /// The bytes of a tile of a night; nil where the night has no such leg.
    func tile(_ query: TraceQuery, of night: NightTrace) throws -> [UInt8]? {
        guard let parts = night.legs[query.leg] else { return nil }
        do {
            return try read(query, night, parts)
        } catch let error as RecordingError where error.reason == .damaged {
            // A page of a pyramid: all are made anew, once.
            for part in parts { try renew(part) }
            return try read(query, night, parts)
        }
    }

    private func read(_ query: TraceQuery, _ night: NightTrace, _ parts: [NightTrace.Part]) throws -> [UInt8] {
        let files = try parts.map { (part: $0, file: try pyramid($0)) }
        guard let first = files.lazy.compactMap({ one in one.file.rate(of: one.part.stream).map { (one, $0) } }).first
        else { return TraceTile([], step: 1, start: night.start).bytes }
        let step = first.0.file.step(of: first.0.part.stream)
        var span = night.start + query.span.lowerBound / 1000..<night.start + query.span.upperBound / 1000
        let columnWidth = (span.upperBound - span.lowerBound) / Double(query.columns)
        let grid = TraceGrid(span, rate: first.1, columns: query.columns)
        var envelope = TraceEnvelope(grid, step: step)
        if columnWidth * first.1 >= Double(TraceGrid.finest) {
            for (part, file) in files { try file.fill(&envelope, from: part.stream) }
            return TraceTile(envelope, start: night.start).bytes
        }
        // Whole columns: the last one ends behind what was asked for.
        if columnWidth * first.1 > Self.mostDrawnAlone {
            span = grid.start..<grid.start + Double(grid.count) * grid.step
        }
        if let window = night.window { span = span.clamped(to: window) }
        guard !span.isEmpty else { return TraceTile([], step: step, start: night.start).bytes }
        let runs = try files.flatMap { try samples($0.part, $0.file, span) }
        if columnWidth * first.1 <= Self.mostDrawnAlone {
            return TraceTile(runs, step: step, start: night.start).bytes
        }
        for run in runs { envelope.add(run) }
        return TraceTile(envelope, start: night.start).bytes
    }

    // MARK: Samples

    private func samples(_ part: NightTrace.Part, _ file: PyramidFile, _ span: Range<Double>) throws -> [SampleRun] {
        if file.canSeek(part.stream) { return try file.samples(of: part.stream, in: span, recording: part.path) }
        if let stretch, stretch.part == part, stretch.source == file.source,
            stretch.span.lowerBound <= span.lowerBound, span.upperBound <= stretch.span.upperBound
        {
            return stretch.runs.compactMap { $0.part(in: span) }
        }
        let wide = span.lowerBound - Self.margin..<span.upperBound + Self.margin
        let runs = try file.samples(of: part.stream, in: wide, recording: part.path)
        stretch = (part, file.source, wide, runs)
        return runs.compactMap { $0.part(in: span) }
    }

    // MARK: Pyramids

    private func pyramid(_ part: NightTrace.Part) throws -> PyramidFile {
        let source = try PyramidSource(ofFile: part.path)
        if let known = pyramids.firstIndex(where: { $0.sha256 == part.sha256 }) {
            let one = pyramids.remove(at: known)
            if one.file.source == source {
                pyramids.append(one)
                return one.file
            }
        }
        let path = folder.pyramid(part.sha256)
        var file = try? PyramidFile(path: path)
        if file?.source != source || file?.streamCount ?? 0 <= part.stream {
            try folder.build(part.path, part.sha256)
            file = try PyramidFile(path: path)
        }
        guard let file, file.streamCount > part.stream else {
            throw RecordingError(
                .malformed, path: part.path, problem: "has no stream \(part.stream) any more",
                remedy: "bring the file back that was imported")
        }
        pyramids.append((part.sha256, file))
        if pyramids.count > Self.mostOpen { pyramids.removeFirst() }
        return file
    }

    private func renew(_ part: NightTrace.Part) throws {
        pyramids.removeAll { $0.sha256 == part.sha256 }
        try folder.build(part.path, part.sha256)
    }
}

extension SampleRun {
    /// The samples within a span and one on each side; nil where there are none.
    func part(in span: Range<Double>) -> SampleRun? {
        let low = Int(max(0, min(Double(count), ((span.lowerBound - start) / period).rounded(.down))))
        let high = Int(max(0, min(Double(count), ((span.upperBound - start) / period).rounded(.up) + 1)))
        guard low < high else { return nil }
        var part = self
        part.start = time(low)
        part.isJoined = isJoined && low == 0
        part.values = Array(values[low * 3..<high * 3])
        return part
    }
}
