// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal

/// The user's folders by the XDG base directory specification; only the user may look into those that nattro makes.
enum UserFolders {
    /// Where data are kept: `nattro` in `XDG_DATA_HOME`, or in `~/.local/share`.
    static var data: String { folder("XDG_DATA_HOME", ".local/share") }
    /// Where the configuration is kept: `nattro` in `XDG_CONFIG_HOME`, or in `~/.config`.
    static var configuration: String { folder("XDG_CONFIG_HOME", ".config") }
    /// The journal, unless another one is named.
    static var journal: String { "\(data)/journal.sqlite" }

    private static func folder(_ variable: String, _ usual: String) -> String {
        let home = FileManager.default.homeDirectoryForCurrentUser.path
        // The specification: a path that is not absolute is ignored.
        let named = ProcessInfo.processInfo.environment[variable].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return "\(named ?? "\(home)/\(usual)")/nattro"
    }

    /// Makes a folder that only its owner may look into.
    static func make(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw JournalError(
                .accessDenied, path: path, problem: "cannot be made", remedy: "name a journal elsewhere with --journal")
        }
    }
}

extension JournalStore {
    /// The folder in which the recordings of this journal's participant lie: `nights` beside the journal, with a folder for each
    /// participant who is not the default one.
    var recordingFolder: String {
        let nights = "\(folder.isEmpty ? "." : folder)/nights"
        return participant.name == Participant.defaultName ? nights : "\(nights)/\(participant.name)"
    }
}
