// SPDX-License-Identifier: GPL-3.0-or-later
import LegMovements
import Recordings

/// Finds the rest interval of a recording.
enum RestInterval {
    private static let day = 86_400.0
    /// No rest interval is longer than a year, in seconds: a time stamp is wrong.
    static let longest = 366 * day

    /// The interval and where it is from: what was given, else what was marked, else the estimate, else all.
    ///
    /// - Parameters:
    ///   - recording: the recording, in seconds since the Unix epoch on its clock.
    ///   - marked: in milliseconds from its start.
    ///   - isOneOfSeveral: whether the recording goes on for days: then a time of day is that of this noon-to-noon night.
    ///   - path: its files, for messages.
    static func find(
        in recording: Range<Double>, lightsOut: ClockTime?, wakeUp: ClockTime?, marked: TimeSpan?,
        estimate: Range<Double>?, isOneOfSeveral: Bool = false, path: String
    ) throws -> (Range<Double>, RestSource) {
        let isGiven = lightsOut != nil || wakeUp != nil
        let known =
            isGiven
            ? nil
            : marked.map {
                recording.lowerBound + Double($0.start) / 1000..<recording.lowerBound + Double($0.end) / 1000
            } ?? estimate
        let noon = ((recording.lowerBound - day / 2) / day).rounded(.down) * day + day / 2
        let near = isOneOfSeveral ? noon + day / 2 : recording.lowerBound
        let start = lightsOut?.instant(nearest: near) ?? known?.lowerBound ?? recording.lowerBound
        let end = wakeUp?.instant(after: max(start, recording.lowerBound)) ?? known?.upperBound ?? recording.upperBound
        let words = "the rest interval from \(NightReport.clock(start)) to \(NightReport.clock(end))"
        let span = "(\(NightReport.clock(recording.lowerBound)) to \(NightReport.clock(recording.upperBound)))"
        guard start < end, start < recording.upperBound, end > recording.lowerBound else {
            throw Failure(
                message: "\(words) lies outside of the recording \(span); check --lights-out and --wake-up",
                outcome: .wrongUsage)
        }
        // A time of day is never this far off: a date was mistyped.
        guard recording.lowerBound - start < day, end - recording.upperBound < day else {
            throw Failure(
                message:
                    "\(words) reaches more than a day beyond the recording \(span); check --lights-out and --wake-up",
                outcome: .wrongUsage)
        }
        let rest = (start..<end).clamped(to: recording)
        guard rest.upperBound - rest.lowerBound < longest else {
            throw Failure(
                message: "\(path): lasts from \(NightReport.clock(recording.lowerBound)) to "
                    + "\(NightReport.clock(recording.upperBound)), and no night is that long; "
                    + "check its time stamps, or say --lights-out and --wake-up with their dates",
                outcome: .unusableInput)
        }
        let source: RestSource =
            isGiven ? .given : marked != nil ? .marked : estimate != nil ? .estimated : .wholeRecording
        return (rest, source)
    }
}

extension RestSource {
    /// What stands behind the interval in a text.
    var note: String {
        switch self {
        case .given: ""
        case .marked: ", as it was marked"
        case .estimated: ", estimated from stillness (better: say --lights-out and --wake-up)"
        case .wholeRecording: ", the whole recording (say --lights-out and --wake-up)"
        }
    }
}
