// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import TestSupport
import Testing

@testable import nattro

@Suite struct SleepInhibitorTests {
    /// A stand-in for systemd-inhibit that runs `script`.
    private func program(_ script: String, in folder: URL) throws -> String {
        let path = folder.appending(path: "inhibit").path
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        return path
    }

    @Test func sleepIdlenessAndTheLidAreHeldOffUntilTheEnd() throws {
        try Fixtures.withTemporaryFolder { folder in
            let (asked, ended) = (folder.appending(path: "asked").path, folder.appending(path: "ended").path)
            // The lock lasts as long as the child reads.
            let program = try program("echo \"$@\" >\(asked); cat; touch \(ended)", in: folder)
            let inhibitor = SleepInhibitor(program: program, login: folder.path)
            #expect(inhibitor.problem == nil)
            for _ in 0..<100 where !FileManager.default.fileExists(atPath: asked) {
                Thread.sleep(forTimeInterval: 0.02)
            }
            let words = try String(contentsOfFile: asked, encoding: .utf8)
            #expect(words.contains("--what=sleep:idle:handle-lid-switch") && words.contains("--mode=block"))
            #expect(!FileManager.default.fileExists(atPath: ended))
            inhibitor.end()
            for _ in 0..<250 where !FileManager.default.fileExists(atPath: ended) {
                Thread.sleep(forTimeInterval: 0.02)
            }
            #expect(FileManager.default.fileExists(atPath: ended))
        }
    }

    @Test func whereLogindRefusesOrIsMissingTheSleeperIsTold() throws {
        try Fixtures.withTemporaryFolder { folder in
            let refusing = SleepInhibitor(program: try program("exit 1", in: folder), login: folder.path)
            #expect(refusing.problem?.contains("refuses") == true)
            let missing = SleepInhibitor(program: "/nowhere", login: folder.path)
            #expect(missing.problem?.contains("may fall asleep") == true)
        }
    }
}
