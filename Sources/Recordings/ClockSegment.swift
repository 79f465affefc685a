// SPDX-License-Identifier: GPL-3.0-or-later

/// The host's boot time as a line over a sensor's clock: boot time = *a* + *b* × (device time − start).
///
/// A recorder fits it to the frames that came with the least delay and keeps it in the log, one segment after the other for
/// each run of each sensor. It tells how the sensor's clock drifts and how late frames came. ``NightLogReader`` takes the
/// times of samples from their sectors all the same; the article "The night log" says why.
public struct ClockSegment: Hashable, Sendable {
    /// The stream of the log.
    public var stream: Int
    /// The run of the host that the boot time counts in.
    public var hostBoot: UInt32
    /// The run of the sensor that the device time counts in.
    public var deviceBoot: UInt32
    /// The stretch that the line is meant for, in microseconds on the sensor's clock.
    public var deviceTimes: ClosedRange<UInt64>
    /// *a*: the host's boot time at the start of the stretch, in nanoseconds.
    public var bootTime: UInt64
    /// *b*: nanoseconds of the host in a microsecond of the sensor.
    public var slope: Double
    /// The frames that the line was fitted to.
    public var frames: Int

    /// A line over a stretch of a sensor's time.
    ///
    /// - Precondition: the slope is finite and above 0.
    public init(
        stream: Int, hostBoot: UInt32, deviceBoot: UInt32, deviceTimes: ClosedRange<UInt64>, bootTime: UInt64,
        slope: Double, frames: Int
    ) {
        precondition(slope.isFinite && slope > 0, "a slope of \(slope)")
        self.stream = stream
        self.hostBoot = hostBoot
        self.deviceBoot = deviceBoot
        self.deviceTimes = deviceTimes
        self.bootTime = bootTime
        self.slope = slope
        self.frames = frames
    }

    /// The drift of the sensor's clock, in parts per million: positive where the host's clock is the faster one.
    public var drift: Double { (slope / 1000 - 1) * 1e6 }

    /// When a frame with this time came, or would have come without any delay beyond the usual, in nanoseconds of boot time.
    public func bootTime(ofDevice deviceTime: UInt64) -> UInt64 {
        let microseconds = Double(Int64(bitPattern: deviceTime &- deviceTimes.lowerBound))
        return bootTime &+ UInt64(bitPattern: Int64(clamping: (microseconds * slope).rounded()))
    }

    /// The text of its entry: `a=NS b=NS/µs from=µs to=µs frames=N`.
    public var text: String {
        "a=\(bootTime) b=\(slope) from=\(deviceTimes.lowerBound) to=\(deviceTimes.upperBound) frames=\(frames)"
    }

    /// The segment that an entry of a log holds; nil where it is another entry, or another recorder's text.
    public init?(_ entry: NightLog.Entry) {
        guard entry.kind == .event(.clockFit), let stream = entry.stream else { return nil }
        var fields: [Substring: Substring] = [:]
        for word in entry.text.split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        guard let bootTime = fields["a"].flatMap({ UInt64($0) }), let slope = fields["b"].flatMap({ Double($0) }),
            let start = fields["from"].flatMap({ UInt64($0) }), let end = fields["to"].flatMap({ UInt64($0) }),
            let frames = fields["frames"].flatMap({ Int($0) }), slope.isFinite, slope > 0, start <= end, frames > 0
        else { return nil }
        self.init(
            stream: stream, hostBoot: entry.stamp.hostBoot, deviceBoot: entry.stamp.deviceBoot,
            deviceTimes: start...end, bootTime: bootTime, slope: slope, frames: frames)
    }
}

extension Int64 {
    /// The nearest whole number that there is; 0 for what is none.
    fileprivate init(clamping value: Double) {
        self = Int64(exactly: value) ?? (value > 0 ? .max : value < 0 ? .min : 0)
    }
}
