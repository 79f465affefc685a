// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Glibc

/// Prints a report on A4 through a browser that is installed.
enum PDFPrinter {
    private static let browsers = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    /// Seconds that a browser may take.
    private static let patience = 90.0

    /// Prints HTML into a PDF file.
    static func print(_ html: String, to path: String, replacing: Bool) async throws {
        guard let browser = Programs.find(browsers) else {
            throw Failure(
                message: "\(path): no Chromium is installed to print with (apt install chromium); "
                    + "or open the HTML file in any browser and print it",
                outcome: .unusableInput)
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "nattro-pdf-\(UUID().uuidString)")
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            defer { try? FileManager.default.removeItem(at: folder) }
            let (page, printed) = (folder.appending(path: "report.html"), folder.appending(path: "report.pdf"))
            try Data(html.utf8).write(to: page)
            let status = try await run(
                browser,
                [
                    "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                    "--user-data-dir=\(folder.path)/profile", "--no-pdf-header-footer",
                    "--print-to-pdf=\(printed.path)",
                ]
                    // Chromium's own sandbox refuses to start for root.
                    + (geteuid() == 0 ? ["--no-sandbox"] : []) + [page.absoluteString])
            guard status == 0, FileManager.default.fileExists(atPath: printed.path) else {
                throw Failure(
                    message:
                        "\(path): \(browser) made no PDF (exit code \(status)); open the HTML file in a browser and print it",
                    outcome: .incomplete)
            }
            let pdf = try Data(contentsOf: printed)
            try pdf.write(to: URL(filePath: path), options: replacing ? .atomic : .withoutOverwriting)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(
                message:
                    "\(path): cannot be written (\(error.localizedDescription)); name a file in a folder that is yours",
                outcome: .unusableInput)
        }
    }

    private static func run(_ program: String, _ arguments: [String]) async throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let end = ContinuousClock.now + .seconds(patience)
        while process.isRunning, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(50)) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
