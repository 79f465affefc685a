// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal

/// What a person sets once: an environment variable `NATTRO_…` goes before the configuration file, and an option before both.
///
/// The file is `nattro/nattro.conf` in the user's configuration folder, or the one that `NATTRO_CONFIG` names: lines `name = value`, and comments
/// after `#`.
struct Settings {
    /// The names that can be set.
    enum Name: String, CaseIterable {
        /// The journal's file.
        case journal
        /// Whose entries are meant.
        case participant
        /// The rules to score by.
        case rules
        /// The left leg's sensor.
        case left
        /// The right leg's sensor.
        case right
        /// Where the sensors are worn.
        case site
        /// Where recordings are taken until: `07:00`.
        case until

        var variable: String { "NATTRO_\(rawValue.uppercased())" }
    }

    private let environment: [String: String]
    private let file: [String: String]

    /// The settings of this process and user.
    init(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        self.environment = environment
        let named = environment["NATTRO_CONFIG"]
        let path = named ?? "\(UserFolders.configuration)/nattro.conf"
        guard FileManager.default.fileExists(atPath: path) else {
            guard named == nil else {
                throw Failure(
                    message: "\(path): there is no such configuration file; check NATTRO_CONFIG", outcome: .wrongUsage)
            }
            file = [:]
            return
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Failure(
                message: "\(path): cannot be read as text; check its mode and encoding (UTF-8)", outcome: .wrongUsage)
        }
        file = try Self.parse(text, path)
    }

    /// What a setting is: the option if given, else the environment's, else the file's.
    func value(_ name: Name, option: String? = nil) -> String? {
        option ?? environment[name.variable].flatMap { $0.isEmpty ? nil : $0 } ?? file[name.rawValue]
    }

    private static func parse(_ text: String, _ path: String) throws -> [String: String] {
        var values: [String: String] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let content = line.trimmingCharacters(in: .whitespaces)
            if content.isEmpty || content.hasPrefix("#") { continue }
            let parts = content.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2, !parts[1].isEmpty else {
                throw Failure(message: "\(path):\(index + 1): is no line 'name = value'", outcome: .wrongUsage)
            }
            guard Name(rawValue: parts[0]) != nil else {
                throw Failure(
                    message: "\(path):\(index + 1): there is no setting '\(parts[0])'; known: "
                        + Name.allCases.map(\.rawValue).joined(separator: ", "),
                    outcome: .wrongUsage)
            }
            values[parts[0]] = parts[1]
        }
        return values
    }
}
