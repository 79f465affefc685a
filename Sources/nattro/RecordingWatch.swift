// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Dispatch
import Foundation
import LegMovements
import Recordings
import Sensors

/// Looks on while a night is recorded: signals, live detection, the terminal's line, JSON; then says how it ended.
struct RecordingWatch: ~Copyable {
    static let schema = "nattro-record/1"

    private let session: RecordingSession
    private let isJSON: Bool
    /// Where the night's pyramid is written beside it; nil without a journal.
    private let traces: TraceFolder?
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var detection: LiveDetection?
    private var movementCount = 0
    private var isLineShown = false
    private var nextStatus = ContinuousClock.now
    /// When it is to be said again that the disk refuses; nil while it does not.
    private var nextDiskWord: ContinuousClock.Instant?
    private var lastSamples: [Int64] = []
    private var detectionProblem: RecordingError?

    /// Seconds from look to look.
    private static let turn = 0.2
    private static let statusInterval = Duration.seconds(1)
    private static let diskWordInterval = Duration.seconds(60)
    /// JSON needs no status every second.
    private static let statusesPerEvent = 10

    init(_ session: RecordingSession, isJSON: Bool, traces: TraceFolder? = nil) {
        self.traces = traces
        self.session = session
        self.isJSON = isJSON
    }

    /// Looks on until the night has ended; throws the exit code where it is not 0.
    consuming func run() throws {
        let signals = StopSignals { [session] in session.stop() }
        defer { signals.end() }
        if isatty(STDIN_FILENO) == 1 { listen() }
        var statuses = 0
        while true {
            let progress = session.look()
            for message in progress.messages { say(message) }
            if progress.isLogOpen, detection == nil, detectionProblem == nil { begin(progress) }
            advance(isEnd: progress.ending != nil)
            if let ending = progress.ending { return try end(ending, progress) }
            if ContinuousClock.now >= nextStatus {
                nextStatus = .now + Self.statusInterval
                show(progress)
                if isJSON, progress.state.isRecording, statuses % Self.statusesPerEvent == 0 {
                    write("status", status(progress))
                }
                if progress.state.isRecording { statuses += 1 }
            }
            Thread.sleep(forTimeInterval: Self.turn)
        }
    }

    private func listen() {
        let thread = Thread { [session] in
            while let line = readLine() { if !line.isEmpty { session.note(line) } }
        }
        thread.name = "notes"
        thread.start()
    }

    // MARK: Live detection

    private mutating func begin(_ progress: RecordingSession.Progress) {
        say("recording to \(progress.path)")
        if let failure = progress.reservationFailure {
            say("the disk may fill before the night ends: \(failure)")
        }
        do throws(RecordingError) {
            detection = try LiveDetection(following: progress.path, pyramid: traces?.pyramid(ofLog: progress.path))
        } catch {
            fail(error)
        }
        if isJSON {
            write(
                "started",
                [
                    .init("path", .string(progress.path)),
                    .init("legs", .array(progress.state.lanes.map { .string($0.leg.rawValue) })),
                ])
        }
    }

    private mutating func advance(isEnd: Bool) {
        guard var live = detection.take() else { return }
        do throws(RecordingError) {
            let movements = try isEnd ? live.finish() : live.advance()
            movementCount += movements.count
            if isJSON { for movement in movements { write("movement", Self.members(movement)) } }
            detection = consume live
        } catch {
            fail(error)
        }
    }

    /// The night goes on without live detection.
    private mutating func fail(_ error: RecordingError) {
        detectionProblem = error
        say("no live detection: \(error)")
    }

    private static func members(_ movement: DetectedMovement) -> [JSONValue.Member] {
        [
            .init("leg", .string(movement.leg.rawValue)), .init("onset", .number(movement.onset)),
            .init("offset", .number(movement.offset)), .init("amplitude_mg", .number(Double(movement.amplitude))),
        ]
    }

    // MARK: Words

    private mutating func say(_ text: String) {
        clearLine()
        if isJSON { write("message", [.init("text", .string(text))]) }
        complain(text)
    }

    private mutating func clearLine() {
        guard isLineShown else { return }
        isLineShown = false
        tell("\r\u{1B}[K")
    }

    private mutating func show(_ progress: RecordingSession.Progress) {
        tellOfDisk(progress)
        guard isTerminal else { return }
        let state = progress.state
        var parts = [state.isRecording ? Self.clock(state.elapsed) : "waiting for a sensor"]
        for (index, lane) in state.lanes.enumerated() {
            let rate = index < lastSamples.count ? lane.samples - lastSamples[index] : 0
            var text = "\(lane.leg.name) "
            text += lane.isConnected ? "\(rate) Hz" : lane.wasFound ? "LOST" : "–"
            if lane.gaps > 0 { text += ", \(lane.gaps) gap\(lane.gaps == 1 ? "" : "s")" }
            if let battery = lane.battery { text += String(format: ", %.2f V", Double(battery) / 1000) }
            parts.append(text)
        }
        lastSamples = state.lanes.map(\.samples)
        if state.isRecording {
            parts.append("\(movementCount) movements")
            if let free = DiskSpace.free(at: progress.path) {
                parts.append(String(format: "%.1f GB free", Double(free) / 1e9))
            }
        }
        isLineShown = true
        tell("\r\(parts.joined(separator: "   "))\u{1B}[K")
    }

    /// Says that the disk refuses, once a minute, and that it takes again.
    private mutating func tellOfDisk(_ progress: RecordingSession.Progress) {
        if let failure = progress.diskFailure {
            guard nextDiskWord.map({ ContinuousClock.now >= $0 }) ?? true else { return }
            nextDiskWord = .now + Self.diskWordInterval
            say("the disk refuses, the night is kept in memory: \(failure)")
        } else if nextDiskWord != nil {
            nextDiskWord = nil
            let dropped = progress.droppedSamples
            say("the disk takes the night again; \(dropped == 0 ? "nothing" : "\(dropped) samples") lost so far")
        }
    }

    private static func clock(_ seconds: Double) -> String {
        let whole = Int(seconds)
        return String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
    }

    // MARK: JSON

    private func write(_ event: String, _ members: [JSONValue.Member]) {
        let line = JSONValue.object(
            [.init("schema", .string(Self.schema)), .init("event", .string(event))] + members)
        // A reader that went away ends no night.
        try? FileHandle.standardOutput.write(contentsOf: Data("\(line)\n".utf8))
    }

    private func status(_ progress: RecordingSession.Progress) -> [JSONValue.Member] {
        let state = progress.state
        return [
            .init("elapsed_s", .number(state.elapsed)),
            .init("legs", .array(state.lanes.map { .object(Self.members($0)) })),
            .init("movements", .integer(movementCount)), .init("recoveries", .integer(state.recoveries)),
            .init("damage", .object(Self.members(state.damage))),
            .init("disk_free_bytes", .init(DiskSpace.free(at: progress.path).map { Int($0) })),
            .init("disk_failure", .init(progress.diskFailure?.description)),
            .init("samples_dropped_for_disk", .integer(Int(progress.droppedSamples))),
        ]
    }

    private static func members(_ lane: RecorderState.Lane) -> [JSONValue.Member] {
        [
            .init("leg", .string(lane.leg.rawValue)), .init("serial", .string(lane.serial)),
            .init("connected", .bool(lane.isConnected)), .init("found", .bool(lane.wasFound)),
            .init("rate_hz", .number(Double(lane.rate))), .init("samples", .integer(Int(lane.samples))),
            .init("gaps", .integer(lane.gaps)), .init("missing_samples", .integer(Int(lane.missingSamples))),
            .init("repeated_samples", .integer(Int(lane.duplicates))), .init("battery_mv", .init(lane.battery)),
            .init("drift_ppm", .init(lane.drift)),
        ]
    }

    private static func members(_ damage: TransferDamage) -> [JSONValue.Member] {
        [
            .init("skipped_bytes", .integer(damage.skippedBytes)),
            .init("wrong_checksums", .integer(damage.checksumErrors)),
            .init("lost_frames", .integer(damage.lostFrames)), .init("repeated_frames", .integer(damage.duplicates)),
            .init("malformed_frames", .integer(damage.malformed)),
        ]
    }

    // MARK: The end

    private consuming func end(_ ending: RecordingSession.Ending, _ progress: RecordingSession.Progress) throws {
        clearLine()
        switch ending {
        case .recorded: break
        case .nothing:
            throw Failure(message: "no sensor came: nothing is recorded", outcome: .sensorLost)
        case .unwritable(let error): throw error
        case .failed(.noSensor(let troubles)):
            let reason = troubles.isEmpty ? "plug it in, and ask `nattro doctor`" : troubles.joined(separator: "; ")
            throw Failure(message: "no sensor to record from: \(reason)", outcome: .sensorLost)
        case .failed(.ambiguous(let first, let second)) where first == second:
            throw Failure(
                message: "two sensors have the serial number \(first): unplug one of them", outcome: .wrongUsage)
        case .failed(.ambiguous(let first, let second)):
            throw Failure(
                message: "sensors \(first) and \(second) could be the same leg; "
                    + "say which is which with --left \(first) --right \(second), or the other way round",
                outcome: .wrongUsage)
        }
        let state = progress.state
        let lost = state.lanes.filter { $0.wasFound && !$0.isConnected }
        let outcome: Outcome =
            progress.diskFailure != nil
            ? .unusableInput : !lost.isEmpty ? .sensorLost : state.hasGaps ? .recordedWithGaps : .done
        if isJSON {
            var members = status(progress)
            members.append(.init("path", .string(progress.path)))
            members.append(.init("exit_code", .integer(Int(outcome.rawValue))))
            if let live = detection.take(), let night = live.night() {
                let kinds = Dictionary(grouping: night.legs.flatMap(\.movements), by: \.kind)
                members.append(
                    .init(
                        "detected",
                        .object(
                            DetectedMovement.Kind.allCases.map { .init($0.rawValue, .integer(kinds[$0]?.count ?? 0)) }))
                )
            }
            write("ended", members)
        }
        for lane in state.lanes where lane.wasFound || lane.isNamed {
            var text = "\(lane.leg.name) leg: \(lane.samples) samples"
            if lane.gaps > 0 { text += ", \(lane.gaps) gap\(lane.gaps == 1 ? "" : "s")" }
            if !lane.wasFound { text += "; its sensor never came" }
            if lane.wasFound, !lane.isConnected { text += "; its sensor \(lane.serial) is lost since" }
            complain(text)
        }
        complain("\(progress.path): \(Self.clock(state.elapsed)) recorded, \(movementCount) movements")
        if let failure = progress.diskFailure {
            throw Failure(message: "the end of the night is not on the disk: \(failure)", outcome: .unusableInput)
        }
        if outcome != .done { throw ExitCode(outcome.rawValue) }
    }
}

/// Ctrl-C, SIGTERM and SIGHUP end the night cleanly; a second one ends the program at once.
final class StopSignals {
    private var sources: [any DispatchSourceSignal] = []

    init(_ stop: @escaping @Sendable () -> Void) {
        let queue = DispatchQueue(label: "signals")
        let count = Counter()
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                if count.next() > 1 { _exit(Outcome.interrupted.rawValue) }
                stop()
            }
            source.resume()
            sources.append(source)
        }
        // A reader of standard output that went away is no reason to end.
        signal(SIGPIPE, SIG_IGN)
        // A file that may not grow is a disk that is full.
        signal(SIGXFSZ, SIG_IGN)
    }

    func end() { for source in sources { source.cancel() } }

    /// Counts on one queue.
    private final class Counter: @unchecked Sendable {  // used on the queue of the signals alone
        private var count = 0

        func next() -> Int {
            count += 1
            return count
        }
    }
}
