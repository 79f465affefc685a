// SPDX-License-Identifier: GPL-3.0-or-later

/// What only the person who started the server knows, drawn anew at every start.
///
/// The token stands in the address that is printed; it is exchanged for a cookie at once. Cookies of a host are sent to all its
/// ports, so the cookie's name has the port in it, and its value says nothing about the token.
struct ServerSecrets: Sendable {
    /// What the printed address carries.
    let token: String
    /// What the cookie carries afterwards.
    let session: String

    /// Draws both from the system's random source, 192 bits each.
    init() {
        var generator = SystemRandomNumberGenerator()
        token = Self.draw(&generator)
        session = Self.draw(&generator)
    }

    private static func draw(_ generator: inout SystemRandomNumberGenerator) -> String {
        (0..<3).map { _ in
            let digits = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Whether two texts are equal, in a time that does not tell where they differ.
    static func isEqual(_ given: some StringProtocol, _ secret: String) -> Bool {
        let (given, secret) = (Array(given.utf8), Array(secret.utf8))
        guard given.count == secret.count else { return false }
        var difference: UInt8 = 0
        for index in secret.indices { difference |= given[index] ^ secret[index] }
        return difference == 0
    }
}
