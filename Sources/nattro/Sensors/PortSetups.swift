// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Sensors

/// The sensors on serial ports that this user set up: a small file each in `nattro/ports` of the user's configuration.
enum PortSetups {
    /// The folder of the files.
    static var folder: URL {
        let home = FileManager.default.homeDirectoryForCurrentUser
        let configuration = ProcessInfo.processInfo.environment["XDG_CONFIG_HOME"].flatMap {
            $0.hasPrefix("/") ? URL(filePath: $0) : nil
        }
        return (configuration ?? home.appending(path: ".config")).appending(path: "nattro/ports")
    }

    /// All that are set up, by name; files that cannot be read are named on standard error.
    static func all() -> [PortSetup] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().filter { PortSetup.isName($0) }.compactMap { name in
            let path = folder.appending(path: name)
            guard let text = try? String(contentsOf: path, encoding: .utf8), let setup = PortSetup(text),
                setup.name == name
            else {
                complain("\(path.path): cannot be understood; set the port up again with `nattro sensors setup`")
                return nil
            }
            return setup
        }
    }

    /// The one that is called so, or whose port is this path; nil for whatever must be a serial number.
    static func setup(called name: String) throws -> PortSetup? {
        let all = all()
        if let setup = all.first(where: { $0.name == name || areSamePort($0.port, name) }) { return setup }
        guard name.contains("/") else { return nil }
        throw Failure(
            message: "\(name): this port is not set up, so nobody knows what its numbers mean; "
                + "once, run `nattro sensors setup \(name)`", outcome: .wrongUsage)
    }

    private static func areSamePort(_ one: String, _ other: String) -> Bool {
        one == other || other.contains("/") && areSameFile(one, other)
    }

    /// The lasting names of the serial ports that are there, whatever is behind them.
    static var lastingNames: [String] {
        let folder = "/dev/serial/by-id"
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().map { "\(folder)/\($0)" }
    }

    /// Keeps one, in place of an earlier one of that name.
    static func save(_ setup: PortSetup) throws {
        let path = folder.appending(path: setup.name)
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data(setup.encoded.utf8).write(to: path, options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path.path)
        } catch {
            throw Failure(
                message: "\(path.path): cannot be written (\(error.localizedDescription)); "
                    + "make room, or set XDG_CONFIG_HOME",
                outcome: .unusableInput)
        }
    }
}
