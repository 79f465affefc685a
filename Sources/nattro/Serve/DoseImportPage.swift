// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Synchronization
import Web

/// Doses from a file: first what was understood of it, then, where the person says so, into the journal.
enum DoseImportPage {
    static func routes(_ context: ServeContext) -> [PageRoute] {
        let uploads = Uploads(folder: context.folder)
        return [
            .page(.post, "/doses/import", takesFiles: true) { try await preview($0, uploads, context) },
            .page(.post, "/doses/import/keep") { try await keep($0, uploads, context) },
        ]
    }

    /// What may be said about a file.
    static let options: HTML = """
        <details><summary>If it is not understood</summary><div class="row">
        \(FormField.input("map", "Which column is which", hint: "taken=Taken At,amount=Dose,unit==mg,form=Salt", extra: " maxlength=\"400\""))
        \(FormField.input("kind", "What a source's doses are", hint: "Magnesium tablets=supplement", extra: " maxlength=\"200\""))
        \(FormField.input("tz", "Zone of its times", hint: "Europe/Berlin", extra: " maxlength=\"60\""))
        \(FormField.select("default-basis", "Weights without a word are of", [("", "as the file says"), ("elemental", "the magnesium alone"), ("compound", "the whole salt")]))
        \(FormField.select("date-order", "03/04/2026 is", [("", "as the file says"), ("dmy", "3 April"), ("mdy", "4 March")]))
        </div></details>
        """

    private static let optionNames = ["map", "kind", "tz", "default-basis", "date-order"]

    private static func arguments(_ request: PageRequest) -> [String] {
        optionNames.compactMap { name in
            let value = request.field(name)
            return value.isEmpty ? nil : "--\(name)=\(value)"
        }
    }

    private static func preview(
        _ request: PageRequest, _ uploads: Uploads, _ context: ServeContext
    ) async throws -> PageResponse {
        guard let sent = request.files["file"], !sent.name.isEmpty else {
            throw Failure(message: "choose a file first", outcome: .wrongUsage)
        }
        let (key, path) = try uploads.take(sent)
        let answer = shown(
            try await context.commands.run(
                ["dose", "import", "--dry-run"] + arguments(request) + ["--", path], seconds: 120), path, sent.name)
        let fields = [("upload", key)] + optionNames.map { ($0, request.field($0)) }
        let confirm: HTML =
            answer.isKept
            ? """
            <div class="row">\(FormField.button("/doses/import/keep", "Keep these doses", fields: fields, kind: "main"))
            <a class="button" href="/doses">No, keep nothing</a></div>

            """
            : """
            <p><a class="button" href="/doses">Back</a></p>

            """
        return PageLayout.page(
            title: "What was understood of the file", place: .doses,
            body: "<p>Nothing is kept yet. The file: \(sent.name)</p>\n\(answer.html)\(confirm)")
    }

    private static func keep(
        _ request: PageRequest, _ uploads: Uploads, _ context: ServeContext
    ) async throws -> PageResponse {
        guard let (path, name) = uploads.file(request.field("upload")) else {
            throw Failure(message: "the file is not here any more; choose it once more", outcome: .unusableInput)
        }
        // The rows that cannot be read were shown before the button.
        let words = ["dose", "import", "--accept-rejects"] + arguments(request) + ["--", path]
        let answer = shown(try await context.commands.run(words, seconds: 300), path, name)
        if answer.isKept { uploads.forget(request.field("upload")) }
        return context.shelf.show([answer], on: "/doses")
    }

    /// An answer that calls the file as the person does.
    private static func shown(_ answer: OwnCommands.Answer, _ path: String, _ name: String) -> OwnCommands.Answer {
        var answer = answer
        answer.output = answer.output.replacing(path, with: name)
        answer.errors = answer.errors.replacing(path, with: name)
        return answer
    }
}

/// Files that wait for a word whether they are to be kept.
private final class Uploads: Sendable {
    private struct Waiting {
        var key: String
        var path: String
        var name: String
    }

    private let folder: String
    private let waiting = Mutex<[Waiting]>([])

    /// Older ones are deleted.
    private static let most = 4

    /// Deletes what an earlier start left.
    init(folder: String) {
        self.folder = "\(folder)/imports"
        try? FileManager.default.removeItem(atPath: self.folder)
    }

    /// Takes a file that a form sent.
    func take(_ file: PageRequest.SentFile) throws -> (key: String, path: String) {
        try UserFolders.make(folder)
        let key = UUID().uuidString.lowercased()
        let path = "\(folder)/\(key)"
        try FileManager.default.moveItem(atPath: file.path, toPath: path)
        waiting.withLock { waiting in
            waiting.append(Waiting(key: key, path: path, name: file.name))
            while waiting.count > Self.most { try? FileManager.default.removeItem(atPath: waiting.removeFirst().path) }
        }
        return (key, path)
    }

    func file(_ key: String) -> (path: String, name: String)? {
        waiting.withLock { waiting in waiting.first { $0.key == key }.map { ($0.path, $0.name) } }
    }

    func forget(_ key: String) {
        waiting.withLock { waiting in
            for file in waiting where file.key == key { try? FileManager.default.removeItem(atPath: file.path) }
            waiting.removeAll { $0.key == key }
        }
    }
}
