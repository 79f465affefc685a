// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements

extension RulesReport {
    /// The night in a few lines, for people.
    var text: String {
        ([night.rules.name] + lines.map { "  " + $0 }).joined(separator: "\n") + "\n"
    }

    private var lines: [String] {
        guard night.rules.standard == .wasm else { return sleepLines(night.sleep) }
        var lines = [
            "\(night.movements.count) movements, \(night.candidateCount) candidates, "
                + "\(night.periodicCount) periodic in \(night.seriesCount) series"
        ]
        if let rest = night.rest {
            lines.append(
                "\(Self.rate(rest.periodic.index)) periodic movements per analysed hour of rest "
                    + "(\(Self.hours(rest.analysed)) h)")
        } else {
            lines.append("no index of the rest interval: none was given")
        }
        lines += sleepLines(night.sleep)
        if let monolateral = night.monolateralTime, monolateral >= Self.shortestNamed {
            lines.append("one leg alone for \(Self.hours(monolateral)) h: a monolateral estimate")
        }
        if let periodicity {
            lines.append("candidates repeat most at \(Self.rate(Double(periodicity.lag) / 1000)) s")
        }
        return lines
    }

    private func sleepLines(_ sleep: SleepSummary?) -> [String] {
        guard let sleep else { return ["no index of sleep: sleep was neither staged nor estimated"] }
        let estimated = sleepIsEstimated ? "estimated " : ""
        var lines = [
            "PLMS index \(Self.rate(sleep.periodic.index)) (\(Self.hours(sleep.sleepTime)) h of \(estimated)sleep)"
        ]
        if night.rules.standard == .wasm {
            lines.append("PLMW index \(Self.rate(sleep.periodicWake.index)) (\(Self.hours(sleep.wakeTime)) h awake)")
        }
        return lines
    }

    /// A stretch of one leg alone that is worth a line: a minute.
    private static let shortestNamed: Milliseconds = 60_000

    private static func hours(_ time: Milliseconds) -> String { rate(Double(time) / 3_600_000, digits: 2) }

    private static func rate(_ value: Double?, digits: Int = 1) -> String {
        value.map { String(format: "%.\(digits)f", $0) } ?? "undefined"
    }
}
