// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings

/// Carries out what a ``NightRecorder`` decides about the log: sole owner of its writer.
///
/// When the disk refuses, what is to be written waits in memory (see `NightLogWriter`) and every later action tries again; the
/// night goes on.
public struct NightLogKeeper: ~Copyable {
    /// The file.
    public let path: String
    /// Why the disk refuses, while it does.
    public private(set) var failure: RecordingError?
    /// Samples dropped because memory was full while the disk refused.
    public private(set) var droppedSamples: Int64 = 0
    /// Whether the log was created.
    public private(set) var isOpen = false

    private var writer: NightLogWriter?
    private var failingSince: NightLog.Stamp?

    /// A keeper of a log that is still to be created.
    public init(path: String) { self.path = path }

    /// Carries out an action; what is not about the log is none of its business.
    ///
    /// - Throws: only if the log cannot be created.
    public mutating func perform(_ action: RecorderAction) throws(RecordingError) {
        switch action {
        case .create(let header):
            writer = try NightLogWriter.create(path, header)
            isOpen = true
        case .append(let counts, let stream, let stamp, let gap, let flags):
            attempt(at: stamp) { writer throws(RecordingError) in
                try writer.append(counts.span, to: stream, at: stamp, after: gap, flags: flags)
            }
        case .set(let stream, let settings):
            attempt(at: nil) { writer throws(RecordingError) in try writer.set(stream, to: settings) }
        case .clock(let stamp, let zone):
            attempt(at: stamp) { writer throws(RecordingError) in try writer.clock(at: stamp, zone: zone) }
        case .event(let event, let stream, let text, let stamp):
            attempt(at: stamp) { writer throws(RecordingError) in
                try writer.event(event, stream: stream, text: text, at: stamp)
            }
        case .note(let text, let stamp):
            attempt(at: stamp) { writer throws(RecordingError) in try writer.note(text, at: stamp) }
        case .say, .fail, .stop: break
        }
    }

    /// Brings samples onto the disk that have waited; call it about every second.
    public mutating func synchronizeIfDue(at bootTime: UInt64) {
        attempt(at: nil) { writer throws(RecordingError) in try writer.synchronizeIfDue(at: bootTime) }
    }

    /// Closes the log; if the disk refuses, what it has taken stays readable.
    public mutating func finish(at stamp: NightLog.Stamp, text: String) throws(RecordingError) {
        guard var open = writer.take() else { return }
        isOpen = false
        // The writer ends here, and with it the lock.
        try open.finish(at: stamp, text: text)
    }

    private mutating func attempt(
        at stamp: NightLog.Stamp?, _ work: (inout NightLogWriter) throws(RecordingError) -> Void
    ) {
        guard var open = writer.take() else { return }
        do throws(RecordingError) {
            try work(&open)
            if let since = failingSince, let stamp {
                failingSince = nil
                failure = nil
                let seconds = Double((stamp.bootTime - min(stamp.bootTime, since.bootTime)) / 100_000_000) / 10
                try open.event(.writingFailed, text: "the disk refused for \(seconds) s", at: stamp)
            } else if stamp != nil {
                failure = nil
            }
        } catch {
            failure = error
            if failingSince == nil { failingSince = stamp }
        }
        droppedSamples = open.droppedSamples
        writer = consume open
    }
}
