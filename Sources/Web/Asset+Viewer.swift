// SPDX-License-Identifier: GPL-3.0-or-later

extension Asset {
    /// The picture of a night: drawn on a canvas from tiles of its trace.
    public static let viewer = Asset(
        name: "viewer.js", contentType: "text/javascript; charset=utf-8", bytes: PackageResources.viewer_js)
    /// Its colours and layout.
    public static let viewerStyle = Asset(
        name: "viewer.css", contentType: "text/css; charset=utf-8", bytes: PackageResources.viewer_css)
}
