// SPDX-License-Identifier: GPL-3.0-or-later
internal import Foundation
internal import Recordings

/// The folder beside a journal in which it keeps recordings.
public struct RecordingFolder: Sendable {
    /// The folder.
    public let path: String

    /// A folder, which is made when something goes into it.
    public init(_ path: String) { self.path = path }

    /// Copies a file into the folder under its own name, or one like it where that is taken by another file.
    ///
    /// A copy that is cut short never stands under the final name.
    ///
    /// - Returns: the path as the journal keeps it: relative to the journal's folder where it lies in it.
    public func take(
        _ source: String, named name: String, relativeTo journalFolder: String
    ) throws(JournalError) -> String {
        do {
            let manager = FileManager.default
            try manager.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let target = free(name, source)
            if !manager.fileExists(atPath: target) {
                let partial = "\(path)/.\(UUID().uuidString).partial"
                try manager.copyItem(atPath: source, toPath: partial)
                try manager.setAttributes([.posixPermissions: 0o600], ofItemAtPath: partial)
                let file = try FileHandle(forUpdating: URL(filePath: partial))
                try file.synchronize()
                try file.close()
                try manager.moveItem(atPath: partial, toPath: target)
            }
            return Self.relative(target, to: journalFolder)
        } catch {
            throw JournalError(error, path: path)
        }
    }

    /// A path as the journal keeps it: relative to its folder where it lies in it, else absolute.
    public static func relative(_ path: String, to folder: String) -> String {
        let file = URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
        let base = URL(filePath: folder.isEmpty ? "." : folder).standardizedFileURL.resolvingSymlinksInPath().path
        return file.hasPrefix(base + "/") ? String(file.dropFirst(base.count + 1)) : file
    }

    /// The first name that is free, or that has this very file.
    private func free(_ name: String, _ source: String) -> String {
        let (stem, ending) = ((name as NSString).deletingPathExtension, (name as NSString).pathExtension)
        var number = 1
        while true {
            let own = number == 1 ? stem : "\(stem)-\(number)"
            let target = "\(path)/\(own)\(ending.isEmpty ? "" : ".\(ending)")"
            guard FileManager.default.fileExists(atPath: target) else { return target }
            // Ends at the first byte that differs: loggers give all their files one name.
            if FileManager.default.contentsEqual(atPath: target, andPath: source) { return target }
            number += 1
        }
    }
}
