// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings

/// What a minute of a sensor says about it: noise, direction, rate, losses; touches no USB.
public struct SelfTest: Sendable {
    /// What was measured on one stream of a sensor.
    public struct Result: Hashable, Sendable {
        /// The sensor's serial number.
        public var serial: String
        /// The leg, where the sensor tells.
        public var leg: Leg?
        /// Samples that came.
        public var samples = 0
        /// Samples missing by their indices.
        public var missing = 0
        /// Samples a second as it is set.
        public var nominalRate = 0.0
        /// Samples a second by the sensor's own clock.
        public var rate = 0.0
        /// The share of samples that did not come.
        public var dropRate: Double { samples + missing > 0 ? Double(missing) / Double(samples + missing) : 0 }
        /// The drift of its clock against the host's in parts per million, after a minute; nil before, or without a clock.
        public var drift: Double?
        /// Seconds that the latest frame came after the fit of the two clocks.
        public var lateness = 0.0
        /// The noise of the quietest axis and the loudest, in mg: the standard deviation of a sample.
        public var noise: ClosedRange<Double> = 0...0
        /// The mean direction in g, x, y, z.
        public var direction: [Double] = [0, 0, 0]
        /// The length of ``direction``: 1 for a sensor that is well calibrated and lies still.
        public var gravity: Double {
            (direction[0] * direction[0] + direction[1] * direction[1] + direction[2] * direction[2]).squareRoot()
        }

        /// What is wrong, in words; empty if nothing is.
        public var problems: [String] {
            var problems: [String] = []
            if missing > 0 { problems.append("\(missing) samples are missing: try another cable or port") }
            if !(0.95...1.05).contains(gravity) {
                problems.append(
                    "gravity measures \((gravity * 100).rounded() / 100) g: hold the sensor still, or it is badly calibrated"
                )
            }
            if noise.upperBound > 15 {
                problems.append(
                    "noise of \(Int(noise.upperBound)) mg: hold it still, or movements of a few mg are hidden")
            }
            if nominalRate > 0, rate > 0, abs(rate / nominalRate - 1) > 0.05 {
                problems.append("\(Int(rate.rounded())) samples a second instead of \(Int(nominalRate.rounded()))")
            }
            if let drift, abs(drift) > 1000 {
                problems.append(
                    "its clock runs \(Int(drift.rounded())) ppm off this computer's: times are corrected, but it is no good clock"
                )
            }
            if lateness > 1 {
                problems.append("frames came \((lateness * 10).rounded() / 10) s late: try another port, without a hub")
            }
            if samples == 0 { problems = ["no samples came: unplug it and plug it in again"] }
            return problems
        }
    }

    fileprivate struct Line {
        var timeline = StreamTimeline()
        var result: Result
        var scale = 0.0
        var sums = [0.0, 0.0, 0.0]
        var squares = [0.0, 0.0, 0.0]
        var last: [Int16]?
        var steps = 0
        var first: (index: UInt32, time: UInt64)?
        var latest: (index: UInt32, time: UInt64) = (0, 0)
        var fit: ClockFit?
    }

    private struct Key: Hashable {
        var sensor: Int
        var stream: UInt8
    }

    private var serials: [Int: String] = [:]
    private var lines: [Key: Line] = [:]
    /// What was said of sensors that cannot be read.
    public private(set) var troubles: [String] = []

    /// A test before its first sample.
    public init() {}

    /// Takes what a sensor did.
    public mutating func take(_ event: SensorEvent) {
        switch event.kind {
        case .found(let serial, _): serials[event.sensor] = serial
        case .settings(let settings):
            for (index, stream) in settings.streams.enumerated() {
                let key = Key(sensor: event.sensor, stream: UInt8(index))
                guard lines[key] == nil else { continue }
                var result = Result(serial: serials[event.sensor] ?? settings.serial, leg: stream.leg)
                result.nominalRate = Double(stream.rate)
                lines[key] = Line(result: result, scale: Double(stream.scale))
            }
        case .samples(let samples):
            lines[Key(sensor: event.sensor, stream: samples.stream)]?.take(samples, at: event.bootTime)
        case .trouble(let trouble, let text): troubles.append(text.isEmpty ? trouble.rawValue : text)
        case .status, .mark, .damage, .lost, .overflow: break
        }
    }

    /// What was measured, sensor by sensor.
    public var results: [Result] {
        lines.sorted { ($0.key.sensor, $0.key.stream) < ($1.key.sensor, $1.key.stream) }.map(\.value.finished)
    }
}

extension SelfTest.Line {
    fileprivate mutating func take(_ samples: SensorSamples, at bootTime: UInt64) {
        let verdict = timeline.take(
            firstIndex: samples.firstIndex, count: samples.count, boot: samples.boot, time: samples.deviceTime,
            rate: result.nominalRate, overrun: samples.flags.contains(.overrun))
        guard case .append(let gap, let skipped) = verdict else { return }
        time(samples, at: bootTime)
        result.missing += Int(gap?.samples ?? 0)
        if gap != nil { last = nil }
        result.samples += samples.count - skipped
        if first == nil { first = (samples.firstIndex, samples.deviceTime) }
        latest = (samples.firstIndex, samples.deviceTime)
        for sample in skipped..<samples.count {
            let now = Array(samples.counts[3 * sample..<3 * sample + 3])
            for axis in 0..<3 {
                sums[axis] += Double(now[axis])
                if let last {
                    let step = Double(now[axis]) - Double(last[axis])
                    squares[axis] += step * step
                }
            }
            if last != nil { steps += 1 }
            last = now
        }
    }

    /// Compares the sensor's clock with the host's.
    private mutating func time(_ samples: SensorSamples, at bootTime: UInt64) {
        guard samples.deviceTime > 0 else { return }
        if var fit, fit.boot == samples.boot {
            fit.append(deviceTime: samples.deviceTime, bootTime: bootTime)
            let expected = fit.bootTime(ofDevice: samples.deviceTime)
            if bootTime > expected { result.lateness = max(result.lateness, Double(bootTime - expected) / 1e9) }
            result.drift = fit.isFitted ? fit.drift : nil
            self.fit = fit
        } else {
            fit = ClockFit(boot: samples.boot, deviceTime: samples.deviceTime, bootTime: bootTime)
        }
    }

    fileprivate var finished: SelfTest.Result {
        var result = result
        guard result.samples > 0 else { return result }
        result.direction = sums.map { $0 / Double(result.samples) * scale }
        // Neighbouring samples of white noise differ by twice its variance, and slow movement cancels out.
        let noise = squares.map { (($0 / Double(max(1, steps))) / 2).squareRoot() * scale * 1000 }
        result.noise = (noise.min() ?? 0)...(noise.max() ?? 0)
        if let first, latest.time > first.time {
            result.rate = Double(latest.index &- first.index) / (Double(latest.time - first.time) / 1e6)
        }
        return result
    }
}
