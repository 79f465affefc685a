// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc

/// What the thread of the serial ports does in each turn. Not shared: made, used and ended on that thread.
final class PortWorker {
    /// A port and how it stands.
    private final class Link {
        let port: PortEngine.Port
        var open: SerialPort?
        var watchdog: Watchdog
        var nextAttempt: UInt64 = 0
        /// When bytes came last since it was opened.
        var lastHeard: UInt64?
        /// Whether it was said that it cannot be opened.
        var isReported = false

        init(_ port: PortEngine.Port, at now: UInt64) {
            self.port = port
            watchdog = Watchdog(PortWorker.intervals, at: now)
        }
    }

    private let links: [Link]
    private let packets: PacketRing
    private let clock: HostClock
    private var buffer = [UInt8](repeating: 0, count: 4096)

    /// The longest wait in a turn, in milliseconds: how fast a stop is noticed.
    private static let longestWait = 50
    /// Nanoseconds from one attempt to open a port to the next.
    private static let attemptInterval: UInt64 = 500_000_000
    /// A board may start anew when its port is opened, and takes some seconds to speak: who opens too soon again never hears it.
    private static let intervals = Watchdog.Intervals(silence: 8_000_000_000)
    /// Silence of so many nanoseconds is a gap: at 25 samples a second, 25 are missing.
    private static let longestPause: UInt64 = 1_000_000_000
    /// Readings in a row of one port, so that none keeps the others waiting.
    private static let largestBurst = 16

    init(_ ports: [PortEngine.Port], _ packets: PacketRing, _ clock: HostClock) {
        self.packets = packets
        self.clock = clock
        let now = clock.now().bootTime
        links = ports.map { Link($0, at: now) }
    }

    /// One turn: waits for bytes, takes them, opens what is closed.
    func turn() {
        let open = links.filter { $0.open != nil }
        var entries = open.map { link in
            pollfd(fd: link.open?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
        }
        let wait = max(1, min(Self.longestWait, clock.milliseconds(for: Self.attemptInterval)))
        _ = unsafe poll(&entries, nfds_t(entries.count), Int32(wait))
        for (link, entry) in zip(open, entries) where entry.revents != 0 { take(link) }
        let now = clock.now().bootTime
        for link in links {
            if link.open == nil {
                if now >= link.nextAttempt { attempt(link, at: now) }
            } else if link.watchdog.check(at: now) != nil, case .reopen(let wait) = link.watchdog.failed() {
                // There is no halt to clear and no reset: only opening anew is left.
                drop(link, .silent, until: now + wait)
            }
        }
        packets.ring()
    }

    private func take(_ link: Link) {
        for _ in 0..<Self.largestBurst {
            guard let reading = link.open?.read(into: &buffer) else { return }
            let now = clock.now().bootTime
            switch reading {
            case .bytes(let count):
                link.watchdog.heard(at: now)
                if let last = link.lastHeard, now - last > Self.longestPause { tell(.interrupted, link) }
                link.lastHeard = now
                unsafe buffer.withUnsafeBytes { bytes in
                    _ = unsafe packets.push(
                        UnsafeRawBufferPointer(rebasing: bytes[..<count]), sensor: link.port.sensor, at: now)
                }
            case .nothing: return
            case .gone: return drop(link, .unplugged, until: now)
            }
        }
    }

    private func attempt(_ link: Link, at now: UInt64) {
        link.nextAttempt = now + Self.attemptInterval
        do throws(SensorError) {
            link.open = try SerialPort(link.port.setup.port, baud: link.port.setup.baud)
            link.isReported = false
            link.lastHeard = nil
            link.watchdog.opened(at: now)
            tell(.found(serial: link.port.setup.name, driver: link.port.driver), link)
        } catch {
            // A port that is not there yet is waited for.
            guard error.reason != .disconnected, !link.isReported else { return }
            link.isReported = true
            let trouble: SensorTrouble =
                switch error.reason {
                case .busy: .busy
                case .accessDenied: .accessDenied
                default: .notOpened
                }
            let holder = trouble == .busy ? DeviceHolder.name(ofPort: link.port.setup.port) : nil
            let text = "\(link.port.setup.port): \(error.description)" + (holder.map { "; it is \($0)" } ?? "")
            tell(.trouble(trouble, text), link)
        }
    }

    private func drop(_ link: Link, _ reason: LossReason, until time: UInt64) {
        link.open = nil
        link.nextAttempt = time
        tell(.lost(reason), link)
    }

    private func tell(_ news: USBNews, _ link: Link) {
        packets.push(news: news.encoded, sensor: link.port.sensor, at: clock.now().bootTime)
    }
}
