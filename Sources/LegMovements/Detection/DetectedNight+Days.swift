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
        guard let covered = result.coverage.first else { return nil }
        result.start = max(start, covered.lowerBound)
        // They are in order; an array made by filtering would hold more memory than it needs.
        let first = movements.partitionIndex { $0.onset >= span.lowerBound }
        let end = movements.partitionIndex { $0.onset >= span.upperBound }
        result.movements = Array(movements[first..<end])
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
        let kept = places(of: 1)
        cropped.seconds = seconds.map { $0.clamped(to: kept) }.filter { !$0.isEmpty }
        cropped.excess = excess.cropped(to: kept)
        cropped.floors = floors.cropped(to: places(of: Double(Self.floorSpan)))
        // The first 5 s turn from nothing.
        let spans = places(of: Double(Self.directionSpan))
        cropped.turns = turns.cropped(to: min(spans.lowerBound + 1, spans.upperBound)..<spans.upperBound)
        cropped.temperatures = temperatures.cropped(to: places(of: 60))
        let blockPlaces = places(of: blockLength)
        cropped.blocks = blocks.filter { blockPlaces.contains($0.place) }
        return cropped
    }
}
