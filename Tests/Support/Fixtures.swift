// SPDX-License-Identifier: GPL-3.0-or-later
package import Foundation

/// Where the tests' files are.
package enum Fixtures {
    /// The top of the project.
    package static let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The path of a file in `Fixtures`.
    package static func path(_ name: String) -> String { project.appending(path: "Fixtures/\(name)").path }

    /// The bytes of a file in `Fixtures`.
    package static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: project.appending(path: "Fixtures/\(name)")))
    }

    /// The folder of the extended tests' recordings, where `NATTRO_EXTRA` names one.
    package static var extra: URL? {
        ProcessInfo.processInfo.environment["NATTRO_EXTRA"].map { URL(filePath: $0) }
    }

    /// Runs `body` with a new folder, and removes it.
    package static func withTemporaryFolder<T>(_ body: (URL) throws -> T) throws -> T {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nattro-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }
}

/// A program that ran to its end.
package struct ProgramRun {
    /// Its exit code.
    package var status: Int32
    /// What it wrote to standard output.
    package var output: String
    /// What it wrote to standard error.
    package var errors: String

    /// Runs a program of the system, or `nattro` as it was built beside the tests.
    ///
    /// The user's folders are new and empty ones, unless `environment` names others.
    ///
    /// - Parameter environment: what is set besides what the tests have.
    package init(
        _ program: String, _ arguments: [String], input: [UInt8]? = nil, environment: [String: String] = [:]
    ) throws {
        let process = Process()
        process.executableURL = URL(filePath: program == "nattro" ? Self.nattro : "/usr/bin/env")
        process.arguments = program == "nattro" ? arguments : [program] + arguments
        // Files, not pipes: a full pipe would stop the program while nobody reads.
        self = try Fixtures.withTemporaryFolder { folder in
            let files = ["in", "out", "err"].map { folder.appending(path: $0) }
            let own = [
                "XDG_DATA_HOME": folder.appending(path: "data").path,
                "XDG_CONFIG_HOME": folder.appending(path: "config").path,
            ]
            process.environment = ProcessInfo.processInfo.environment.merging(own) { $1 }.merging(environment) { $1 }
            try Data(input ?? []).write(to: files[0])
            for file in files[1...] { try Data().write(to: file) }
            process.standardInput = try FileHandle(forReadingFrom: files[0])
            process.standardOutput = try FileHandle(forWritingTo: files[1])
            process.standardError = try FileHandle(forWritingTo: files[2])
            try process.run()
            process.waitUntilExit()
            return try ProgramRun(
                status: process.terminationStatus,
                output: String(decoding: Data(contentsOf: files[1]), as: UTF8.self),
                errors: String(decoding: Data(contentsOf: files[2]), as: UTF8.self))
        }
    }

    private init(status: Int32, output: String, errors: String) {
        self.status = status
        self.output = output
        self.errors = errors
    }

    /// The `nattro` of the same build as the tests.
    package static let nattro = built("nattro")

    /// A program of the same build as the tests.
    package static func built(_ name: String) -> String {
        // The test bundle lies in the folder of the build's products.
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
        let folder =
            bundle?.deletingLastPathComponent() ?? URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        return folder.appending(path: name).path
    }
}
