// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings

/// Carries out what a ``NightRecorder`` decides about the log: sole owner of its writer.
///
/// When the disk refuses, what is to be written waits in memory and is tried again every 10 s (see `NightLogWriter`); the night
/// goes on.
public struct NightLogKeeper: ~Copyable {
    /// The file.
    public private(set) var path: String
    /// Why the disk refuses, while it does.
    public private(set) var failure: RecordingError?
    /// Why the night's room is not set aside on the disk.
    public private(set) var reservationFailure: RecordingError?
    /// Samples dropped because memory was full while the disk refused.
    public private(set) var droppedSamples: Int64 = 0
    /// Whether the log was created.
    public private(set) var isOpen = false

    /// Whether a night whose name is taken gets the next free number behind it.
    private let isNumbered: Bool
    /// The seconds that room is set aside for.
    private let seconds: Double
    private var writer: NightLogWriter?
    private var failingSince: NightLog.Stamp?

    private static let suffix = ".nightlog"
    /// More recordings than anybody begins in one night.
    private static let largestNumber = 99

    /// A keeper of a log that is still to be created.
    ///
    /// - Parameters:
    ///   - isNumbered: whether `NAME-2.nightlog` and so on are taken where there is a file of that name already.
    ///   - reservingSeconds: how long the night may last; room for it is set aside on the disk.
    public init(path: String, isNumbered: Bool = false, reservingSeconds: Double = 0) {
        self.path = path
        self.isNumbered = isNumbered
        seconds = reservingSeconds
    }

    /// Carries out an action; what is not about the log is none of its business.
    ///
    /// - Throws: only if the log cannot be created or gone on with.
    public mutating func perform(_ action: RecorderAction) throws(RecordingError) {
        switch action {
        case .create(let header): try create(header)
        case .resume(let stamp, let zone):
            opened(try NightLogWriter.reopen(path, at: stamp, zone: zone, reservingSeconds: seconds))
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

    private mutating func create(_ header: NightLog.Header) throws(RecordingError) {
        let name = path
        var number = 1
        while true {
            do throws(RecordingError) {
                return opened(try NightLogWriter.create(path, header, reservingSeconds: seconds))
            } catch {
                number += 1
                guard isNumbered, error.reason == .alreadyExists, number <= Self.largestNumber else { throw error }
                path = Self.name(name, number)
            }
        }
    }

    /// The name of a night's further log: `2026-11-24-2.nightlog`.
    public static func name(_ path: String, _ number: Int) -> String {
        path.hasSuffix(suffix) ? "\(path.dropLast(suffix.count))-\(number)\(suffix)" : "\(path)-\(number)"
    }

    private mutating func opened(_ writer: consuming NightLogWriter) {
        reservationFailure = writer.reservationFailure
        self.writer = consume writer
        isOpen = true
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
