// SPDX-License-Identifier: GPL-3.0-or-later
internal import Recordings

/// The host's time as a line over the sensor's clock, fitted to the frames that came with the least delay.
///
/// A frame can come late, never early: so only the lower envelope tells the clocks' relation. The least late frame of each
/// ``window`` is kept, and a line goes through those that lie lowest. One fit is of one run of the sensor.
///
/// The wall clock is no part of it: both are clocks that nobody sets.
public struct ClockFit: Sendable {
    /// A frame as it was received.
    struct Point: Hashable, Sendable {
        /// Seconds on the sensor's clock.
        var device: Double
        /// Seconds of the host's boot time less ``device``.
        var offset: Double
    }

    /// Seconds in which the least late frame is looked for.
    static let window = 10.0
    /// Seconds from refit to refit.
    static let refit = 60.0
    /// Windows that the line is fitted to: an hour.
    static let memory = 360
    /// Clocks of crystals differ by less than this: 0.5 per cent.
    static let steepest = 0.005

    /// The run of the sensor.
    public let boot: UInt32
    /// The drift of the sensor's clock, in parts per million: positive where the host's clock is the faster one.
    public var drift: Double { slope * 1e6 }
    /// Whether the slope was fitted: after a minute.
    var isFitted: Bool { slope != 0 }
    /// Frames taken.
    public private(set) var frames = 0

    /// The sensor's time up to which segments were taken, and the last that came, in microseconds.
    private var taken: UInt64
    private var latest: UInt64
    private let origin: (device: UInt64, host: UInt64)
    private var current: Point?
    private var windowEnd: Double
    private var lowest: [Point] = []
    private var nextRefit: Double
    private var slope = 0.0
    private var level: Double

    /// A fit that begins with a frame.
    ///
    /// - Parameters:
    ///   - deviceTime: microseconds on the sensor's clock.
    ///   - bootTime: nanoseconds of the host's boot time when it was received.
    public init(boot: UInt32, deviceTime: UInt64, bootTime: UInt64) {
        self.boot = boot
        origin = (deviceTime, bootTime)
        taken = deviceTime
        latest = deviceTime
        windowEnd = Self.window
        nextRefit = Self.refit
        level = 0
        current = Point(device: 0, offset: 0)
        frames = 1
    }

    /// Takes a frame.
    public mutating func append(deviceTime: UInt64, bootTime: UInt64) {
        latest = max(latest, deviceTime)
        let device = seconds(deviceTime)
        let point = Point(device: device, offset: Double(Int64(bitPattern: bootTime &- origin.host)) / 1e9 - device)
        frames += 1
        if device >= windowEnd {
            close()
            windowEnd = ((device / Self.window).rounded(.down) + 1) * Self.window
            if device >= nextRefit {
                nextRefit = device + Self.refit
                fit()
            }
        }
        if current.map({ point.offset - slope * point.device < $0.offset - slope * $0.device }) ?? true {
            current = point
        }
        // The line never lies above a frame.
        level = min(level, point.offset - slope * point.device)
    }

    /// When a frame with this time would have come without any delay beyond the usual, in nanoseconds of boot time.
    public func bootTime(ofDevice deviceTime: UInt64) -> UInt64 {
        let device = seconds(deviceTime)
        let host = device + level + slope * device
        return origin.host &+ UInt64(bitPattern: Int64((host * 1e9).rounded()))
    }

    /// The line as it is now, over the sensor's time since the segment before; the next one begins where this ends.
    ///
    /// In the first minute the slope is that of equal clocks.
    mutating func nextSegment(of stream: Int, hostBoot: UInt32) -> ClockSegment {
        defer { taken = latest }
        return ClockSegment(
            stream: stream, hostBoot: hostBoot, deviceBoot: boot, deviceTimes: taken...latest,
            bootTime: self.bootTime(ofDevice: taken), slope: 1000 * (1 + slope), frames: frames)
    }

    private func seconds(_ deviceTime: UInt64) -> Double {
        Double(Int64(bitPattern: deviceTime &- origin.device)) / 1e6
    }

    private mutating func close() {
        if let current {
            if lowest.count == Self.memory { lowest.removeFirst() }
            lowest.append(current)
        }
        current = nil
    }

    /// The line through the lower hull of the kept points that lies below all of them and nearest to their middle.
    private mutating func fit() {
        var hull: [Point] = []
        for point in lowest {
            while hull.count >= 2, Self.turnsDown(hull[hull.count - 2], hull[hull.count - 1], point) {
                hull.removeLast()
            }
            hull.append(point)
        }
        guard let first = hull.first, let last = hull.last, last.device > first.device else { return }
        let middle = (first.device + last.device) / 2
        for (left, right) in zip(hull, hull.dropFirst()) where left.device <= middle && middle <= right.device {
            let steepness = (right.offset - left.offset) / (right.device - left.device)
            guard abs(steepness) <= Self.steepest else { return }
            slope = steepness
            level = left.offset - slope * left.device
            break
        }
    }

    /// Whether the middle one lies on or above the line from the first to the third.
    private static func turnsDown(_ first: Point, _ middle: Point, _ last: Point) -> Bool {
        (middle.offset - first.offset) * (last.device - first.device)
            >= (last.offset - first.offset) * (middle.device - first.device)
    }
}
