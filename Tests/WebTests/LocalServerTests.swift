// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Web

/// A server of the test's own, and what a browser that was let in sends.
struct TestServer: Sendable {
    let port: Int
    let token: String
    let cookie: String
    /// Where it says that ::1 is not there.
    let problem: String?

    /// Runs a body beside a server.
    static func with<T: Sendable>(
        _ routes: [PageRoute], limits: ServerLimits = ServerLimits(),
        _ body: @escaping @Sendable (TestServer) async throws -> T
    ) async throws -> T {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nattro-web-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = LocalServer(
            routes: routes, port: 0, limits: limits, folder: folder, errorPage: { .text($1, status: $0) })
        let (doorways, opened) = AsyncStream<LocalServer.Doorway>.makeStream()
        return try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask {
                try await server.run(endsWithSignals: false) { opened.yield($0) }
                return nil
            }
            group.addTask {
                guard let doorway = await doorways.first(where: { _ in true }) else { throw CancellationError() }
                let token = String(doorway.address.split(separator: "=").last ?? "")
                let connection = try LoopbackConnection(port: doorway.port)
                connection.send("GET /?token=\(token) HTTP/1.1\r\nHost: 127.0.0.1:\(doorway.port)\r\n\r\n")
                let answer = connection.answer()
                #expect(answer.status == 303 && answer.headers["location"] == "/")
                let cookie = String(answer.headers["set-cookie"]?.split(separator: ";").first ?? "")
                return try await body(
                    TestServer(port: doorway.port, token: token, cookie: cookie, problem: doorway.problem))
            }
            while let result = try await group.next() {
                if let result {
                    group.cancelAll()
                    return result
                }
            }
            throw CancellationError()
        }
    }

    /// The lines before the body that a browser sends.
    func head(_ method: String, _ path: String, _ more: [String] = []) -> String {
        ([
            "\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Origin: http://127.0.0.1:\(port)",
            "Cookie: \(cookie)",
        ] + more).joined(separator: "\r\n") + "\r\n\r\n"
    }

    /// Asks on a connection of its own.
    func ask(_ method: String, _ path: String, _ more: [String] = [], body: [UInt8]? = nil) throws
        -> LoopbackConnection.Answer
    {
        let connection = try LoopbackConnection(port: port)
        connection.send(head(method, path, more + (body.map { ["Content-Length: \($0.count)"] } ?? [])))
        if let body { connection.send(body) }
        return connection.answer(hasBody: method != "HEAD")
    }

    static let form = "Content-Type: application/x-www-form-urlencoded"
}

@Suite(.serialized)  // each has a server with threads of its own
struct LocalServerTests {
    private static let routes = [
        PageRoute(.get, "/") { _ in .html("<p>start</p>") },
        PageRoute(.get, "/say/:word") { .text($0.parameters["word"] ?? "") },
        PageRoute(.get, "/fail") { _ in throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: "/etc/secret"])
        },
        PageRoute(.post, "/form") { .text("\($0.field("a"))|\($0.form["a"]?.count ?? 0)") },
        PageRoute(.post, "/file", takesFiles: true) { request in
            guard let file = request.files["file"] else { return .text("none", status: 400) }
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            let mode = String(attributes[.posixPermissions] as? Int ?? 0, radix: 8)
            return .text("\(file.name)|\(attributes[.size] ?? 0)|\(mode)|\(request.field("note"))")
        },
        PageRoute(.get, "/large") { _ in .binary([UInt8](repeating: 7, count: 3_000_000)) },
    ]

    @Test func everyAnswerHasTheHeadersThatKeepOthersOut() async throws {
        try await TestServer.with(Self.routes) { server in
            for (path, status) in [("/", 200), ("/nope", 404), ("/fail", 500)] {
                let answer = try server.ask("GET", path)
                #expect(answer.status == status)
                for (name, value) in SecurityHeaders.all { #expect(answer.headers[name.lowercased()] == value) }
                #expect(answer.headers["access-control-allow-origin"] == nil)
                #expect(!answer.text.contains("secret") && !answer.text.contains("Cocoa"))
            }
        }
    }

    @Test func bothLoopbackAddressesAreListenedOnAndNoOther() async throws {
        try await TestServer.with(Self.routes) { server in
            if server.problem == nil {
                let six = try LoopbackConnection(port: server.port, address: "::1")
                six.send("GET / HTTP/1.1\r\nHost: [::1]:\(server.port)\r\nCookie: \(server.cookie)\r\n\r\n")
                #expect(six.answer().status == 200)
            }
            // Another address of the loopback network, and those of the network cards.
            var addresses = ["127.0.0.2", "127.1.2.3"]
            let own = try ProgramRun("hostname", ["-I"]).output.split(whereSeparator: \.isWhitespace).map(String.init)
            addresses += own.filter { !$0.contains(":") && !$0.hasPrefix("127.") }
            for address in addresses {
                #expect(throws: LoopbackConnection.Refused.self, "\(address)") {
                    try LoopbackConnection(port: server.port, address: address)
                }
            }
        }
    }

    @Test func aPortThatIsTakenIsNamed() async throws {
        try await TestServer.with(Self.routes) { server in
            let second = LocalServer(
                routes: [], port: server.port, folder: "/nonexistent", errorPage: { .text($1, status: $0) })
            let failure = await #expect(throws: LocalServer.Failure.self) {
                try await second.run(endsWithSignals: false) { _ in }
            }
            #expect(failure?.description.contains("is in use") == true)
        }
    }

    @Test func theTableOfAttacksIsRefusedOnTheWire() async throws {
        try await TestServer.with(Self.routes) { server in
            let (port, cookie) = (server.port, server.cookie)
            let good = "Host: 127.0.0.1:\(port)\r\nCookie: \(cookie)\r\n"
            let table: [(name: String, request: String, status: Int)] = [
                ("foreign host", "GET / HTTP/1.1\r\nHost: evil.example\r\nCookie: \(cookie)\r\n\r\n", 421),
                ("no host", "GET / HTTP/1.0\r\nCookie: \(cookie)\r\n\r\n", 421),
                ("two hosts", "GET / HTTP/1.1\r\n\(good)Host: evil.example\r\n\r\n", 421),
                ("no token", "GET / HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\r\n", 403),
                (
                    "wrong token",
                    "GET /?token=\(String(server.token.reversed())) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\r\n",
                    403
                ),
                ("steps up", "GET /say/../../etc/passwd HTTP/1.1\r\n\(good)\r\n", 400),
                ("encoded steps up", "GET /say/%2e%2e%2f%2e%2e%2fetc%2fpasswd HTTP/1.1\r\n\(good)\r\n", 400),
                ("another server's name", "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
                ("other method", "DELETE /form HTTP/1.1\r\n\(good)\r\n", 405),
                (
                    "form without origin",
                    "POST /form HTTP/1.1\r\n\(good)Content-Length: 3\r\n\(TestServer.form)\r\n\r\na=b", 403
                ),
                (
                    "form of another origin",
                    "POST /form HTTP/1.1\r\n\(good)Origin: http://evil.example\r\nContent-Length: 3\r\n\(TestServer.form)\r\n\r\na=b",
                    403
                ),
                ("body of a page that is read", "GET / HTTP/1.1\r\n\(good)Content-Length: 3\r\n\r\nabc", 400),
            ]
            for (name, request, status) in table {
                let connection = try LoopbackConnection(port: port)
                connection.send(request)
                #expect(connection.answer().status == status, "\(name)")
            }
        }
    }

    @Test func formsAreReadWithinTheirLimits() async throws {
        var limits = ServerLimits()
        limits.formBytes = 1000
        try await TestServer.with(Self.routes, limits: limits) { server in
            let taken = try server.ask("POST", "/form", [TestServer.form], body: Array("a=1&a=+%C3%A4+&b".utf8))
            #expect(taken.status == 200 && taken.text == "ä|2")
            let large = try server.ask("POST", "/form", [TestServer.form], body: [UInt8](repeating: 97, count: 1001))
            #expect(large.status == 413)
            let broken = try server.ask("POST", "/form", [TestServer.form], body: Array("a=%zz".utf8))
            #expect(broken.status == 400)
            let unknown = try server.ask("POST", "/form", ["Content-Type: application/xml"], body: Array("<a/>".utf8))
            #expect(unknown.status == 200 && unknown.text == "|0", "another type is no form")
            let endless = try server.ask("POST", "/form", ["Content-Length: 99999999999999999999"])
            #expect([400, 411, 413].contains(endless.status))
            #expect(try server.ask("GET", "/form").status == 405)
        }
    }

    @Test(arguments: ["5\r\na=1", "zz\r\na=1\r\n0\r\n\r\n", "5\r\na=1&b\r\n0\r\n\r\n", "ffffffffffffffffff\r\n"])
    func chunksAreNoForm(body: String) async throws {
        try await TestServer.with(Self.routes) { server in
            let connection = try LoopbackConnection(port: server.port)
            connection.send(server.head("POST", "/form", [TestServer.form, "Transfer-Encoding: chunked"]) + body)
            #expect([400, 411].contains(connection.answer().status))
            #expect(try server.ask("GET", "/").status == 200, "others are served")
        }
    }

    @Test func aFormThatIsCutOffChangesNothing() async throws {
        let count = Mutex(0)
        let route = PageRoute(.post, "/count") { _ in
            count.withLock { $0 += 1 }
            return .text("counted")
        }
        var limits = ServerLimits()
        limits.silence = .seconds(1)
        try await TestServer.with([route], limits: limits) { server in
            for _ in 0..<2 {
                let connection = try LoopbackConnection(port: server.port)
                connection.send(server.head("POST", "/count", [TestServer.form, "Content-Length: 50"]) + "a=1")
                #expect(connection.answer().status != 200)
            }
            #expect(try server.ask("POST", "/count", [TestServer.form], body: Array("a=1".utf8)).status == 200)
        }
        #expect(count.withLock { $0 } == 1)
    }

    @Test func headsHaveABound() async throws {
        try await TestServer.with(Self.routes) { server in
            let connection = try LoopbackConnection(port: server.port)
            connection.send(server.head("GET", "/", ["X-Long: " + String(repeating: "x", count: 100_000)]))
            #expect([0, 400, 431].contains(connection.answer().status))
            let many = try LoopbackConnection(port: server.port)
            many.send(server.head("GET", "/", (0..<5000).map { "X-\($0): y" }))
            #expect([0, 400, 431].contains(many.answer().status))
            #expect(try server.ask("GET", "/").status == 200)
        }
    }

    @Test func slowSendersAreClosedWhileOthersAreServed() async throws {
        var limits = ServerLimits()
        limits.silence = .seconds(1)
        limits.patience = .seconds(2)
        try await TestServer.with(Self.routes, limits: limits) { server in
            // One that never ends its head, one that trickles its body, one that says nothing at all.
            let slow = try (0..<20).map { _ in try LoopbackConnection(port: server.port) }
            let beginning = ContinuousClock.now
            for (index, connection) in slow.enumerated() {
                if index % 3 == 0 { connection.send("GET / HTTP/1.1\r\nHost: 127") }
                if index % 3 == 1 {
                    connection.send(server.head("POST", "/form", [TestServer.form, "Content-Length: 500"]))
                }
            }
            var isOpen = slow.map { _ in true }
            while isOpen.contains(true), ContinuousClock.now - beginning < .seconds(8) {
                for (index, connection) in slow.enumerated() where isOpen[index] {
                    if index % 3 != 2, !connection.send("a") { isOpen[index] = false }
                }
                let asked = ContinuousClock.now
                #expect(try server.ask("GET", "/say/hello").text == "hello")
                #expect(ContinuousClock.now - asked < .seconds(1))
                try await Task.sleep(for: .milliseconds(200))
                if ContinuousClock.now - beginning > .seconds(4) {
                    for index in slow.indices where index % 3 == 2 { isOpen[index] = slow[index].receive() == nil }
                }
            }
            #expect(!isOpen.contains(true), "closed within their limit")
        }
    }

    @Test func whoLeavesAnAnswerLyingIsClosed() async throws {
        var limits = ServerLimits()
        limits.patience = .seconds(1)
        let routes = [PageRoute(.get, "/huge") { _ in .binary([UInt8](repeating: 1, count: 64 << 20)) }]
        try await TestServer.with(routes, limits: limits) { server in
            let connection = try LoopbackConnection(port: server.port)
            connection.send(server.head("GET", "/huge"))
            try await Task.sleep(for: .seconds(3))
            var count = 0
            while let bytes = connection.receive(), !bytes.isEmpty { count += bytes.count }
            #expect(count < 32 << 20, "what was on the way, and no more")
        }
    }

    @Test func filesGoToTheDiskForTheirOwnerAlone() async throws {
        try await TestServer.with(Self.routes) { server in
            func body(_ name: String, _ content: [UInt8]) -> [UInt8] {
                let note = "--XyZ\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n<b>\r\n"
                let head = "--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n\r\n"
                return Array((note + head).utf8) + content + Array("\r\n--XyZ--\r\n".utf8)
            }
            let type = "Content-Type: multipart/form-data; boundary=XyZ"
            let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
            let answer = try server.ask("POST", "/file", [type], body: body("../../x%22.csv", content))
            #expect(answer.text == "../../x\".csv|200000|600|<b>")
            let cut = try server.ask("POST", "/file", [type], body: body("x", content).dropLast(5) + [0])
            #expect(cut.status == 400)
            #expect(
                try server.ask("POST", "/form", [type], body: body("x", [1])).text == "|0", "where no file is wanted")
        }
    }

    @Test func onlyTheHeadIsSentWhereOnlyItIsAskedFor() async throws {
        try await TestServer.with(Self.routes) { server in
            let connection = try LoopbackConnection(port: server.port)
            connection.send(server.head("HEAD", "/large"))
            let answer = connection.answer(hasBody: false)
            #expect(answer.status == 200 && answer.headers["content-length"] == "3000000" && answer.body.isEmpty)
            connection.send(server.head("GET", "/say/next"))
            #expect(connection.answer().text == "next", "the connection can be used again")
        }
    }

    @Test func eventsComeAsTheyAreMadeAndEndWithTheBrowser() async throws {
        let ended = Mutex(false)
        let route = PageRoute(.get, "/events") { request in
            let last = Int(request.lastEventID ?? "") ?? 0
            let count = Mutex(last)
            return .events(
                AsyncStream(
                    unfolding: {
                        let next = count.withLock { count in
                            count += 1
                            return count
                        }
                        if next > last + 3 { try? await Task.sleep(for: .milliseconds(20)) }
                        return Task.isCancelled
                            ? nil : ServerEvent("number", data: "{\"n\":\(next)}\ndata: x", id: "\(next)")
                    }, onCancel: { ended.withLock { $0 = true } }))
        }
        try await TestServer.with([route]) { server in
            do {
                let connection = try LoopbackConnection(port: server.port)
                connection.send(server.head("GET", "/events", ["Last-Event-ID: 41"]))
                let text = connection.receive(until: "id: 44")
                #expect(text.contains("text/event-stream"))
                #expect(
                    text.contains("id: 42\nevent: number\ndata: {\"n\":42} data: x\n\n"), "an event is one line of data"
                )
            }
            for _ in 0..<100 where !ended.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(50)) }
            #expect(ended.withLock { $0 })
        }
    }
}
