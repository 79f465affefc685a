// SPDX-License-Identifier: GPL-3.0-or-later

/// The sensors of a night, those on USB and those on serial ports, as one source.
public struct SensorSource: SampleSource, ~Copyable {
    private var usb: USBSource?
    private var ports: PortSource?
    private let clock: HostClock

    /// Sensors on USB are numbered from 0, and there are never so many.
    private static let firstPort = 100

    /// Reads sensors from now on.
    ///
    /// - Parameters:
    ///   - serials: the sensors on USB; any if empty and no port is named.
    ///   - ports: the serial ports.
    ///   - limit: how many sensors on USB are read if none is named.
    ///   - rate: the rate to set on USB, in samples a second; nil leaves the sensors as they are.
    ///   - clock: the clocks to time by; tests give faster ones.
    public init(
        serials: [String] = [], ports: [PortSetup] = [], limit: Int = 2, rate: UInt16? = nil,
        clock: HostClock = .system
    ) {
        usb =
            ports.isEmpty || !serials.isEmpty
            ? USBSource(serials: serials, limit: limit, rate: rate, clock: clock) : nil
        self.ports = ports.isEmpty ? nil : PortSource(ports, numberedFrom: Self.firstPort, clock: clock)
        self.clock = clock
    }

    /// The clocks that events are timed by.
    public func now() -> Moment { clock.now() }

    /// Waits for events; see ``SampleSource``.
    public mutating func wait(_ seconds: Double, into events: inout [SensorEvent]) -> Bool {
        // Of two, each is waited for half of the time: nothing is lost meanwhile, it only waits in its ring.
        let share = usb != nil && ports != nil ? seconds / 2 : seconds
        let isUSBOn = usb?.wait(share, into: &events) ?? false
        let arePortsOn = ports?.wait(share, into: &events) ?? false
        return isUSBOn || arePortsOn
    }

    /// Ends it; see ``SampleSource``.
    public mutating func stop() {
        usb?.stop()
        ports?.stop()
    }
}
