// SPDX-License-Identifier: GPL-3.0-or-later

/// The headers that every answer has.
enum SecurityHeaders {
    /// What a page may load: the server's own files, and pictures inside of it. No script, no style and no form of elsewhere.
    static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
        "form-action 'self'", "frame-src 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    /// What a document that brings its own style and script may do, shown in a frame of a page: nothing with the server.
    ///
    /// Its own policy in a `meta` element goes beside this one, and the stricter of both holds.
    static let framedDocument = [
        "default-src 'none'", "script-src 'unsafe-inline'", "style-src 'unsafe-inline'", "img-src data:",
        "form-action 'none'", "base-uri 'none'", "frame-ancestors 'self'", "sandbox allow-scripts allow-modals",
    ].joined(separator: "; ")

    // Nothing is told to other servers. With no-referrer browsers would send forms with the origin null, as a foreign page's are.
    static let all = [
        ("Content-Security-Policy", contentSecurityPolicy), ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"), ("Cache-Control", "no-store"),
        ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), usb=()"),
    ]
}

extension PageResponse {
    /// A document that brings its own style and script, to be shown in a frame of a page.
    public static func framedDocument(_ bytes: [UInt8]) -> PageResponse {
        PageResponse(
            contentType: "text/html; charset=utf-8", body: .bytes(bytes),
            headers: ["Content-Security-Policy": SecurityHeaders.framedDocument])
    }

    /// A file for the person to keep.
    ///
    /// - Parameter name: what the browser is to call it; letters, digits, `.`, `_` and `-`, others become `_`.
    public static func download(_ body: Body, contentType: String, name: String) -> PageResponse {
        let plain = String(
            name.map { character in
                character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
                    ? character : "_"
            })
        return PageResponse(
            contentType: contentType, body: body,
            headers: ["Content-Disposition": "attachment; filename=\"\(plain)\""])
    }
}
