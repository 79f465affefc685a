// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// What this computer is told about falling asleep, as far as its files and the desktop say.
struct SleepSettings {
    /// What would send the computer to sleep although nobody asks it to, in words; empty if nothing does.
    var risks: [String] = []
    /// What keeps it awake, in words.
    var safeguards: [String] = []

    /// Reads the settings under a root folder; `/` is this computer's.
    ///
    /// - Parameter desktop: answers `gsettings get SCHEMA KEY`; nil where there is no such desktop.
    init(root: String = "/", desktop: (_ schema: String, _ key: String) -> String? = Self.desktopSetting) {
        let login = Self.settings("logind.conf", root)
        // logind's own defaults: the lid suspends, idleness does nothing.
        let lid = login["HandleLidSwitch"] ?? "suspend"
        let hasLid = FileManager.default.fileExists(atPath: "\(root)/proc/acpi/button/lid")
        if hasLid, lid != "ignore", lid != "lock" { risks.append("closing the lid means \(lid)") }
        if let idle = login["IdleAction"], !["ignore", "lock"].contains(idle) {
            risks.append("after \(login["IdleActionSec"] ?? "30min") of idleness: \(idle)")
        }
        let isMasked = ["sleep.target", "suspend.target"].allSatisfy { target in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(root)/etc/systemd/system/\(target)"))
                == "/dev/null"
        }
        if isMasked { safeguards.append("sleep is masked in systemd") }
        if Self.settings("sleep.conf", root)["AllowSuspend"] == "no" { safeguards.append("suspend is not allowed") }
        let power = "org.gnome.settings-daemon.plugins.power"
        if let action = desktop(power, "sleep-inactive-ac-type")?.unquoted, action != "nothing",
            let seconds = desktop(power, "sleep-inactive-ac-timeout").flatMap({ Int($0) }), seconds > 0
        {
            risks.append("the desktop sets it to \(action) after \(seconds / 60) min on mains")
        }
        if !safeguards.isEmpty { risks.removeAll() }
    }

    /// A file of systemd's settings and its drop-ins, later ones over earlier ones.
    private static func settings(_ name: String, _ root: String) -> [String: String] {
        var found: [String: String] = [:]
        for folder in ["usr/lib/systemd", "etc/systemd"] {
            let base = "\(root)/\(folder)/\(name)"
            let dropIns = (try? FileManager.default.contentsOfDirectory(atPath: "\(base).d"))?.sorted() ?? []
            for path in [base] + dropIns.filter({ $0.hasSuffix(".conf") }).map({ "\(base).d/\($0)" }) {
                guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { continue }
                for line in text.split(whereSeparator: \.isNewline) {
                    let parts = line.split(separator: "=", maxSplits: 1).map {
                        $0.trimmingCharacters(in: .whitespaces)
                    }
                    if parts.count == 2, !parts[0].hasPrefix("#"), !parts[0].hasPrefix(";") {
                        found[parts[0]] = parts[1]
                    }
                }
            }
        }
        return found
    }

    /// What GNOME's settings say; nil without them.
    static func desktopSetting(_ schema: String, _ key: String) -> String? {
        guard ProcessInfo.processInfo.environment["DBUS_SESSION_BUS_ADDRESS"] != nil else { return nil }
        return output("/usr/bin/gsettings", ["get", schema, key])
    }

    /// What a program prints; nil where it is not there or fails.
    static func output(_ program: String, _ arguments: [String]) -> String? {
        guard FileManager.default.isExecutableFile(atPath: program) else { return nil }
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

extension String {
    /// GVariant writes texts in single quotes.
    fileprivate var unquoted: String { trimmingCharacters(in: CharacterSet(charactersIn: "'")) }
}
