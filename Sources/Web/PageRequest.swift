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

    /// A request by its parts.
    public init(
        _ method: Method = .get, path: String, parameters: [String: String] = [:], query: [String: String] = [:],
        form: [String: [String]] = [:], body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.parameters = parameters
        self.query = query
        self.form = form
        self.body = body
    }
}
