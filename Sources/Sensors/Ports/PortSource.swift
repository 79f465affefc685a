// SPDX-License-Identifier: GPL-3.0-or-later

/// Sensors on serial ports that were set up, opened anew whenever they come back.
public struct PortSource: SampleSource, ~Copyable {
    private let engine: PortEngine
    private let setups: [Int: PortSetup]
    private var reader: PacketReader
    private var watches: [Int: RateWatch] = [:]
    /// When ports were opened from which no sample came yet.
    private var waiting: [Int: UInt64] = [:]
    /// The sensors of which was said that gaps on the way are not seen.
    private var isLabelled: Set<Int> = []
    private var hasEnded = false

    /// Nanoseconds after which it is said that nothing readable comes.
    private static let patience: UInt64 = 6_000_000_000

    /// Reads ports from now on.
    ///
    /// - Parameters:
    ///   - setups: the ports, each once.
    ///   - first: the number of the first one's sensor, where others have the lower ones.
    ///   - clock: the clocks to time by; tests give faster ones.
    public init(_ setups: [PortSetup], numberedFrom first: Int = 0, clock: HostClock = .system) {
        var ports: [PortEngine.Port] = []
        var bySensor: [Int: PortSetup] = [:]
        for (index, setup) in setups.enumerated() {
            guard let match = SensorDriver.port(setup) else {
                preconditionFailure("a port of the format \(setup.format)")
            }
            ports.append(PortEngine.Port(sensor: first + index, setup: setup, driver: match.index))
            bySensor[first + index] = setup
        }
        self.setups = bySensor
        reader = PacketReader { [bySensor] sensor, _ in
            bySensor[sensor].flatMap { SensorDriver.port($0)?.decoder }
        }
        engine = PortEngine(ports, clock: clock)
    }

    deinit { engine.stop() }

    /// The clocks that events are timed by.
    public func now() -> Moment { engine.clock.now() }

    /// Waits for events; see ``SampleSource``.
    public mutating func wait(_ seconds: Double, into events: inout [SensorEvent]) -> Bool {
        guard !hasEnded else { return false }
        let isLast = engine.wait(seconds)
        let start = events.count
        reader.drain(engine.packets, into: &events)
        label(&events, from: start)
        complain(&events)
        hasEnded = isLast
        return !isLast
    }

    /// Ends it.
    public mutating func stop() { engine.stop() }

    /// Says of a port that it is open and nothing comes that can be read.
    private mutating func complain(_ events: inout [SensorEvent]) {
        let now = engine.clock.now().bootTime
        for (sensor, since) in waiting where now >= since + Self.patience {
            waiting[sensor] = nil
            let setup = setups[sensor]
            let text =
                "\(setup?.name ?? ""): its port is open and nothing comes that can be read: is it on, and still as it was set up?"
            events.append(SensorEvent(sensor: sensor, bootTime: now, kind: .trouble(.notOpened, text)))
        }
    }

    /// Says of each sensor once that it numbers nothing, and whether it is as fast as it was set up.
    private mutating func label(_ events: inout [SensorEvent], from start: Int) {
        for index in start..<events.count {
            let event = events[index]
            guard let setup = setups[event.sensor] else { continue }
            var words: [(SensorTrouble, String)] = []
            switch event.kind {
            case .found:
                watches[event.sensor] = RateWatch(setup.rate)
                waiting[event.sensor] = event.bootTime
            case .lost: waiting[event.sensor] = nil
            case .settings:
                if isLabelled.insert(event.sensor).inserted {
                    words.append(
                        (
                            .noGapDetection,
                            "\(setup.name): no gap detection: its samples have no numbers, so a loss on the way is not seen"
                        ))
                }
            case .samples(let samples):
                waiting[event.sensor] = nil
                if let rate = watches[event.sensor]?.take(samples.count, at: event.bootTime) {
                    words.append(
                        (
                            .otherRate,
                            "\(setup.name): sends about \(Int(rate.rounded())) samples a second and was set up with "
                                + "\(Int(setup.rate.rounded())): set it up again (nattro sensors setup)"
                        ))
                }
            default: break
            }
            for (trouble, text) in words {
                events.append(
                    SensorEvent(sensor: event.sensor, bootTime: event.bootTime, kind: .trouble(trouble, text)))
            }
        }
    }
}

/// Whether a sensor is as fast as it was set up, by when the host had its samples: told once, after ten seconds.
struct RateWatch: Hashable, Sendable {
    private static let length: UInt64 = 10_000_000_000
    /// Boards' clocks are a few per cent off; more is another setting.
    private static let tolerance = 0.15

    private let expected: Double
    private var start: UInt64?
    private var count = 0
    private var isDone = false

    init(_ expected: Double) { self.expected = expected }

    /// The rate, where it is another one.
    mutating func take(_ samples: Int, at time: UInt64) -> Double? {
        guard !isDone else { return nil }
        guard let start else {
            // Those that came first may have waited.
            start = time
            return nil
        }
        count += samples
        guard time >= start + Self.length else { return nil }
        isDone = true
        let rate = Double(count) / (Double(time - start) / 1e9)
        return abs(rate / expected - 1) > Self.tolerance ? rate : nil
    }
}
