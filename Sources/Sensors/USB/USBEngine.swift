// SPDX-License-Identifier: GPL-3.0-or-later
internal import CLibUSB
internal import Glibc
internal import Synchronization

/// Reads sensors on USB, on one thread that makes all calls of libusb and outlives whatever happens to them.
///
/// What comes is pushed into ``packets``. Sensors that go are found again, by a hotplug event or by looking every 500 ms.
final class USBEngine: PacketEngine, Sendable {
    /// How it works.
    struct Configuration: Sendable {
        /// The serial numbers of the sensors to read; any if empty.
        var serials: [String] = []
        /// How many sensors are read if none is named.
        var limit = 2
        var watchdog = Watchdog.Intervals()
        /// Nanoseconds from one look at what is plugged to the next.
        var enumeration: UInt64 = 500_000_000
        /// The rate to set, in samples a second; nil leaves the sensor as it is.
        var rate: UInt16?
    }

    let packets: PacketRing
    let clock: HostClock
    private let configuration: Configuration
    private let isStopping = Atomic<Bool>(false)
    private let hasEnded = Atomic<Bool>(false)

    /// A new engine; its thread runs at once.
    init(_ configuration: Configuration, clock: HostClock, packets: PacketRing = PacketRing()) {
        self.configuration = configuration
        self.clock = clock
        self.packets = packets
        launch { self.run() }
    }

    /// Ends it: the transfers are asked back, and all they brought is in ``packets`` when ``isFinished``.
    func stop() { isStopping.store(true, ordering: .releasing) }

    /// Whether its thread is done.
    var isFinished: Bool { hasEnded.load(ordering: .acquiring) }

    private func run() {
        do throws(SensorError) {
            let worker = USBWorker(try USBLibrary(), configuration, packets, clock)
            while !isStopping.load(ordering: .acquiring) { worker.turn() }
            worker.close()
        } catch {
            packets.push(news: USBNews.noUSB(error.description).encoded, sensor: 0, at: clock.now().bootTime)
        }
        hasEnded.store(true, ordering: .releasing)
        packets.ring()
    }
}

/// Runs a piece of work on a thread of its own.
func launch(_ work: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let work: @Sendable () -> Void
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }
    var thread = pthread_t()
    let box = unsafe Unmanaged.passRetained(Box(work))
    let code = unsafe pthread_create(
        &thread, nil,
        { raw in
            if let raw = unsafe raw { unsafe Unmanaged<Box>.fromOpaque(raw).takeRetainedValue().work() }
            return nil
        }, box.toOpaque())
    if code == 0 {
        pthread_detach(thread)
    } else {
        unsafe box.takeRetainedValue().work()
    }
}
