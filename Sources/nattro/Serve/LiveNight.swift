// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings

/// A night while it is recorded: follows its log, finds movements as `record` and `score` do, and keeps the last minute of the signal.
///
/// All browsers that look on share one. What is kept is bounded by the night: its movements and gaps, a few numbers each, and a minute.
actor LiveNight {
    /// Something that a page must not miss.
    enum Moment: Sendable {
        case movement(DetectedMovement)
        /// Data are missing from here on until the next sample.
        case gap(leg: Leg?, time: Double, reason: Gap.Reason)
        /// What the log notes.
        case note(time: Double, text: String)
    }

    /// A tenth of a second of a leg.
    struct Slice: Sendable {
        /// When it begins, in tenths of a second since the Unix epoch of the recording's clock.
        var tenth: Int64
        /// The least and the largest size of the acceleration, in g.
        var low: Float
        var high: Float
    }

    /// How a leg stands.
    struct LegState: Sendable {
        var leg: Leg?
        var rate: Double
        var samples: Int64 = 0
        var gaps = 0
        /// The time of its last sample; nil before the first.
        var last: Double?
        /// What the sensor said of its battery and itself, in its own words.
        var words = ""
    }

    /// Tells the moments of this follower from those of another.
    let key = String(UInt32.random(in: 1...UInt32.max), radix: 36)
    let path: String
    private(set) var moments: [Moment] = []
    private(set) var legs: [LegState] = []
    private(set) var slices: [[Slice]] = []
    /// Whether the log has come to its end.
    private(set) var isOver = false
    /// Why movements are not found.
    private(set) var problem: String?
    /// The time of the first sample.
    private(set) var start: Double?

    private var detection: LiveDetection?
    private var reader: NightLogReader
    private var block = SampleBlock()
    private var entries = 0
    private var movements = 0
    private var nextLook = ContinuousClock.now

    /// Slices that are kept of a leg: two minutes.
    private static let kept = 1200
    /// More moments than a night has; what comes then is counted and not listed.
    private static let mostMoments = 50_000
    /// How long a look holds for all who ask.
    private static let pause = Duration.milliseconds(300)

    /// Follows a log from its start.
    init(following path: String) throws {
        self.path = path
        reader = try NightLogReader(following: path)
        legs = reader.header.streams.map { LegState(leg: $0.leg, rate: $0.nominalRate) }
        slices = legs.map { _ in [] }
        detection = try LiveDetection(following: path)
    }

    var movementCount: Int { movements }

    /// Takes what was written since.
    func look() {
        guard ContinuousClock.now >= nextLook, !isOver else { return }
        // A log that is closed after this look is read to its end by it.
        let isLast = !NightLog.isBeingWritten(path)
        do {
            while try reader.read(into: &block) { take() }
        } catch {
            problem = error.description
        }
        for entry in reader.entries.dropFirst(entries) { take(entry) }
        entries = reader.entries.count
        detect(isLast: isLast)
        isOver = isLast
        nextLook = .now + Self.pause
    }

    private func detect(isLast: Bool) {
        guard var live = detection.take() else { return }
        do throws(RecordingError) {
            let found = try isLast ? live.finish() : live.advance()
            movements += found.count
            for movement in found { add(.movement(movement)) }
            detection = consume live
        } catch {
            problem = error.description
        }
    }

    private func add(_ moment: Moment) {
        if moments.count < Self.mostMoments { moments.append(moment) }
    }

    private func take(_ entry: NightLog.Entry) {
        switch entry.kind {
        case .event(.sensorStatus):
            if let stream = entry.stream, stream < legs.count { legs[stream].words = entry.text }
        case .event(.sensorLost), .event(.sensorFound), .event(.sensorRestarted), .event(.hostSuspended),
            .event(.writingFailed), .event(.lightsOut), .event(.mark), .note:
            if !entry.text.isEmpty { add(.note(time: entry.time, text: entry.text)) }
        default: break
        }
    }

    private func take() {
        let stream = block.stream
        guard stream < legs.count, block.count > 0 else { return }
        let first = block.time(at: 0)
        if start == nil { start = first }
        if let gap = block.gapBefore {
            legs[stream].gaps += 1
            add(.gap(leg: legs[stream].leg, time: legs[stream].last ?? first, reason: gap.reason))
        }
        legs[stream].samples += Int64(block.count)
        legs[stream].last = block.time(at: block.count - 1)
        guard block.channelCount >= 3 else { return }
        var own = slices[stream]
        for position in 0..<block.count {
            let place = position * block.channelCount
            let (x, y, z) = (block.values[place], block.values[place + 1], block.values[place + 2])
            let size = (x * x + y * y + z * z).squareRoot()
            let tenth = Int64((block.time(at: position) * 10).rounded(.down))
            if let last = own.last, last.tenth == tenth {
                own[own.count - 1].low = min(last.low, size)
                own[own.count - 1].high = max(last.high, size)
            } else {
                own.append(Slice(tenth: tenth, low: size, high: size))
            }
        }
        if own.count > 2 * Self.kept { own.removeFirst(own.count - Self.kept) }
        slices[stream] = own
    }
}

/// The night that is followed now; one for all who look on.
actor LiveNights {
    private var current: LiveNight?

    /// Follows a log, if it is not followed already.
    func night(of path: String) async throws -> LiveNight {
        if let current, current.path == path {
            // A log that was over, and goes on, is read anew.
            if await !current.isOver || !NightLog.isBeingWritten(path) { return current }
        }
        let night = try LiveNight(following: path)
        current = night
        return night
    }

    /// The night that was followed last.
    var last: LiveNight? { current }
}
