// SPDX-License-Identifier: GPL-3.0-or-later

/// Which sensors belong to this night: those that were named, or the first that come. Touches no libusb.
struct DeviceMatching: Hashable, Sendable {
    /// What to do about a sensor that was plugged in.
    enum Answer: Hashable, Sendable {
        /// It is this night's; its number is the same each time it comes.
        case take(sensor: Int)
        /// It is another one: close it, and go on waiting.
        case refuse
    }

    /// The serial numbers of this night, in the order of their numbers.
    private(set) var serials: [String]
    private let limit: Int

    /// Sensors by their serial numbers; any `limit` sensors if none is named.
    init(named serials: [String] = [], limit: Int) {
        self.serials = serials
        self.limit = serials.isEmpty ? limit : serials.count
    }

    /// What to do about a sensor.
    mutating func answer(to serial: String) -> Answer {
        if let sensor = serials.firstIndex(of: serial) { return .take(sensor: sensor) }
        guard serials.count < limit else { return .refuse }
        serials.append(serial)
        return .take(sensor: serials.count - 1)
    }
}

/// When to try a device again that could not be opened: after 0.5 s, then later and later up to 30 s.
struct OpeningAttempts: Hashable, Sendable {
    private struct Attempt: Hashable {
        var next: UInt64
        var wait: UInt64
    }

    private let shortest: UInt64
    private let longest: UInt64
    private var attempts: [DevicePlace: Attempt] = [:]
    private var refused: Set<DevicePlace> = []

    /// Attempts with these waits.
    init(_ intervals: Watchdog.Intervals = Watchdog.Intervals()) {
        shortest = intervals.shortestWait
        longest = intervals.longestWait
    }

    /// Whether the device at a place may be tried now.
    func mayTry(_ place: DevicePlace, at now: UInt64) -> Bool {
        !refused.contains(place) && attempts[place].map { now >= $0.next } ?? true
    }

    /// It could not be opened; true the first time.
    mutating func failed(_ place: DevicePlace, at now: UInt64) -> Bool {
        let wait = attempts[place].map { min($0.wait * 2, longest) } ?? shortest
        let isFirst = attempts[place] == nil
        attempts[place] = Attempt(next: now + wait, wait: wait)
        return isFirst
    }

    /// It is opened again after a wait that the watchdog chose.
    mutating func postpone(_ place: DevicePlace, until time: UInt64) {
        attempts[place] = Attempt(next: time, wait: attempts[place]?.wait ?? shortest)
    }

    /// It is none of this night's: never tried again while it is plugged.
    mutating func refuse(_ place: DevicePlace) { refused.insert(place) }

    /// It was opened.
    mutating func opened(_ place: DevicePlace) { attempts[place] = nil }

    /// Forgets the devices that are no longer there: an address may be given to another.
    mutating func keep(only present: Set<DevicePlace>) {
        attempts = attempts.filter { present.contains($0.key) }
        refused.formIntersection(present)
    }
}

/// Where a device is: it changes when it is plugged in again.
public struct DevicePlace: Hashable, Sendable {
    /// The bus.
    public var bus: UInt8
    /// The address on the bus.
    public var address: UInt8
}
