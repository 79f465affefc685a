// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc
public import Recordings

/// One reading of the host's clocks.
public struct Moment: Hashable, Sendable {
    /// Nanoseconds of `CLOCK_BOOTTIME`: goes on in suspend, is never set.
    public var bootTime: UInt64
    /// Nanoseconds that the host was awake, of `CLOCK_MONOTONIC`.
    public var awake: UInt64
    /// Nanoseconds since the Unix epoch on the wall clock.
    public var utc: Int64

    /// A reading.
    public init(bootTime: UInt64, awake: UInt64, utc: Int64) {
        self.bootTime = bootTime
        self.awake = awake
        self.utc = utc
    }
}

/// The host's clocks, or clocks that run faster: a night of nine hours in minutes, for tests.
public struct HostClock: Hashable, Sendable {
    /// How many seconds pass in a second.
    public let scale: Double
    private let origin: Moment

    /// The host's own clocks.
    public static let system = HostClock()

    /// Clocks that run `scale` times as fast from now on.
    ///
    /// - Precondition: the scale is at least 1.
    public init(scale: Double = 1) {
        precondition(scale.isFinite && scale >= 1, "a time scale of \(scale)")
        self.scale = scale
        origin = Self.read()
    }

    /// The clocks now.
    public func now() -> Moment {
        let now = Self.read()
        guard scale != 1 else { return now }
        return Moment(
            bootTime: origin.bootTime + scaled(Int64(now.bootTime - origin.bootTime)),
            awake: origin.awake + scaled(Int64(now.awake - origin.awake)),
            utc: origin.utc + Int64(Double(now.utc - origin.utc) * scale))
    }

    /// How long to wait, in milliseconds of the world, for nanoseconds on these clocks.
    public func milliseconds(for nanoseconds: UInt64) -> Int {
        Int((Double(nanoseconds) / 1e6 / scale).rounded(.up))
    }

    private func scaled(_ nanoseconds: Int64) -> UInt64 { UInt64(max(0, Double(nanoseconds) * scale)) }

    private static func read() -> Moment {
        Moment(
            bootTime: UInt64(nanoseconds(CLOCK_BOOTTIME)), awake: UInt64(nanoseconds(CLOCK_MONOTONIC)),
            utc: nanoseconds(CLOCK_REALTIME))
    }

    private static func nanoseconds(_ clock: Int32) -> Int64 {
        var time = timespec()
        guard unsafe clock_gettime(clock, &time) == 0 else { return 0 }
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// A number for this run of the host, from the kernel's boot identifier; by chance where it cannot be read.
    public static func hostBoot() -> UInt32 {
        let file = unsafe open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return UInt32.random(in: 1 ... .max) }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 8)
        let count = unsafe text.withUnsafeMutableBytes { unsafe Glibc.read(file, $0.baseAddress, $0.count) }
        return count == 8
            ? UInt32(String(decoding: text, as: UTF8.self), radix: 16) ?? UInt32.random(in: 1 ... .max)
            : UInt32.random(in: 1 ... .max)
    }

    /// The local time zone at a moment, as the system is set.
    public static func zone(at utc: Int64) -> NightLog.Zone {
        var seconds = time_t(utc / 1_000_000_000)
        var local = unsafe tm()
        guard unsafe localtime_r(&seconds, &local) != nil else { return NightLog.Zone(offset: 0) }
        return NightLog.Zone(offset: Int32(unsafe local.tm_gmtoff), name: zoneName())
    }

    /// The zone's IANA name: what /etc/localtime points to.
    private static func zoneName() -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe bytes.baseAddress.map {
                unsafe readlink("/etc/localtime", $0.assumingMemoryBound(to: CChar.self), bytes.count)
            } ?? 0
        }
        guard count > 0 else { return "" }
        let path = String(decoding: buffer[..<count], as: UTF8.self)
        let marker = "zoneinfo/"
        for start in path.indices where path[start...].hasPrefix(marker) {
            return String(path[path.index(start, offsetBy: marker.count)...])
        }
        return ""
    }
}

/// Waits so many milliseconds.
func pause(_ milliseconds: Int) {
    guard milliseconds > 0 else { return }
    usleep(UInt32(clamping: milliseconds * 1000))
}
