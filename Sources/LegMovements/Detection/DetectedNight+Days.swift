// SPDX-License-Identifier: GPL-3.0-or-later

/// Recordings of several days.
extension DetectedNight {
    /// A recording longer than this, in seconds, holds more than one night.
    public static let longestNight = 86_400.0

    /// The noon-to-noon nights of the recording, each as if nothing else had been recorded; those without data are left out.
    ///
    /// Noon is that of the recording's clock. What was found stays as it is: only the naming of movements is done anew.
    public func nights() -> [DetectedNight] {
        let day = Self.longestNight
        var nights: [DetectedNight] = []
        var noon = ((start - day / 2) / day).rounded(.down) * day + day / 2
        while noon < end {
            let results = legs.compactMap { $0.cropped(to: noon..<noon + day, parameters: parameters) }
            if !results.isEmpty { nights.append(DetectedNight(results, parameters: parameters)) }
            noon += day
        }
        return nights
    }
}

extension DetectedNight.LegResult {
    /// What was found between two times; nil where the leg has no data there.
    func cropped(to span: Range<Double>, parameters: DetectionParameters) -> DetectedNight.LegResult? {
        var result = self
        result.coverage = coverage.map { $0.clamped(to: span) }.filter { !$0.isEmpty }
        guard let first = result.coverage.first else { return nil }
        result.start = max(start, first.lowerBound)
        result.movements = movements.filter { span.contains($0.onset) }
        result.nonwear = nonwear.compactMap { stretch in
            var stretch = stretch
            stretch.span = stretch.span.clamped(to: span)
            return stretch.span.isEmpty ? nil : stretch
        }
        result.activity = activity.cropped(to: span, blockLength: parameters.stillnessSpan)
        return result
    }
}

extension LegActivity {
    /// What lies between two times, to the second, the 5 s, the block and the minute.
    func cropped(to span: Range<Double>, blockLength: Double) -> LegActivity {
        func places(of length: Double) -> Range<Int64> {
            Int64((span.lowerBound / length).rounded(.up))..<Int64((span.upperBound / length).rounded(.down))
        }
        var cropped = self
        cropped.excess = excess.cropped(to: places(of: 1))
        cropped.floors = floors.cropped(to: places(of: 1))
        cropped.directions = directions.cropped(to: places(of: Double(Self.directionSpan)))
        cropped.temperatures = temperatures.cropped(to: places(of: 60))
        let kept = places(of: blockLength)
        cropped.blocks.removeAll { !kept.contains($0.place) }
        return cropped
    }
}
