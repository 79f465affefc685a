// SPDX-License-Identifier: GPL-3.0-or-later
import Comparison
import Foundation

/// Several people's comparisons, brought together.
struct GroupReport {
    /// One person's effect.
    struct Member {
        var id: String
        /// The logarithm of the rate ratio, and its variance.
        var effect: Double
        var variance: Double

        init(_ report: ComparisonReport, name: String) throws(ComparisonRefusal) {
            id = report.design.id ?? name
            let primary: MarginalisedEffect?
            switch report.comparison.contrast {
            case .conditions(let conditions): primary = conditions.primary
            case .doses(let doses): primary = doses.dose.primary
            }
            if let refusal = report.comparison.refusal { throw refusal }
            guard let primary, let variance = primary.variance, report.comparison.interim == nil else {
                throw ComparisonRefusal(
                    reason: .noFit, problem: "there is no rate ratio yet",
                    remedy: "record the planned nights (nattro record)")
            }
            effect = primary.mean
            self.variance = variance
        }
    }

    static let schema = "nattro.group/1"
    /// Below this many people they are only listed.
    static let fewestPeople = 3
    /// Below this many people there is no prediction for one more.
    static let fewestForPrediction = 5

    let members: [Member]
    /// Nil with too few people.
    let effect: GroupEffect?

    init(_ members: [Member]) {
        self.members = members
        effect =
            members.count >= Self.fewestPeople
            ? GroupEffect(effects: members.map(\.effect), variances: members.map(\.variance)) : nil
    }

    var json: JSONValue {
        func numbers(_ values: [Double]) -> JSONValue { .array(values.map { .number($0) }) }
        var object: [JSONValue.Member] = [
            .init("schema", .string(Self.schema)), .init("members", .array(members.map { .string($0.id) })),
            .init("yi", numbers(members.map(\.effect))),
            .init("sei", numbers(members.map { $0.variance.squareRoot() })),
            .init("k", .integer(members.count)),
        ]
        guard let effect else { return .object(object) }
        object += [
            .init("Q", .number(effect.q)), .init("Q_p", .number(effect.qPValue)),
            .init("I2_DL", .number(effect.inconsistency)), .init("FE", .object(normal(effect.fixed))),
            .init("DL", .object(normal(effect.derSimonianLaird) + knappHartung(effect.derSimonianLaird))),
            .init("REML", .object(normal(effect.restricted) + knappHartung(effect.restricted))),
            .init(
                "reported",
                .object([
                    .init("rr", .number(exp(effect.restricted.mean))),
                    .init("rr_lo", .number(exp(effect.restricted.reportedInterval.lowerBound))),
                    .init("rr_hi", .number(exp(effect.restricted.reportedInterval.upperBound))),
                ])), .init("borrowed", numbers(effect.borrowed)),
            .init("statement", .string(statement(effect))),
        ]
        return .object(object)
    }

    private func normal(_ estimate: GroupEffect.Estimate) -> [JSONValue.Member] {
        [
            .init("tau2", .number(estimate.spread)), .init("mu", .number(estimate.mean)),
            .init("se", .number(estimate.standardError)), .init("z_lo", .number(estimate.normalInterval.lowerBound)),
            .init("z_hi", .number(estimate.normalInterval.upperBound)), .init("p_z", .number(estimate.normalPValue)),
        ]
    }

    private func knappHartung(_ estimate: GroupEffect.Estimate) -> [JSONValue.Member] {
        let predicts = members.count >= Self.fewestForPrediction
        let interval = estimate.knappHartungInterval
        return [
            .init("se_kh", .number(estimate.knappHartungError)), .init("kh_lo", .number(interval.lowerBound)),
            .init("kh_hi", .number(interval.upperBound)), .init("p_kh", .number(estimate.knappHartungPValue)),
            .init("pi_lo", predicts ? .number(estimate.predictionInterval.lowerBound) : .null),
            .init("pi_hi", predicts ? .number(estimate.predictionInterval.upperBound) : .null),
        ]
    }

    private func statement(_ effect: GroupEffect) -> String {
        let interval = effect.restricted.reportedInterval
        let change = Shown.change(exp(effect.restricted.mean))
        return
            "On average over \(members.count) people the movement rate with magnesium was \(change) (95 % interval \(Shown.change(exp(interval.lowerBound))) to \(Shown.change(exp(interval.upperBound))))."
    }

    var text: String {
        var lines = ["Person: rate ratio (95 % by the normal distribution)"]
        for member in members {
            let half = 1.96 * member.variance.squareRoot()
            lines.append(
                "  \(member.id): \(Shown.ratio(exp(member.effect))) (\(Shown.ratio(exp(member.effect - half))) to \(Shown.ratio(exp(member.effect + half))))"
            )
        }
        guard let effect else {
            lines.append("Fewer than \(Self.fewestPeople) people: they are listed, not brought together.")
            return lines.joined(separator: "\n") + "\n"
        }
        lines.insert(contentsOf: [statement(effect), ""], at: 0)
        lines += [
            "",
            "Between people: standard deviation \(Shown.decimals(effect.restricted.spread.squareRoot(), 2)) on the log scale (REML), Q = \(Shown.decimals(effect.q, 1)), p = \(Shown.pValue(effect.qPValue)), I² = \(Shown.decimals(effect.inconsistency, 0)) %.",
        ]
        if members.count >= Self.fewestForPrediction {
            let prediction = effect.restricted.predictionInterval
            lines.append(
                "One more person would lie between \(Shown.ratio(exp(prediction.lowerBound))) and \(Shown.ratio(exp(prediction.upperBound))) (95 %)."
            )
        }
        lines.append(
            "Each person with what the others lend: "
                + effect.borrowed.map { Shown.ratio(exp($0)) }.joined(separator: ", ")
                + " (a borrowing, not their own nights).")
        lines.append("People were not drawn at random, and their nights need not have been: this describes them.")
        return lines.joined(separator: "\n") + "\n"
    }
}
