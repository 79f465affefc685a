// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import LegMovements

/// How marks made elsewhere and nattro's results agree over the nights of a study.
struct StudyAgreement {
    /// The index of each night by the marks and by nattro.
    let index: BlandAltman
    /// The movements of single legs of all nights: in both, marked alone, found alone.
    let matched: Int
    let missed: Int
    let extra: Int

    /// Reads it off the rows of the study's table; nil where no night has marks.
    init?(rows: [[String]]) {
        let names = StudyRow.names
        func values(_ name: String) -> [Double?] {
            guard let place = names.firstIndex(of: name) else { return [] }
            return rows.map { $0.indices.contains(place) ? Double($0[place]) : nil }
        }
        func total(_ name: String) -> Int { Int(values(name).compactMap(\.self).reduce(0, +)) }
        guard values("n_matched").contains(where: { $0 != nil }) else { return nil }
        matched = total("n_matched")
        missed = total("n_missed")
        extra = total("n_extra")
        index = BlandAltman(
            zip(values("marks_plm_index"), values("plm_index_difference")).compactMap { marks, difference in
                marks.flatMap { marks in difference.map { (first: marks, second: marks + $0) } }
            })
    }

    /// The harmonic mean of precision and recall over all nights; nil where nobody has a movement.
    var f1: Double? {
        let all = 2 * matched + missed + extra
        return all == 0 ? nil : Double(2 * matched) / Double(all)
    }

    /// What goes into `agreement.json`.
    var json: JSONValue {
        .object([
            .init("matched", .integer(matched)), .init("missed", .integer(missed)), .init("extra", .integer(extra)),
            .init("f1", .init(f1)),
            .init(
                "bland_altman",
                .object([
                    .init("unit", .string("index of a night, per hour; nattro less marks")),
                    .init("count", .integer(index.count)), .init("bias", .init(index.bias)),
                    .init("sd", .init(index.standardDeviation)), .init("lower", .init(index.limits?.lowerBound)),
                    .init("upper", .init(index.limits?.upperBound)),
                ])),
        ])
    }

    /// A line or two for people.
    var text: String {
        var text = "marks: \(matched) movements in both, \(missed) marked and not found, \(extra) found and not marked"
        text += f1.map { ", F1 \(String(format: "%.3f", $0))\n" } ?? "\n"
        if let bias = index.bias {
            text += "index: nattro counts \(String(format: "%.1f", bias)) more per hour than the marks"
            if let limits = index.limits {
                text += "; limits of agreement \(String(format: "%.1f", limits.lowerBound)) to "
                text += "\(String(format: "%.1f", limits.upperBound)) (\(index.count) nights)"
            } else {
                text += " (one night)"
            }
            text += "\n"
        }
        return text
    }
}
