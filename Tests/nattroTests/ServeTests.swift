// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Journal
import Nights
import TestSupport
import Testing

/// A `nattro serve` of the test's own.
private final class RunningServer {
    let process = Process()
    let port: Int
    let cookie: String

    init(_ home: JournalHome, recorder: [String] = ["record", "--json", "--synthetic=1"]) throws {
        let output = home.folder.appending(path: "serve-\(UUID().uuidString)")
        try Data().write(to: output)
        process.executableURL = URL(filePath: ProgramRun.nattro)
        process.arguments = ["serve", "--port", "0"] + recorder.map { "--recorder=\($0)" }
        let state = ["XDG_STATE_HOME": home.path("state")]
        process.environment = ProcessInfo.processInfo.environment.merging(home.environment.merging(state) { $1 }) { $1 }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        var address = ""
        for _ in 0..<200 where !address.hasSuffix("\n") {
            Thread.sleep(forTimeInterval: 0.05)
            address = try String(contentsOf: output, encoding: .utf8)
        }
        let parts = address.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: "/?token=")
        port = try #require(parts.first?.split(separator: ":").last.flatMap { Int($0) })
        let connection = try LoopbackConnection(port: port)
        connection.send("GET /?token=\(parts.last ?? "") HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\r\n")
        cookie = String(connection.answer().headers["set-cookie"]?.split(separator: ";").first ?? "")
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    func head(_ method: String, _ path: String, _ more: String = "") -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nOrigin: http://127.0.0.1:\(port)\r\nCookie: \(cookie)\r\n\(more)\r\n"
    }

    func get(_ path: String) throws -> LoopbackConnection.Answer {
        let connection = try LoopbackConnection(port: port)
        connection.send(head("GET", path))
        return connection.answer()
    }

    /// Sends a form, and looks at the page that it leads to.
    func post(_ path: String, _ form: String = "") throws -> LoopbackConnection.Answer {
        let connection = try LoopbackConnection(port: port, patience: 60)
        connection.send(
            head(
                "POST", path,
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(form.utf8.count)\r\n")
                + form)
        let answer = connection.answer()
        guard answer.status == 303, let location = answer.headers["location"] else { return answer }
        return try get(location)
    }

    /// Kilobytes that it has in memory.
    var memory: Int {
        let status = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return Int(line?.split(whereSeparator: \.isWhitespace).dropFirst().first ?? "") ?? 0
    }
}

@Suite(.serialized)  // each has a server of its own
struct ServeTests {
    private static let pages = [
        "/", "/tonight", "/nights", "/doses", "/diary/2026-01-15", "/compare", "/plan", "/export",
    ]

    @Test func lookingAtPagesChangesNothingInTheJournal() throws {
        try JournalHome.with { home in
            try home.run("import", home.simulate("night"))
            try home.run("dose", "add", "200mg", "citrate", "2026-01-15", "21:10")
            let server = try RunningServer(home)
            try home.run("export", "--all", home.path("before"))
            for page in Self.pages {
                let answer = try server.get(page)
                #expect(answer.status == 200, "\(page)")
                #expect(answer.text.contains("<main id=\"main\""), "\(page)")
            }
            try home.run("export", "--all", home.path("after"))
            #expect(
                try ProgramRun("diff", ["-r", home.path("before"), home.path("after"), "-x", "*manifest*"]).status == 0)
            for path in ["/doses/add", "/doses/undo", "/tonight/start", "/tonight/stop", "/export/backup"] {
                #expect(try server.get(path).status == 405, "\(path)")
            }
        }
    }

    @Test func whatAPersonTypesIsTextAndNeverAnOptionOrHTML() throws {
        try JournalHome.with { home in
            let server = try RunningServer(home)
            let note = "%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%CC%81+onfocus%3D%22x"
            let page = try server.post("/doses/add", "dose=200mg+citrate+2026-01-15+21%3A10&note=\(note)").text
            #expect(page.contains("Done."))
            #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;\u{301} onfocus=&quot;x"))
            #expect(!page.contains("<script>alert"))
            #expect(try home.store().doses().map(\.value.elementalMg) == [200])
            let negative = try server.post(
                "/doses/add", "dose=-200mg+citrate+--confirm+--now%3D2000-01-01T00%3A00%3A00Z")
            #expect(negative.text.contains("class=\"answer failed\""))
            #expect(try home.store().doses().count == 1, "nothing of it was an option")
            let same = try server.post("/doses/same")
            #expect(same.text.contains("Done."))
            #expect(try home.store().doses().count == 2)
            #expect(try server.post("/doses/undo").text.contains("taken back"))
            let diary = try server.post("/diary/2026-01-15", "urge_0_10=4&note=--help")
            #expect(diary.text.contains("Done."))
            #expect(try home.store().diary().map(\.value.note) == ["--help"])
        }
    }

    @Test func aRecordingGoesOnWhenTheServerIsKilledAndIsFoundAgain() throws {
        try JournalHome.with { home in
            let first = try RunningServer(home)
            #expect(try first.post("/tonight/start", "until=07%3A00").text.contains("Recording."))
            kill(first.process.processIdentifier, SIGKILL)
            first.process.waitUntilExit()
            let folder = home.folder.appending(path: "data/nattro/nights")
            let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path).first)
            let log = folder.appending(path: name).path
            func size() throws -> Int { try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int ?? 0 }
            let before = try size()
            // The log grows by sectors of a third of a second or so.
            for _ in 0..<100 where try size() <= before { Thread.sleep(forTimeInterval: 0.1) }
            #expect(try size() > before, "it is written on")
            let second = try RunningServer(home)
            #expect(try second.get("/tonight").text.contains("Stop the recording"))
            #expect(try second.post("/tonight/start", "until=07%3A00").text.contains("being recorded already"))
            let events = try LoopbackConnection(port: second.port)
            events.send(second.head("GET", "/api/tonight/events"))
            let told = events.receive(until: "event: status")
            #expect(told.contains("event: reset") && told.contains("event: trace"), "\(told.prefix(500))")
            #expect(try second.post("/tonight/stop").text.contains("No night is being recorded."))
        }
    }

    @Test func theServerEndsWithASignalAndItsEventStreamsWithIt() throws {
        try JournalHome.with { home in
            let server = try RunningServer(home)
            let events = try LoopbackConnection(port: server.port)
            events.send(server.head("GET", "/api/tonight/events"))
            #expect(events.receive(until: "event: state").contains("\"state\":\"idle\""))
            let beginning = ContinuousClock.now
            kill(server.process.processIdentifier, SIGTERM)
            while let bytes = events.receive(), !bytes.isEmpty {}
            server.process.waitUntilExit()
            #expect(server.process.terminationStatus == 0)
            #expect(ContinuousClock.now - beginning < .seconds(4))
        }
    }

    @Test func tenThousandRequestsLeaveNoTraceInMemory() throws {
        try JournalHome.with { home in
            try home.run("dose", "add", "200mg", "citrate", "2026-01-15", "21:10")
            let server = try RunningServer(home)
            func ask(_ count: Int) throws {
                var connection = try LoopbackConnection(port: server.port)
                for number in 0..<count {
                    // Some with connections of their own, some refused.
                    if number % 50 == 0 { connection = try LoopbackConnection(port: server.port) }
                    let page = number % 10 == 0 ? "/doses" : number % 3 == 0 ? "/nope" : "/"
                    connection.send(server.head("GET", page))
                    guard connection.answer().status != 0 else { throw CocoaError(.fileReadUnknown) }
                }
            }
            try ask(2000)
            let before = server.memory
            try ask(10_000)
            #expect(server.memory - before < 8 * 1024, "\(before) kB before, \(server.memory) kB after")
        }
    }
}
