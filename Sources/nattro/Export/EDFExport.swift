// SPDX-License-Identifier: GPL-3.0-or-later
import Recordings

/// A night as an EDF+C file: each leg on the nominal grid, its validity, and the marks.
enum EDFExport {
    /// The largest digital value; the smallest measured one is its negative, and one below that is missing.
    private static let fullScale = 32_767

    /// Writes the file, and says how many samples were cut to the range.
    static func write(_ recorded: RecordedNight, _ marks: [RecordingAnnotation], to path: String) throws -> Int {
        var night = try GriddedNight(recorded) { Int($0.nominalRate.rounded()) }
        let scales = night.grids.map { grid in
            Array(repeating: Scale(acceleration: grid.stream.range), count: 3)
                + (grid.channelCount == 6 ? Array(repeating: Scale.rotation, count: 3) : [])
        }
        let signals = zip(night.grids, scales).flatMap { grid, scales in Self.signals(of: grid, scales) }
        var writer = try EDFWriter(
            path: path, start: night.seconds.lowerBound,
            equipment: recorded.files.map(\.header.device).first { !$0.isEmpty } ?? "", signals: signals,
            recordCount: night.seconds.count, annotations: marks)
        var clipped = 0
        while let second = try night.takeSecond() {
            var record: [[Int16]] = []
            for (leg, channels) in second.enumerated() {
                for (channel, values) in channels.enumerated() {
                    record.append(values.map { scales[leg][channel].digital($0, &clipped) })
                }
                record.append(channels[0].map { $0.isNaN ? 0 : 1 })
            }
            try writer.append(record)
        }
        try writer.finish()
        return clipped
    }

    /// The label of a leg's first axis, to which its marks belong.
    static func channel(of leg: Leg) -> String { "Acc \(leg.rawValue) X" }

    /// A leg's axes, and whether they are there.
    private static func signals(of grid: LegGrid, _ scales: [Scale]) -> [EDFWriter.Signal] {
        let leg = grid.leg.rawValue
        let site = grid.stream.site.isEmpty ? "\(grid.leg.name) leg" : grid.stream.site
        var signals: [EDFWriter.Signal] = []
        for (channel, scale) in scales.enumerated() {
            let isAcceleration = channel < 3
            signals.append(
                EDFWriter.Signal(
                    label: "\(isAcceleration ? "Acc" : "Gyr") \(leg) \(["X", "Y", "Z"][channel % 3])",
                    transducer: "\(isAcceleration ? "accelerometer" : "gyroscope"), \(site)",
                    unit: isAcceleration ? "g" : "deg/s", physicalLimits: scale.limits, rate: grid.rate))
        }
        return signals + [.flag("Valid \(leg)", rate: grid.rate)]
    }

    /// How values become integers.
    struct Scale {
        /// What one step is worth.
        let step: Float
        /// The physical limits as the header says them: in 8 characters, as exact as these allow.
        let limits: (lower: String, upper: String)

        /// The ranges that 8 characters say exactly enough, in g, and what they are at the upper limit, which is one step less.
        private static let ranges: [(range: Double, limits: (String, String))] = [
            (2, ("-2", "1.999939")), (4, ("-4", "3.999878")), (8, ("-8", "7.999756")), (16, ("-16", "15.99951")),
            (32, ("-32", "31.99902")), (64, ("-64", "63.99805")), (256, ("-256", "255.9922")),
        ]
        /// The range of a sensor that nobody told the range of: loggers have at most 16 g.
        private static let usual = 16.0

        /// For a sensor that measures up to `range` g; 0 where unknown.
        init(acceleration range: Double) {
            let wanted = range > 0 ? range : Self.usual
            let found = Self.ranges.first { $0.range >= wanted * 0.999 } ?? Self.ranges[Self.ranges.count - 1]
            step = Float(found.range / 32_768)
            limits = found.limits
        }

        private init(step: Float, limits: (String, String)) {
            self.step = step
            self.limits = limits
        }

        /// A gyroscope's: up to 2000 °/s.
        static let rotation = Scale(step: 2000 / 32_768, limits: ("-2000", "1999.939"))

        /// The nearest step of a value; missing for NaN; cut at the range, and counted.
        func digital(_ value: Float, _ clipped: inout Int) -> Int16 {
            guard !value.isNaN else { return EDFWriter.missing }
            let steps = (value / step).rounded()
            guard abs(steps) <= Float(fullScale) else {
                clipped += 1
                return steps < 0 ? Int16(-fullScale) : Int16(fullScale)
            }
            return Int16(steps)
        }
    }
}
