// SPDX-License-Identifier: GPL-3.0-or-later
import LegMovements
import Recordings

/// The marks of a scored night, as other programs show them: `PLM:left`, `posture:right`, `Recording gap`.
///
/// One mark for each movement of a single leg, named by what it became: so the marks, scored again, give the same result. The names
/// of movements are those that Luna gives to the marks of the National Sleep Research Resource.
struct NightMarks {
    /// One mark: an annotation, and what else is known of it.
    struct Mark {
        var annotation: RecordingAnnotation
        var leg: Leg?
        var series: Int?
        var interval: Double?
    }

    /// Words of marks that are no movements.
    enum Word {
        static let gap = "Recording gap"
        static let lightsOut = "Lights out"
        static let lightsOn = "Lights on"
        static let estimatedSleep = "Estimated sleep"
        static let estimatedWake = "Estimated wake"
    }

    /// The marks, by time.
    let marks: [Mark]
    /// The time that they count from where they count seconds: a whole second, at which an exported recording begins.
    let start: Double

    /// The marks of a result's first profile.
    init(_ answer: any NightAnswer) {
        start = answer.start.rounded(.down)
        var marks: [Mark] = []
        func add(
            _ text: String, _ time: Double, _ duration: Double?, leg: Leg? = nil, series: Int? = nil,
            interval: Double? = nil
        ) {
            marks.append(
                Mark(
                    annotation: RecordingAnnotation(
                        time: time, duration: duration, text: text, channel: leg.map(answer.channel)),
                    leg: leg, series: series, interval: interval))
        }
        for row in answer.table(answer.reports[0].night).rows {
            // A row of both legs says nothing that those of the legs do not.
            guard let leg = Leg(rawValue: row.leg) else { continue }
            let text = row.type == "gap" ? Word.gap : "\(row.type):\(leg.name)"
            add(text, answer.start + row.onset, row.duration, leg: leg, series: row.series, interval: row.interval)
        }
        if answer.restSource != .wholeRecording {
            add(Word.lightsOut, answer.rest.lowerBound, nil)
            add(Word.lightsOn, answer.rest.upperBound, nil)
        }
        for run in answer.reports[0].hypnogram?.runs ?? [] {
            guard let isSleep = run.stage.isSleep else { continue }
            let words =
                answer.sleepIsEstimated ? (Word.estimatedSleep, Word.estimatedWake) : (run.stage.mark, "Sleep stage W")
            add(
                isSleep ? words.0 : words.1, answer.start + Double(run.span.start) / 1000,
                Double(run.span.length) / 1000)
        }
        self.marks = marks.sorted { $0.annotation.time < $1.annotation.time }
    }

    /// The marks as annotations of a recording.
    var annotations: [RecordingAnnotation] { marks.map(\.annotation) }
}

extension SleepStage {
    /// The word for it in EDF+; plain sleep has none.
    fileprivate var mark: String {
        switch self {
        case .n1: "Sleep stage N1"
        case .n2: "Sleep stage N2"
        case .n3: "Sleep stage N3"
        case .rem: "Sleep stage R"
        case .wake: "Sleep stage W"
        case .sleep: NightMarks.Word.estimatedSleep
        case .unscored: "Sleep stage ?"
        }
    }
}
