// SPDX-License-Identifier: GPL-3.0-or-later

/// What the server takes, and how long it waits.
public struct ServerLimits: Hashable, Sendable {
    /// The most bytes of a form.
    public var formBytes = 1 << 20
    /// The most bytes of a form with files.
    public var fileBytes = 64 << 20
    /// How long a connection may be silent while a request is not complete, or between two requests.
    public var silence = Duration.seconds(10)
    /// How long the body of a request may take, and how long a browser may leave an answer lying.
    public var patience = Duration.seconds(30)
    /// The most connections to each address; further ones wait.
    public var connections = 128
    /// The most bytes of the names and values before the body.
    public var headBytes = 32 << 10

    /// The usual ones.
    public init() {}
}
