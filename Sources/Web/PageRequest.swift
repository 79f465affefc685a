// SPDX-License-Identifier: GPL-3.0-or-later

/// What a page of the local server was asked for; it passed the server's checks of host, origin, token and size.
public struct PageRequest: Hashable, Sendable {
    /// What a request may do.
    public enum Method: String, Hashable, Sendable {
        /// Reads, and changes nothing.
        case get = "GET"
        /// Changes something.
        case post = "POST"
    }

    /// What it may do.
    public var method: Method
    /// The path, decoded.
    public var path: String
    /// The parts of the path that its route names with a colon.
    public var parameters: [String: String]
    /// The fields behind the question mark, decoded; of several of one name the last.
    public var query: [String: String]
    /// The fields of a form, decoded, every value of each name in the order of the form.
    public var form: [String: [String]]
    /// The body of a request that is no form: a file.
    public var body: [UInt8]
    /// The files of a form, by the names of their fields; each is deleted when the request is answered.
    public var files: [String: SentFile]
    /// The identifier of the event that a page saw last, where it listens again.
    public var lastEventID: String?

    /// A file that a form sent along, as it lies on the disk.
    public struct SentFile: Hashable, Sendable {
        /// Where its bytes are: a file of the server's own, for its owner alone.
        public var path: String
        /// The name that it has for the person; text of no trust, and no path.
        public var name: String

        /// A file by where it is and what it is called.
        public init(path: String, name: String) {
            self.path = path
            self.name = name
        }
    }

    /// A request by its parts.
    public init(
        _ method: Method = .get, path: String, parameters: [String: String] = [:], query: [String: String] = [:],
        form: [String: [String]] = [:], body: [UInt8] = [], files: [String: SentFile] = [:],
        lastEventID: String? = nil
    ) {
        self.method = method
        self.path = path
        self.parameters = parameters
        self.query = query
        self.form = form
        self.body = body
        self.files = files
        self.lastEventID = lastEventID
    }

    /// The last value of a field of the form, without the white space around it; empty where there is none.
    public func field(_ name: String) -> String {
        var text = form[name]?.last.map { $0[...] } ?? ""
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
