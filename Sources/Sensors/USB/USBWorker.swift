// SPDX-License-Identifier: GPL-3.0-or-later
internal import CLibUSB

/// What the USB thread does in each turn. Not shared: made, used and ended on that thread.
@safe
final class USBWorker {
    private let library: USBLibrary
    private let configuration: USBEngine.Configuration
    private let packets: PacketRing
    private let clock: HostClock
    private var links: [USBLink] = []
    private var matching: DeviceMatching
    private var attempts: OpeningAttempts
    /// Watchdogs of sensors that are closed, so that waits grow over openings.
    private var watchdogs: [Int: Watchdog] = [:]
    private var nextLook: UInt64 = 0
    private var hotplug: libusb_hotplug_callback_handle = 0
    /// Set by the hotplug callback.
    fileprivate var somethingWasPlugged = false

    /// The longest wait for events in a turn, in milliseconds: how fast a stop is noticed.
    private static let longestWait = 50
    /// The longest wait for transfers to come back, in milliseconds of the world.
    private static let patience = 2000

    init(_ library: USBLibrary, _ configuration: USBEngine.Configuration, _ packets: PacketRing, _ clock: HostClock) {
        self.library = library
        self.configuration = configuration
        self.packets = packets
        self.clock = clock
        matching = DeviceMatching(named: configuration.serials, limit: configuration.limit)
        attempts = OpeningAttempts(configuration.watchdog)
        let events = Int32(LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED.rawValue | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT.rawValue)
        // Without hotplug the looks every 500 ms find what comes.
        _ = unsafe libusb_hotplug_register_callback(
            library.context, events, 0, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
            somethingHappened, Unmanaged.passUnretained(self).toOpaque(), &hotplug)
    }

    deinit { unsafe libusb_hotplug_deregister_callback(library.context, hotplug) }

    /// One turn: events, then decisions outside of all callbacks.
    func turn() {
        let wait = min(Self.longestWait, clock.milliseconds(for: configuration.enumeration))
        library.handleEvents(milliseconds: max(1, wait))
        let now = clock.now().bootTime
        for link in links {
            if let end = link.settle(at: now) {
                ended(link, end, at: now)
            } else if link.remedy == nil, let remedy = link.watchdog.check(at: now) {
                link.remedy = remedy
                if let end = link.stop() { ended(link, end, at: now) }
            }
        }
        if somethingWasPlugged || now >= nextLook {
            somethingWasPlugged = false
            nextLook = now + configuration.enumeration
            look(at: now)
        }
        packets.ring()
    }

    /// Ends all links; what they brought is in the ring.
    func close() {
        for link in links {
            // A sensor that does not answer is not asked twice: the sleeper waits.
            for request in link.connection.stop { _ = try? link.handle.control(request, patience: 300) }
            if link.stop() != nil { links.removeAll { $0 === link } }
        }
        takeBack()
        // What libusb never gave back is never freed.
        for link in links { _ = unsafe Unmanaged.passRetained(link) }
        links.removeAll()
        packets.ring()
    }

    /// Lets transfers come back that were asked back.
    private func takeBack() {
        let turns = 40
        for _ in 0..<turns where !links.isEmpty {
            library.handleEvents(milliseconds: Self.patience / turns)
            let now = clock.now().bootTime
            links.removeAll { $0.settle(at: now) != nil }
        }
    }

    // MARK: What is plugged

    private func look(at now: UInt64) {
        let devices = library.devices()
        let places = devices.map(\.place)
        attempts.keep(only: Set(places))
        for (device, place) in zip(devices, places)
        where !links.contains(where: { $0.place == place }) && attempts.mayTry(place, at: now) {
            guard let description = device.description() else { continue }
            guard let match = SensorDriver.matching(description) else {
                attempts.refuse(place)
                if let logger = SensorDriver.logger(description) {
                    tell(
                        .trouble(
                            .notOpened,
                            "an \(logger.name) keeps its samples itself: set it up with `nattro sensors setup`, "
                                + "and fetch the night in the morning"), 0)
                }
                continue
            }
            do throws(SensorError) {
                try open(device, place, match.index, match.connection, at: now)
            } catch {
                guard attempts.failed(place, at: now) else { continue }
                let trouble: SensorTrouble =
                    switch error.reason {
                    case .busy: .busy
                    case .accessDenied: .accessDenied
                    default: .notOpened
                    }
                let holder = trouble == .busy ? DeviceHolder.name(of: place) : nil
                tell(.trouble(trouble, error.description + (holder.map { "; it is \($0)" } ?? "")), 0)
            }
        }
    }

    private func open(
        _ device: USBLibrary.Device, _ place: DevicePlace, _ driver: Int, _ connection: SensorDriver.Connection,
        at now: UInt64
    ) throws(SensorError) {
        let handle = try device.open()
        try handle.claim(connection.interfaces)
        var serial = handle.text(device.serialIndex)
        let information = try identify(handle, connection)
        if serial.isEmpty { serial = LegWire.Information(information)?.serial ?? "" }
        guard case .take(let sensor) = matching.answer(to: serial) else {
            attempts.refuse(place)
            tell(.trouble(.refused, serial), 0)
            return
        }
        if let other = links.first(where: { $0.sensor == sensor }) {
            // It may have been plugged in again before its old transfers were all back: then it is tried again soon.
            let isTwin = library.devices().contains { $0.place == other.place }
            if attempts.failed(place, at: now), isTwin { tell(.trouble(.twin, serial), sensor) }
            return
        }
        tell(.found(serial: serial, driver: driver), sensor)
        if !information.isEmpty { tell(.information(information), sensor) }
        var watchdog = watchdogs[sensor] ?? Watchdog(configuration.watchdog, at: now)
        watchdog.opened(at: now)
        let link = USBLink(sensor, place, handle, connection, watchdog, packets, clock)
        // Reading begins before the sensor is told to send, so that nothing it sends is missed.
        if let end = link.submitAll() {
            links.append(link)
            ended(link, end, at: now)
            return
        }
        links.append(link)
        attempts.opened(place)
        start(link, LegWire.Information(information)?.streams.count ?? 1)
    }

    /// Asks what a sensor is; empty where it tells by itself.
    private func identify(
        _ handle: USBHandle, _ connection: SensorDriver.Connection
    ) throws(SensorError) -> [UInt8] {
        guard let request = connection.information else { return [] }
        do throws(SensorError) {
            return try handle.control(request)
        } catch {
            switch error.reason {
            // Who does not know the request sends a frame that says the same.
            case .unsupported: return []
            // Who does not answer at all has hung, and is reset.
            case .failed:
                try handle.reset()
                return try handle.control(request)
            default: throw error
            }
        }
    }

    /// Begins a sensor, and tells it its settings: by requests before, by frames after it.
    ///
    /// What the sensor does not know is no failure, and what the bus lost is mended by the watchdog.
    private func start(_ link: USBLink, _ streams: Int) {
        let time = clock.now().utc
        var requests = link.connection.start
        if link.connection.settings == .requests {
            let rates = configuration.rate.map { rate in (0..<streams).map { LegWire.setRate(rate, stream: UInt8($0)) }
            }
            requests = [LegWire.setTime(time)] + (rates ?? []) + requests
        }
        for request in requests { _ = try? link.handle.control(request) }
        guard case .frames(let endpoint) = link.connection.settings else { return }
        var commands = [LegWire.Command.setTime(time)]
        // Who tells its streams only by a frame is taken to have one.
        if let rate = configuration.rate { commands.append(.setRate(rate, stream: 0)) }
        for (number, command) in commands.enumerated() {
            _ = try? link.handle.write(command.encoded(number: UInt32(number)), to: endpoint)
        }
    }

    // MARK: What goes wrong

    /// All transfers of a link are back.
    private func ended(_ link: USBLink, _ end: TransferRing.End, at now: UInt64) {
        switch end {
        case .disconnected: drop(link, .unplugged, until: nil)
        case .stalled: carryOut(link.watchdog.stalled(at: now), link, .busError, at: now)
        case .babble: carryOut(link.watchdog.failed(), link, .babble, at: now)
        case .failed: carryOut(link.watchdog.failed(), link, .busError, at: now)
        case .asked: carryOut(link.remedy ?? link.watchdog.failed(), link, .silent, at: now)
        }
    }

    private func carryOut(_ remedy: Watchdog.Remedy, _ link: USBLink, _ reason: LossReason, at now: UInt64) {
        link.remedy = nil
        do throws(SensorError) {
            switch remedy {
            case .clearHalt:
                try link.handle.clearHalt(link.connection.input)
                tell(.trouble(.cleared, ""), link.sensor)
            case .reset:
                try link.handle.reset()
                // After a reset the sensor may have to be told again.
                try link.handle.claim(link.connection.interfaces)
                tell(.trouble(.reset, ""), link.sensor)
                start(link, 1)
            case .reopen(let wait):
                drop(link, reason, until: now + wait)
                return
            }
        } catch {
            guard error.reason != .disconnected else { return drop(link, .unplugged, until: nil) }
            return carryOut(link.watchdog.failed(remedy), link, reason, at: now)
        }
        if let end = link.submitAll() {
            if end == .disconnected {
                drop(link, .unplugged, until: nil)
            } else {
                carryOut(link.watchdog.failed(), link, reason, at: now)
            }
        }
    }

    /// Closes a link whose transfers are all back.
    private func drop(_ link: USBLink, _ reason: LossReason, until time: UInt64?) {
        links.removeAll { $0 === link }
        watchdogs[link.sensor] = link.watchdog
        if let time { attempts.postpone(link.place, until: time) }
        tell(.lost(reason), link.sensor)
    }

    private func tell(_ news: USBNews, _ sensor: Int) {
        packets.push(news: news.encoded, sensor: sensor, at: clock.now().bootTime)
    }
}

/// What libusb calls when something is plugged in or out: only notes it, since devices must not be used here.
private func somethingHappened(
    _ context: OpaquePointer?, _ device: OpaquePointer?, _ event: libusb_hotplug_event,
    _ data: UnsafeMutableRawPointer?
) -> Int32 {
    if let data = unsafe data {
        unsafe Unmanaged<USBWorker>.fromOpaque(data).takeUnretainedValue().somethingWasPlugged = true
    }
    return 0
}
