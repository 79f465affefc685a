// SPDX-License-Identifier: GPL-3.0-or-later

/// A remark that a recording carries with a time: a sleep stage, an arousal, a movement that somebody marked.
public struct RecordingAnnotation: Hashable, Sendable {
    /// When it begins: seconds since the Unix epoch on the recording's own clock.
    public var time: Double
    /// How long it lasts, in seconds; nil where the file gives no duration.
    public var duration: Double?
    /// What it says.
    public var text: String
    /// The label of the channel that it belongs to; nil where it belongs to the whole recording.
    public var channel: String?

    /// An annotation.
    public init(time: Double, duration: Double? = nil, text: String, channel: String? = nil) {
        self.time = time
        self.duration = duration
        self.text = text
        self.channel = channel
    }
}
