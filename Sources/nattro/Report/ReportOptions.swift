// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Recordings
import Reports

/// Where a report goes, and in which forms: the same for every report.
struct ReportOptions: ParsableArguments {
    @Option(
        name: [.customLong("out"), .customShort("o")],
        help: .init("The HTML file; - is standard output. By default a name in the current folder.", valueName: "file"))
    var out: String?

    @Flag(help: "Write over a file that is there already.")
    var force = false

    @Option(help: .init("Write a PDF too, through an installed Chromium.", valueName: "file"))
    var pdf: String?

    @Option(help: .init("Write the numbers of every picture into this folder, as CSV.", valueName: "folder"))
    var csv: String?

    @Flag(help: "Answer in JSON (schema \(Self.schema)).")
    var json = false

    /// The schema of the answer in JSON.
    static let schema = "nattro.report/1"

    func validate() throws {
        if json, out == "-" { throw ValidationError("--json and --out - both write to standard output; give one.") }
        if pdf == "-" { throw ValidationError("--pdf - : a PDF goes into a file; name one.") }
    }

    /// The HTML file's name, where one is written: it is unless only other forms are asked for.
    private func htmlFile(_ name: String) -> String? { out ?? (json || pdf != nil || csv != nil ? nil : name) }

    /// Refuses files that are there already, before any work.
    func check(_ name: String) throws {
        guard !force else { return }
        for path in [htmlFile(name), pdf].compactMap(\.self) where path != "-" { try Self.refuseExisting(path) }
    }

    private static func refuseExisting(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        throw Failure(
            message: "\(path): is there already; name another file with --out, or say --force", outcome: .unusableInput)
    }

    /// Writes a report in the forms that were asked for.
    ///
    /// - Parameters:
    ///   - name: the HTML file's name where none was given.
    ///   - kind: what is reported, for the JSON answer.
    ///   - members: what the JSON answer holds beside pictures and tables.
    func write(_ document: ReportDocument, name: String, kind: String, members: [JSONValue.Member]) async throws {
        let html = try document.html()
        if let path = htmlFile(name) {
            if path == "-" {
                try writeResult(html)
            } else {
                try save(html, path)
                try tell(path, bytes: html.utf8.count)
            }
        }
        if let csv { try write(document.csvFiles, into: csv) }
        if let pdf {
            try await PDFPrinter.print(html, to: pdf, replacing: force)
            if !json { try writeResult("\(pdf): written\n") }
        }
        if json {
            let own = members.map { ",\(JSONValue.string($0.name)):\($0.value)" }.joined()
            try writeResult(
                "{\"schema\":\(JSONValue.string(Self.schema)),\"report\":\(JSONValue.string(kind)),"
                    + "\"title\":\(JSONValue.string(document.title))\(own),\(document.jsonMembers)}\n")
        }
    }

    private func save(_ text: String, _ path: String) throws {
        if !force { try Self.refuseExisting(path) }
        var file = try OutputFile(path: path, mustBeNew: !force)
        try file.write(Array(text.utf8))
        try file.finish()
    }

    private func tell(_ path: String, bytes: Int) throws {
        guard !json else { return }
        try writeResult("\(path): \((bytes + 512) / 1024) kB; \(Self.howToOpen(path))\n")
    }

    /// How a person sees a file.
    static func howToOpen(_ path: String) -> String {
        Programs.find(["xdg-open"]) != nil ? "open it: xdg-open \(shellWord(path))" : "open it in a browser"
    }

    /// A path as a shell takes it.
    private static func shellWord(_ path: String) -> String {
        let plain = path.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                || "/._-+:".unicodeScalars.contains($0)
        }
        return plain ? path : "'\(path.replacing("'", with: "'\\''"))'"
    }

    private func write(_ files: [(name: String, content: String)], into folder: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure(
                message: "\(folder): cannot be made (\(error.localizedDescription)); name another folder",
                outcome: .unusableInput)
        }
        for (name, content) in files { try save(content, "\(folder)/\(name)") }
        if !json { try writeResult("\(folder): \(files.count) CSV files\n") }
    }
}

/// Programs that may be installed.
enum Programs {
    /// The path of the first of these that is there.
    static func find(_ names: [String]) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        for name in names {
            for folder in folders {
                let path = "\(folder)/\(name)"
                if FileManager.default.isExecutableFile(atPath: path) { return path }
            }
        }
        return nil
    }
}
