// SPDX-License-Identifier: GPL-3.0-or-later

/// How small a movement the detector could see on a leg: nights are compared at like sensitivity.
public struct Sensitivity: Hashable, Sendable, Codable {
    /// The median of the envelope's running floor, in mg: the sensor's noise, and what the bed passes on.
    public var floor: Double
    /// The median of the envelope that began a burst, in mg: the fixed threshold, or a multiple of the floor where that is more.
    public var threshold: Double

    /// A sensitivity by its parts.
    public init(floor: Double, threshold: Double) {
        self.floor = floor
        self.threshold = threshold
    }
}

extension DetectedNight {
    /// The sensitivity on a leg over a stretch of the night, in seconds since the Unix epoch; nil where it has no worn data of 10 s.
    public func sensitivity(of leg: LegResult, in span: Range<Double>) -> Sensitivity? {
        guard span.lowerBound.magnitude < 1e12, span.upperBound.magnitude < 1e12 else { return nil }
        let seconds =
            Int64(
                span.lowerBound.rounded(.up))..<max(
                Int64(span.lowerBound.rounded(.up)), Int64(span.upperBound.rounded(.down)))
        let unworn = leg.nonwear.filter { $0.verdict == .nonwear }.map(\.span)
        var floors: [Float] = []
        for stretch in leg.activity.floors.cropped(to: seconds).stretches {
            for (offset, floor) in stretch.values.enumerated() where floor > 0 {
                let second = Double(stretch.start + Int64(offset))
                if !unworn.contains(where: { $0.contains(second) }) { floors.append(floor) }
            }
        }
        guard !floors.isEmpty else { return nil }
        floors.sort()
        // One of the values themselves: the threshold is a rising step of the floor, so that its median is that of the floor.
        let median = Double(floors[floors.count / 2])
        return Sensitivity(
            floor: median, threshold: max(parameters.envelopeOn, parameters.envelopeOnFloors * median))
    }
}

extension DetectionParameters {
    /// The same numbers with the thresholds of envelope and step at one level, whatever the floor: the two keep their ratio, and on
    /// and off keep theirs.
    ///
    /// - Parameter threshold: the envelope that begins a burst, in mg.
    /// - Precondition: it is above 0.
    public func fixed(at threshold: Double) -> DetectionParameters {
        precondition(threshold > 0 && threshold.isFinite, "a threshold of \(threshold) mg")
        var fixed = self
        let factor = envelopeOn > 0 ? threshold / envelopeOn : 1
        fixed.envelopeOn = threshold
        fixed.envelopeOff *= factor
        fixed.stepOn *= factor
        fixed.stepOff *= factor
        (fixed.envelopeOnFloors, fixed.envelopeOffFloors, fixed.stepOnFloors, fixed.stepOffFloors) = (0, 0, 0, 0)
        return fixed
    }
}
