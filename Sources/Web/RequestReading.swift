// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore

/// Reads the body of a request within the limits.
struct RequestReading {
    let limits: ServerLimits
    /// Where files of forms lie until the request is answered.
    let folder: String

    /// Why a body is not taken.
    struct Refusal: Error {
        var status: Int
        var words: String
    }

    /// What a body held.
    struct Content {
        var form: [String: [String]] = [:]
        var files: [String: PageRequest.SentFile] = [:]
        var body: [UInt8] = []

        /// Deletes the files that nobody took away.
        func deleteFiles() {
            for file in files.values { try? FileManager.default.removeItem(atPath: file.path) }
        }
    }

    /// Reads a body to its end.
    func content(of request: Request, takesFiles: Bool) async throws -> Content {
        // A body of no told length could be cut off without anybody seeing it; browsers tell it.
        guard let length = request.headers[.contentLength].flatMap({ Int($0) }), length >= 0 else {
            throw Refusal(status: 411, words: "The request does not say how long it is.")
        }
        let limit = takesFiles ? limits.fileBytes : limits.formBytes
        guard length <= limit else {
            throw Refusal(
                status: 413,
                words: "That is too much: \(length) bytes, and at most \(limit) are taken. "
                    + (takesFiles ? "Import a larger file on the command line." : "Nothing was changed."))
        }
        let type = request.headers[.contentType] ?? ""
        if takesFiles, let reader = MultipartReader(contentType: type) {
            return try await files(of: request, reader, length)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(length, limits.formBytes))
        for try await chunk in request.body {
            bytes.append(contentsOf: chunk.readableBytesView)
            guard bytes.count <= limit else { throw Refusal(status: 413, words: "The request is longer than it says.") }
        }
        guard bytes.count == length else { throw Self.cutOff }
        guard type.split(separator: ";").first?.lowercased() == "application/x-www-form-urlencoded" else {
            return Content(body: bytes)
        }
        guard let form = FormFields.read(bytes) else {
            throw Refusal(status: 400, words: "The form cannot be read, so nothing was changed.")
        }
        return Content(form: form)
    }

    private static let cutOff = Refusal(status: 400, words: "The request was cut off, so nothing was changed.")

    /// Reads a form with files: the files go to the disk as they come.
    private func files(of request: Request, _ reader: consuming MultipartReader, _ length: Int) async throws -> Content
    {
        var reader = reader
        var content = Content()
        var field: (name: String, bytes: [UInt8])?
        var file: (name: String, shown: String, path: String, handle: FileHandle)?
        var (count, fieldBytes) = (0, 0)
        do {
            for try await chunk in request.body {
                count += chunk.readableBytes
                guard count <= length else { throw Refusal(status: 413, words: "The request is longer than it says.") }
                for piece in try reader.append(chunk.readableBytesView) {
                    switch piece {
                    case .begin(let name, let shown?):
                        let path = "\(folder)/\(UUID().uuidString)"
                        let isMade = FileManager.default.createFile(
                            atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
                        guard isMade, let handle = FileHandle(forWritingAtPath: path) else {
                            throw Refusal(status: 500, words: "The file cannot be kept for a moment: is the disk full?")
                        }
                        content.files[name] = PageRequest.SentFile(path: path, name: shown)
                        file = (name, shown, path, handle)
                    case .begin(let name, nil): field = (name, [])
                    case .bytes(let bytes):
                        if let file { try file.handle.write(contentsOf: Data(bytes)) }
                        guard field != nil else { continue }
                        fieldBytes += bytes.count
                        guard fieldBytes <= limits.formBytes else {
                            throw Refusal(status: 413, words: "The form's texts are too long.")
                        }
                        field?.bytes += bytes
                    case .end:
                        if let done = field {
                            guard let text = String(validating: done.bytes, as: UTF8.self) else {
                                throw Refusal(status: 400, words: "The form cannot be read, so nothing was changed.")
                            }
                            content.form[done.name, default: []].append(text)
                        }
                        try file?.handle.close()
                        (field, file) = (nil, nil)
                    }
                }
            }
            guard count == length, reader.isComplete else { throw Self.cutOff }
            return content
        } catch {
            try? file?.handle.close()
            content.deleteFiles()
            if let error = error as? MultipartReader.Malformed {
                throw Refusal(status: 400, words: "The form cannot be read (\(error.words)), so nothing was changed.")
            }
            if error is CocoaError {
                throw Refusal(status: 500, words: "The file cannot be kept for a moment: is the disk full?")
            }
            throw error
        }
    }
}
