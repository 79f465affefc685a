// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements
import Recordings

/// A recording scored: what every verb that scores needs of it, whatever it was recorded with.
protocol NightAnswer {
    /// The result under each profile.
    var reports: [RulesReport] { get }
    /// What the rules were given.
    var movements: MovementNight { get }
    /// The first sample, and the end of the last one, in seconds since the Unix epoch on the recording's clock.
    var start: Double { get }
    var end: Double { get }
    /// The rest interval.
    var rest: Range<Double> { get }
    /// Where it is from.
    var restSource: RestSource { get }
    /// Whether sleep and wake are estimated; they may not be known at all.
    var sleepIsEstimated: Bool { get }
    /// The answer of `--json`.
    var json: JSONValue { get }
    /// The answer of `--tsv`.
    var tsv: String { get }
    /// The answer for people.
    var text: String { get }
    /// The movements and gaps under a profile.
    func table(_ scored: ScoredNight) -> MovementTable
    /// The label of the channel that the marks of a leg belong to.
    func channel(of leg: Leg) -> String
    /// Seconds that the recording's clock is ahead of UTC; nil where nobody knows.
    var zoneOffset: Int? { get }
    /// What the readers left out.
    var losses: [(path: String, report: ReadingReport)] { get }
}

/// Where a rest interval is from.
enum RestSource: String {
    case given
    /// Lights out and lights on, as they were marked.
    case marked
    case estimated
    case wholeRecording = "whole_recording"
}

extension NightAnswer {
    /// A time as ISO 8601, to the millisecond; with the offset from UTC where it is known.
    func timeStamp(_ time: Double) -> String {
        let thousandths = Int((time * 1000).rounded())
        let whole = Int((Double(thousandths) / 1000).rounded(.down))
        let clock = NightReport.clock(Double(whole)).replacing(" ", with: "T")
        let zone = zoneOffset.map {
            String(format: "%@%02d:%02d", $0 < 0 ? "-" : "+", abs($0) / 3600, abs($0) / 60 % 60)
        }
        return clock + String(format: ".%03d", thousandths - whole * 1000) + (zone ?? "")
    }
}
