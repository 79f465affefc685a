// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Recordings

/// Marks as a Luna annotation file: six columns, separated by tabs, in seconds from the start of the EDF file.
enum LunaAnnotations {
    /// The mark at second 0 that tells, in its last column, which time that is; Luna shows it as any other.
    static let startClass = "Recording_start"
    /// What stands before the time there.
    static let startKey = "clock="
    /// The names of the columns.
    static let columns = ["class", "instance", "channel", "start", "stop", "meta"]

    /// The text of the file.
    static func text(_ marks: NightMarks) -> String {
        let clock = NightReport.clock(marks.start).replacing(" ", with: "T")
        var rows = [columns, [startClass, ".", ".", "0.000", "0.000", startKey + clock]]
        for mark in marks.marks {
            let start = mark.annotation.time - marks.start
            let meta = [
                mark.series.map { "series=\($0)" }, mark.interval.map { String(format: "imi=%.3f", $0) },
            ].compactMap(\.self)
            rows.append([
                // Luna takes blanks for ends of fields.
                mark.annotation.text.replacing(" ", with: "_"), ".",
                mark.annotation.channel.map { $0.replacing(" ", with: "_") } ?? ".", String(format: "%.3f", start),
                String(format: "%.3f", start + (mark.annotation.duration ?? 0)),
                meta.isEmpty ? "." : meta.joined(separator: ";"),
            ])
        }
        return rows.map { $0.joined(separator: "\t") + "\n" }.joined()
    }
}
