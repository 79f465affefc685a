// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings
import Sensors
import Synchronization

/// A night that is being recorded: one thread takes what the sensors give and writes the log; whoever looks on asks here.
///
///     sensors ─▶ USB thread ─▶ ring ─▶ recorder's thread ─▶ night log ─▶ who looks on: live detection, terminal, JSON
///                (libusb)     1 MiB    (NightRecorder,       (follows the file)
///                                       NightLogKeeper)
final class RecordingSession: Sendable {
    /// What the recorder's thread tells.
    struct Progress: Sendable {
        var state = RecorderState()
        /// The file; it may get a number behind its name when it is created.
        var path = ""
        var isLogOpen = false
        /// Why the night's room is not set aside on the disk.
        var reservationFailure: RecordingError?
        var diskFailure: RecordingError?
        var droppedSamples: Int64 = 0
        /// What is to be said, oldest first; at most ``largestBacklog``, further ones are dropped.
        var messages: [String] = []
        var ending: Ending?
    }

    /// How it ended.
    enum Ending: Sendable {
        case recorded
        /// Stopped before any sensor came.
        case nothing
        case failed(RecordingFailure)
        case unwritable(RecordingError)
    }

    private let keeper: @Sendable () -> NightLogKeeper
    private let progress = Mutex(Progress())
    private let notes = Mutex<[String]>([])
    private let isStopping = Atomic<Bool>(false)

    private static let largestBacklog = 1000
    /// Seconds from one look at the source to the next, in the world.
    private static let turn = 0.1
    /// Seconds that a source may take to give what it still has, in the world.
    private static let patience = 2.6

    /// A session that has not started; see `NightLogKeeper` for what it is given.
    init(path: String, isNumbered: Bool = false, reservingSeconds: Double = 0) {
        keeper = { NightLogKeeper(path: path, isNumbered: isNumbered, reservingSeconds: reservingSeconds) }
        progress.withLock { $0.path = path }
    }

    /// The file that it writes.
    var path: String { progress.withLock(\.path) }

    /// Starts the recorder's thread.
    func start<Source: SampleSource & ~Copyable>(
        _ options: NightRecorder.Options, timeScale: Double = 1,
        source: @escaping @Sendable () throws(RecordingError) -> Source
    ) {
        let thread = Thread { [self] in
            do throws(RecordingError) {
                try record(options, timeScale, source())
            } catch {
                end(.unwritable(error))
            }
        }
        thread.name = "recorder"
        thread.start()
    }

    /// Ends the night: all that came is written.
    func stop() { isStopping.store(true, ordering: .releasing) }

    /// Keeps the sleeper's words.
    func note(_ text: String) { notes.withLock { $0.append(text) } }

    /// How it stands; messages are given once.
    func look() -> Progress {
        progress.withLock { progress in
            defer { progress.messages.removeAll() }
            return progress
        }
    }

    private func record<Source: SampleSource & ~Copyable>(
        _ options: NightRecorder.Options, _ timeScale: Double, _ source: consuming Source
    ) throws(RecordingError) {
        var recorder = NightRecorder(options)
        var keeper = keeper()
        var events: [SensorEvent] = []
        var deadline: ContinuousClock.Instant?
        while true {
            let goesOn = source.wait(Self.turn * timeScale, into: &events)
            // The time goes first: it dates what came.
            var actions = recorder.tick(source.now())
            for event in events { actions += recorder.take(event) }
            events.removeAll(keepingCapacity: true)
            let words = notes.withLock { notes in
                defer { notes.removeAll() }
                return notes
            }
            for text in words { actions += recorder.note(text) }
            if !goesOn { actions += recorder.finish(at: source.now()) }
            let isOver = !goesOn || deadline.map { ContinuousClock.now >= $0 } ?? false
            var shouldStop = isStopping.load(ordering: .acquiring)
            for action in actions {
                switch action {
                case .fail(let failure):
                    source.stop()
                    return end(.failed(failure))
                case .stop: shouldStop = true
                case .say(let text): say(text)
                default: try keeper.perform(action)
                }
            }
            keeper.synchronizeIfDue(at: source.now().bootTime)
            publish(recorder.state, keeper)
            if shouldStop, deadline == nil {
                deadline = .now + .seconds(Self.patience)
                source.stop()
            }
            guard isOver else { continue }
            if goesOn {
                for action in recorder.finish(at: source.now()) { try keeper.perform(action) }
            }
            let wasOpen = keeper.isOpen
            let now = source.now()
            do throws(RecordingError) {
                try keeper.finish(
                    at: NightLog.Stamp(hostBoot: options.hostBoot, bootTime: now.bootTime, utc: now.utc),
                    text: deadline == nil ? "the source ended" : "asked to stop")
            } catch {
                progress.withLock { $0.diskFailure = error }
            }
            return end(wasOpen ? .recorded : .nothing)
        }
    }

    private func publish(_ state: RecorderState, _ keeper: borrowing NightLogKeeper) {
        progress.withLock { progress in
            progress.state = state
            progress.path = keeper.path
            progress.isLogOpen = progress.isLogOpen || keeper.isOpen
            progress.reservationFailure = keeper.reservationFailure
            progress.diskFailure = keeper.failure
            progress.droppedSamples = keeper.droppedSamples
        }
    }

    private func say(_ text: String) {
        progress.withLock { if $0.messages.count < Self.largestBacklog { $0.messages.append(text) } }
    }

    private func end(_ ending: Ending) { progress.withLock { $0.ending = ending } }
}
