// SPDX-License-Identifier: GPL-3.0-or-later

/// Decides who may come in: touches no socket.
///
/// A page of another origin, or a name that was bound to the loopback address (DNS rebinding), is refused before anything is read. What
/// every request needs is the cookie; only the printed address comes without one.
struct RequestGate: Sendable {
    let secrets: ServerSecrets
    /// The port that the server listens on.
    let port: Int

    /// What the head of a request says.
    struct Head: Sendable {
        var method: String
        var target: String
        var host: String?
        /// Whether the server is named twice.
        var hasSecondHost = false
        var origin: String?
        /// `Sec-Fetch-Site` and `Sec-Fetch-Mode`, which browsers set and pages cannot.
        var fetchSite: String?
        var fetchMode: String?
        var cookies: [String] = []
    }

    /// What becomes of a request.
    enum Decision: Hashable, Sendable {
        /// A page may answer it.
        case pass(PageRequest.Method, RequestTarget, headOnly: Bool)
        /// The token was right: the cookie is set, and the browser goes on to an address without the token.
        case welcome
        /// Why not.
        case refuse(status: Int, words: String)
    }

    /// The names by which the server is reached.
    var hosts: [String] { ["127.0.0.1:\(port)", "[::1]:\(port)", "localhost:\(port)"] }

    /// The cookie's name.
    var cookieName: String { "nattro-\(port)" }

    /// The cookie as it is set.
    var cookie: String { "\(cookieName)=\(secrets.session); HttpOnly; SameSite=Strict; Path=/" }

    /// Decides about a request by its head alone.
    func decide(_ head: Head) -> Decision {
        // A browser that was led here by another name asks for that name.
        guard let host = head.host?.lowercased(), hosts.contains(host), !head.hasSecondHost else {
            return .refuse(
                status: 421,
                words: "This server answers to \(hosts[0]) and \(hosts[2]) only. Open the address that nattro printed."
            )
        }
        let method: PageRequest.Method
        switch head.method {
        case "GET", "HEAD": method = .get
        case "POST": method = .post
        default:
            return .refuse(
                status: 405, words: "Pages are read with GET and forms are sent with POST; nothing else is done here.")
        }
        guard let target = RequestTarget(head.target) else {
            return .refuse(status: 400, words: "The address cannot be read. Begin at the start page.")
        }
        if method == .post, !isSameOrigin(head, host) {
            return .refuse(
                status: 403, words: "The form came from another page than this server's, so nothing was changed.")
        }
        if method == .get, let token = target.query["token"], target.segments.isEmpty {
            guard ServerSecrets.isEqual(token, secrets.token) else {
                return .refuse(status: 403, words: Self.wrongToken)
            }
            return .welcome
        }
        // Style and scripts are no secret, and the page that says so to whoever is not let in needs its style.
        guard hasCookie(head) || (method == .get && target.segments.first == "assets") else {
            return .refuse(status: 403, words: Self.noToken)
        }
        if method == .get, let site = head.fetchSite, site == "cross-site" || site == "same-site",
            head.fetchMode != "navigate"
        {
            return .refuse(status: 403, words: "Another page asked for this; it is shown in its own window only.")
        }
        return .pass(method, target, headOnly: head.method == "HEAD")
    }

    private static let noToken =
        "This browser has not been let in yet. Open the whole address that `nattro serve` printed, with the token at its end."
    private static let wrongToken =
        "The token is not the one of this start. Every start has its own: open the address that `nattro serve` printed last."

    private func isSameOrigin(_ head: Head, _ host: String) -> Bool {
        if let origin = head.origin {
            guard origin.lowercased() == "http://\(host)" else { return false }
            return head.fetchSite.map { $0 == "same-origin" } ?? true
        }
        return head.fetchSite == "same-origin"
    }

    private func hasCookie(_ head: Head) -> Bool {
        var isThere = false
        for line in head.cookies {
            for pair in line.split(separator: ";") {
                let text = pair.drop { $0 == " " }
                guard text.hasPrefix("\(cookieName)=") else { continue }
                if ServerSecrets.isEqual(text.dropFirst(cookieName.count + 1), secrets.session) { isThere = true }
            }
        }
        return isThere
    }
}
