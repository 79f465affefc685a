// SPDX-License-Identifier: GPL-3.0-or-later

/// Finds the page of a path.
struct RouteTable: Sendable {
    private let entries: [(route: PageRoute, parts: [Substring])]

    /// What is found.
    enum Match: Sendable {
        case page(PageRoute, parameters: [String: String])
        /// The path is there, for another method.
        case otherMethod
        case nothing
    }

    /// - Parameter routes: the first that matches answers.
    init(_ routes: [PageRoute]) {
        entries = routes.map { ($0, $0.path.split(separator: "/")) }
    }

    func match(_ method: PageRequest.Method, _ target: RequestTarget) -> Match {
        var isThere = false
        for (route, parts) in entries {
            guard let parameters = Self.parameters(parts, target.segments) else { continue }
            if route.method == method { return .page(route, parameters: parameters) }
            isThere = true
        }
        return isThere ? .otherMethod : .nothing
    }

    private static func parameters(_ parts: [Substring], _ segments: [String]) -> [String: String]? {
        guard parts.count == segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (part, segment) in zip(parts, segments) {
            if part.first == ":" {
                parameters[String(part.dropFirst())] = segment
            } else if part != segment {
                return nil
            }
        }
        return parameters
    }
}
