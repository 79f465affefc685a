// SPDX-License-Identifier: GPL-3.0-or-later

/// Sensors on USB, found by their serial numbers, and found again whenever they come back.
public struct USBSource: SampleSource, ~Copyable {
    private let engine: USBEngine
    private var sensors: [Int: any SensorDecoder] = [:]
    private var kinds: [SensorEvent.Kind] = []
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
        let isLast = engine.isFinished
        if !isLast { engine.packets.wait(milliseconds: engine.clock.milliseconds(for: UInt64(max(0, seconds) * 1e9))) }
        while let packet = engine.packets.pop() {
            kinds.removeAll(keepingCapacity: true)
            take(packet)
            for kind in kinds {
                events.append(SensorEvent(sensor: packet.sensor, bootTime: packet.bootTime, kind: kind))
            }
        }
        hasEnded = isLast
        return !isLast
    }

    /// Ends it. Keep waiting until ``wait(_:into:)`` answers false: the transfers under way come back within 2 s.
    public mutating func stop() { engine.stop() }

    private mutating func take(_ packet: PacketRing.Packet) {
        switch packet.kind {
        case .bytes: sensors[packet.sensor]?.append(packet.payload, into: &kinds)
        case .overflow:
            let bytes: UInt64 = packet.payload.span.integer(at: 0)
            kinds.append(.overflow(bytes: bytes))
        case .news:
            guard let news = USBNews(packet.payload) else { return }
            take(news, packet.sensor)
        }
    }

    private mutating func take(_ news: USBNews, _ sensor: Int) {
        switch news {
        case .found(let serial, let driver):
            let driver = SensorDriver.all[driver]
            // The decoder stays over reconnections, so that it knows what it has seen.
            if sensors[sensor] == nil { sensors[sensor] = driver.makeDecoder() }
            kinds.append(.found(serial: serial, driver: driver.name))
        case .information(let bytes): sensors[sensor]?.take(information: bytes, into: &kinds)
        case .lost(let reason):
            sensors[sensor]?.finish(into: &kinds)
            kinds.append(.lost(reason))
        case .trouble(let trouble, let text): kinds.append(.trouble(trouble, text))
        case .noUSB(let text): kinds.append(.trouble(.notOpened, text))
        }
    }
}
