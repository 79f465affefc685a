// SPDX-License-Identifier: GPL-3.0-or-later
public import Recordings

/// What a person or another program marked in a night, as the rules take it.
public struct MarkedNight: Sendable {
    /// The movements, of the leg that each names; a mark of both legs is one movement of each.
    public private(set) var movements: [LegMovement] = []
    /// The missing data of each leg that a mark names, or was said to be recorded.
    public private(set) var gaps: [Leg: [TimeSpan]] = [:]
    /// From lights out to lights on; nil where neither was marked.
    public private(set) var rest: TimeSpan?
    /// Sleep and wake; nil where neither was marked.
    public private(set) var hypnogram: Hypnogram?
    /// Whether sleep and wake are estimated, by the words of their marks.
    public private(set) var sleepIsEstimated = false
    /// The respiratory events; nil where none was marked.
    public private(set) var respiratoryEvents: [TimeSpan]?
    /// The arousals; nil where none was marked.
    public private(set) var arousals: [TimeSpan]?
    /// Movements whose leg nobody named: counted as the left one's.
    public private(set) var unnamedLegCount = 0
    /// What was left out, and why.
    public private(set) var report = ReadingReport()

    /// A stage that lasts until the next one where its mark has no duration.
    private static let usualEpoch: Milliseconds = 30_000
    /// The longest night: a year.
    private static let latest: Milliseconds = 366 * 24 * 3_600_000

    /// Takes marks.
    ///
    /// - Parameters:
    ///   - start: the start of the recording, on the clock of the marks.
    ///   - legs: the legs that were recorded, whether or not any mark names them.
    public init(_ annotations: [RecordingAnnotation], start: Double, legs: [Leg] = []) {
        for leg in legs { gaps[leg] = [] }
        var stages: [(start: Milliseconds, end: Milliseconds?, stage: SleepStage)] = []
        var allGaps: [TimeSpan] = []
        var (lightsOut, lightsOn): (Milliseconds?, Milliseconds?) = (nil, nil)
        for annotation in annotations {
            guard let meaning = MarkMeaning(annotation) else { continue }
            let time = (annotation.time - start) * 1000
            guard abs(time) < Double(Self.latest), annotation.duration ?? 0 < Double(Self.latest) / 1000 else {
                report.note("marks more than a year from the recording", at: "the mark \"\(annotation.text)\"")
                continue
            }
            let onset = Milliseconds(time.rounded())
            let length = Milliseconds(((annotation.duration ?? 0) * 1000).rounded())
            let span = TimeSpan(from: max(0, onset), to: max(0, onset + length))
            switch meaning {
            case .movement(let named, let exclusion):
                guard onset >= 0 else {
                    report.note("movements marked before the recording begins", at: "the mark \"\(annotation.text)\"")
                    continue
                }
                guard length > 0 else {
                    report.note("movements marked without a duration", at: "the mark \"\(annotation.text)\"")
                    continue
                }
                if named == nil { unnamedLegCount += 1 }
                for leg in named?.legs ?? [.left] {
                    gaps[leg] = gaps[leg] ?? []
                    movements.append(LegMovement(leg, onset: onset, duration: length, excludedAs: exclusion))
                }
            case .stage(let stage): stages.append((onset, annotation.duration.map { _ in onset + length }, stage))
            case .estimatedStage(let stage):
                stages.append((onset, annotation.duration.map { _ in onset + length }, stage))
                sleepIsEstimated = true
            case .arousal:
                if arousals == nil { arousals = [] }
                arousals?.append(span)
            case .respiratory:
                if respiratoryEvents == nil { respiratoryEvents = [] }
                respiratoryEvents?.append(span)
            // A shorter one cannot hide a movement.
            case .gap where Double(length) / 1000 <= DetectedNight.longestHarmlessGap: break
            case .gap(let leg):
                let named = leg ?? annotation.channel.flatMap(Self.leg)
                if let named { gaps[named, default: []].append(span) } else { allGaps.append(span) }
            case .lightsOut: lightsOut = onset
            case .lightsOn: lightsOn = onset
            }
        }
        if gaps.isEmpty, !movements.isEmpty || !allGaps.isEmpty { gaps[.left] = [] }
        for leg in gaps.keys { gaps[leg]? += allGaps }
        hypnogram = Self.hypnogram(stages)
        let end = max(movements.reduce(0) { max($0, $1.offset) }, hypnogram?.span.end ?? 0)
        if lightsOut != nil || lightsOn != nil {
            let from = max(0, lightsOut ?? 0)
            let to = lightsOn ?? end
            if from < to {
                rest = TimeSpan(from: from, to: to)
            } else {
                report.note("lights on marked before lights out", at: "the marks")
            }
        }
    }

    /// The night as the rules see it.
    ///
    /// - Precondition: a movement was marked, or a leg was said to be recorded.
    public var night: MovementNight {
        MovementNight(
            movements: movements, gaps: gaps, rest: rest, hypnogram: hypnogram, respiratoryEvents: respiratoryEvents,
            arousals: arousals)
    }

    /// Whether nothing was marked that the rules could use.
    public var isEmpty: Bool {
        movements.isEmpty && hypnogram == nil && arousals == nil && respiratoryEvents == nil && rest == nil
    }

    /// A leg by the name of a channel, of a muscle or of a sensor: `Acc L X`.
    private static func leg(ofChannel channel: String) -> Leg? {
        if let leg = LegChannel.leg(channel) { return leg }
        let words = channel.split { !$0.isLetter }.map { $0.lowercased() }
        switch (words.contains("l") || words.contains("left"), words.contains("r") || words.contains("right")) {
        case (true, false): return .left
        case (false, true): return .right
        default: return nil
        }
    }

    /// Sleep and wake from the start of the recording: what no mark covers is unscored, and a later mark outdoes an earlier one.
    private static func hypnogram(
        _ marks: [(start: Milliseconds, end: Milliseconds?, stage: SleepStage)]
    ) -> Hypnogram? {
        let sorted = marks.enumerated().sorted { ($0.element.start, $0.offset) < ($1.element.start, $1.offset) }.map(
            \.element)
        var spans: [(start: Milliseconds, end: Milliseconds, stage: SleepStage)] = []
        for (index, mark) in sorted.enumerated() {
            let next = index + 1 < sorted.count ? sorted[index + 1].start : nil
            // EDF+ and others may give stages no duration: then each lasts until the next.
            let hasDuration = mark.end.map { $0 > mark.start } ?? false
            let end = hasDuration ? min(mark.end ?? mark.start, next ?? .max) : next ?? mark.start + usualEpoch
            if max(0, mark.start) < end { spans.append((max(0, mark.start), end, mark.stage)) }
        }
        guard let last = spans.last else { return nil }
        // The longest epoch that all borders are multiples of.
        let epoch = spans.reduce(last.end) { greatestCommonDivisor($0, $1.start, $1.end) }
        var runs: [(stage: SleepStage, count: Int)] = []
        var time = 0
        for span in spans {
            if span.start > time { runs.append((.unscored, (span.start - time) / epoch)) }
            runs.append((span.stage, (span.end - span.start) / epoch))
            time = span.end
        }
        return Hypnogram(epochLength: epoch, runs: runs.joined())
    }

    private static func greatestCommonDivisor(_ numbers: Int...) -> Int {
        numbers.reduce(0) { one, other in
            var (larger, smaller) = (one, other)
            while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
            return larger
        }
    }
}

extension [(stage: SleepStage, count: Int)] {
    /// Neighbours of one stage as one run.
    fileprivate func joined() -> [(stage: SleepStage, count: Int)] {
        reduce(into: []) { runs, run in
            if let last = runs.last, last.stage == run.stage {
                runs[runs.count - 1].count += run.count
            } else {
                runs.append(run)
            }
        }
    }
}
