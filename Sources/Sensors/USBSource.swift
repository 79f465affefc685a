// SPDX-License-Identifier: GPL-3.0-or-later

/// Sensors on USB, found by their serial numbers, and found again whenever they come back.
public struct USBSource: SampleSource, ~Copyable {
    private let engine: USBEngine
    private var reader = PacketReader { _, driver in
        if case .usb(_, let makeDecoder) = driver.transport { makeDecoder() } else { nil }
    }
    private var hasEnded = false

    /// Reads sensors from now on.
    ///
    /// - Parameters:
    ///   - serials: the sensors to read; any if empty.
    ///   - limit: how many are read if none is named.
    ///   - rate: the rate to set, in samples a second; nil leaves the sensors as they are.
    ///   - clock: the clocks to time by; tests give faster ones.
    public init(serials: [String] = [], limit: Int = 2, rate: UInt16? = nil, clock: HostClock = .system) {
        var configuration = USBEngine.Configuration()
        configuration.serials = serials
        configuration.limit = limit
        configuration.rate = rate
        engine = USBEngine(configuration, clock: clock)
    }

    deinit { engine.stop() }

    /// The clocks that events are timed by.
    public func now() -> Moment { engine.clock.now() }

    /// Waits for events; see ``SampleSource``.
    public mutating func wait(_ seconds: Double, into events: inout [SensorEvent]) -> Bool {
        guard !hasEnded else { return false }
        let isLast = engine.wait(seconds)
        reader.drain(engine.packets, into: &events)
        hasEnded = isLast
        return !isLast
    }

    /// Ends it. Keep waiting until ``wait(_:into:)`` answers false: the transfers under way come back within 2 s.
    public mutating func stop() { engine.stop() }
}
