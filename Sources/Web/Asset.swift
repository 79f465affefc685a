// SPDX-License-Identifier: GPL-3.0-or-later

/// A file that pages load: style and script, compiled into the program.
public struct Asset: Sendable {
    /// Its name in `/assets/`.
    public let name: String
    /// The media type.
    public let contentType: String
    /// What it holds.
    public let bytes: [UInt8]

    /// A file by its parts.
    public init(name: String, contentType: String, bytes: [UInt8]) {
        self.name = name
        self.contentType = contentType
        self.bytes = bytes
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        version = String(hash, radix: 36)
    }

    /// Changes with its bytes (FNV-1a), so that browsers may keep it for as long as they like.
    public let version: String

    /// The address under which pages name it.
    public var address: String { "/assets/\(name)?v=\(version)" }

    /// The style of all pages.
    public static let style = Asset(
        name: "nattro.css", contentType: "text/css; charset=utf-8", bytes: PackageResources.nattro_css)
    /// What the page of tonight does while a night is recorded.
    public static let tonight = Asset(
        name: "tonight.js", contentType: "text/javascript; charset=utf-8", bytes: PackageResources.tonight_js)

    /// The page that gives the file.
    public var route: PageRoute {
        PageRoute(.get, "/assets/\(name)") { [self] request in
            let isNamed = request.query["v"] == version
            return PageResponse(
                contentType: contentType, body: .bytes(bytes),
                headers: ["Cache-Control": isNamed ? "private, max-age=31536000, immutable" : "no-store"])
        }
    }
}
