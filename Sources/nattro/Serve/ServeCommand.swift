// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Journal
import LegMovements
import Web

/// The pages in the browser.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the nights in a browser of this computer: record, look, enter doses, compare.",
        discussion: """
            Prints an address; open it in a browser on this computer. Its token is new at every start, and lets in whoever has it. Only \
            127.0.0.1 and ::1 are listened on, so no other computer reaches the pages, and no phone does: a phone would need them open to \
            the whole network, without encryption, and nights and medicines are nobody else's business. What a phone notes comes in as a \
            file: write doses as CSV there (# tz: Europe/Berlin, below it date,time,amount,unit,basis,form), send the file to this computer, and import it under "Doses \
            and diary" or with `nattro dose import FILE`. Bearable, Cronometer and Apple Health exports are read too.

            A recording that is started from a page is a process of its own; neither closing the browser nor ending the server ends it. \
            Ctrl-C ends the server.

            Exit codes: 0 ended · 2 it cannot listen, or the journal cannot be opened · 64 wrong usage.
            """)

    @Option(help: .init("The port; 0 lets the system choose one.", valueName: "number"))
    var port = LocalServer.usualPort
    @OptionGroup var options: JournalOptions
    /// For tests: the verb that records, and what follows it, each word an option of its own.
    @Option(parsing: .unconditionalSingleValue, help: .hidden)
    var recorder: [String] = []

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port \(port): from 0 to 65535.") }
    }

    func run() async throws {
        try await endingInExitCode {
            let context = try context()
            let server = LocalServer(
                routes: Self.routes(context), port: port, folder: context.folder,
                errorPage: { PageLayout.problem($0, $1) })
            do {
                try await server.run { doorway in
                    if let problem = doorway.problem { complain(problem) }
                    try? writeResult("\(doorway.address)\n")
                    complain(
                        "open this address in a browser of this computer; Ctrl-C ends the server, and no recording")
                }
            } catch let failure as LocalServer.Failure {
                throw Failure(message: failure.description, outcome: .unusableInput)
            }
        }
    }

    /// The pages; of two for one path the first answers.
    static func routes(_ context: ServeContext) -> [PageRoute] {
        [Asset.style, .tonight, .viewer, .viewerStyle].map(\.route) + StartPage.routes(context)
            + TonightPage.routes(context) + NightPages.routes(context) + NightsPage.routes(context)
            + DosesPage.routes(context) + DoseImportPage.routes(context) + DiaryPage.routes(context)
            + ComparePage.routes(context) + PlanPage.routes(context) + ExportPage.routes(context)
    }

    private func context() throws -> ServeContext {
        let folder = try UserFolders.serverFolder()
        let isNamed = options.journal != nil || options.participant != nil
        // What a crash left behind is taken in now: looking at a page changes nothing.
        let store = try options.open()
        let commands = OwnCommands(
            folder: folder, journal: (absolute(store.path), store.participant.name), isNamed: isNamed)
        return ServeContext(
            store: store, rules: try ScoringRules.named(Settings().value(.rules)), folder: folder, commands: commands,
            recording: RecordingControl(
                folder: folder, store: store, environment: commands.settings,
                command: recorder.isEmpty ? ["record", "--json"] : recorder))
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}

extension UserFolders {
    /// What the server keeps between two starts: `nattro/serve` in `XDG_STATE_HOME`, or in `~/.local/state`. It is there afterwards.
    static func serverFolder() throws -> String {
        let home = FileManager.default.homeDirectoryForCurrentUser.path
        let named = ProcessInfo.processInfo.environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let folder = "\(named ?? "\(home)/.local/state")/nattro/serve"
        try make(folder)
        return folder
    }
}
