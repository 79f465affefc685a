// SPDX-License-Identifier: GPL-3.0-or-later

/// What a page answers; the server adds the headers that every answer has.
public struct PageResponse: Sendable {
    /// The bytes, or events for as long as there are any and the browser listens.
    public enum Body: Sendable {
        case bytes([UInt8])
        /// A file on the disk, which is deleted when it was sent.
        case file(path: String)
        case events(AsyncStream<ServerEvent>)
    }

    /// The status of HTTP.
    public var status: Int
    /// The media type.
    public var contentType: String
    /// What it holds.
    public var body: Body
    /// Further headers: `Location`, `Content-Disposition`.
    public var headers: [String: String]

    /// An answer by its parts.
    public init(status: Int = 200, contentType: String, body: Body, headers: [String: String] = [:]) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.headers = headers
    }

    /// A page.
    public static func html(_ text: String, status: Int = 200) -> PageResponse {
        PageResponse(status: status, contentType: "text/html; charset=utf-8", body: .bytes(Array(text.utf8)))
    }

    /// A JSON text.
    public static func json(_ text: String, status: Int = 200) -> PageResponse {
        PageResponse(status: status, contentType: "application/json", body: .bytes(Array(text.utf8)))
    }

    /// Plain words.
    public static func text(_ text: String, status: Int = 200) -> PageResponse {
        PageResponse(status: status, contentType: "text/plain; charset=utf-8", body: .bytes(Array(text.utf8)))
    }

    /// Numbers as they lie in memory.
    public static func binary(_ bytes: [UInt8]) -> PageResponse {
        PageResponse(contentType: "application/octet-stream", body: .bytes(bytes))
    }

    /// Events of the server, as they come.
    public static func events(_ events: AsyncStream<ServerEvent>) -> PageResponse {
        PageResponse(contentType: "text/event-stream", body: .events(events))
    }

    /// Another page to look at, after a form was taken.
    public static func seeOther(_ path: String) -> PageResponse {
        PageResponse(
            status: 303, contentType: "text/plain; charset=utf-8", body: .bytes([]), headers: ["Location": path])
    }
}

/// An event that a server sends to a page that listens.
public struct ServerEvent: Hashable, Sendable {
    /// What kind of event it is; the page listens by this name.
    public var name: String
    /// One line of JSON.
    public var data: String
    /// By what the page asks for the events after this one, where it lost the connection; nil keeps the one before.
    public var id: String?

    /// An event by its parts.
    public init(_ name: String, data: String, id: String? = nil) {
        self.name = name
        self.data = data
        self.id = id
    }
}

/// A path of the local server and what answers it.
public struct PageRoute: Sendable {
    /// What a request may do there.
    public var method: PageRequest.Method
    /// The path; a part with a colon before it is a parameter: `/nights/:night`.
    public var path: String
    /// Whether a form may send files, and so be large.
    public var takesFiles: Bool
    /// Answers a request.
    public var answer: @Sendable (PageRequest) async throws -> PageResponse

    /// A route by its parts.
    public init(
        _ method: PageRequest.Method, _ path: String, takesFiles: Bool = false,
        _ answer: @escaping @Sendable (PageRequest) async throws -> PageResponse
    ) {
        self.method = method
        self.path = path
        self.takesFiles = takesFiles
        self.answer = answer
    }
}
