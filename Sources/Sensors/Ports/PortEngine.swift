// SPDX-License-Identifier: GPL-3.0-or-later
internal import Synchronization

/// Reads sensors on serial ports, on one thread, and opens each port anew for as long as the night lasts.
///
/// What comes is pushed into ``packets``.
final class PortEngine: PacketEngine, Sendable {
    /// A port to read.
    struct Port: Hashable, Sendable {
        /// The number of its sensor.
        var sensor: Int
        var setup: PortSetup
        /// The place of its driver in ``SensorDriver/all``.
        var driver: Int
    }

    let packets = PacketRing()
    let clock: HostClock
    private let isStopping = Atomic<Bool>(false)
    private let hasEnded = Atomic<Bool>(false)

    /// A new engine; its thread runs at once.
    init(_ ports: [Port], clock: HostClock) {
        self.clock = clock
        launch { [self] in
            let worker = PortWorker(ports, packets, clock)
            while !isStopping.load(ordering: .acquiring) { worker.turn() }
            hasEnded.store(true, ordering: .releasing)
            packets.ring()
        }
    }

    /// Ends it: all that came is in ``packets`` when ``isFinished``.
    func stop() { isStopping.store(true, ordering: .releasing) }

    /// Whether its thread is done.
    var isFinished: Bool { hasEnded.load(ordering: .acquiring) }
}
