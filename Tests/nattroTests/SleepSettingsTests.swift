// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@testable import nattro

@Suite struct SleepSettingsTests {
    /// The settings of a computer that has these files, and says this of its desktop.
    private func settings(_ files: [String: String], desktop: [String: String] = [:]) throws -> SleepSettings {
        try Fixtures.withTemporaryFolder { root in
            for (path, text) in files {
                let file = root.appending(path: path)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                if text.hasPrefix("-> ") {
                    try FileManager.default.createSymbolicLink(
                        atPath: file.path, withDestinationPath: String(text.dropFirst(3)))
                } else {
                    try Data(text.utf8).write(to: file)
                }
            }
            return SleepSettings(root: root.path) { _, key in desktop[key] }
        }
    }

    private static let lid = "proc/acpi/button/lid/LID0/state"

    @Test func aLaptopSleepsWhenItsLidIsClosedUnlessToldOtherwise() throws {
        #expect(try settings([:]).risks.isEmpty)
        #expect(try settings([Self.lid: "open"]).risks == ["closing the lid means suspend"])
        #expect(
            try settings([
                Self.lid: "open", "etc/systemd/logind.conf": "[Login]\n#HandleLidSwitch=x\nHandleLidSwitch=ignore\n",
            ])
            .risks.isEmpty)
    }

    @Test func aDropInIsOverTheFile() throws {
        let found = try settings([
            "etc/systemd/logind.conf": "IdleAction=ignore\n",
            "etc/systemd/logind.conf.d/50.conf": "IdleAction = suspend\nIdleActionSec=10min\n",
        ])
        #expect(found.risks == ["after 10min of idleness: suspend"])
    }

    @Test func theDesktopsTimerIsARisk() throws {
        let found = try settings(
            [:], desktop: ["sleep-inactive-ac-type": "'suspend'", "sleep-inactive-ac-timeout": "900"])
        #expect(found.risks == ["the desktop sets it to suspend after 15 min on mains"])
        #expect(
            try settings([:], desktop: ["sleep-inactive-ac-type": "'nothing'", "sleep-inactive-ac-timeout": "900"])
                .risks
                .isEmpty)
        #expect(
            try settings([:], desktop: ["sleep-inactive-ac-type": "'suspend'", "sleep-inactive-ac-timeout": "0"]).risks
                .isEmpty)
    }

    @Test func whereSleepIsMaskedNothingIsARisk() throws {
        let found = try settings([
            Self.lid: "open", "etc/systemd/system/sleep.target": "-> /dev/null",
            "etc/systemd/system/suspend.target": "-> /dev/null",
        ])
        #expect(found.risks.isEmpty && found.safeguards == ["sleep is masked in systemd"])
    }
}
