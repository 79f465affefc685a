// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Recordings

/// A study's list of recordings: a table with a row for each file.
///
/// Columns, in any order, separated by tabs, commas or semicolons: `participant` and `path` must be there; `night` (a label, or the date of
/// the evening), `leg` (L, R), `site`, `lights-out`, `wake-up`, `condition`, `events` (staging and events), `movements` (marks made elsewhere), `emg` (the channels of the left
/// and the right leg's muscle), `notch` (the mains, 50 or 60 Hz) and `map` (what the columns of a text are) may be. Two rows of one
/// participant and night are the two legs. A path counts from the manifest's folder. Where commas separate the columns, one
/// that holds a comma stands between quotation marks.
struct Manifest {
    /// One night of one participant: one file, or one for each leg.
    struct Entry: Sendable {
        var participant: String
        /// As the manifest has it; empty where the recordings tell.
        var night: String
        var files: [File]
        var lightsOut: String
        var wakeUp: String
        var condition: String
        var site: String
        var events: String
        var movements: String
        var emg: String
        var notch: String
        var map: String
        /// What keeps it from being scored.
        var problem: String?
        /// The line of its first row.
        var line: Int
    }

    /// A recording.
    struct File: Sendable {
        var path: String
        var leg: Leg?
    }

    /// The nights, in the order of the manifest.
    private(set) var entries: [Entry] = []

    static let columns = [
        "participant", "night", "leg", "site", "path", "lights-out", "wake-up", "condition", "events",
        "movements", "emg",
        "notch", "map",
    ]

    private static let largest = 64 << 20

    /// Reads a manifest.
    init(path: String) throws {
        let source = try ByteSource(path: path)
        let text = String(decoding: try source.allBytes(upTo: Self.largest), as: UTF8.self)
        try self.init(text, path: path)
    }

    init(_ text: String, path: String) throws {
        let folder = URL(filePath: path).deletingLastPathComponent()
        let lines = text.drop { $0 == "\u{FEFF}" }.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let heading = lines.firstIndex { !$0.isEmpty && !$0.hasPrefix("#") } ?? 0
        guard lines.indices.contains(heading), !lines[heading].isEmpty else {
            throw RecordingError(
                .malformed, path: path, problem: "is empty",
                remedy: "it needs at least the columns participant and path")
        }
        let separator: Character = ["\t", ";", ","].first { lines[heading].contains($0) } ?? "\t"
        let names = Self.fields(lines[heading], separator).map { $0.lowercased().replacing("_", with: "-") }
        for needed in ["participant", "path"] where !names.contains(needed) {
            throw RecordingError(
                .malformed, path: path, place: "line \(heading + 1)", problem: "has no column '\(needed)'",
                remedy: "its columns are \(Self.columns.joined(separator: ", "))")
        }
        for name in names where !name.isEmpty && !Self.columns.contains(name) {
            complain("\(path): the column '\(name)' is not read")
        }
        var places: [String: Int] = [:]
        for (index, line) in lines.enumerated().dropFirst(heading + 1) where !line.isEmpty && !line.hasPrefix("#") {
            let fields = Self.fields(line, separator)
            func field(_ name: String) -> String {
                names.firstIndex(of: name).flatMap { fields.indices.contains($0) ? fields[$0] : nil } ?? ""
            }
            var entry = Entry(
                participant: field("participant"), night: field("night"), files: [], lightsOut: field("lights-out"),
                wakeUp: field("wake-up"), condition: field("condition"), site: field("site"),
                events: Self.resolved(field("events"), folder),
                movements: Self.resolved(field("movements"), folder), emg: field("emg"), notch: field("notch"),
                map: field("map"), line: index + 1)
            let leg = LegName(argument: field("leg"))?.leg
            if entry.participant.isEmpty || field("path").isEmpty {
                entry.problem = "the row has no participant or no path"
            } else if !field("leg").isEmpty && leg == nil {
                entry.problem = "'\(field("leg"))' is no leg; write L or R"
            }
            entry.files = [File(path: Self.resolved(field("path"), folder), leg: leg)]
            let key = entry.participant + "\t" + entry.night
            if entry.problem == nil, let place = places[key] {
                entries[place].add(entry)
            } else {
                if entry.problem == nil { places[key] = entries.count }
                entries.append(entry)
            }
        }
        guard !entries.isEmpty else {
            throw RecordingError(
                .malformed, path: path, problem: "names no recording", remedy: "add a row for each file")
        }
    }

    private static func fields(_ line: Substring, _ separator: Character) -> [String] {
        var fields = [""]
        var isQuoted = false
        for character in line {
            if character == "\"" {
                // A mark within a name is part of it.
                isQuoted = !isQuoted && fields[fields.count - 1].allSatisfy(\.isWhitespace)
            }
            if character == separator, !isQuoted {
                fields.append("")
            } else {
                fields[fields.count - 1].append(character)
            }
        }
        return fields.map { $0.trimmingCharacters(in: .whitespaces).trimmingCharacters(in: ["\""]) }
    }

    private static func resolved(_ path: String, _ folder: URL) -> String {
        path.isEmpty || path.hasPrefix("/") ? path : folder.appending(path: path).path
    }
}

extension Manifest.Entry {
    /// Adds the row of the other leg.
    fileprivate mutating func add(_ other: Manifest.Entry) {
        guard problem == nil else { return }
        files += other.files
        if files.count > 2 {
            problem = "more than two files for one night; tell the nights apart in the column 'night'"
        } else if Set(files.map(\.leg)).count < files.count || files.contains(where: { $0.leg == nil }) {
            problem = "two files for one night, and the column 'leg' does not tell left and right (line \(other.line))"
        } else if [
            other.lightsOut, other.wakeUp, other.condition, other.events, other.movements, other.emg, other.notch,
            other.map,
        ]
            != [lightsOut, wakeUp, condition, events, movements, emg, notch, map]
        {
            problem = "the rows of the two legs disagree (line \(other.line))"
        }
        files.sort { $0.leg == .left && $1.leg == .right }
    }
}
