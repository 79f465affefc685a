// SPDX-License-Identifier: GPL-3.0-or-later
internal import Glibc
public import Recordings

/// The directions that gravity had on a sensor in earlier nights, minute by minute: how it was worn.
///
/// A leg that turns in bed turns about its own length, and a sensor that is put on the other way round points where it never
/// did. So the angle to the nearest direction of earlier nights is small if it is worn as it was, and large if not.
public struct WornDirections: Sendable {
    /// Degrees that a sensor may differ from every minute of earlier nights and still be worn as it was.
    public static let usualDegrees = 40.0
    /// Seconds that one direction is the mean of.
    private static let interval = 60.0
    /// Below this length, in g, the mean of a minute is of a leg that moved, and tells nothing.
    private static let shortest: Float = 0.8

    private struct Key: Hashable {
        var serial: String
        var leg: Leg?
    }

    /// Of length 1.
    private var directions: [Key: [SIMD3<Float>]] = [:]
    /// The nights that were read.
    public private(set) var nights = 0

    /// Of no night.
    public init() {}

    /// Reads a night's log, in bounded memory.
    public mutating func read(_ path: String) throws(RecordingError) {
        var reader = try NightLogReader(path: path)
        let keys = reader.log.streams.map { Key(serial: $0.serial, leg: $0.leg) }
        var sums = keys.map { _ in (sum: SIMD3<Float>(), count: 0) }
        var block = SampleBlock()
        while try reader.read(into: &block) {
            let stream = block.stream
            for sample in stride(from: 0, to: block.values.count - 2, by: block.channelCount) {
                sums[stream].sum += SIMD3(block.values[sample], block.values[sample + 1], block.values[sample + 2])
            }
            sums[stream].count += block.count
            guard Double(sums[stream].count) * block.nominalPeriod >= Self.interval else { continue }
            let mean = sums[stream].sum / Float(sums[stream].count)
            let length = (mean * mean).sum().squareRoot()
            if length >= Self.shortest { directions[keys[stream], default: []].append(mean / length) }
            sums[stream] = (SIMD3(), 0)
        }
        nights += 1
    }

    /// Degrees from a direction to the nearest that this sensor had on this leg; nil where it never recorded.
    public func degrees(of direction: [Double], serial: String, leg: Leg?) -> Double? {
        let own = directions.filter { $0.key.serial == serial && (leg == nil || $0.key.leg == leg) }.flatMap(\.value)
        guard direction.count == 3, !own.isEmpty else { return nil }
        let vector = SIMD3(Float(direction[0]), Float(direction[1]), Float(direction[2]))
        let length = (vector * vector).sum().squareRoot()
        guard length > 0 else { return nil }
        let nearest = own.map { ($0 * vector).sum() / length }.max() ?? -1
        return acos(min(1, max(-1, Double(nearest)))) * 180 / .pi
    }
}
