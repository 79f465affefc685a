// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

@testable import Web

@Suite struct RequestGateTests {
    private let gate = RequestGate(secrets: ServerSecrets(), port: 8765)

    private func head(_ method: String = "GET", _ target: String = "/nights") -> RequestGate.Head {
        RequestGate.Head(
            method: method, target: target, host: "127.0.0.1:8765",
            cookies: ["other=1; \(gate.cookieName)=\(gate.secrets.session)"])
    }

    private func status(_ head: RequestGate.Head) -> Int {
        switch gate.decide(head) {
        case .pass: 200
        case .welcome: 303
        case .refuse(let status, _): status
        }
    }

    @Test(arguments: ["127.0.0.1:8765", "[::1]:8765", "localhost:8765", "LOCALHOST:8765"])
    func itAnswersToItsOwnNames(host: String) {
        var head = head()
        head.host = host
        #expect(status(head) == 200)
    }

    @Test(
        arguments: [
            nil, "", "nattro.example", "127.0.0.1", "127.0.0.1:80", "localhost", "127.0.0.1:8765.nattro.example",
            "nattro.example:8765", "127.0.0.2:8765", "0.0.0.0:8765",
        ] as [String?])
    func itAnswersToNoOtherName(host: String?) {
        var head = head()
        head.host = host
        #expect(status(head) == 421)
    }

    @Test func aServerThatIsNamedTwiceIsNotThisOne() {
        var head = head()
        head.hasSecondHost = true
        #expect(status(head) == 421)
    }

    @Test func withoutTheCookieNobodyComesIn() {
        var head = head()
        for cookies in [
            [], [""], ["\(gate.cookieName)="], ["\(gate.cookieName)=\(gate.secrets.token)"],
            ["nattro-1=\(gate.secrets.session)"], ["\(gate.cookieName)=\(gate.secrets.session)0"],
            ["x\(gate.cookieName)=\(gate.secrets.session)"], ["\(gate.cookieName)=\(gate.secrets.session.dropLast())"],
        ] {
            head.cookies = cookies
            #expect(status(head) == 403, "\(cookies)")
        }
    }

    @Test func styleAndScriptsAreNoSecret() {
        var head = head("GET", "/assets/nattro.css?v=1")
        head.cookies = []
        #expect(status(head) == 200)
        head.fetchSite = "cross-site"
        #expect(status(head) == 403)
        head = self.head("POST", "/assets/nattro.css")
        head.cookies = []
        head.origin = "http://127.0.0.1:8765"
        #expect(status(head) == 403)
    }

    @Test func formsTellTheirOriginToThisServerAlone() {
        // With no-referrer a browser sends "Origin: null" with the server's own forms.
        #expect(SecurityHeaders.all.contains { $0 == ("Referrer-Policy", "same-origin") })
        var head = head("POST", "/doses/add")
        head.origin = "null"
        head.fetchSite = "same-origin"
        #expect(status(head) == 403)
    }

    @Test func theTokenIsExchangedForTheCookieAndNothingElse() {
        var head = head("GET", "/?token=\(gate.secrets.token)")
        head.cookies = []
        #expect(status(head) == 303)
        head.target = "/nights?token=\(gate.secrets.token)"
        #expect(status(head) == 403, "only the start page takes it")
        head.target = "/?token=\(String(repeating: "0", count: gate.secrets.token.count))"
        #expect(status(head) == 403)
        head.method = "POST"
        head.origin = "http://127.0.0.1:8765"
        head.target = "/?token=\(gate.secrets.token)"
        #expect(status(head) == 403)
    }

    @Test(
        arguments: [
            ("http://127.0.0.1:8765", nil, 200), ("http://127.0.0.1:8765", "same-origin", 200),
            (nil, "same-origin", 200),
            (nil, nil, 403), (nil, "none", 403), (nil, "cross-site", 403), (nil, "same-site", 403), ("null", nil, 403),
            ("http://localhost:8765", nil, 403), ("http://127.0.0.1:9000", nil, 403),
            ("https://127.0.0.1:8765", nil, 403), ("http://nattro.example", "same-origin", 403),
            ("http://127.0.0.1:8765", "cross-site", 403),
        ] as [(String?, String?, Int)])
    func aFormComesFromThisServersOwnPage(origin: String?, site: String?, expected: Int) {
        var head = head("POST", "/doses")
        head.origin = origin
        head.fetchSite = site
        #expect(status(head) == expected)
    }

    @Test func anotherPageCannotLoadAPageIntoItself() {
        var head = head()
        for site in ["cross-site", "same-site"] {
            head.fetchSite = site
            head.fetchMode = "no-cors"
            #expect(status(head) == 403)
            head.fetchMode = "navigate"
            #expect(status(head) == 200, "a link that is clicked is followed, where the cookie is sent at all")
        }
    }

    @Test(arguments: ["PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "get"])
    func nothingButReadingAndSendingFormsIsDone(method: String) {
        #expect(status(head(method)) == 405)
    }

    @Test(arguments: [
        "", "nights", "http://127.0.0.1:8765/nights", "//evil", "/../etc/passwd", "/assets/../../etc/passwd",
        "/assets/%2e%2e/x", "/assets/%2E%2E%2Fx", "/assets/..%2fx", "/assets/..%5cx", "/a/./b", "/a%00b", "/%0d%0aX: y",
        "/%", "/%4", "/%zz", "/%ff%fe", "/a//b", "/a#b", "/x?y=%zz", "/%c0%ae%c0%ae/",
    ])
    func addressesThatNoPageHasAreNotRead(target: String) {
        #expect(status(head("GET", target)) == 400)
    }

    @Test func secretsDifferFromStartToStartAndFromEachOther() {
        let many = (0..<100).map { _ in ServerSecrets() }
        let all = Set(many.flatMap { [$0.token, $0.session] })
        #expect(all.count == 200)
        #expect(all.allSatisfy { $0.count == 48 && $0.allSatisfy(\.isHexDigit) })
    }
}

@Suite struct RequestTargetTests {
    @Test func pathsAndQueriesAreDecodedOnce() throws {
        let target = try #require(RequestTarget("/nights/2026-03-02/?from=%2525&a=b+c&a=d&empty"))
        #expect(target.segments == ["nights", "2026-03-02"])
        #expect(target.query == ["from": "%25", "a": "d", "empty": ""])
        #expect(RequestTarget("/")?.segments == [])
    }

    @Test func formsKeepEveryValueOfAName() {
        #expect(FormFields.read(Array("a=1&a=%C3%A4&b=&c".utf8)) == ["a": ["1", "ä"], "b": [""], "c": [""]])
        #expect(FormFields.read(Array("a=%FF".utf8)) == nil)
        #expect(FormFields.read(Array("a=%00".utf8)) == nil)
        #expect(FormFields.read(Array(String(repeating: "a&", count: FormFields.most + 1).utf8)) == nil)
    }
}

@Suite struct RouteTableTests {
    private let table = RouteTable([
        PageRoute(.get, "/") { _ in .text("start") },
        PageRoute(.get, "/nights/list") { _ in .text("list") },
        PageRoute(.get, "/nights/:night") { _ in .text("night") },
        PageRoute(.post, "/nights/:night/exclude") { _ in .text("exclude") },
    ])

    private func match(_ method: PageRequest.Method, _ path: String) throws -> String {
        switch table.match(method, try #require(RequestTarget(path))) {
        case .page(let route, let parameters): "\(route.path) \(parameters["night"] ?? "-")"
        case .otherMethod: "other"
        case .nothing: "nothing"
        }
    }

    @Test func theFirstRouteThatMatchesAnswers() throws {
        #expect(try match(.get, "/") == "/ -")
        #expect(try match(.get, "/nights/list") == "/nights/list -")
        #expect(try match(.get, "/nights/2026-03-02") == "/nights/:night 2026-03-02")
        #expect(try match(.post, "/nights/a%20b/exclude") == "/nights/:night/exclude a b")
        #expect(try match(.get, "/nights/x/exclude") == "other")
        #expect(try match(.get, "/nights") == "nothing")
        #expect(try match(.get, "/nights/x/exclude/y") == "nothing")
    }
}
