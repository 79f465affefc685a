// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings

/// A leg made of numbers: still, with a kick every 25 s; the same seed gives the same samples. For tries without a sensor.
public struct SyntheticLeg: SampleSource, ~Copyable {
    private let clock: HostClock
    private let begin: Moment
    private let leg: Leg
    private var state: UInt64
    private var next: UInt32 = 0
    private var hasBegun = false
    private var isStopped = false

    private static let rate = 100
    private static let samplesInFrame = 5
    private static let scale: Float = 1 / 4096
    private static let gravity: [Double] = [-0.17, -0.34, 0.92]
    private static let noise = 0.002
    private static let kickInterval = 25.0
    private static let kickLength = 1.8
    private static let kickSize = 0.15
    private static let kickFrequency = 5.0

    /// A leg that is there from now on.
    public init(leg: Leg = .left, seed: UInt64, clock: HostClock = .system) {
        self.clock = clock
        self.leg = leg
        state = seed
        begin = clock.now()
    }

    /// The clocks that events are timed by.
    public func now() -> Moment { clock.now() }

    /// Waits for the next frames; see ``SampleSource``.
    public mutating func wait(_ seconds: Double, into events: inout [SensorEvent]) -> Bool {
        if !hasBegun {
            hasBegun = true
            let serial = "SYNTHETIC"
            let stream = SensorSettings.Stream(
                leg: leg, model: "numbers", rate: Float(Self.rate), range: 8, scale: Self.scale)
            events.append(event(begin.bootTime, .found(serial: serial, driver: "synthetic")))
            events.append(event(begin.bootTime, .settings(SensorSettings(serial: serial, streams: [stream]))))
        }
        guard !isStopped else { return false }
        let end = clock.now().bootTime + UInt64(max(0, seconds) * 1e9)
        let due = time(of: next + UInt32(Self.samplesInFrame))
        pause(clock.milliseconds(for: min(due, end) - min(min(due, end), clock.now().bootTime)))
        let reached = clock.now().bootTime
        while time(of: next + UInt32(Self.samplesInFrame)) <= reached { events.append(frame()) }
        return true
    }

    /// Ends it.
    public mutating func stop() { isStopped = true }

    private func time(of index: UInt32) -> UInt64 {
        begin.bootTime + UInt64(index) * 1_000_000_000 / UInt64(Self.rate)
    }

    private func event(_ time: UInt64, _ kind: SensorEvent.Kind) -> SensorEvent {
        SensorEvent(sensor: 0, bootTime: time, kind: kind)
    }

    private mutating func frame() -> SensorEvent {
        var counts: [Int16] = []
        for index in next..<next + UInt32(Self.samplesInFrame) {
            let second = Double(index) / Double(Self.rate)
            let phase = second.truncatingRemainder(dividingBy: Self.kickInterval)
            // A triangle wave needs no sine, and so no C library.
            let turn = (phase * Self.kickFrequency).truncatingRemainder(dividingBy: 1)
            let kick = phase < Self.kickLength ? Self.kickSize * (abs(4 * turn - 2) - 1) : 0
            for axis in 0..<3 {
                let value = Self.gravity[axis] + kick * (axis == 0 ? 1 : 0.4) + Self.noise * random()
                counts.append(Int16(clamping: Int((value / Double(Self.scale)).rounded())))
            }
        }
        defer { next += UInt32(Self.samplesInFrame) }
        return event(
            time(of: next + UInt32(Self.samplesInFrame)),
            .samples(
                SensorSamples(
                    stream: 0, boot: 1, firstIndex: next, deviceTime: UInt64(next) * 10_000 + 1, flags: [],
                    counts: counts)))
    }

    /// A number from -1 to 1 (S. Vigna's SplitMix64).
    private mutating func random() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return Double((mixed ^ mixed >> 31) >> 11) / Double(1 << 52) - 1
    }
}
